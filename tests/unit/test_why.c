/* Which cause is the one to name for a pair, and what would help. */
#include "said.h"
#include "suite.h"
#include "trace/explain.h"
#include "trace/explain_help.h"
#include "trace/explain_loss.h"
#include "trace_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A FIXTURE_ALICE
#define B "10.0.2.2:6000"
#define S "203.0.113.5:7000"
#define PA "203.0.113.10:5000"
#define PB "203.0.113.20:6000"

/* All that the tests of this suite were told, one after the other: tests/unit/sentences/why. */
static struct said all;

/* What the whole trace says of alice and another host. */
struct told {
	enum outcome_of_pair outcome;
	const char *cause, *box, *helps;
	char *text;
};

static uint8_t main_protocol(const struct why *w, int a, int b)
{
	uint8_t protocols[VERDICT_PROTOCOLS] = { PACKET_UDP };

	(void)verdict_protocols(w, a, b, protocols);
	return protocols[0];
}

static struct told tell_with(struct fixture *f, const char *other, struct recorded_events *r)
{
	static char helps[256];
	struct pair_verdict v;
	struct why *w;
	struct told told;
	size_t len;
	FILE *out;

	fixture_end(f);
	w = why_new(&f->scene, r);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	for (size_t i = 0; i < f->count; i++)
		why_journey(w, &f->journeys[i]);
	why_settle(w);
	verdict_of_pair(w, scene_find(&f->scene, "alice"), scene_find(&f->scene, other),
	                main_protocol(w, scene_find(&f->scene, "alice"), scene_find(&f->scene, other)), &v);
	told = (struct told){ .outcome = v.outcome, .helps = helps };
	told.cause = v.cause != NULL ? cause_table[v.cause->kind].name : "";
	told.box = v.cause != NULL ? f->scene.nodes[v.cause->node].name : "";
	helps[0] = '\0';
	for (unsigned i = 0; i < v.help_count; i++)
		snprintf(helps + strlen(helps), sizeof helps - strlen(helps), " %s", help_table[v.helps[i]].name);
	out = open_memstream(&told.text, &len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	explain_verdict(out, w, &v);
	fclose(out);
	if (all.f == NULL)
		said_begin(&all);
	said_title(&all, CU_get_current_test()->pName);
	explain_all(all.f, w);
	why_free(w);
	return told;
}

static struct told tell(struct fixture *f, const char *other)
{
	struct recorded_events none = { 0 };

	return tell_with(f, other, &none);
}

/* `text`, if not NULL, stands in the sentences. */
static void expect(struct fixture *f, const char *other, const char *cause, const char *box, const char *helps,
                   const char *text)
{
	struct told told = tell(f, other);

	CU_ASSERT_STRING_EQUAL(told.cause, cause);
	CU_ASSERT_STRING_EQUAL(told.box, box);
	CU_ASSERT_STRING_EQUAL(told.helps, helps);
	if (text != NULL && strstr(told.text, text) == NULL) {
		printf("%s", told.text);
		CU_FAIL("the sentences say something else");
	}
	free(told.text);
	fixture_free(f);
}

/* bob's packet, seen to leave nat-b as `src`, and to come to nat-a. */
static void bob_sends(struct fixture *f, const char *src, const char *dst, uint64_t after_us)
{
	fixture_see(f, "bob eth0", '>', after_us, (struct frame){ .src = B, .dst = dst, .payload = "in" });
	fixture_see(f, "nat-b lan", '<', 1, (struct frame){ .src = B, .dst = dst, .payload = "in" });
	fixture_see(f, "nat-b wan", '>', 1, (struct frame){ .src = src, .dst = dst, .payload = "in", .ttl = 63 });
	fixture_see(f, "nat-a wan", '<', 1, (struct frame){ .src = src, .dst = dst, .payload = "in", .ttl = 62 });
}

static void it_comes_to_alice(struct fixture *f, const char *src)
{
	fixture_see(f, "nat-a lan", '>', 1, (struct frame){ .src = src, .dst = A, .payload = "in", .ttl = 61 });
	fixture_see(f, "alice eth0", '<', 1, (struct frame){ .src = src, .dst = A, .payload = "in", .ttl = 61 });
}

/* alice's login, as far as nat-a's wan: the port is mapped. */
static void alice_is_known(struct fixture *f)
{
	fixture_goes_out(f, S, PA, 0);
	fixture_see(f, "server eth0", '<', 1, (struct frame){ .src = PA, .dst = S, .payload = "out", .ttl = 62 });
}

/* She did send to bob; that he is shut out follows from it. */
static void who_sent_in_vain_is_not_told_to_send(void)
{
	struct fixture *f = fixture_new();

	alice_is_known(f);
	for (int i = 0; i < 3; i++) {
		fixture_ends_in_lan(f, PB, 64);
		bob_sends(f, PB, PA, 10);
	}
	expect(f, "bob", "rule-out", "nat-a", " rule", "changing the rule of nat-a");
}

/* One of three passes, again and again; those behind it die before it has arrived. */
static void a_limit_on_the_rate_of_a_fast_sender(void)
{
	struct fixture *f = fixture_new();

	for (int i = 0; i < 6; i++) {
		fixture_goes_out(f, S, PA, 100000);
		fixture_ends_in_lan(f, S, 64);
		fixture_ends_in_lan(f, S, 64);
		fixture_see(f, "server eth0", '<', 100,
		            (struct frame){ .src = PA, .dst = S, .payload = "out", .ttl = 62 });
	}
	expect(f, "server", "rate-limited", "nat-a", " slower", "about 10.0 a second");
}

static void a_hop_limit_that_kept_the_way_shut(void)
{
	struct fixture *f = fixture_new();

	fixture_ends_in_lan(f, PB, 1);
	bob_sends(f, PB, PA, 10);
	expect(f, "bob", "ttl", "nat-a", " ttl", "larger hop limit");
}

static void who_sent_nothing_is_told_to_send(void)
{
	struct fixture *f = fixture_new();

	alice_is_known(f);
	bob_sends(f, PB, PA, 10);
	expect(f, "bob", "filtered-address", "nat-a", " both-send", "alice sending to nat-b:6000 as well");
}

/* To bob, but not to where his packets come from. */
static void who_sent_elsewhere_is_told_where(void)
{
	struct fixture *f = fixture_new();

	alice_is_known(f);
	fixture_ends_in_lan(f, "203.0.113.20:6001", 64);
	bob_sends(f, PB, PA, 10);
	expect(f, "bob", "filtered-address", "nat-a", " both-send", "alice sending to nat-b:6000 as well");
}

/* conntrack tells of alice's way after bob's packet came; but the packet that opened it had left before. */
static void a_way_that_was_open_already(void)
{
	struct fixture *f = fixture_new();
	struct recorded_events r = { 0 };
	struct frame in = { .src = B, .dst = PA, .payload = "in" };
	struct told told;
	char line[256];
	int len = snprintf(line, sizeof line,
	                   "{\"type\":\"mapping\",\"t\":%llu,\"box\":\"nat-a\",\"event\":\"new\",\"proto\":\"udp\","
	                   "\"orig\":{\"src\":\"%s\",\"dst\":\"%s\"},"
	                   "\"reply\":{\"src\":\"%s\",\"dst\":\"%s\"},\"timeout\":30}",
	                   (unsigned long long)f->now_ns + 20000000, A, PB, PB, PA);

	CU_ASSERT_EQUAL_FATAL(recorded_events_take_line(line, (size_t)len, &f->scene, &r), 0);
	fixture_see(f, "bob eth0", '>', 10, in);
	fixture_goes_out(f, PB, PA, 10);
	fixture_see(f, "nat-b lan", '<', 1, in);
	fixture_see(f, "nat-b wan", '>', 1, (struct frame){ .src = PB, .dst = PA, .payload = "in", .ttl = 63 });
	fixture_see(f, "nat-a wan", '<', 1, (struct frame){ .src = PB, .dst = PA, .payload = "in", .ttl = 62 });
	told = tell_with(f, "bob", &r);
	CU_ASSERT_STRING_EQUAL(told.cause, "rule-in");
	free(told.text);
	recorded_events_free(&r);
	fixture_free(f);
}

static void a_rule_that_lets_nothing_in(void)
{
	struct fixture *f = fixture_new();

	fixture_goes_out(f, PB, PA, 0);
	for (int i = 0; i < 3; i++)
		bob_sends(f, PB, PA, 10);
	expect(f, "bob", "rule-in", "nat-a", " rule", NULL);
}

/* The second of three got through: sending again is what helps. */
static void a_loss_that_passes(void)
{
	struct fixture *f = fixture_new();

	fixture_goes_out(f, PB, PA, 0);
	bob_sends(f, PB, PA, 10);
	bob_sends(f, PB, PA, 3000000);
	it_comes_to_alice(f, PB);
	bob_sends(f, PB, PA, 3000000);
	expect(f, "bob", "rule-in", "nat-a", " retry", NULL);
}

/* 58 of 64 ports are mapped, and the next socket gets none. */
static void a_range_of_ports_that_is_used_up(void)
{
	struct fixture *f = fixture_new();
	char inside[32], outside[32];

	snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE,
	         "port-restricted,range=20000-20063");
	for (unsigned i = 0; i < 58; i++) {
		snprintf(inside, sizeof inside, "10.0.1.2:%u", 4000 + i);
		snprintf(outside, sizeof outside, "203.0.113.10:%u", 20000 + i);
		fixture_see(f, "nat-a lan", '<', 10, (struct frame){ .src = inside, .dst = S, .payload = inside });
		fixture_see(f, "nat-a wan", '>', 1,
		            (struct frame){ .src = outside, .dst = S, .payload = inside, .ttl = 63 });
	}
	fixture_goes_out(f, S, "203.0.113.10:20063", 10);
	fixture_see(f, "alice eth0", '>', 10, (struct frame){ .src = "10.0.1.2:4444", .dst = PB });
	fixture_see(f, "nat-a lan", '<', 1, (struct frame){ .src = "10.0.1.2:4444", .dst = PB });
	expect(f, "bob", "pool-empty", "nat-a", " pool", "59 of its 64 ports were in use");
}

/* Two sockets have a mapping, one of them two flows, and the third gets none. */
static void a_limit_of_mappings_that_is_met(void)
{
	struct fixture *f = fixture_new();

	snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE, "port-restricted,limit=2");
	fixture_goes_out(f, S, PA, 0);
	fixture_goes_out(f, PB, PA, 10);
	fixture_see(f, "nat-a lan", '<', 10, (struct frame){ .src = "10.0.1.2:4000", .dst = S });
	fixture_see(f, "nat-a wan", '>', 1, (struct frame){ .src = "203.0.113.10:4000", .dst = S, .ttl = 63 });
	fixture_see(f, "alice eth0", '>', 10, (struct frame){ .src = "10.0.1.2:4444", .dst = PB });
	fixture_see(f, "nat-a lan", '<', 1, (struct frame){ .src = "10.0.1.2:4444", .dst = PB });
	expect(f, "bob", "limit-reached", "nat-a", " limit", "it kept 2 mappings: no more than 2 are kept");
}

/* Of a burst the one that is lost comes in before the one ahead of it is out; a long time before it, it was no burst.
 */
static void a_limit_that_is_met_by_a_burst(void)
{
	for (int i = 0; i < 2; i++) {
		struct fixture *f = fixture_new();

		snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE, "port-restricted,limit=2");
		fixture_goes_out(f, S, PA, 0);
		fixture_see(f, "nat-a lan", '<', 10, (struct frame){ .src = "10.0.1.2:4000", .dst = S });
		fixture_see(f, "alice eth0", '>', 10, (struct frame){ .src = "10.0.1.2:4444", .dst = PB });
		fixture_see(f, "nat-a lan", '<', 1, (struct frame){ .src = "10.0.1.2:4444", .dst = PB });
		fixture_see(f, "nat-a wan", '>', i == 0 ? 49000 : 51000,
		            (struct frame){ .src = "203.0.113.10:4000", .dst = S, .ttl = 63 });
		if (i == 0)
			expect(f, "bob", "limit-reached", "nat-a", " limit",
			       "it kept 2 mappings: no more than 2 are kept");
		else
			expect(f, "bob", "rule-out", "nat-a", " rule", NULL);
	}
}

/* alice's socket shows `as_server` to the server and `as_bob` to bob, whose box lets only the first in. */
static struct fixture *a_port_of_its_own(const char *as_server, const char *as_bob)
{
	struct fixture *f = fixture_new();

	fixture_goes_out(f, S, as_server, 0);
	fixture_see(f, "bob eth0", '>', 10, (struct frame){ .src = B, .dst = as_server, .payload = "in" });
	fixture_see(f, "nat-b lan", '<', 1, (struct frame){ .src = B, .dst = as_server, .payload = "in" });
	fixture_see(f, "nat-b wan", '>', 1, (struct frame){ .src = PB, .dst = as_server, .payload = "in", .ttl = 63 });
	fixture_goes_out(f, PB, as_bob, 10);
	fixture_see(f, "nat-b wan", '<', 1, (struct frame){ .src = as_bob, .dst = PB, .payload = "out", .ttl = 62 });
	return f;
}

static void a_port_kept_for_the_first_destination(void)
{
	expect(a_port_of_its_own(PA, "203.0.113.10:14320"), "bob", "filtered-port", "nat-b",
	       " fresh-socket birthday relay", "nat-a keeps the port of a new socket");
}

static void ports_that_are_never_kept(void)
{
	expect(a_port_of_its_own("203.0.113.10:31000", "203.0.113.10:14320"), "bob", "filtered-port", "nat-b",
	       " birthday relay", "Prediction would not (nat-a's ports 31000, 14320 look random)");
}

/* Both boxes give each destination a port of its own: no guess of one side meets the other's. */
static void two_that_give_ports_of_their_own(void)
{
	struct fixture *f = fixture_new();
	const char *b_as_alice_sees = "203.0.113.20:31337", *a_as_bob_sees = "203.0.113.10:14320";

	fixture_goes_out(f, S, "203.0.113.10:31000", 0);
	fixture_see(f, "bob eth0", '>', 10, (struct frame){ .src = B, .dst = S, .payload = "in" });
	fixture_see(f, "nat-b lan", '<', 1, (struct frame){ .src = B, .dst = S, .payload = "in" });
	fixture_see(f, "nat-b wan", '>', 1,
	            (struct frame){ .src = "203.0.113.20:8888", .dst = S, .payload = "in", .ttl = 63 });
	fixture_goes_out(f, "203.0.113.20:8888", a_as_bob_sees, 10);
	fixture_see(f, "nat-b wan", '<', 1,
	            (struct frame){ .src = a_as_bob_sees, .dst = "203.0.113.20:8888", .payload = "out", .ttl = 62 });
	bob_sends(f, b_as_alice_sees, "203.0.113.10:31000", 10);
	fixture_goes_out(f, "203.0.113.20:8888", a_as_bob_sees, 10);
	fixture_see(f, "nat-b wan", '<', 1,
	            (struct frame){ .src = a_as_bob_sees, .dst = "203.0.113.20:8888", .payload = "out", .ttl = 62 });
	bob_sends(f, b_as_alice_sees, "203.0.113.10:31000", 10);
	expect(f, "bob", "mapped-elsewhere", "nat-b", " relay", NULL);
}

static void ports_that_step(void)
{
	expect(a_port_of_its_own(PA, "203.0.113.10:5001"), "bob", "filtered-port", "nat-b",
	       " prediction birthday relay", NULL);
}

static void an_inside_address_of_another_lan(void)
{
	struct fixture *f = fixture_new();

	fixture_goes_out(f, B, PA, 0);
	expect(f, "bob", "no-route", "nat-a", " address",
	       "left nat-a for 10.0.2.2:6000. That is bob's inside address: it cannot be reached from outside nat-b.");
}

/* A box has an address inside, too. */
static void a_boxs_inside_address_from_elsewhere(void)
{
	struct fixture *f = fixture_new();

	fixture_goes_out(f, "10.0.2.1:80", PA, 0);
	expect(f, "nat-b", "no-route", "nat-a", " address",
	       "left nat-a for 10.0.2.1:80. That is nat-b's inside address: it cannot be reached from outside nat-b.");
}

/* What explain_all() says. */
static char *tell_all(struct fixture *f)
{
	struct recorded_events none = { 0 };
	struct explain_tally tally;
	char *text = NULL;
	struct why *w;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	fixture_end(f);
	w = why_new(&f->scene, &none);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	for (size_t i = 0; i < f->count; i++)
		why_journey(w, &f->journeys[i]);
	why_settle(w);
	tally = explain_all(out, w);
	fprintf(out, "%u losses\n", (unsigned)tally.losses);
	fclose(out);
	why_free(w);
	fixture_free(f);
	return text;
}

static void expect_all(struct fixture *f, const char *says)
{
	char *text = tell_all(f);

	if (strcmp(text, says) != 0)
		printf("%s\nis not\n%s\n", text, says);
	CU_ASSERT_STRING_EQUAL(text, says);
	free(text);
}

/* Whom a port is for that nobody uses: one host alone behind the box, and none of two. */
static void a_port_that_nobody_uses(void)
{
	struct fixture *one = fixture_new(), *two = fixture_new();

	fixture_goes_out(one, "203.0.113.20:9999", PA, 0);
	fixture_see(one, "nat-b wan", '<', 1,
	            (struct frame){ .src = PA, .dst = "203.0.113.20:9999", .payload = "out", .ttl = 62 });
	expect_all(one, "alice and bob: shut.\n"
	                "alice's 1 packet never reached bob. 1 died at nat-b: nobody behind it uses nat-b:9999.\n"
	                "bob sent nothing to alice.\n"
	                "What would help: logging in and punching again, which makes new mappings.\n"
	                "1 losses\n");
	bob_sends(two, PB, "203.0.113.10:9999", 10);
	expect_all(two, "bob and addresses that no host here has: shut.\n"
	                "bob's 1 packet never reached anybody. 1 died at nat-a: nobody behind it uses nat-a:9999.\n"
	                "What would help: logging in and punching again, which makes new mappings.\n"
	                "1 losses\n");
}

/* Whatever protocol of IP a packet is of, its loss is told. */
static void losses_of_many_protocols_are_all_told(void)
{
	static const uint8_t body[8] = { 0 };
	struct fixture *f = fixture_new();
	char *text;

	for (unsigned protocol = 40; protocol < 60; protocol++) {
		struct frame frame = { .src = "10.0.1.2:1",
			               .dst = "203.0.113.5:1",
			               .protocol = protocol,
			               .bytes = body,
			               .bytes_len = sizeof body };

		fixture_see(f, "alice eth0", '>', 10, frame);
		fixture_see(f, "nat-a lan", '<', 1, frame);
	}
	text = tell_all(f);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "alice and server, ip 59: shut."));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n20 losses\n"));
	free(text);
}

static void an_address_that_is_really_nobodys(void)
{
	struct fixture *f = fixture_new();
	struct told told;

	fixture_goes_out(f, "10.0.9.9:6000", PA, 0); /* whose it is cannot be told: it is no pair's */
	told = tell(f, "bob");
	CU_ASSERT_EQUAL(told.outcome, PAIR_UNTRIED);
	free(told.text);
	fixture_free(f);
}

/* alice's UDP socket has the port; that means nothing to TCP. */
static void tcp_to_a_port_mapped_for_udp(void)
{
	static const uint8_t syn[20] = { 0x1b, 0x58, 0x13, 0x88, [12] = 0x50, [13] = 0x02 }; /* 7000 to 5000 */
	struct fixture *f = fixture_new();
	struct frame frame = { .src = S, .dst = PA, .protocol = PACKET_TCP, .bytes = syn, .bytes_len = sizeof syn };

	snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE, "full-cone");
	fixture_goes_out(f, PB, PA, 0);
	fixture_see(f, "server eth0", '>', 10, frame);
	frame.ttl = 63;
	fixture_see(f, "nat-a wan", '<', 1, frame);
	expect(f, "server", "no-mapping", "nat-a", " from-inside", "no connection from inside has nat-a:5000.");
}

static void an_arrival_is_what_the_interface_saw(void)
{
	struct fixture *f = fixture_new();

	fixture_goes_out(f, PB, PA, 0);
	fixture_see(f, "nat-b wan", '<', 1, (struct frame){ .src = PA, .dst = PB, .payload = "out", .ttl = 62 });
	fixture_see(f, "nat-b lan", '>', 1, (struct frame){ .src = PA, .dst = B, .payload = "out", .ttl = 61 });
	fixture_see(f, "bob eth0", '<', 1, (struct frame){ .src = PA, .dst = B, .payload = "out", .ttl = 61 });
	bob_sends(f, PB, PA, 10);
	it_comes_to_alice(f, PB);
	expect(f, "bob", "", "", "", "arrived at bob's interface");
}

/* Of each row: all columns, a name of its own, and words that mean something. */
static void the_tables_are_whole(void)
{
	for (int i = 0; i < CAUSES; i++) {
		const struct cause_row *c = &cause_table[i];

		CU_ASSERT(c->name[0] != '\0' && c->weight > 0);
		CU_ASSERT_EQUAL(c->brief[0] == '\0', i == CAUSE_NONE);
		CU_ASSERT_EQUAL(c->sentence[0] == '\0', i == CAUSE_NONE);
		CU_ASSERT_PTR_NULL(sentence_unknown(c->brief, &cause_words));
		CU_ASSERT_PTR_NULL(sentence_unknown(c->sentence, explain_loss_words()));
		for (int k = 0; k < i; k++)
			CU_ASSERT_STRING_NOT_EQUAL(c->name, cause_table[k].name);
	}
	for (int i = 0; i < BECAUSES; i++)
		CU_ASSERT_PTR_NULL(sentence_unknown(because_table[i].sentence, explain_loss_words()));
	for (int i = 0; i < HELPS; i++) {
		CU_ASSERT(help_table[i].name[0] != '\0' && help_table[i].sentence[0] != '\0');
		CU_ASSERT_PTR_NULL(sentence_unknown(help_table[i].sentence, explain_help_words()));
	}
}

/* The last one. */
static void all_that_was_told_is_as_before(void)
{
	said_end(&all, "tests/unit/sentences/why");
	all.f = NULL;
}

SUITE(why, TEST(a_limit_of_mappings_that_is_met), TEST(a_limit_that_is_met_by_a_burst), TEST(the_tables_are_whole),
      TEST(who_sent_in_vain_is_not_told_to_send), TEST(a_limit_on_the_rate_of_a_fast_sender),
      TEST(a_hop_limit_that_kept_the_way_shut), TEST(who_sent_nothing_is_told_to_send),
      TEST(who_sent_elsewhere_is_told_where), TEST(a_rule_that_lets_nothing_in), TEST(a_loss_that_passes),
      TEST(a_way_that_was_open_already), TEST(a_range_of_ports_that_is_used_up),
      TEST(a_port_kept_for_the_first_destination), TEST(ports_that_are_never_kept),
      TEST(two_that_give_ports_of_their_own), TEST(ports_that_step), TEST(an_inside_address_of_another_lan),
      TEST(an_address_that_is_really_nobodys), TEST(tcp_to_a_port_mapped_for_udp),
      TEST(an_arrival_is_what_the_interface_saw), TEST(a_boxs_inside_address_from_elsewhere),
      TEST(a_port_that_nobody_uses), TEST(losses_of_many_protocols_are_all_told), TEST(all_that_was_told_is_as_before))
