#include "nat_type/conclusion_report.h"

#include "nat_type/conclusion_spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
	char *bytes;
	size_t room, len;
};

static void __attribute__((format(printf, 2, 3))) say(struct text *t, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(t->bytes + t->len, t->room - t->len, format, args);
	va_end(args);
	if (len > 0)
		t->len += (size_t)len < t->room - t->len ? (size_t)len : t->room - t->len - 1;
}

/* In the order of enum conclusion_problem's bits: a name for programs, a sentence for people. */
static const struct {
	const char *name;
	const char *sentence;
} problems[CONCLUSION_PROBLEMS] = {
	{ "no-answer", "Nothing came back. Either UDP is blocked on the way, or no STUN server runs there: try another "
	               "server to tell." },
	{ "no-server", "The server's host answers that no STUN server runs at that port." },
	{ "malformed-answer",
	  "What came back is no answer to what was asked: no STUN server, or a broken one, is at that port." },
	{ "server-refuses", "The server answers a plain Binding request with an error." },
	{ "no-other-address",
	  "The server has no second address (OTHER-ADDRESS), which mapping and filtering need: try another server." },
	{ "bad-other-address", "The server names a second address that cannot be one, so nothing was asked there." },
	{ "dead-other-address", "Not all of the server's addresses answer, though it says that they do." },
	{ "wrong-source", "An answer came from another address than the one that was asked." },
	{ "change-refused",
	  "The server refuses to answer from its other address (CHANGE-REQUEST), which filtering needs." },
	{ "change-ignored",
	  "The server does not answer from its other address when asked to (CHANGE-REQUEST), which filtering needs." },
	{ "no-response-port", "The server does not answer to another port (RESPONSE-PORT), which the lifetime needs." },
	{ "lossy", "Packets were lost that should have come through: measure again." },
	{ "out-of-time", "The time was up before everything was asked: allow more with --timeout." },
	{ "rewritten", "Something on the way changes addresses inside packets (against RFC 4787 REQ-10)." },
	{ "several-addresses",
	  "This NAT sends one host's packets from several addresses (against RFC 4787 REQ-2): expect trouble." },
};

/* --- text -------------------------------------------------------------------------------------------- */

static void say_row(struct text *t, const char *what, const char *value, const char *meaning)
{
	say(t, "  %-12s %-27s %s\n", what, value, meaning);
}

static const char *meaning_of_mapping(enum conclusion_class c)
{
	switch (c) {
	case CONCLUSION_INDEPENDENT: return "one outside port towards everybody, so others can be told it";
	case CONCLUSION_ADDRESS: return "another outside port towards each address";
	case CONCLUSION_ADDRESS_AND_PORT: return "another outside port towards each address and port";
	case CONCLUSION_CLASS_UNKNOWN: break;
	}
	return "could not be measured";
}

static const char *meaning_of_filtering(enum conclusion_class c)
{
	switch (c) {
	case CONCLUSION_INDEPENDENT: return "anybody may send to a port in use";
	case CONCLUSION_ADDRESS: return "only addresses you have sent to may answer, from any port";
	case CONCLUSION_ADDRESS_AND_PORT: return "only addresses and ports you have sent to may answer";
	case CONCLUSION_CLASS_UNKNOWN: break;
	}
	return "could not be measured";
}

static void say_ports(struct text *t, const struct conclusion *v)
{
	char value[32] = "unknown";
	char meaning[96] = "could not be measured";

	if (v->ports == CONCLUSION_PRESERVE)
		snprintf(value, sizeof value, v->preserved == v->samples ? "preserved" : "preserved within a range");
	else if (v->ports == CONCLUSION_RANDOM)
		snprintf(value, sizeof value, "random");
	else if (v->ports == CONCLUSION_SEQUENTIAL)
		snprintf(value, sizeof value, "sequential, step %d", v->step);
	if (v->ports != CONCLUSION_PORTS_UNKNOWN)
		snprintf(meaning, sizeof meaning, "%zu of %zu sockets kept their own; seen: %u-%u%s", v->preserved,
		         v->samples, (unsigned)v->port_low, (unsigned)v->port_high,
		         v->range_is_used_up ? ", no more than these" : "");
	say_row(t, "ports", value, meaning);
}

static void say_hairpin(struct text *t, const struct conclusion *v, const struct discovery_findings *f)
{
	switch (v->hairpin) {
	case CONCLUSION_HAIRPIN_NONE:
		say_row(t, "hairpinning", "no",
		        f->hairpin_mirrored
		            ? "hosts behind this NAT cannot meet at their outside addresses"
		            : "none with outside addresses; only root could see the kind that shows inside ones");
		return;
	case CONCLUSION_HAIRPIN_EXTERNAL:
		say_row(t, "hairpinning", "yes", "hosts behind this NAT can meet at their outside addresses");
		return;
	case CONCLUSION_HAIRPIN_INTERNAL:
		say_row(t, "hairpinning", "internal",
		        "they can, but see each other's inside addresses (against RFC 4787 REQ-9)");
		return;
	case CONCLUSION_HAIRPIN_UNKNOWN: break;
	}
	say_row(t, "hairpinning", "unknown", "could not be measured");
}

static void say_trap(struct text *t, const struct conclusion *v)
{
	if (v->trap == CONCLUSION_TRAP_YES)
		say_row(t, "early packet", "takes the port",
		        "whoever sends to you too early makes you leave from another port");
	else if (v->trap == CONCLUSION_TRAP_NO)
		say_row(t, "early packet", "harmless", "a packet that comes before yours changes nothing");
}

static void say_span(struct text *t, const char *what, const struct mapping_lifetime_span *span, unsigned seconds)
{
	char value[32], meaning[96];

	if (!span->measured) {
		say_row(t, what, "unknown", "could not be measured");
		return;
	}
	if (seconds == 0) {
		snprintf(value, sizeof value, "more than %u s", span->alive_ms / 1000);
		snprintf(meaning, sizeof meaning, "allow a longer wait to see its end");
	} else {
		snprintf(value, sizeof value, "%u s", seconds);
		snprintf(meaning, sizeof meaning, "alive after %.1f s of silence, gone after %.1f s",
		         span->alive_ms / 1000.0, span->dead_ms / 1000.0);
	}
	say_row(t, what, value, meaning);
}

static void say_lifetime(struct text *t, const struct conclusion *v, const struct discovery_findings *f)
{
	if (!f->mapping_lifetime_asked)
		return;
	say_span(t, "idle life", &v->lifetime.fresh, v->timeout_s);
	say_span(t, "in use", &v->lifetime.stream, v->stream_timeout_s);
	if (v->lifetime.refresh == MAPPING_LIFETIME_REFRESH_BOTH)
		say_row(t, "kept alive", "by both directions", "packets from outside count too");
	if (v->lifetime.refresh == MAPPING_LIFETIME_REFRESH_OUTBOUND)
		say_row(t, "kept alive", "from inside only", "send keepalives yourself");
}

static void say_peers(struct text *t, const struct conclusion *v, const char *intro, enum conclusion_punch which)
{
	size_t said = 0;

	for (size_t i = 0; i < CONCLUSION_PEERS; i++)
		if (conclusion_can_punch(v, i) == which)
			say(t, "%s%s", said++ == 0 ? intro : ", ", conclusion_peers[i]);
	if (said > 0)
		say(t, "\n");
}

static void say_conclusion(struct text *t, const struct conclusion *v)
{
	const char *preset = conclusion_preset(v);
	char spec[CONCLUSION_SPEC_SIZE];

	if (preset != NULL)
		say(t, "This is a %s%s NAT.\n", preset,
		    strcmp(preset, "symmetric") == 0 || preset[0] == 'f' ? "" : " cone");
	say_peers(t, v, "You can punch to peers behind: ", CONCLUSION_PUNCH_YES);
	say_peers(t, v, "Perhaps to peers behind:       ", CONCLUSION_PUNCH_MAYBE);
	say_peers(t, v, "Not to peers behind:           ", CONCLUSION_PUNCH_NO);
	if (v->mapping == CONCLUSION_ADDRESS_AND_PORT && v->ports == CONCLUSION_SEQUENTIAL)
		say(t, "Its next port can be guessed: port prediction can open more.\n");
	if (v->trap == CONCLUSION_TRAP_YES)
		say(t, "But when the other side's first packet comes before yours, the punch fails until it is silent "
		       "for a while.\n");
	if (conclusion_spec(v, spec) != NULL)
		say(t, "To reproduce it in the lab:    ./punchlab shell %s\n", spec);
}

static void say_measured(struct text *t, const struct conclusion *v, const struct discovery_findings *f)
{
	say_row(t, "mapping", conclusion_class_name(v->mapping), meaning_of_mapping(v->mapping));
	say_row(t, "filtering", conclusion_class_name(v->filtering), meaning_of_filtering(v->filtering));
	say_ports(t, v);
	say_hairpin(t, v, f);
	say_trap(t, v);
	say_lifetime(t, v, f);
	say(t, "\n");
	say_conclusion(t, v);
}

static void say_addresses(struct text *t, const struct conclusion *v, const struct discovery_findings *f)
{
	char server[ENDPOINT_TEXT_SIZE], inside[ENDPOINT_TEXT_SIZE], outside[ENDPOINT_TEXT_SIZE];

	endpoint_format(&f->server[0][0], server);
	address_format(&f->inside.address, inside);
	address_format(&f->mapping[0][0].mapped.address, outside);
	switch (v->kind) {
	case CONCLUSION_UNREACHED: say(t, "Nothing could be measured with %s.\n", server); return;
	case CONCLUSION_BLOCKED:
		say(t,
		    "UDP is blocked: %s can be reached otherwise, or somebody on the way forbids it, but no UDP packet "
		    "comes back.\n",
		    server);
		return;
	case CONCLUSION_OPEN:
		say(t, "You are not behind a NAT, and nothing is filtered: %s is your own address.\n", outside);
		return;
	case CONCLUSION_FIREWALL:
		say(t, "You are not behind a NAT, %s is your own address%s.\n\n", outside,
		    v->filtering == CONCLUSION_CLASS_UNKNOWN ? "" : ", but a firewall filters");
		return;
	case CONCLUSION_TRANSLATED:
		say(t, "You are behind a NAT: inside you are %s, outside %s.\n\n", inside, outside);
		return;
	}
}

static void say_problems(struct text *t, const struct conclusion *v, const struct discovery_findings *f)
{
	char other[ENDPOINT_TEXT_SIZE];

	if (v->problems != 0)
		say(t, "\n");
	for (size_t i = 0; i < CONCLUSION_PROBLEMS; i++)
		if ((v->problems & 1u << i) != 0)
			say(t, "%s\n", problems[i].sentence);
	if ((v->problems & (CONCLUSION_BAD_OTHER | CONCLUSION_DEAD_OTHER)) != 0)
		say(t, "The other address it names is %s.\n", endpoint_format(&f->other_said, other));
}

const char *conclusion_report_text(const struct conclusion *v, const struct discovery_findings *f, char *out,
                                   size_t room)
{
	struct text t = { .bytes = out, .room = room };

	out[0] = '\0';
	say_addresses(&t, v, f);
	if (v->kind == CONCLUSION_TRANSLATED)
		say_measured(&t, v, f);
	if (v->kind == CONCLUSION_FIREWALL) {
		say_row(&t, "filtering", conclusion_class_name(v->filtering), meaning_of_filtering(v->filtering));
		say(&t, "\n");
	}
	if (v->kind == CONCLUSION_FIREWALL || v->kind == CONCLUSION_OPEN || v->kind == CONCLUSION_BLOCKED)
		say_conclusion(&t, v);
	say_problems(&t, v, f);
	return out;
}

/* --- JSON -------------------------------------------------------------------------------------------- */

/* Only words of this program and addresses go in: nothing needs escaping. */
static void say_string(struct text *t, const char *name, const char *value)
{
	if (value != NULL)
		say(t, ",\"%s\":\"%s\"", name, value);
	else
		say(t, ",\"%s\":null", name);
}

static void say_endpoint(struct text *t, const char *name, const struct endpoint *e)
{
	char text[ENDPOINT_TEXT_SIZE];

	say_string(t, name, e->address.family == ADDRESS_NONE ? NULL : endpoint_format(e, text));
}

static void say_number(struct text *t, const char *name, unsigned value)
{
	if (value != 0)
		say(t, ",\"%s\":%u", name, value);
	else
		say(t, ",\"%s\":null", name);
}

static void say_json_ports(struct text *t, const struct conclusion *v)
{
	static const char *const words[] = { "unknown", "preserve", "random", "sequential" };

	say_string(t, "ports", words[v->ports]);
	say(t, ",\"port_step\":%d,\"port_samples\":%zu,\"ports_preserved\":%zu", v->step, v->samples, v->preserved);
	say_number(t, "port_low", v->port_low);
	say_number(t, "port_high", v->port_high);
	say(t, ",\"range_limited\":%s", v->range_is_limited ? "true" : "false");
}

static void say_json_behaviours(struct text *t, const struct conclusion *v)
{
	static const char *const hairpins[] = { "unknown", "none", "external", "internal" };
	static const char *const traps[] = { "unknown", "no", "yes" };
	static const char *const refreshes[] = { "unknown", "both", "outbound" };

	say_string(t, "mapping", conclusion_class_name(v->mapping));
	say_string(t, "filtering", conclusion_class_name(v->filtering));
	say_json_ports(t, v);
	say_string(t, "hairpin", hairpins[v->hairpin]);
	say_string(t, "input_trap", traps[v->trap]);
	say_number(t, "timeout_s", v->timeout_s);
	say_number(t, "stream_timeout_s", v->stream_timeout_s);
	say_string(t, "refresh", refreshes[v->lifetime.refresh]);
}

static void say_json_punch(struct text *t, const struct conclusion *v)
{
	static const char *const words[] = { "no", "maybe", "yes" };

	say(t, ",\"punch\":{");
	for (size_t i = 0; i < CONCLUSION_PEERS && v->kind != CONCLUSION_UNREACHED; i++)
		say(t, "%s\"%s\":\"%s\"", i > 0 ? "," : "", conclusion_peers[i], words[conclusion_can_punch(v, i)]);
	say(t, "}");
}

static void say_json_problems(struct text *t, const struct conclusion *v)
{
	const char *comma = "";

	say(t, ",\"problems\":[");
	for (size_t i = 0; i < CONCLUSION_PROBLEMS; i++) {
		if ((v->problems & 1u << i) == 0)
			continue;
		say(t, "%s\"%s\"", comma, problems[i].name);
		comma = ",";
	}
	say(t, "]");
}

const char *conclusion_report_json(const struct conclusion *v, const struct discovery_findings *f, char *out,
                                   size_t room)
{
	static const char *const kinds[] = { "unreached", "blocked", "open", "firewall", "nat" };
	struct text t = { .bytes = out, .room = room };
	char spec[CONCLUSION_SPEC_SIZE];

	out[0] = '\0';
	say(&t, "{\"kind\":\"%s\",\"complete\":%s", kinds[v->kind], v->complete ? "true" : "false");
	say_string(&t, "spec", conclusion_spec(v, spec));
	say_string(&t, "class", conclusion_preset(v));
	say_endpoint(&t, "server", &f->server[0][0]);
	say_endpoint(&t, "server_other", &f->other_said);
	say_endpoint(&t, "inside", &f->inside);
	say_endpoint(&t, "outside", &f->mapping[0][0].mapped);
	say_json_behaviours(&t, v);
	say_json_punch(&t, v);
	say_json_problems(&t, v);
	say(&t, "}\n");
	return out;
}
