#include "nat_type/conclusion_spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The kernel's, which the lab's boxes have unless told otherwise. */
#define DEFAULT_TIMEOUT_S 30
#define DEFAULT_STREAM_TIMEOUT_S 120

#define FIRST_PORT 1024u /* the lowest of a range in a spec */

struct classic {
	const char *name;
	enum conclusion_class mapping, filtering;
	enum conclusion_ports ports; /* its default */
};

static const struct classic classics[] = {
	{ "full-cone", CONCLUSION_INDEPENDENT, CONCLUSION_INDEPENDENT, CONCLUSION_PRESERVE },
	{ "restricted", CONCLUSION_INDEPENDENT, CONCLUSION_ADDRESS, CONCLUSION_PRESERVE },
	{ "port-restricted", CONCLUSION_INDEPENDENT, CONCLUSION_ADDRESS_AND_PORT, CONCLUSION_PRESERVE },
	{ "symmetric", CONCLUSION_ADDRESS_AND_PORT, CONCLUSION_ADDRESS_AND_PORT, CONCLUSION_RANDOM },
};

const char *const conclusion_peers[CONCLUSION_PEERS] = { "open", "full-cone", "restricted", "port-restricted",
	                                                 "symmetric" };

static const struct classic *classic_of(const struct conclusion *v)
{
	for (size_t i = 0; i < sizeof classics / sizeof classics[0]; i++)
		if (v->kind == CONCLUSION_TRANSLATED && v->mapping == classics[i].mapping &&
		    v->filtering == classics[i].filtering)
			return &classics[i];
	return NULL;
}

const char *conclusion_class_name(enum conclusion_class c)
{
	switch (c) {
	case CONCLUSION_INDEPENDENT: return "endpoint-independent";
	case CONCLUSION_ADDRESS: return "address-dependent";
	case CONCLUSION_ADDRESS_AND_PORT: return "address-and-port-dependent";
	case CONCLUSION_CLASS_UNKNOWN: break;
	}
	return "unknown";
}

const char *conclusion_preset(const struct conclusion *v)
{
	const struct classic *classic = classic_of(v);

	return classic != NULL ? classic->name : NULL;
}

/* --- spec -------------------------------------------------------------------------------------------- */

/* Appends words to a text of CONCLUSION_SPEC_SIZE bytes, which holds every spec, with a comma between. */
static void __attribute__((format(printf, 2, 3))) add(char *text, const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;

	if (len > 0 && len + 1 < CONCLUSION_SPEC_SIZE)
		text[len++] = ',';
	va_start(args, format);
	vsnprintf(text + len, CONCLUSION_SPEC_SIZE - len, format, args);
	va_end(args);
}

static const char *ports_word(enum conclusion_ports ports)
{
	return ports == CONCLUSION_PRESERVE ? "preserve" : ports == CONCLUSION_RANDOM ? "random" : "sequential";
}

/*
 * The pool that most likely lies behind the range seen: of ports drawn at random, the lowest and the highest are as far
 * from the pool's ends as they are from each other on average. A pool that was used up is known.
 */
static void add_range(const struct conclusion *v, char *text)
{
	unsigned low = v->port_low, high = v->port_high;
	unsigned gap;

	if (!v->range_is_limited)
		return;
	gap = v->range_is_used_up || v->samples < 2 ? 0 : (high - low) / ((unsigned)v->samples - 1);
	low = low >= FIRST_PORT + gap ? low - gap : low < FIRST_PORT ? low : FIRST_PORT;
	high = high + gap <= UINT16_MAX ? high + gap : UINT16_MAX;
	add(text, "range=%u-%u", low, high);
}

static void add_differences(const struct conclusion *v, const struct classic *base, char *text)
{
	if (v->mapping != base->mapping)
		add(text, "mapping=%s", conclusion_class_name(v->mapping));
	if (v->filtering != base->filtering)
		add(text, "filtering=%s", conclusion_class_name(v->filtering));
	if (v->ports != base->ports)
		add(text, "ports=%s", ports_word(v->ports));
}

/* The classic kind from which the fewest words lead to this one, the first of them. */
static void add_classes(const struct conclusion *v, char *text)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < sizeof classics / sizeof classics[0]; i++) {
		char candidate[CONCLUSION_SPEC_SIZE] = "";

		add(candidate, "%s", classics[i].name);
		add_differences(v, &classics[i], candidate);
		if (strlen(candidate) >= best)
			continue;
		best = strlen(candidate);
		memcpy(text, candidate, sizeof candidate);
	}
}

/* Where answers do not refresh a mapping, they do not lengthen it either, and there is one timeout. */
static void add_times(const struct conclusion *v, char *text)
{
	bool outbound = v->lifetime.refresh == MAPPING_LIFETIME_REFRESH_OUTBOUND;

	if (v->timeout_s != 0 && v->timeout_s != DEFAULT_TIMEOUT_S)
		add(text, "timeout=%u", v->timeout_s);
	if (v->stream_timeout_s != 0 && v->stream_timeout_s != DEFAULT_STREAM_TIMEOUT_S && !outbound)
		add(text, "stream-timeout=%u", v->stream_timeout_s);
}

/* In the order in which the lab writes specs, so that equal NATs have equal texts. */
static const char *spec_of_nat(const struct conclusion *v, char *text)
{
	if (v->mapping == CONCLUSION_CLASS_UNKNOWN || v->filtering == CONCLUSION_CLASS_UNKNOWN ||
	    v->ports == CONCLUSION_PORTS_UNKNOWN || v->hairpin == CONCLUSION_HAIRPIN_UNKNOWN)
		return NULL;
	add_classes(v, text);
	add_range(v, text);
	if (v->hairpin != CONCLUSION_HAIRPIN_NONE)
		add(text, v->hairpin == CONCLUSION_HAIRPIN_INTERNAL ? "hairpin=internal" : "hairpin");
	if (v->lifetime.refresh == MAPPING_LIFETIME_REFRESH_OUTBOUND)
		add(text, "refresh=outbound");
	if (v->trap == CONCLUSION_TRAP_YES)
		add(text, "input=accept");
	add_times(v, text);
	return text;
}

static const char *spec_of_firewall(const struct conclusion *v, char *text)
{
	if (v->filtering == CONCLUSION_CLASS_UNKNOWN)
		return NULL;
	add(text, "firewall");
	if (v->filtering != CONCLUSION_ADDRESS_AND_PORT)
		add(text, "filtering=%s", conclusion_class_name(v->filtering));
	return text;
}

const char *conclusion_spec(const struct conclusion *v, char text[CONCLUSION_SPEC_SIZE])
{
	text[0] = '\0';
	switch (v->kind) {
	case CONCLUSION_UNREACHED: return NULL;
	case CONCLUSION_BLOCKED: add(text, "udp=blocked"); return text;
	case CONCLUSION_OPEN: add(text, "open"); return text;
	case CONCLUSION_FIREWALL: return spec_of_firewall(v, text);
	case CONCLUSION_TRANSLATED: return spec_of_nat(v, text);
	}
	return NULL;
}

/* --- punching ---------------------------------------------------------------------------------------- */

/* The classes at work: without translation every destination sees the same endpoint. */
static enum conclusion_class mapping_at_work(const struct conclusion *v)
{
	return v->kind == CONCLUSION_OPEN || v->kind == CONCLUSION_FIREWALL ? CONCLUSION_INDEPENDENT : v->mapping;
}

static bool is_predictable(enum conclusion_class mapping)
{
	return mapping == CONCLUSION_INDEPENDENT;
}

/*
 * With one mapping that nobody can foretell, its side must be let in by the other from a port not known before (not by
 * port-restricted filtering), or must itself let strangers in, and then it depends on the NAT whether its answer leaves
 * from the port the stranger wrote to.
 */
static enum conclusion_punch punch_with_unpredictable(enum conclusion_class mine, enum conclusion_class theirs,
                                                      enum conclusion_class their_mapping)
{
	enum conclusion_class predictable = is_predictable(their_mapping) ? theirs : mine;
	enum conclusion_class unpredictable = is_predictable(their_mapping) ? mine : theirs;

	if (predictable == CONCLUSION_INDEPENDENT || predictable == CONCLUSION_ADDRESS)
		return CONCLUSION_PUNCH_YES;
	return unpredictable == CONCLUSION_ADDRESS_AND_PORT ? CONCLUSION_PUNCH_NO : CONCLUSION_PUNCH_MAYBE;
}

enum conclusion_punch conclusion_can_punch(const struct conclusion *v, size_t peer)
{
	enum conclusion_class their_mapping = peer == 0 ? CONCLUSION_INDEPENDENT : classics[peer - 1].mapping;
	enum conclusion_class their_filtering = peer == 0 ? CONCLUSION_INDEPENDENT : classics[peer - 1].filtering;
	enum conclusion_class my_mapping = mapping_at_work(v);

	if (v->kind == CONCLUSION_BLOCKED)
		return CONCLUSION_PUNCH_NO;
	if (is_predictable(their_mapping) &&
	    (is_predictable(my_mapping) || their_filtering != CONCLUSION_ADDRESS_AND_PORT))
		return CONCLUSION_PUNCH_YES; /* whatever else there is on this side */
	if (my_mapping == CONCLUSION_CLASS_UNKNOWN || v->filtering == CONCLUSION_CLASS_UNKNOWN)
		return CONCLUSION_PUNCH_MAYBE;
	if (is_predictable(my_mapping) || is_predictable(their_mapping))
		return punch_with_unpredictable(v->filtering, their_filtering, their_mapping);
	return v->filtering == CONCLUSION_ADDRESS_AND_PORT ? CONCLUSION_PUNCH_NO : CONCLUSION_PUNCH_MAYBE;
}
