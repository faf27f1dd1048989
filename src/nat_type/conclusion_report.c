#include "nat_type/conclusion_report.h"

#include "base/text.h"
#include "nat_type/conclusion_spec.h"

#include <stdio.h>

/* In the order of enum conclusion_problem's bits: a name for programs, a sentence for people. */
static const struct {
	const char *name;
	const char *sentence;
} problems[CONCLUSION_PROBLEMS] = {
	{ "no-answer", "Nothing came back. Either UDP is blocked on the way, or no STUN server runs there: try another "
	               "server to tell." },
	{ "only-tcp",
	  "No answer; this host answers by TCP, so either UDP is blocked or nothing serves STUN there: name "
	  "another server, too, to tell." },
	{ "silent-server",
	  "UDP gets to the server's host and back, so it is not blocked, but no STUN server answers there." },
	{ "no-way", "Somebody on the way says by ICMP that the server's host cannot be reached." },
	{ "no-server", "The server's host answers that no STUN server runs at that port." },
	{ "malformed-answer",
	  "What came back is no answer to what was asked: no STUN server, or a broken one, is at that port." },
	{ "server-refuses", "The server answers a plain Binding request with an error." },
	{ "no-other-address",
	  "The server has no second address (OTHER-ADDRESS), which filtering needs, and mapping if no second server is "
	  "named: try another server." },
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

/* Every problem's name, with something around and between. */
static void add_problem_names(struct text *t, unsigned problems_seen, const char *quote, const char *between)
{
	const char *comma = "";

	for (size_t i = 0; i < CONCLUSION_PROBLEMS; i++) {
		if ((problems_seen & 1u << i) == 0)
			continue;
		text_add(t, "%s%s%s%s", comma, quote, problems[i].name, quote);
		comma = between;
	}
}

const char *conclusion_problem_names(const struct conclusion *v, char *out, size_t room)
{
	struct text t = text_in(out, room);

	add_problem_names(&t, v->problems, "", ", ");
	return out;
}

/* --- text -------------------------------------------------------------------------------------------- */

static void say_row(struct text *t, const char *what, const char *value, const char *meaning)
{
	text_add(t, "  %-12s %-27s %s\n", what, value, meaning);
}

/* By enum nat_behaviour. */
static const char *const mapping_meanings[] = {
	"one outside port towards everybody, so others can be told it",
	"another outside port towards each address",
	"another outside port towards each address and port",
};
static const char *const filtering_meanings[] = {
	"anybody may send to a port in use",
	"only addresses you have sent to may answer, from any port",
	"only addresses and ports you have sent to may answer",
};

static const char *word_of(const struct conclusion *v, enum nat_key key)
{
	return conclusion_knows(v, key) ? nat_word(&v->nat, key) : "unknown";
}

static void say_behaviour(struct text *t, const struct conclusion *v, const char *what, enum nat_key key,
                          const char *const meanings[])
{
	say_row(t, what, word_of(v, key),
	        conclusion_knows(v, key) ? meanings[nat_value(&v->nat, key)] : "could not be measured");
}

static void say_ports(struct text *t, const struct conclusion *v)
{
	enum nat_ports ports = v->nat.transport[NAT_UDP].ports;
	char value[32], meaning[96];

	if (!conclusion_knows(v, NAT_KEY_PORTS)) {
		say_row(t, "ports", "unknown", "could not be measured");
		return;
	}
	if (ports == NAT_PORTS_SEQUENTIAL)
		snprintf(value, sizeof value, "sequential, step %d", v->step);
	else if (ports == NAT_PORTS_PRESERVE)
		snprintf(value, sizeof value, v->nat.port_high == 0 ? "preserved" : "preserved within a range");
	else
		snprintf(value, sizeof value, "%s", nat_ports_name(ports));
	snprintf(meaning, sizeof meaning, "%zu of %zu sockets kept their own; seen: %u-%u%s", v->preserved, v->samples,
	         (unsigned)v->port_low, (unsigned)v->port_high, v->range_is_used_up ? ", no more than these" : "");
	say_row(t, "ports", value, meaning);
}

static void say_hairpin(struct text *t, const struct conclusion *v, const struct discovery_findings *f)
{
	static const char *const words[] = { "no", "yes", "internal" }; /* by enum nat_hairpin */
	static const char *const meanings[] = {
		"hosts behind this NAT cannot meet at their outside addresses",
		"hosts behind this NAT can meet at their outside addresses",
		"they can, but see each other's inside addresses (against RFC 4787 REQ-9)",
	};
	enum nat_hairpin hairpin = v->nat.transport[NAT_UDP].hairpin;

	if (!conclusion_knows(v, NAT_KEY_HAIRPIN))
		say_row(t, "hairpinning", "unknown", "could not be measured");
	else if (hairpin == NAT_HAIRPIN_NONE && !f->hairpin_mirrored)
		say_row(t, "hairpinning", words[hairpin],
		        "none with outside addresses; only root could see the kind that shows inside ones");
	else
		say_row(t, "hairpinning", words[hairpin], meanings[hairpin]);
}

static bool has_trap(const struct conclusion *v)
{
	return conclusion_knows(v, NAT_KEY_INPUT) && v->nat.input == NAT_INPUT_ACCEPT;
}

static void say_trap(struct text *t, const struct conclusion *v)
{
	if (has_trap(v))
		say_row(t, "early packet", "takes the port",
		        "whoever sends to you too early makes you leave from another port");
	else if (conclusion_knows(v, NAT_KEY_INPUT))
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
	const struct nat_transport *udp = &v->nat.transport[NAT_UDP];

	if (!f->mapping_lifetime_asked)
		return;
	say_span(t, "idle life", &v->lifetime.fresh, udp->timeout_s);
	say_span(t, "in use", &v->lifetime.stream, udp->stream_timeout_s);
	if (!conclusion_knows(v, NAT_KEY_REFRESH))
		return;
	if (udp->refresh == NAT_REFRESH_BOTH)
		say_row(t, "kept alive", "by both directions", "packets from outside count too");
	else
		say_row(t, "kept alive", "from inside only", "send keepalives yourself");
}

static void say_peers(struct text *t, const struct conclusion *v, const char *intro, enum oracle_verdict which)
{
	size_t said = 0;

	for (size_t i = 0; i < NAT_CLASSIC_PRESETS; i++) {
		struct nat peer = nat_of_preset(i);

		if (conclusion_punch(v, &peer) == which)
			text_add(t, "%s%s", said++ == 0 ? intro : ", ", nat_presets[i].name);
	}
	if (said > 0)
		text_add(t, "\n");
}

static void say_type(struct text *t, const struct conclusion *v)
{
	const struct nat_transport *udp = &v->nat.transport[NAT_UDP];
	const char *name = conclusion_classic_name(v);
	bool cone = udp->mapping == NAT_ENDPOINT_INDEPENDENT && udp->filtering != NAT_ENDPOINT_INDEPENDENT;

	if (name != NULL)
		text_add(t, "This is a %s%s NAT.\n", name, cone ? " cone" : "");
}

static void say_spec(struct text *t, const struct conclusion *v)
{
	char spec[NAT_TEXT_SIZE], error[NAT_ERROR_SIZE];

	if (conclusion_spec(v, spec, error) != NULL)
		text_add(t, "To reproduce it in the lab:    ./punchlab shell %s%s\n",
		         v->by_ipv6 ? "--families 46 " : "", spec);
	else if (error[0] != '\0')
		text_add(t, "The lab cannot build it:       %s\n", error);
}

static void say_conclusion(struct text *t, const struct conclusion *v)
{
	const struct nat_transport *udp = &v->nat.transport[NAT_UDP];

	say_type(t, v);
	say_peers(t, v, "You can punch to peers behind: ", ORACLE_OPEN);
	say_peers(t, v, "Perhaps to peers behind:       ", ORACLE_DEPENDS);
	say_peers(t, v, "Not to peers behind:           ", ORACLE_SHUT);
	if (udp->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT && udp->ports == NAT_PORTS_SEQUENTIAL)
		text_add(t, "Its next port can be guessed: port prediction can open more.\n");
	if (has_trap(v))
		text_add(
		    t, "But when the other side's first packet comes before yours, the punch fails until it is silent "
		       "for a while.\n");
	say_spec(t, v);
}

static void say_measured(struct text *t, const struct conclusion *v, const struct discovery_findings *f)
{
	if (v->mapping_depends)
		say_row(t, "mapping", "endpoint-dependent",
		        "another outside port for each server; by address or by port could not be measured");
	else
		say_behaviour(t, v, "mapping", NAT_KEY_MAPPING, mapping_meanings);
	say_behaviour(t, v, "filtering", NAT_KEY_FILTERING, filtering_meanings);
	say_ports(t, v);
	say_hairpin(t, v, f);
	say_trap(t, v);
	say_lifetime(t, v, f);
	text_add(t, "\n");
	say_conclusion(t, v);
}

static void say_addresses(struct text *t, const struct conclusion *v, const struct discovery_findings *f)
{
	char server[ENDPOINT_TEXT_SIZE], inside[ENDPOINT_TEXT_SIZE], outside[ENDPOINT_TEXT_SIZE];

	endpoint_format(&f->server[0][0], server);
	address_format(&f->inside.address, inside);
	address_format(&f->contact.mapped.address, outside);
	if (!conclusion_knows(v, NAT_KEY_UDP)) {
		text_add(t, "Nothing could be measured with %s.\n", server);
		return;
	}
	if (v->nat.transport[NAT_UDP].blocked) {
		if (v->host == CONCLUSION_HOST_PROHIBITED)
			text_add(t, "UDP is blocked: somebody on the way to %s says by ICMP that it may not pass.\n",
			         server);
		else
			text_add(t, "UDP is blocked: %u hosts answer by TCP, none of their STUN servers by UDP.\n",
			         v->others_silent + 1);
		return;
	}
	switch (v->nat.kind) {
	case NAT_OPEN:
		text_add(t, "You are not behind a NAT, and nothing is filtered: %s is your own address.\n", outside);
		return;
	case NAT_FIREWALL:
		text_add(t, "You are not behind a NAT, %s is your own address%s.\n\n", outside,
		         conclusion_knows(v, NAT_KEY_FILTERING) ? ", but a firewall filters" : "");
		return;
	case NAT_TRANSLATE:
		text_add(t, "You are behind a NAT: inside you are %s, outside %s.\n\n", inside, outside);
		return;
	}
}

static void say_problems(struct text *t, const struct conclusion *v, const struct discovery_findings *f)
{
	char other[ENDPOINT_TEXT_SIZE];

	if (v->problems != 0)
		text_add(t, "\n");
	for (size_t i = 0; i < CONCLUSION_PROBLEMS; i++)
		if ((v->problems & 1u << i) != 0)
			text_add(t, "%s\n", problems[i].sentence);
	if ((v->problems & (CONCLUSION_BAD_OTHER | CONCLUSION_DEAD_OTHER)) != 0)
		text_add(t, "The other address it names is %s.\n", endpoint_format(&f->other_said, other));
}

const char *conclusion_report_text(const struct conclusion *v, const struct discovery_findings *f, char *out,
                                   size_t room)
{
	struct text t = text_in(out, room);
	bool passes = conclusion_knows(v, NAT_KEY_UDP) && !v->nat.transport[NAT_UDP].blocked;

	say_addresses(&t, v, f);
	if (passes && v->nat.kind == NAT_TRANSLATE) {
		say_measured(&t, v, f);
	} else if (conclusion_knows(v, NAT_KEY_UDP)) {
		if (passes && v->nat.kind == NAT_FIREWALL) {
			say_behaviour(&t, v, "filtering", NAT_KEY_FILTERING, filtering_meanings);
			text_add(&t, "\n");
		}
		say_conclusion(&t, v);
	}
	say_problems(&t, v, f);
	return out;
}

/* --- JSON -------------------------------------------------------------------------------------------- */

/* Only words of this program and addresses go in: nothing needs escaping. */
static void say_string(struct text *t, const char *name, const char *value)
{
	if (value != NULL)
		text_add(t, ",\"%s\":\"%s\"", name, value);
	else
		text_add(t, ",\"%s\":null", name);
}

static void say_endpoint(struct text *t, const char *name, const struct endpoint *e)
{
	char text[ENDPOINT_TEXT_SIZE];

	say_string(t, name, e->address.family == ADDRESS_NONE ? NULL : endpoint_format(e, text));
}

static void say_number(struct text *t, const char *name, unsigned value)
{
	if (value != 0)
		text_add(t, ",\"%s\":%u", name, value);
	else
		text_add(t, ",\"%s\":null", name);
}

static void say_json_ports(struct text *t, const struct conclusion *v)
{
	say_string(t, "ports", word_of(v, NAT_KEY_PORTS));
	text_add(t, ",\"port_step\":%d,\"port_samples\":%zu,\"ports_preserved\":%zu", v->step, v->samples,
	         v->preserved);
	say_number(t, "port_low", v->port_low);
	say_number(t, "port_high", v->port_high);
	text_add(t, ",\"range_limited\":%s", v->nat.port_high != 0 ? "true" : "false");
}

static void say_json_behaviours(struct text *t, const struct conclusion *v)
{
	const struct nat_transport *udp = &v->nat.transport[NAT_UDP];

	say_string(t, "mapping", word_of(v, NAT_KEY_MAPPING));
	text_add(t, ",\"mapping_depends\":%s",
	         !conclusion_knows(v, NAT_KEY_MAPPING)                           ? v->mapping_depends ? "true" : "null"
	         : v->nat.transport[NAT_UDP].mapping != NAT_ENDPOINT_INDEPENDENT ? "true"
	                                                                         : "false");
	say_string(t, "filtering", word_of(v, NAT_KEY_FILTERING));
	say_json_ports(t, v);
	say_string(t, "hairpin", word_of(v, NAT_KEY_HAIRPIN));
	say_string(t, "input_trap", !conclusion_knows(v, NAT_KEY_INPUT) ? "unknown" : has_trap(v) ? "yes" : "no");
	say_number(t, "timeout_s", udp->timeout_s);
	say_number(t, "stream_timeout_s", udp->stream_timeout_s);
	say_string(t, "refresh", word_of(v, NAT_KEY_REFRESH));
}

static void say_json_punch(struct text *t, const struct conclusion *v)
{
	static const char *const words[] = { [ORACLE_SHUT] = "no", [ORACLE_OPEN] = "yes", [ORACLE_DEPENDS] = "maybe" };

	text_add(t, ",\"punch\":{");
	for (size_t i = 0; i < NAT_CLASSIC_PRESETS && conclusion_knows(v, NAT_KEY_UDP); i++) {
		struct nat peer = nat_of_preset(i);

		text_add(t, "%s\"%s\":\"%s\"", i > 0 ? "," : "", nat_presets[i].name,
		         words[conclusion_punch(v, &peer)]);
	}
	text_add(t, "}");
}

static const char *kind_word(const struct conclusion *v)
{
	static const char *const kinds[] = {
		[NAT_OPEN] = "open", [NAT_FIREWALL] = "firewall", [NAT_TRANSLATE] = "nat"
	};

	if (!conclusion_knows(v, NAT_KEY_UDP))
		return "unreached";
	return v->nat.transport[NAT_UDP].blocked ? "blocked" : kinds[v->nat.kind];
}

const char *conclusion_report_json(const struct conclusion *v, const struct discovery_findings *f, char *out,
                                   size_t room)
{
	struct text t = text_in(out, room);
	char spec[NAT_TEXT_SIZE], error[NAT_ERROR_SIZE];

	text_add(&t, "{\"kind\":\"%s\",\"complete\":%s", kind_word(v), v->complete ? "true" : "false");
	say_string(&t, "spec", conclusion_spec(v, spec, error));
	say_string(&t, "class", conclusion_classic_name(v));
	say_endpoint(&t, "server", &f->server[0][0]);
	say_endpoint(&t, "server_other", &f->other_said);
	say_endpoint(&t, "inside", &f->inside);
	say_endpoint(&t, "outside", &f->contact.mapped);
	say_json_behaviours(&t, v);
	say_json_punch(&t, v);
	text_add(&t, ",\"problems\":[");
	add_problem_names(&t, v->problems, "\"", ",");
	text_add(&t, "]}\n");
	return out;
}
