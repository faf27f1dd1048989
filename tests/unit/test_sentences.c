/*
 * What is said of each cause, word for word (said.h): its few words in a ladder and its sentence, of one packet and of
 * several, with all that may be known of it and with little. tests/unit/sentences has it.
 */
#include "said.h"
#include "suite.h"
#include "trace/explain_help.h"
#include "trace/explain_loss.h"

#include <stdlib.h>
#include <string.h>

#define S UINT64_C(1000000000)

enum { CARRIER, HOME, ALICE, CAROL, BOB }; /* home is behind it, so it comes first */

static struct scene scene; /* too large for a stack */
static struct recorded_events events;
static struct why *w;

static void take(const char *line)
{
	CU_ASSERT_EQUAL_FATAL(recorded_events_take_line(line, strlen(line), &scene, &events), 0);
}

static struct endpoint at(const char *text)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse(text, &e), 0);
	return e;
}

static void mapped(unsigned at_s, const char *inside, const char *remote, const char *external)
{
	char line[512];

	snprintf(line, sizeof line,
	         "{\"type\":\"mapping\",\"t\":%llu,\"box\":\"home\",\"event\":\"new\",\"proto\":\"udp\","
	         "\"orig\":{\"src\":\"%s\",\"dst\":\"%s\"},\"reply\":{\"src\":\"%s\",\"dst\":\"%s\"},\"timeout\":30,"
	         "\"replied\":false,\"assured\":false}",
	         (unsigned long long)(at_s * S), inside, remote, remote, external);
	take(line);
}

static void begin(void)
{
	memset(&scene, 0, sizeof scene);
	memset(&events, 0, sizeof events);
	take(
	    "{\"type\":\"node\",\"name\":\"home\",\"kind\":\"box\",\"behind\":\"carrier\",\"addresses\":[\"10.0.2.3\"],"
	    "\"lan\":\"10.0.1.0/"
	    "24\",\"nat\":\"port-restricted,limit=4,limit-per-host=1,range=40000-40009,lifetime=90\"}");
	take("{\"type\":\"node\",\"name\":\"carrier\",\"kind\":\"box\",\"behind\":null,\"addresses\":[\"33.33.33.1\"],"
	     "\"lan\":\"10.0.2.0/24\",\"nat\":\"symmetric\"}");
	take("{\"type\":\"node\",\"name\":\"alice\",\"kind\":\"host\",\"behind\":\"home\",\"addresses\":[\"10.0.1.2\"]"
	     "}");
	take("{\"type\":\"node\",\"name\":\"carol\",\"kind\":\"host\",\"behind\":\"home\",\"addresses\":[\"10.0.1.3\"]"
	     "}");
	take("{\"type\":\"node\",\"name\":\"bob\",\"kind\":\"host\",\"behind\":null,\"addresses\":[\"44.44.44.1\"]}");
	take(
	    "{\"type\":\"node\",\"name\":\"server\",\"kind\":\"host\",\"behind\":null,\"addresses\":[\"22.22.22.1\"]}");
	take("{\"type\":\"weather\",\"t\":1,\"link\":\"home wan\",\"weather\":\"loss=5%\",\"seed\":7}");
	take("{\"type\":\"link\",\"t\":20000000000,\"link\":\"home "
	     "wan\",\"direction\":\"down\",\"n\":13,\"fate\":\"lost\","
	     "\"proto\":\"udp\",\"id\":9,\"packet\":{\"src\":\"44.44.44.1:6000\",\"dst\":\"10.0.2.3:40000\"}}");
	mapped(2, "10.0.1.2:4000", "22.22.22.1:7000", "10.0.2.3:40000");
	mapped(3, "10.0.1.2:4000", "44.44.44.1:6000", "10.0.2.3:40001");
	mapped(30, "10.0.1.3:4000", "44.44.44.1:6000", "10.0.2.3:40002");
	recorded_events_sort(&events);
	w = why_new(&scene, &events);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	CU_ASSERT_EQUAL_FATAL(w->mappings.count, 3);
	CU_ASSERT_EQUAL_FATAL(scene_find(&scene, "bob"), BOB);
}

/* bob's packets to the port that the server saw; or alice's to bob. */
static struct flow_loss loss_of(enum cause_kind kind, bool rich)
{
	struct flow_loss l = { .count = rich ? 3 : 1, .smallest = 1400, .passed = 12, .passed_ns = 4 * S };
	struct cause *c = &l.first;

	*c = (struct cause){ .kind = kind,
		             .node = HOME,
		             .journey = 9,
		             .time_ns = 20 * S,
		             .origin = BOB,
		             .protocol = rich ? PACKET_UDP : PACKET_TCP,
		             .src = at("44.44.44.1:6000"),
		             .dst = at("10.0.2.3:40000"),
		             .mapping = kind == CAUSE_TOO_EARLY ? 2
		                        : rich                  ? 0
		                                                : 1,
		             .because_node = -1,
		             .source_box = -1,
		             .holder = CAROL,
		             .later = -1,
		             .on_link = events.links.losses.list };
	if (!rich)
		return l;
	if (kind == CAUSE_LIMIT)
		c->src = at("10.0.1.2:4001"); /* alice has as many as a host may */
	c->beyond = true;
	c->because = BECAUSE_ENDPOINT_DEPENDENT;
	c->because_node = CARRIER;
	c->usual = at("10.0.2.3:40000");
	c->seer = at("22.22.22.1:7000");
	c->rebound = true;
	c->idle_ns = 16 * S;
	c->path_mtu = 1280;
	c->refuser = at("22.22.22.1:1");
	return l;
}

static void tell(struct said *s, const struct flow_loss *l, uint64_t sent)
{
	const struct direction d = { .from = BOB, .to = ALICE, .sent = sent, .largest = 1200 };
	struct explain_told told = { .losses = 0 };
	char text[CAUSE_TEXT_SIZE];

	fprintf(s->f, "%s\n ", cause_format(&scene, &w->mappings, &l->first, text));
	explain_loss(s->f, w, &d, l, &told);
	fprintf(s->f, " [%llu]\n", (unsigned long long)told.losses);
}

static void every_cause(void)
{
	struct said s;

	begin();
	said_begin(&s);
	for (enum cause_kind kind = CAUSE_NONE + 1; kind < CAUSES; kind++) {
		const struct flow_loss one = loss_of(kind, false), three = loss_of(kind, true);

		said_title(&s, cause_table[kind].name);
		tell(&s, &one, 4);
		tell(&s, &three, 3);
	}
	for (enum because because = 0; because < BECAUSES; because++)
		for (int known = 0; known < 2; known++) {
			struct flow_loss l = loss_of(CAUSE_MAPPED_ELSEWHERE, true);

			said_title(&s, because_table[because].name);
			l.first.because = because;
			l.first.because_node = known ? HOME : CARRIER;
			if (!known)
				l.first.usual = l.first.seer = (struct endpoint){ .port = 0 };
			tell(&s, &l, 4);
		}
	said_end(&s, "tests/unit/sentences/causes");
	why_free(w);
	recorded_events_free(&events);
}

/* The ports of the box that chose: few, in steps, random; what the box holds, and what it keeps. */
static void every_advice(void)
{
	static const enum ports_pattern patterns[] = { PORTS_UNKNOWN, PORTS_SEQUENTIAL, PORTS_RANDOM };
	struct said s;

	begin();
	said_begin(&s);
	for (enum help help = 0; help < HELPS; help++)
		for (unsigned i = 0; i < 3; i++) {
			const struct flow_loss l = loss_of(help == HELP_POOL    ? CAUSE_POOL_EMPTY
			                                   : help == HELP_LIMIT ? CAUSE_LIMIT
			                                                        : CAUSE_MAPPED_ELSEWHERE,
			                                   i > 0);
			struct pair_verdict v = { .a = ALICE,
				                  .b = BOB,
				                  .protocol = PACKET_UDP,
				                  .ab = { .from = ALICE, .to = BOB, .sent = i },
				                  .ba = { .from = BOB, .to = ALICE, .sent = 4 },
				                  .cause = &l.first,
				                  .helps = { help, 1, 2 },
				                  .help_count = help == 0 ? i + 1 : 1,
				                  .help_node = HOME,
				                  .idle_ns = 16 * S,
				                  .life_ns = i * (30 * S),
				                  .ports = { patterns[i], 2, 1 + i, { 700, 702, 704 } },
				                  .relay = -1 };

			explain_help(s.f, w, &v);
		}
	said_end(&s, "tests/unit/sentences/advice");
	why_free(w);
	recorded_events_free(&events);
}

SUITE(sentences, TEST(every_cause), TEST(every_advice))
