#include "nat/nat.h"

#include "base/text.h"
#include "nat/nat_words.h"

#include <stdio.h>
#include <string.h>

#define PORT_MIN 1024
#define WORD_SIZE 64
#define BIT(key) (UINT64_C(1) << (key))

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
	if (p->given & BIT(key)) {
		snprintf(p->error, NAT_ERROR_SIZE, "'%s' is said twice", nat_words[key].name);
		return -1;
	}
	p->given |= BIT(key);
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

/* One word that is not a preset's name: "firewall" and "open" as presets' specs say them, "hairpin", "key=value". */
static int read_behaviour(struct parse *p, const char *word)
{
	const char *equals = strchr(word, '=');

	for (enum nat_key key = 0; key < NAT_KEY_COUNT; key++)
		if (nat_words[key].bare != 0 && strcmp(word, nat_words[key].name) == 0)
			return read_value(p, key, nat_words[key].words[nat_words[key].bare]);
	for (enum nat_key key = 0; equals != NULL && key < NAT_KEY_COUNT; key++)
		if (strlen(nat_words[key].name) == (size_t)(equals - word) &&
		    strncmp(nat_words[key].name, word, (size_t)(equals - word)) == 0)
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

	if (udp->refresh == NAT_REFRESH_OUTBOUND && (p->given & BIT(NAT_KEY_STREAM_TIMEOUT)) == 0)
		udp->stream_timeout_s = 0;
	if (udp->lifetime_s != 0)
		udp->timeout_s = udp->stream_timeout_s = 0;
	if (p->preset || (p->given & BIT(NAT_KEY_PORTS)) != 0)
		return;
	udp->ports = udp->mapping == NAT_ENDPOINT_INDEPENDENT ? NAT_PORTS_PRESERVE : NAT_PORTS_RANDOM;
}

enum nat_behaviour nat_unsaid_ipv6_filtering(const struct nat *nat)
{
	return nat_filters_ipv6(nat) ? NAT_ADDRESS_AND_PORT_DEPENDENT : NAT_ENDPOINT_INDEPENDENT;
}

static void fill_in_ipv6(struct parse *p)
{
	if ((p->given & BIT(NAT_KEY_IPV6_FILTERING)) == 0)
		p->nat.ipv6_filtering = nat_unsaid_ipv6_filtering(&p->nat);
}

/* TCP is like UDP but for what is said of it. */
static void fill_in_tcp(struct parse *p)
{
	const struct nat said = p->nat;
	struct nat unsaid;

	nat_mirror_tcp(&p->nat);
	if (p->given & BIT(NAT_KEY_TCP))
		nat_set_value(&p->nat, NAT_KEY_TCP, said.tcp);
	unsaid = p->nat;
	for (enum nat_key key = NAT_KEY_TCP + 1; key <= NAT_KEY_TCP_LAST; key++)
		if (p->given & BIT(key))
			nat_set_value(&p->nat, key, nat_value(&said, key));
	if ((p->given & BIT(NAT_KEY_TCP_PORTS)) == 0)
		p->nat.transport[NAT_TCP].ports = nat_unsaid_tcp_ports(&p->nat, &unsaid);
}

/* --- what contradicts what --------------------------------------------------------------------- */

static int contradiction(struct parse *p, const char *what, const char *why)
{
	snprintf(p->error, NAT_ERROR_SIZE, "%s: %s", what, why);
	return -1;
}

static uint64_t all_of_tcp(void)
{
	uint64_t keys = 0;

	for (enum nat_key key = NAT_KEY_TCP_FIRST; key <= NAT_KEY_TCP_LAST; key++)
		keys |= BIT(key);
	return keys;
}

static int check_untranslated(struct parse *p)
{
	const uint64_t translation =
	    BIT(NAT_KEY_MAPPING) | BIT(NAT_KEY_PORTS) | BIT(NAT_KEY_PARITY) | BIT(NAT_KEY_RANGE) |
	    BIT(NAT_KEY_ADDRESSES) | BIT(NAT_KEY_POOLING) | BIT(NAT_KEY_HAIRPIN) | BIT(NAT_KEY_LIFETIME) |
	    BIT(NAT_KEY_LIMIT) | BIT(NAT_KEY_LIMIT_PER_HOST) | BIT(NAT_KEY_CLOBBER) | BIT(NAT_KEY_UPNP) |
	    BIT(NAT_KEY_NAT_PMP) | BIT(NAT_KEY_PCP) | BIT(NAT_KEY_TCP_MAPPING) | BIT(NAT_KEY_TCP_PORTS);
	const uint64_t state = translation | BIT(NAT_KEY_FILTERING) | BIT(NAT_KEY_REFRESH) | BIT(NAT_KEY_INPUT) |
	                       BIT(NAT_KEY_TIMEOUT) | BIT(NAT_KEY_STREAM_TIMEOUT) | BIT(NAT_KEY_UDP) | all_of_tcp();
	bool open = p->nat.kind == NAT_OPEN;

	for (enum nat_key key = 0; key < NAT_KEY_COUNT; key++) {
		if ((p->given & BIT(key) & (open ? state : translation)) == 0)
			continue;
		snprintf(p->error, NAT_ERROR_SIZE, "'%s' contradicts '%s', which %s", nat_words[key].name,
		         open ? "open" : "firewall", open ? "translates and filters nothing" : "translates nothing");
		return -1;
	}
	if (!open && p->nat.input == NAT_INPUT_ACCEPT)
		return contradiction(p, "'input=accept' contradicts 'firewall'", "a firewall that accepts is 'open'");
	return 0;
}

static int check_overload(struct parse *p)
{
	const struct nat_transport *udp = &p->nat.transport[NAT_UDP];

	if (udp->mapping != NAT_ENDPOINT_INDEPENDENT || udp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT)
		return contradiction(p, "'ports=overload'",
		                     "a port shared by two hosts needs mapping=endpoint-independent and "
		                     "filtering=address-and-port-dependent to tell whose a packet is");
	if (udp->hairpin != NAT_HAIRPIN_NONE)
		return contradiction(p, "'ports=overload' contradicts 'hairpin'",
		                     "a port shared by two hosts has no one owner");
	if (p->nat.port_high != 0 || udp->refresh == NAT_REFRESH_OUTBOUND || udp->parity || p->nat.addresses != 0)
		return contradiction(p, "'ports=overload'",
		                     "is plain Linux, which has no range=, parity, addresses= nor refresh=outbound");
	return 0;
}

/* Of what is said of TCP, or follows from it together with what is said of UDP. */
static int check_tcp(struct parse *p)
{
	const struct nat *n = &p->nat;
	const struct nat_transport *tcp = &n->transport[NAT_TCP];
	bool shares = tcp->ports == NAT_PORTS_OVERLOAD;

	if (n->tcp == NAT_TCP_BLOCKED && (p->given & all_of_tcp() & ~BIT(NAT_KEY_TCP)) != 0)
		return contradiction(p, "'tcp=blocked'", "where no TCP passes there is nothing else to say of it");
	if (nat_tcp_transitory_s(n) > nat_tcp_timeout_s(n))
		return contradiction(p, "'tcp.transitory' contradicts 'tcp.timeout'",
		                     "a connection that is opened or closed is not kept longer than one that stands");
	if (n->icmp_blocked && n->unsolicited == NAT_UNSOLICITED_ICMP)
		return contradiction(p, "'icmp=blocked' contradicts 'tcp.unsolicited=icmp'", "which answers by ICMP");
	if (shares && (tcp->mapping != NAT_ENDPOINT_INDEPENDENT || tcp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT))
		return contradiction(p, "'tcp.ports=overload'",
		                     "a port shared by two hosts needs tcp.mapping=endpoint-independent and "
		                     "tcp.filtering=address-and-port-dependent to tell whose a packet is");
	if (shares && n->tcp != NAT_TCP_LINUX &&
	    (tcp->hairpin != NAT_HAIRPIN_NONE || n->port_high != 0 || n->addresses != 0))
		return contradiction(p, "'tcp.ports=overload'",
		                     "is plain Linux, which has no hairpin, range= nor addresses=");
	return 0;
}

/* Conntrack keeps each host's flows apart; what it does not do has nobody to belong to where a port goes round. */
static int check_by_port(struct parse *p)
{
	const struct nat *n = &p->nat;
	const struct nat_transport *udp = &n->transport[NAT_UDP];

	if (udp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT)
		return contradiction(p, "'mapping=port' needs filtering=address-and-port-dependent",
		                     "who has taken a port over hears whom it has sent to itself");
	if (udp->hairpin != NAT_HAIRPIN_NONE)
		return contradiction(p, "'mapping=port' contradicts 'hairpin'",
		                     "a port that goes from host to host has no one owner");
	if (udp->ports == NAT_PORTS_OVERLOAD || udp->parity || n->addresses != 0 || udp->lifetime_s != 0 ||
	    udp->limit != 0 || udp->limit_per_host != 0 || udp->refresh == NAT_REFRESH_OUTBOUND ||
	    n->input == NAT_INPUT_ACCEPT || nat_maps_ports(n))
		return contradiction(p, "'mapping=port'",
		                     "is built without ports=overload, parity, addresses=, lifetime=, limit=, "
		                     "limit-per-host=, refresh=outbound, input=accept, upnp, nat-pmp and pcp");
	return 0;
}

/* Ports are picked out of a table, even ones and odd ones. */
static int check_parity(struct parse *p)
{
	if (p->nat.transport[NAT_UDP].ports == NAT_PORTS_SEQUENTIAL)
		return contradiction(p, "'parity' contradicts 'ports=sequential'", "which takes even and odd in turn");
	if (nat_narrow_range(&p->nat) != 0)
		return contradiction(p, "'parity'", "needs a range of 64 ports or more");
	if (p->nat.port_high - p->nat.port_low < NAT_SEQUENTIAL_MAX)
		return 0;
	snprintf(p->error, NAT_ERROR_SIZE, "'range=%u-%u': with parity ports are picked out of a table of at most %d",
	         p->nat.port_low, p->nat.port_high, NAT_SEQUENTIAL_MAX);
	return -1;
}

/* What a box cannot be whose hosts have no IPv4. */
static int check_nat64(struct parse *p)
{
	const struct nat *n = &p->nat;
	bool internal = false;

	for (int i = 0; i < NAT_PROTOCOLS; i++)
		internal |= n->transport[i].hairpin == NAT_HAIRPIN_INTERNAL;
	if (n->kind != NAT_TRANSLATE)
		return contradiction(p, "'ipv6=nat64'",
		                     "the box translates nothing: say mapping=, or a preset that does");
	if (n->transport[NAT_UDP].by_port)
		return contradiction(p, "'mapping=port' contradicts 'ipv6=nat64'",
		                     "whose box reports errors by an address that is no host's");
	if (n->clobbers)
		return contradiction(p, "'clobber' contradicts 'ipv6=nat64'",
		                     "whose hosts have no IPv4 address inside");
	if (internal)
		return contradiction(p, "'hairpin=internal' contradicts 'ipv6=nat64'",
		                     "whose hosts have no IPv4 address inside: RFC 6146 shows the outside one");
	if (nat_maps_ports(n))
		return contradiction(p, "'upnp', 'nat-pmp', 'pcp' contradict 'ipv6=nat64'",
		                     "whose hosts have no IPv4 to ask by");
	return 0;
}

/* An age is an age: no traffic makes it more, nor the want of it less. */
static int check_lifetime(struct parse *p)
{
	if ((p->given & (BIT(NAT_KEY_TIMEOUT) | BIT(NAT_KEY_STREAM_TIMEOUT))) != 0)
		return contradiction(p, "'lifetime' contradicts 'timeout' and 'stream-timeout'",
		                     "a mapping ends at its age, idle or not");
	if (p->nat.transport[NAT_UDP].refresh == NAT_REFRESH_OUTBOUND)
		return contradiction(p, "'lifetime' contradicts 'refresh=outbound'",
		                     "nothing refreshes a mapping that ends at its age");
	return 0;
}

/* Of what is said of IPv6: whether there is a filter at all, a mapping, or any of it. */
static int check_ipv6(struct parse *p)
{
	const struct nat *n = &p->nat;
	const struct nat own = nat_ipv6(n);

	for (enum nat_key key = NAT_KEY_IPV6_MAPPING; key <= NAT_KEY_IPV6_TIMEOUT; key++) {
		bool is_mapping = key == NAT_KEY_IPV6_MAPPING;

		if ((p->given & BIT(key)) == 0 || (is_mapping ? own.kind == NAT_TRANSLATE : nat_filters_ipv6(n)))
			continue;
		snprintf(p->error, NAT_ERROR_SIZE, "'%s' contradicts 'ipv6=%s', which %s", nat_words[key].name,
		         nat_word(n, NAT_KEY_IPV6),
		         n->ipv6 == NAT_IPV6_NONE ? "passes no IPv6"
		         : nat_maps_prefix(n)     ? "has no mappings"
		         : is_mapping             ? "translates none"
		                                  : "filters nothing");
		return -1;
	}
	if (n->ipv6 != NAT_IPV6_NONE && n->wan_mtu != 0 && n->wan_mtu < NAT_IPV6_MTU_MIN)
		return contradiction(p, "'wan-mtu' contradicts 'ipv6'", "whose links take packets of 1280 bytes");
	return 0;
}

static int check_built(struct parse *p)
{
	const struct nat *n = &p->nat;
	const struct nat_transport *udp = &n->transport[NAT_UDP];

	if (n->kind != NAT_TRANSLATE && check_untranslated(p) != 0)
		return -1;
	if (udp->by_port && check_by_port(p) != 0)
		return -1;
	if (udp->ports == NAT_PORTS_OVERLOAD && check_overload(p) != 0)
		return -1;
	if (check_tcp(p) != 0)
		return -1;
	if ((udp->ports == NAT_PORTS_SEQUENTIAL || n->transport[NAT_TCP].ports == NAT_PORTS_SEQUENTIAL) &&
	    n->port_high - n->port_low >= NAT_SEQUENTIAL_MAX) {
		snprintf(p->error, NAT_ERROR_SIZE,
		         "'range=%u-%u': sequential ports are counted through a table of at most %d", n->port_low,
		         n->port_high, NAT_SEQUENTIAL_MAX);
		return -1;
	}
	if (n->pooling == NAT_POOLING_ARBITRARY && n->addresses == 0)
		return contradiction(p, "'pooling=arbitrary'", "there is one address: addresses= says how many");
	if (n->icmp_blocked && n->input == NAT_INPUT_REJECT)
		return contradiction(p, "'icmp=blocked' contradicts 'input=reject'", "which answers by ICMP");
	if (udp->lifetime_s != 0 && check_lifetime(p) != 0)
		return -1;
	if (check_ipv6(p) != 0 || (n->ipv6 == NAT_IPV6_NAT64 && check_nat64(p) != 0))
		return -1;
	if (nat_maps_ports(n) && udp->blocked)
		return contradiction(p, "'upnp', 'nat-pmp', 'pcp' contradict 'udp=blocked'",
		                     "a port that nothing may come to is none");
	if (udp->parity && check_parity(p) != 0)
		return -1;
	if (udp->refresh == NAT_REFRESH_OUTBOUND && udp->stream_timeout_s != 0 &&
	    udp->stream_timeout_s != nat_timeout_s(n))
		return contradiction(p, "'stream-timeout' contradicts 'refresh=outbound'",
		                     "where answers do not refresh a "
		                     "mapping, they do not lengthen it either: there is only timeout=");
	return 0;
}

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
	if (check_built(&p) != 0)
		return -1;
	*out = p.nat;
	return 0;
}
