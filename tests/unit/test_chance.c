/*
 * Worlds that chance makes: packets that pass boxes, die in them or on wires, are answered, refused, cut up or doubled,
 * and conntrack's words about some of them. What is found of each journey, what is said of each pair and which mappings
 * there were is compared word for word: tests/unit/chance has it. Nobody has said that it is right, only that it is as
 * it was: a difference is to be read.
 */
#include "said.h"
#include "suite.h"
#include "trace/describe.h"
#include "trace/explain.h"
#include "trace/ladder.h"
#include "trace_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORLDS 24
#define PACKETS 36
#define START_NS UINT64_C(1700000000000000000) /* trace_fixture.c begins there */

/* The same for ever, whatever the library's dice do. */
static uint32_t dice;

static unsigned port_of(const char *endpoint)
{
	return (unsigned)strtoul(strchr(endpoint, ':') + 1, NULL, 10);
}

static unsigned roll(unsigned sides)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 12) % sides;
}

static bool chance(unsigned percent)
{
	return roll(100) < percent;
}

struct host {
	const char *name, *address; /* NULL box: it stands on the internet */
	const char *box, *outside;
};

static const struct host hosts[] = {
	{ "alice", "10.0.1.2", "nat-a", "203.0.113.10" },
	{ "carol", "10.0.1.3", "nat-a", "203.0.113.10" },
	{ "bob", "10.0.2.2", "nat-b", "203.0.113.20" },
	{ "server", "203.0.113.5", NULL, NULL },
};

struct world {
	struct fixture *f;
	struct recorded_events r;
	struct frame frame; /* of the packet that is on its way */
	char src[32], dst[32];
	uint8_t bytes[64];
	struct frame last; /* the one before it that had bytes of its own kind, for errors to quote */
	char last_src[32], last_dst[32];
};

/* One roll after the other: in what order arguments and initial values are worked out is the compiler's business. */
static void see(struct world *w, const char *node, const char *side, char direction, unsigned after_us)
{
	char interface[32];
	bool looked_at = chance(97), known = chance(95);

	snprintf(interface, sizeof interface, "%s %s", node, side);
	if (looked_at)
		fixture_see(w->f, interface, known ? direction : '?', after_us, w->frame);
}

static const struct host *owner_outside(const char *dst, const struct host *sender)
{
	const struct host *found = NULL;

	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		const char *address = hosts[i].outside != NULL ? hosts[i].outside : hosts[i].address;
		size_t len = strlen(address);

		if (&hosts[i] != sender && strncmp(dst, address, len) == 0 && dst[len] == ':' &&
		    (found == NULL || chance(30)))
			found = &hosts[i];
	}
	return found;
}

static void tell_conntrack(struct world *w, const struct host *inside, const char *event, const char *from,
                           const char *to, const char *reply_to, bool inward)
{
	char line[600];
	const char *protocol = w->frame.protocol == PACKET_TCP ? "tcp" : "udp";
	unsigned long long at_ns = w->f->now_ns + roll(3) * UINT64_C(1000000);
	unsigned timeout_s = chance(80) ? 30 : 0;
	bool replied = chance(50);

	snprintf(line, sizeof line,
	         "{\"type\":\"mapping\",\"t\":%llu,\"box\":\"%s\",\"event\":\"%s\",\"proto\":\"%s\","
	         "\"orig\":{\"src\":\"%s\",\"dst\":\"%s\"},\"reply\":{\"src\":\"%s\",\"dst\":\"%s\"},\"timeout\":%u,"
	         "\"replied\":%s,\"assured\":false}",
	         at_ns, inside->box, event, protocol, from, to, inward ? reply_to : to, inward ? from : reply_to,
	         timeout_s, replied ? "true" : "false");
	CU_ASSERT_EQUAL(recorded_events_take_line(line, strlen(line), &w->f->scene, &w->r), 0);
}

static const char *const events[] = { "new", "new", "new", "update", "destroy" };

/* Through the sender's box, which gives it a port; false: it died there. */
static bool leaves_home(struct world *w, const struct host *from)
{
	char inside[32], outside[32];

	snprintf(inside, sizeof inside, "%s", w->src);
	see(w, from->box, "lan", '<', 10);
	if (chance(12))
		return false;
	snprintf(outside, sizeof outside, "%s:%u", from->outside, chance(70) ? port_of(w->src) : 40000 + roll(3));
	snprintf(w->src, sizeof w->src, "%s", outside);
	w->frame.ttl--;
	see(w, from->box, "wan", '>', 10);
	if (chance(55) && w->frame.protocol != PACKET_ICMP)
		tell_conntrack(w, from, events[roll(5)], inside, w->dst, outside, false);
	return true;
}

static void comes_home(struct world *w, const struct host *to)
{
	char before[32];

	snprintf(before, sizeof before, "%s", w->dst);
	see(w, to->box, "wan", '<', 900);
	if (chance(35))
		return;
	snprintf(w->dst, sizeof w->dst, "%s:%u", to->address, 5000 + roll(2));
	w->frame.ttl--;
	see(w, to->box, "lan", '>', 10);
	if (chance(30) && w->frame.protocol != PACKET_ICMP)
		tell_conntrack(w, to, events[roll(5)], w->src, before, w->dst, true);
	if (chance(95))
		see(w, to->name, "eth0", '<', 10);
}

static void make_tcp(struct world *w, const char *src, const char *dst)
{
	static const uint8_t flags[] = { 0x02, 0x02, 0x12, 0x10, 0x18, 0x04, 0x14, 0x11 };
	unsigned from = port_of(src), to = port_of(dst);
	uint8_t head[20] = { (uint8_t)(from >> 8), (uint8_t)from, (uint8_t)(to >> 8), (uint8_t)to, [12] = 0x50 };

	head[7] = (uint8_t)roll(4); /* a number */
	head[13] = flags[roll(8)];
	memcpy(w->bytes, head, sizeof head);
	w->frame.protocol = PACKET_TCP;
	w->frame.bytes = w->bytes;
	w->frame.bytes_len = sizeof head;
}

/* An ICMP error about the packet before. */
static void make_error(struct world *w)
{
	static const uint8_t kinds[][2] = { { 3, 3 }, { 3, 1 }, { 3, 13 }, { 11, 0 }, { 3, 4 }, { 8, 0 }, { 0, 0 } };
	uint8_t quoted[FIXTURE_FRAME];
	const uint8_t *kind = kinds[roll(7)];
	size_t len = fixture_ip(&w->last, quoted);

	len = len > 48 ? 48 : len;
	memset(w->bytes, 0, sizeof w->bytes);
	w->bytes[0] = kind[0];
	w->bytes[1] = kind[1];
	w->bytes[6] = 5; /* a next hop's 1280 bytes */
	memcpy(w->bytes + 8, quoted, len);
	w->frame.protocol = PACKET_ICMP;
	w->frame.bytes = w->bytes;
	w->frame.bytes_len = 8 + len;
}

static void make_packet(struct world *w, const struct host *from)
{
	static const char *const targets[] = { "203.0.113.5:7000",   "203.0.113.5:7001",  "203.0.113.10:5000",
		                               "203.0.113.10:40000", "203.0.113.20:5000", "203.0.113.20:5001",
		                               "203.0.113.20:40001", "10.0.1.3:5000",     "198.51.100.9:9",
		                               "10.0.1.1:53",        "203.0.113.10:5001", "203.0.113.5:7000" };
	static const char *const payloads[] = { "ping", "pong", "a longer one", "x" };

	const unsigned port = (from->box != NULL ? 5000 : 7000) + roll(2);

	snprintf(w->src, sizeof w->src, "%s:%u", from->address, port);
	snprintf(w->dst, sizeof w->dst, "%s", targets[roll(12)]);
	w->frame = (struct frame){ .src = w->src, .dst = w->dst };
	w->frame.ttl = 1 + roll(3);
	if (chance(90))
		w->frame.ttl = 64;
	w->frame.id = 1 + roll(60000);
	if (chance(20))
		w->frame.id = 0;
	w->frame.payload = payloads[roll(4)];
	w->frame.dont_cut = chance(30);
	if (chance(25))
		make_tcp(w, w->src, w->dst);
	else if (chance(12) && w->last.src != NULL)
		make_error(w);
	else if (chance(5)) {
		w->frame.more = chance(50);
		w->frame.fragment = w->frame.more ? 0 : 8 * (1 + roll(3));
	}
}

static void remember(struct world *w)
{
	if (w->frame.bytes != NULL || w->frame.fragment != 0)
		return;
	w->last = w->frame;
	snprintf(w->last_src, sizeof w->last_src, "%s", w->src);
	snprintf(w->last_dst, sizeof w->last_dst, "%s", w->dst);
	w->last.src = w->last_src;
	w->last.dst = w->last_dst;
}

static void send(struct world *w)
{
	static const unsigned waits_us[] = { 20, 500, 3000, 40000, 700000, 9000000 };
	const struct host *from = &hosts[roll(4)], *to;
	unsigned wait_us;

	make_packet(w, from);
	wait_us = waits_us[roll(6)];
	see(w, from->name, "eth0", '>', wait_us);
	if (from->box != NULL && !leaves_home(w, from))
		return;
	remember(w);
	to = owner_outside(w->dst, from);
	if (to == NULL || chance(6)) /* nobody's, or lost on its way */
		return;
	if (from->box != NULL || to->box != NULL)
		w->frame.ttl -= w->frame.ttl > 1;
	if (to->box != NULL)
		comes_home(w, to);
	else
		see(w, to->name, "eth0", '<', 800);
}

static void happen(struct world *w)
{
	static const char *const changes[] = { "rebound", "renumbered", "forgot-answers", "link-down", "link-up" };
	char line[200];

	const char *what = changes[roll(5)];

	snprintf(line, sizeof line, "{\"type\":\"change\",\"t\":%llu,\"node\":\"nat-%c\",\"what\":\"%s\"}",
	         (unsigned long long)w->f->now_ns, chance(50) ? 'a' : 'b', what);
	CU_ASSERT_EQUAL(recorded_events_take_line(line, strlen(line), &w->f->scene, &w->r), 0);
}

static void tell_cause(FILE *f, const struct why *w, const struct fixture *fixture, const struct cause *c)
{
	char text[CAUSE_TEXT_SIZE], usual[ENDPOINT_TEXT_SIZE], seer[ENDPOINT_TEXT_SIZE];

	fprintf(f, ": %s at %d%s, %s at %d; %ld, %ld", cause_table[c->kind].name, c->node, c->beyond ? " beyond" : "",
	        because_table[c->because].name, c->because_node, c->mapping, c->later);
	if (c->because != BECAUSE_UNKNOWN)
		fprintf(f, "; %s by %s, source %d, holder %d", endpoint_format(&c->usual, usual),
		        endpoint_format(&c->seer, seer), c->source_box, c->holder);
	fprintf(f, "%s: %s", c->rebound ? " rebound" : "", cause_format(&fixture->scene, &w->mappings, c, text));
}

/* Returns how many ended badly. */
static uint64_t tell_journeys(FILE *f, struct why *w, const struct fixture *fixture)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < fixture->count; i++) {
		const struct journey *j = &fixture->journeys[i];
		char what[DESCRIBE_SIZE];
		struct cause c;

		cause_find(&fixture->scene, &w->mappings, j, &c);
		why_settle_cause(w, &c);
		lost += c.kind != CAUSE_NONE;
		fprintf(f, "#%llu %s, %u legs, %s", (unsigned long long)j->id,
		        describe_journey(&fixture->scene, j, what), j->leg_count, journey_fate_name(j->fate));
		if (j->caused_by + j->refused_by + j->part_of + j->repeats + j->meets > 0)
			fprintf(f, " (of %llu, refused by %llu, part of %llu, repeats %llu, meets %llu)",
			        (unsigned long long)j->caused_by, (unsigned long long)j->refused_by,
			        (unsigned long long)j->part_of, (unsigned long long)j->repeats,
			        (unsigned long long)j->meets);
		fprintf(f, " from %d to %d at %d:", journey_origin(&fixture->scene, j), j->next_node, j->end_node);
		for (unsigned k = 0; k < j->leg_count; k++)
			fprintf(f, " %u%c", j->legs[k].interface, "?<>"[j->legs[k].direction % 3]);
		if (c.kind != CAUSE_NONE)
			tell_cause(f, w, fixture, &c);
		fputc('\n', f);
	}
	return lost;
}

/* One width after the other, some in colours. */
static void tell_ladder(FILE *f, struct why *w, const struct fixture *fixture, unsigned seed)
{
	static const unsigned widths[] = { 80, 60, 120, 200, 40 };
	const bool used[SCENE_NODES] = { true, true, true, true, true, true };
	const struct style style = { .width = widths[seed % 5], .colour = seed % 4 == 3, .unicode = seed % 4 == 1 };
	static struct ladder l; /* too large for a stack */
	struct columns columns;

	columns_lay_out(&fixture->scene, used, &columns);
	ladder_begin(&l, f, &style, &fixture->scene, &columns, 24, fixture->count, START_NS);
	for (size_t i = 0; i < fixture->count; i++) {
		const struct journey *j = &fixture->journeys[i];
		char what[DESCRIBE_SIZE], note[CAUSE_TEXT_SIZE];
		struct cause c;

		cause_find(&fixture->scene, &w->mappings, j, &c);
		why_settle_cause(w, &c);
		cause_format(&fixture->scene, &w->mappings, &c, note);
		ladder_draw(&l, j, describe_journey(&fixture->scene, j, what), note[0] != '\0' ? note : NULL);
	}
	ladder_legend(&l);
}

static void tell_flows(FILE *f, const struct flows *flows)
{
	for (size_t i = 0; i < flows->count; i++) {
		const struct flow *x = &flows->list[i];
		char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];

		fprintf(f, "%d to %d, %u %s %s: %llu %llu %llu, largest %u, %llu after %llu, by", x->origin, x->target,
		        x->protocol, endpoint_format(&x->src, src), endpoint_format(&x->dst, dst),
		        (unsigned long long)x->sent, (unsigned long long)x->delivered, (unsigned long long)x->lost,
		        x->largest, (unsigned long long)x->arrived_by, (unsigned long long)x->sent_before);
		for (unsigned k = 0; k < x->path_len; k++)
			fprintf(f, " %d", x->path[k]);
		fprintf(f, ", let in %d at %d%s%s;", (int)x->admitted.kind, x->admitted.box,
		        x->answered ? " answered" : "", x->acknowledged ? " acknowledged" : "");
		for (unsigned k = 0; k < x->loss_count; k++)
			fprintf(f, " %s %llu%s%s %u %u", cause_table[x->losses[k].first.kind].name,
			        (unsigned long long)x->losses[k].count, x->losses[k].after ? " after" : "",
			        x->losses[k].passed_later ? " passed later" : "", x->losses[k].turns,
			        x->losses[k].smallest);
		fputc('\n', f);
	}
}

static void tell_mappings(FILE *f, const struct mappings *m)
{
	static const char kinds[] = "oihl";

	for (size_t i = 0; i < m->count; i++) {
		const struct mapping *e = &m->list[i];
		char inside[ENDPOINT_TEXT_SIZE], external[ENDPOINT_TEXT_SIZE], remote[ENDPOINT_TEXT_SIZE];

		fprintf(f, "%d %u %c %s %s %s born %llu %llu ended %d %llu last %llu %llu replied %llu +%llu%s\n",
		        e->box, e->protocol, kinds[e->kind], endpoint_format(&e->inside, inside),
		        endpoint_format(&e->external, external), endpoint_format(&e->remote, remote),
		        (unsigned long long)(e->born_ns - START_NS) / 1000, (unsigned long long)e->born_by, (int)e->end,
		        (unsigned long long)(e->ended_ns != 0 ? e->ended_ns - START_NS : 0) / 1000,
		        (unsigned long long)(e->last_ns - START_NS) / 1000, (unsigned long long)e->last_by,
		        (unsigned long long)e->replied_by, (unsigned long long)e->refreshes,
		        e->recorded ? " told" : "");
	}
}

static void one_world(unsigned seed)
{
	static const char *const nats[] = { "port-restricted",       "symmetric",
		                            "full-cone,lifetime=90", "symmetric,range=40000-40003",
		                            "restricted,limit=2",    "port-restricted,fragments=none" };
	static struct world w; /* too large for a stack */
	char path[64];
	struct said said;
	struct why *why;
	uint64_t told;

	memset(&w, 0, sizeof w);
	dice = seed * 7919 + 1;
	w.f = fixture_new();
	CU_ASSERT_PTR_NOT_NULL_FATAL(w.f);
	w.f->scene.from_record = seed % 3 != 2;
	for (int box = 0; box < 2; box++)
		snprintf(w.f->scene.nodes[box].nat, NAT_TEXT_SIZE, "%s", nats[roll(6)]);
	for (unsigned i = 0; i < PACKETS; i++) {
		send(&w);
		if (chance(4))
			happen(&w);
	}
	fixture_end(w.f);
	recorded_events_sort(&w.r);
	why = why_new(&w.f->scene, &w.r);
	CU_ASSERT_PTR_NOT_NULL_FATAL(why);
	for (size_t i = 0; i < w.f->count; i++)
		why_journey(why, &w.f->journeys[i]);
	why_settle(why);
	said_begin(&said);
	told = explain_all(said.f, why).losses;
	said_title(&said, "journeys");
	CU_ASSERT_EQUAL(told, tell_journeys(said.f, why, w.f));
	said_title(&said, "ladder");
	tell_ladder(said.f, why, w.f, seed);
	said_title(&said, "flows");
	tell_flows(said.f, &why->flows);
	said_title(&said, "mappings");
	tell_mappings(said.f, &why->mappings);
	snprintf(path, sizeof path, "tests/unit/chance/%u", seed);
	said_end(&said, path);
	why_free(why);
	recorded_events_free(&w.r);
	fixture_free(w.f);
}

static void worlds_that_chance_makes_are_told_alike(void)
{
	for (unsigned seed = 1; seed <= WORLDS; seed++)
		one_world(seed);
}

SUITE(chance, TEST(worlds_that_chance_makes_are_told_alike))
