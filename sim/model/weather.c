#include "model/weather.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define WORD_SIZE 48
#define MTU_MIN 576 /* RFC 791: what every IPv4 host takes; 1280 for IPv6 */
#define MTU_MAX 1500
#define BURST_MAX 1000
#define DELAY_MAX_US 60000000
#define MILLION 1000000u
#define RATE_MIN_BPS 8000
#define RATE_MAX_BPS UINT64_C(100000000000)

/* Where the figures come from stands beside them in scenarios/README.md. */
const struct weather_preset weather_presets[] = {
	{ "fair", "" }, /* nothing happens, but it may be changed while the world stands */
	{ "fibre", "delay=2ms,up:rate=5mbit,down:rate=20mbit" },
	{ "dsl", "delay=25ms,up:rate=384kbit,down:rate=1500kbit" },
	{ "cable", "delay=14ms,up:rate=1mbit,down:rate=5mbit" },
	{ "wifi-crowded", "delay=2ms,jitter=20ms,loss=2%,burst=4,rate=20mbit,reorder=0.1%" },
	{ "lte", "delay=35ms,jitter=10ms,rate=12mbit,queue=400ms" },
	{ "3g", "delay=150ms,jitter=40ms,loss=1%,burst=4,up:rate=768kbit,down:rate=1600kbit,queue=1s" },
	{ "satellite", "delay=335ms,jitter=10ms,loss=0.5%,up:rate=3mbit,down:rate=19mbit,queue=500ms" },
	{ "starlink", "delay=20ms,jitter=10ms,loss=1%,burst=8,up:rate=15mbit,down:rate=100mbit" },
	{ "intercontinental", "delay=100ms,jitter=2ms,loss=0.1%" },
	{ NULL, NULL },
};

/* --- the keys -------------------------------------------------------------------------------- */

enum key { DELAY, JITTER, LOSS, BURST, RATE, QUEUE, DUPLICATE, REORDER, KEYS };
enum unit { TIME, WAIT, SHARE, COUNT, BITRATE };

static const struct {
	const char *name;
	enum unit unit;
} keys[] = {
	[DELAY] = { "delay", TIME },          [JITTER] = { "jitter", TIME },    [LOSS] = { "loss", SHARE },
	[BURST] = { "burst", COUNT },         [RATE] = { "rate", BITRATE },     [QUEUE] = { "queue", WAIT },
	[DUPLICATE] = { "duplicate", SHARE }, [REORDER] = { "reorder", SHARE },
};

static uint64_t get(const struct weather_way *w, enum key key)
{
	switch (key) {
	case DELAY: return w->delay_us;
	case JITTER: return w->jitter_us;
	case LOSS: return w->loss;
	case BURST: return w->burst;
	case RATE: return w->rate_bps;
	case QUEUE: return w->queue_us;
	case DUPLICATE: return w->duplicate;
	case REORDER: return w->reorder;
	case KEYS: break;
	}
	return 0;
}

static void set(struct weather_way *w, enum key key, uint64_t value)
{
	switch (key) {
	case DELAY: w->delay_us = (uint32_t)value; break;
	case JITTER: w->jitter_us = (uint32_t)value; break;
	case LOSS: w->loss = (uint32_t)value; break;
	case BURST: w->burst = (uint32_t)value; break;
	case RATE: w->rate_bps = value; break;
	case QUEUE: w->queue_us = (uint32_t)value; break;
	case DUPLICATE: w->duplicate = (uint32_t)value; break;
	case REORDER: w->reorder = (uint32_t)value; break;
	case KEYS: break;
	}
}

/* --- reading --------------------------------------------------------------------------------- */

/*
 * Reads "12.345" in 1/scale of its unit, at most `most` of these. What follows is in *rest. Returns false for no
 * number, more digits than the scale has, or a larger one.
 */
static bool read_decimal(const char *text, uint64_t scale, uint64_t most, uint64_t *value, const char **rest)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t n = 0;

	if (digits == 0 || digits > 12)
		return false;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (uint64_t)(text[i] - '0');
	text += digits;
	if (n > most / scale)
		return false;
	n *= scale;
	if (*text == '.') {
		size_t places = strspn(++text, "0123456789");

		if (places == 0)
			return false;
		for (; places > 0; places--, text++) {
			if (scale % 10 != 0 && *text != '0')
				return false;
			scale /= 10;
			n += scale * (uint64_t)(*text - '0');
		}
	}
	*value = n;
	*rest = text;
	return n <= most;
}

struct suffix {
	const char *text;
	uint64_t scale; /* how many of the smallest unit it is */
};

static const struct suffix time_suffixes[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 }, { NULL, 0 } };
static const struct suffix share_suffixes[] = { { "%", 10000 }, { NULL, 0 } };
static const struct suffix count_suffixes[] = { { "", 1 }, { NULL, 0 } };
static const struct suffix rate_suffixes[] = {
	{ "bit", 1 }, { "kbit", 1000 }, { "mbit", 1000000 }, { "gbit", 1000000000 }, { NULL, 0 }
};

static const struct {
	const struct suffix *suffixes;
	uint64_t least, most;
	const char *wanted;
} units[] = {
	[TIME] = { time_suffixes, 0, DELAY_MAX_US, "a time such as 40ms (us, ms, s), at most 60s" },
	[WAIT] = { time_suffixes, 1, DELAY_MAX_US, "a time such as 100ms (us, ms, s), more than 0 and at most 60s" },
	[SHARE] = { share_suffixes, 0, MILLION, "a share such as 1.5%, 0% to 100%" },
	[COUNT] = { count_suffixes, 1, BURST_MAX, "a number of packets, 1 to 1000" },
	[BITRATE] = { rate_suffixes, RATE_MIN_BPS, RATE_MAX_BPS,
	              "bits a second such as 20mbit (bit, kbit, mbit, gbit), 8kbit to 100gbit" },
};

static bool read_value(enum unit unit, const char *text, uint64_t *value)
{
	for (const struct suffix *s = units[unit].suffixes; s->text != NULL; s++) {
		const char *rest;

		if (read_decimal(text, s->scale, units[unit].most, value, &rest) && strcmp(rest, s->text) == 0)
			return *value >= units[unit].least;
	}
	return false;
}

static int refuse(char error[WEATHER_ERROR_SIZE], const char *word)
{
	struct text t = text_in(error, WEATHER_ERROR_SIZE);

	text_add(&t, "'%.40s': a link is", word);
	for (const struct weather_preset *p = weather_presets; p->name != NULL; p++)
		text_add(&t, "%s %s", p == weather_presets ? "" : ",", p->name);
	text_add(&t, "; or");
	for (size_t i = 0; i < KEYS; i++)
		text_add(&t, " %s=,", keys[i].name);
	text_add(&t, " mtu=, also up:... and down:...");
	return -1;
}

static int refuse_comma(char error[WEATHER_ERROR_SIZE], const char *text)
{
	snprintf(error, WEATHER_ERROR_SIZE, "'%.60s': a comma stands between two words", text);
	return -1;
}

static const struct weather_preset *find_preset(const char *name)
{
	const struct weather_preset *p = weather_presets;

	while (p->name != NULL && strcmp(p->name, name) != 0)
		p++;
	return p->name != NULL ? p : NULL;
}

/* A name where a pair belongs. */
static int refuse_name(char error[WEATHER_ERROR_SIZE], const char *word, const char *name)
{
	if (find_preset(name) == NULL)
		return refuse(error, word);
	snprintf(error, WEATHER_ERROR_SIZE,
	         "'%.40s': there is one preset, of both directions; it stands first, and what follows changes it",
	         word);
	return -1;
}

static int read_mtu(struct weather *w, const char *value, char error[WEATHER_ERROR_SIZE])
{
	const char *rest;
	uint64_t mtu;

	if (read_decimal(value, 1, MTU_MAX, &mtu, &rest) && *rest == '\0' && mtu >= MTU_MIN) {
		w->mtu = (unsigned)mtu;
		return 0;
	}
	snprintf(error, WEATHER_ERROR_SIZE, "'mtu=%.40s': mtu is a number of bytes, %d to %d", value, MTU_MIN, MTU_MAX);
	return -1;
}

/* For which direction a pair is. */
enum mark { BOTH, UP, DOWN, MARKS };

/* What was said so far: a bit for each key, and one for the mtu. */
struct said {
	unsigned keys[MARKS];
};

/*
 * "delay=1ms,up:delay=2ms" is one for both and another up; all else that is said again for a direction is a slip, of
 * which nobody knows which one was meant. False where it was; else it is noted.
 */
static bool is_new(struct said *s, enum mark mark, unsigned key)
{
	unsigned bit = 1u << key, before = s->keys[mark] | (mark == BOTH ? s->keys[UP] | s->keys[DOWN] : 0);

	s->keys[mark] |= bit;
	return (before & bit) == 0;
}

static int refuse_repeat(char error[WEATHER_ERROR_SIZE], const char *word, const char *name)
{
	snprintf(error, WEATHER_ERROR_SIZE, "'%.60s': %.20s is given twice", word, name);
	return -1;
}

/* "delay=40ms", "up:rate=5mbit". */
static int read_pair(struct weather *w, struct said *said, const char *word, char error[WEATHER_ERROR_SIZE])
{
	bool up = strncmp(word, "up:", 3) == 0, down = strncmp(word, "down:", 5) == 0;
	const char *name = word + (up ? 3 : down ? 5 : 0);
	const char *equals = strchr(name, '=');
	uint64_t value;

	if (equals == NULL)
		return refuse_name(error, word, name);
	if (strncmp(name, "mtu=", 4) == 0 && name != word) {
		snprintf(error, WEATHER_ERROR_SIZE, "'%.40s': an mtu is of both directions", word);
		return -1;
	}
	if (strncmp(name, "mtu=", 4) == 0)
		return is_new(said, BOTH, KEYS) ? read_mtu(w, equals + 1, error) : refuse_repeat(error, word, "mtu");
	for (enum key k = 0; k < KEYS; k++) {
		if (strlen(keys[k].name) != (size_t)(equals - name) ||
		    strncmp(keys[k].name, name, (size_t)(equals - name)) != 0)
			continue;
		if (!read_value(keys[k].unit, equals + 1, &value)) {
			snprintf(error, WEATHER_ERROR_SIZE, "'%.60s': %s is %s", word, keys[k].name,
			         units[keys[k].unit].wanted);
			return -1;
		}
		if (!is_new(said, up ? UP : down ? DOWN : BOTH, k))
			return refuse_repeat(error, word, keys[k].name);
		if (!down)
			set(&w->ways[WEATHER_UP], k, value);
		if (!up)
			set(&w->ways[WEATHER_DOWN], k, value);
		return 0;
	}
	return refuse(error, word);
}

static int read_words(struct weather *w, const char *text, bool presets, char error[WEATHER_ERROR_SIZE]);

/* A preset's name, first of all words. */
static int read_word(struct weather *w, struct said *said, const char *word, bool is_first,
                     char error[WEATHER_ERROR_SIZE])
{
	const struct weather_preset *p = is_first ? find_preset(word) : NULL;

	if (p == NULL)
		return read_pair(w, said, word, error);
	w->is_changeable = p == weather_presets;
	return read_words(w, p->text, false, error);
}

static int read_words(struct weather *w, const char *text, bool presets, char error[WEATHER_ERROR_SIZE])
{
	const char *all = text;
	bool is_first = presets;
	struct said said = { { 0 } };

	while (*text != '\0') {
		char word[WORD_SIZE];
		size_t len = strcspn(text, ",");

		snprintf(word, sizeof word, "%.*s", (int)len, text);
		if (len == 0 || (text[len] == ',' && text[len + 1] == '\0'))
			return refuse_comma(error, all);
		if (len >= sizeof word)
			return refuse(error, word);
		if (read_word(w, &said, word, is_first, error) != 0)
			return -1;
		is_first = false;
		text += len + (text[len] == ',');
	}
	return 0;
}

static int check_way(const struct weather_way *w, char error[WEATHER_ERROR_SIZE])
{
	if (w->reorder > 0 && w->delay_us == 0)
		snprintf(error, WEATHER_ERROR_SIZE, "reorder needs a delay: a packet overtakes those that are delayed");
	else if (w->burst > 1 && w->loss == 0)
		snprintf(error, WEATHER_ERROR_SIZE, "burst needs a loss");
	else if (w->queue_us > 0 && w->rate_bps == 0)
		snprintf(error, WEATHER_ERROR_SIZE, "queue needs a rate: without one no packet waits");
	else if (w->burst > 1 && w->loss > MILLION / (w->burst + 1) * w->burst)
		snprintf(error, WEATHER_ERROR_SIZE, "a loss of more than %u%% does not come in bursts of %u",
		         100 * w->burst / (w->burst + 1), w->burst);
	else
		return 0;
	return -1;
}

int weather_parse(const char *text, struct weather *out, char error[WEATHER_ERROR_SIZE])
{
	struct weather w = { 0 };

	if (*text == '\0')
		return refuse(error, text);
	if (read_words(&w, text, true, error) != 0 || check_way(&w.ways[WEATHER_UP], error) != 0 ||
	    check_way(&w.ways[WEATHER_DOWN], error) != 0)
		return -1;
	*out = w;
	return 0;
}

/* --- writing --------------------------------------------------------------------------------- */

/* The largest unit that needs no decimals, or else the smallest of those that have them. */
static void add_value(struct text *t, enum unit unit, uint64_t value)
{
	const struct suffix *best = units[unit].suffixes;
	uint64_t rest;

	if (unit != SHARE) {
		for (const struct suffix *s = best; s->text != NULL; s++)
			if (value % s->scale == 0 && value >= s->scale)
				best = s;
		text_add(t, "%llu%s", (unsigned long long)(value / best->scale), best->text);
		return;
	}
	text_add(t, "%llu", (unsigned long long)(value / best->scale));
	rest = value % best->scale;
	for (uint64_t scale = best->scale / 10; rest > 0; rest %= scale, scale /= 10)
		text_add(t, "%s%llu", scale == best->scale / 10 ? "." : "", (unsigned long long)(rest / scale));
	text_add(t, "%s", best->text);
}

static void add_pair(struct text *t, const char *direction, enum key key, uint64_t value)
{
	text_add(t, "%s%s%s=", t->len > 0 ? "," : "", direction, keys[key].name);
	add_value(t, keys[key].unit, value);
}

const char *weather_format(const struct weather *w, char text[WEATHER_TEXT_SIZE])
{
	struct text t = text_in(text, WEATHER_TEXT_SIZE);

	for (enum key k = 0; k < KEYS; k++) {
		uint64_t up = get(&w->ways[WEATHER_UP], k), down = get(&w->ways[WEATHER_DOWN], k);

		if (up == down && up != 0)
			add_pair(&t, "", k, up);
		if (up != down && up != 0)
			add_pair(&t, "up:", k, up);
		if (up != down && down != 0)
			add_pair(&t, "down:", k, down);
	}
	if (w->mtu != 0)
		text_add(&t, "%smtu=%u", t.len > 0 ? "," : "", w->mtu);
	if (t.len == 0)
		text_add(&t, "%s", weather_presets[0].name);
	return text;
}

bool weather_needs_cable(const struct weather *w)
{
	for (enum key k = 0; k < KEYS; k++)
		if (get(&w->ways[WEATHER_UP], k) != 0 || get(&w->ways[WEATHER_DOWN], k) != 0)
			return true;
	return w->is_changeable;
}
