#include "nat/nat.h"

#include "base/text.h"
#include "nat/nat_contradiction.h"
#include "nat/nat_prefix.h"
#include "nat/nat_words.h"

#include <stdio.h>
#include <string.h>

#define PORT_MIN 1024
#define WORD_SIZE 64

/* --- reading ----------------------------------------------------------------------------------- */

struct parse {
	struct nat nat;
	uint64_t given; /* bits of enum nat_key: said by the spec, not by its preset */
	bool preset;
	char *error;
};

static void list_words(char *list, size_t size, enum nat_key key)
{
	size_t len = 0;

	list[0] = '\0';
	for (size_t i = 0; nat_words[key].words[i] != NULL && len < size; i++)
		len += (size_t)snprintf(list + len, size - len, "%s%s", i > 0 ? ", " : "", nat_words[key].words[i]);
}

static void list_presets(char *list, size_t size)
{
	size_t len = 0;

	for (const struct nat_preset *p = nat_presets; p->name != NULL && len < size; p++)
		len += (size_t)snprintf(list + len, size - len, "%s%s", p > nat_presets ? ", " : "", p->name);
}

static int refuse_word(struct parse *p, enum nat_key key, const char *value)
{
	char list[120];

	list_words(list, sizeof list, key);
	snprintf(p->error, NAT_ERROR_SIZE, "'%s=%.40s': %s is one of %s", nat_words[key].name, value,
	         nat_words[key].name, list);
	return -1;
}

/* Reads a decimal number, digits only, at most `max`, up to `end`. Returns it, or -1. */
static long read_number(const char *text, const char *end, long max)
{
	long value = 0;

	if (text == end)
		return -1;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		value = value * 10 + (*text - '0');
		if (value > max)
			return -1;
	}
	return value;
}

static int read_count(struct parse *p, enum nat_key key, const char *value)
{
	const struct nat_words *w = &nat_words[key];
	long number = read_number(value, value + strlen(value), w->high);

	if (number < w->low) {
		snprintf(p->error, NAT_ERROR_SIZE, "'%s=%.40s': %s is a whole number%s, %ld to %ld", w->name, value,
		         w->name, w->unit != NULL ? w->unit : "", w->low, w->high);
		return -1;
	}
	nat_set_value(&p->nat, key, (unsigned)number);
	return 0;
}

static int read_range(struct parse *p, const char *value)
{
	const char *dash = strchr(value, '-');
	long low = dash != NULL ? read_number(value, dash, UINT16_MAX) : -1;
	long high = dash != NULL ? read_number(dash + 1, value + strlen(value), UINT16_MAX) : -1;

	if (low < PORT_MIN || high < low) {
		snprintf(p->error, NAT_ERROR_SIZE, "'range=%.40s': a range is LOW-HIGH, ports of %d to 65535", value,
		         PORT_MIN);
		return -1;
	}
	nat_set_value(&p->nat, NAT_KEY_RANGE, (unsigned)low << 16 | (unsigned)high);
	return 0;
}

static int read_word(struct parse *p, enum nat_key key, const char *value)
{
	for (unsigned i = 0; nat_words[key].words[i] != NULL; i++) {
		if (strcmp(value, nat_words[key].words[i]) == 0 ||
		    (nat_words[key].also[i] != NULL && strcmp(value, nat_words[key].also[i]) == 0)) {
			nat_set_value(&p->nat, key, i);
			return 0;
		}
	}
	return refuse_word(p, key, value);
}

static int read_value(struct parse *p, enum nat_key key, const char *value)
{
	if (p->given & NAT_KEY_BIT(key)) {
		snprintf(p->error, NAT_ERROR_SIZE, "'%s' is said twice", nat_words[key].name);
		return -1;
	}
	p->given |= NAT_KEY_BIT(key);
	switch (key) {
	case NAT_KEY_ADDRESSES:
	case NAT_KEY_TIMEOUT:
	case NAT_KEY_STREAM_TIMEOUT:
	case NAT_KEY_LIFETIME:
	case NAT_KEY_LIMIT:
	case NAT_KEY_LIMIT_PER_HOST:
	case NAT_KEY_WAN_MTU:
	case NAT_KEY_IPV6_TIMEOUT:
	case NAT_KEY_TCP_TIMEOUT:
	case NAT_KEY_TCP_TRANSITORY: return read_count(p, key, value);
	case NAT_KEY_RANGE: return read_range(p, value);
	case NAT_KEY_IPV6_PREFIX:
	case NAT_KEY_IPV6_INSIDE:
	case NAT_KEY_IPV6_OUTSIDE:
	case NAT_KEY_IPV6_PREF64: return nat_prefix_read(&p->nat, key, value, p->error);
	case NAT_KEY_MAPPING:
	case NAT_KEY_FILTERING:
	case NAT_KEY_PORTS:
	case NAT_KEY_PARITY:
	case NAT_KEY_POOLING:
	case NAT_KEY_HAIRPIN:
	case NAT_KEY_REFRESH:
	case NAT_KEY_INPUT:
	case NAT_KEY_FRAGMENTS:
	case NAT_KEY_ICMP:
	case NAT_KEY_CLOBBER:
	case NAT_KEY_UPNP:
	case NAT_KEY_NAT_PMP:
	case NAT_KEY_PCP:
	case NAT_KEY_IPV6:
	case NAT_KEY_IPV6_MAPPING:
	case NAT_KEY_IPV6_FILTERING:
	case NAT_KEY_IPV6_HAIRPIN:
	case NAT_KEY_UDP:
	case NAT_KEY_TCP:
	case NAT_KEY_TCP_MAPPING:
	case NAT_KEY_TCP_FILTERING:
	case NAT_KEY_TCP_PORTS:
	case NAT_KEY_TCP_UNSOLICITED:
	case NAT_KEY_TCP_SIMULTANEOUS:
	case NAT_KEY_COUNT: break;
	}
	return read_word(p, key, value);
}

static const struct nat_preset *find_preset(const char *word)
{
	const struct nat_preset *p = nat_presets;

	while (p->name != NULL && strcmp(p->name, word) != 0)
		p++;
	return p->name != NULL ? p : NULL;
}

static void refuse_behaviour(struct parse *p, const char *word)
{
	struct text t = text_in(p->error, NAT_ERROR_SIZE);

	text_add(&t, "'%.20s': not a behaviour; they are ", word);
	for (enum nat_key key = 0; key < NAT_KEY_COUNT; key++)
		text_add(&t, "%s%s%s", key > 0 ? ", " : "", nat_words[key].name, nat_words[key].bare != 0 ? "" : "=");
}

static int refuse_unknown(struct parse *p, const char *word)
{
	char list[200];

	list_presets(list, sizeof list);
	if (word[0] == '\0')
		snprintf(p->error, NAT_ERROR_SIZE,
		         "an empty word: a NAT spec is a NAT type and behaviours, a comma between");
	else if (p->preset || strchr(word, '=') != NULL)
		refuse_behaviour(p, word);
	else
		snprintf(p->error, NAT_ERROR_SIZE, "'%.20s': no such NAT type; there are %s", word, list);
	return -1;
}

static bool is_name(const char *name, const char *word, size_t len)
{
	return name != NULL && strlen(name) == len && strncmp(name, word, len) == 0;
}

/* One word that is not a preset's name: "firewall" and "open" as presets' specs say them, "hairpin", "key=value". */
static int read_behaviour(struct parse *p, const char *word)
{
	const char *equals = strchr(word, '=');

	for (enum nat_key key = 0; key < NAT_KEY_COUNT; key++)
		if (nat_words[key].bare != 0 && strcmp(word, nat_words[key].name) == 0)
			return read_value(p, key, nat_words[key].words[nat_words[key].bare]);
	for (enum nat_key key = 0; equals != NULL && key < NAT_KEY_COUNT; key++)
		if (is_name(nat_words[key].name, word, (size_t)(equals - word)) ||
		    is_name(nat_words[key].earlier, word, (size_t)(equals - word)))
			return read_value(p, key, equals + 1);
	return refuse_unknown(p, word);
}

/* Copies the next word of a comma-separated text and moves past it. Returns false at the end; `word` may be empty. */
static bool next_word(const char **text, char word[WORD_SIZE])
{
	size_t len;

	if (*text == NULL)
		return false;
	len = strcspn(*text, ",");
	snprintf(word, WORD_SIZE, "%.*s", (int)len, *text);
	*text = (*text)[len] == ',' ? *text + len + 1 : NULL;
	return true;
}

static int apply_preset(struct parse *p, const struct nat_preset *preset)
{
	const char *rest = preset->spec;
	char word[WORD_SIZE];

	if (p->preset) {
		snprintf(p->error, NAT_ERROR_SIZE, "'%s': a second NAT type; behaviours may follow one", preset->name);
		return -1;
	}
	while (next_word(&rest, word)) {
		if (strcmp(word, "open") == 0)
			p->nat = (struct nat){ .kind = NAT_OPEN };
		else if (strcmp(word, "firewall") == 0)
			p->nat.kind = NAT_FIREWALL;
		else if (read_behaviour(p, word) != 0)
			return -1;
	}
	p->preset = true;
	p->given = 0;
	return 0;
}

static int apply_presets(struct parse *p, const char *text)
{
	char word[WORD_SIZE];

	while (next_word(&text, word)) {
		const struct nat_preset *preset = find_preset(word);

		if (preset != NULL && apply_preset(p, preset) != 0)
			return -1;
	}
	return 0;
}

static int apply_behaviours(struct parse *p, const char *text)
{
	char word[WORD_SIZE];

	while (next_word(&text, word))
		if (find_preset(word) == NULL && read_behaviour(p, word) != 0)
			return -1;
	return 0;
}

/*
 * What the spec leaves open. Without a preset endpoint-dependent mapping has random ports. Where only outbound traffic
 * refreshes there is one timeout, whatever a preset says of two; where mappings end at an age, there is none.
 */
static void fill_in(struct parse *p)
{
	struct nat_transport *udp = &p->nat.transport[NAT_UDP];

	if (udp->refresh == NAT_REFRESH_OUTBOUND && (p->given & NAT_KEY_BIT(NAT_KEY_STREAM_TIMEOUT)) == 0)
		udp->stream_timeout_s = 0;
	if (udp->lifetime_s != 0)
		udp->timeout_s = udp->stream_timeout_s = 0;
	if (p->preset || (p->given & NAT_KEY_BIT(NAT_KEY_PORTS)) != 0)
		return;
	udp->ports = udp->mapping == NAT_ENDPOINT_INDEPENDENT ? NAT_PORTS_PRESERVE : NAT_PORTS_RANDOM;
}

enum nat_behaviour nat_unsaid_ipv6_filtering(const struct nat *nat)
{
	return nat_filters_ipv6(nat) ? NAT_ADDRESS_AND_PORT_DEPENDENT : NAT_ENDPOINT_INDEPENDENT;
}

static void fill_in_ipv6(struct parse *p)
{
	if ((p->given & NAT_KEY_BIT(NAT_KEY_IPV6_FILTERING)) == 0)
		p->nat.ipv6_filtering = nat_unsaid_ipv6_filtering(&p->nat);
	if ((p->given & NAT_KEY_BIT(NAT_KEY_IPV6_HAIRPIN)) == 0)
		p->nat.ipv6_hairpin = nat_maps_prefix(&p->nat); /* RFC 6296 §4.3 */
}

/* TCP is like UDP but for what is said of it. */
static void fill_in_tcp(struct parse *p)
{
	const struct nat said = p->nat;
	struct nat unsaid;

	nat_mirror_tcp(&p->nat);
	if (p->given & NAT_KEY_BIT(NAT_KEY_TCP))
		nat_set_value(&p->nat, NAT_KEY_TCP, said.tcp);
	unsaid = p->nat;
	for (enum nat_key key = NAT_KEY_TCP + 1; key <= NAT_KEY_TCP_LAST; key++)
		if (p->given & NAT_KEY_BIT(key))
			nat_set_value(&p->nat, key, nat_value(&said, key));
	if ((p->given & NAT_KEY_BIT(NAT_KEY_TCP_PORTS)) == 0)
		p->nat.transport[NAT_TCP].ports = nat_unsaid_tcp_ports(&p->nat, &unsaid);
}

/* --- all of it --------------------------------------------------------------------------------- */

int nat_parse(const char *text, struct nat *out, char error[NAT_ERROR_SIZE])
{
	struct parse p = {
		.nat = { .kind = NAT_TRANSLATE, .transport[NAT_UDP].filtering = NAT_ADDRESS_AND_PORT_DEPENDENT },
		.error = error,
	};

	error[0] = '\0';
	if (strlen(text) >= NAT_TEXT_SIZE) {
		snprintf(error, NAT_ERROR_SIZE, "a NAT spec is shorter than %d characters", NAT_TEXT_SIZE);
		return -1;
	}
	if (apply_presets(&p, text) != 0 || apply_behaviours(&p, text) != 0)
		return -1;
	fill_in(&p);
	fill_in_tcp(&p);
	fill_in_ipv6(&p);
	if (nat_refuse_contradiction(&p.nat, p.given, error) != 0)
		return -1;
	*out = p.nat;
	return 0;
}
