/*
 * Captures of one's own, taken in several places: sides and boxes, clocks, filters, ends.
 */
#include "rig.h"
#include "suite.h"

#include "evidence/pcapng.h"

#include <string.h>

/* A helper for some protocol in the router: an address in the payload is another one behind it. */
static void is_rewritten_on_its_way_in(struct rig *r, uint64_t ms, const char *outside, const char *inside)
{
	struct frame f = { .src = SERVER, .dst = OUTSIDE, .payload = outside, .ttl = 60 };

	r->id++;
	rig_see(r, AT_WAN, ms * 1000, MAC_CORE, MAC_WAN, f);
	f = (struct frame){ .src = SERVER, .dst = ALICE, .payload = inside, .ttl = 59 };
	rig_see(r, AT_LAN, ms * 1000 + 20, MAC_LAN, MAC_ALICE, f);
	rig_see(r, AT_ALICE, ms * 1000 + 40, MAC_LAN, MAC_ALICE, f);
}

static void knows_router_and_bob(const struct told *t)
{
	CU_ASSERT(told_says(
	    t, "bob's 2 packets never reached alice. All of them died at router. There router:40000 was open for "
	       "198.51.100.1:3478 only, because alice had sent there"));
	CU_ASSERT(told_says(t, "Nothing from alice to bob is seen here"));
}

static void several_files_each_a_side(void)
{
	const struct infer_name bob = { "bob", "198.51.100.7" };
	struct rig r = rig_of_files();
	struct source list[PLACES];
	struct told t;

	rig_play(&r);
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_LAN], "router lan");
	list[1] = rig_source(r.paths[AT_WAN], "router wan");
	list[2] = rig_source(r.paths[AT_ALICE], "alice");
	t = rig_tell(list, PLACES, &bob, 1);
	knows_router_and_bob(&t);
	CU_ASSERT(told_says(&t, "alice and 198.51.100.1: "));
	CU_ASSERT_PTR_NULL(strstr(t.text, "lost"));
	told_free(&t);
	rig_remove(&r);
}

/* The lan side runs 1.5 s ahead, alice a quarter of a second behind. */
static void clocks_are_put_right_and_told(void)
{
	const struct infer_name bob = { "bob", "198.51.100.7" };
	struct rig r = rig_of_files();
	struct source list[PLACES];
	char text[TRACE_ERROR_SIZE] = "";
	struct told t;

	r.ahead_ms[AT_LAN] = 1500;
	r.ahead_ms[AT_ALICE] = -250;
	rig_play(&r);
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_WAN], "router wan");
	list[1] = rig_source(r.paths[AT_LAN], "router lan");
	list[2] = rig_source(r.paths[AT_ALICE], "alice");
	t = rig_tell(list, PLACES, &bob, 1);
	knows_router_and_bob(&t);
	CU_ASSERT_FALSE(trace_clock(t.trace, 0, text));
	CU_ASSERT(trace_clock(t.trace, 1, text) && strstr(text, "1.500000 s ahead of") != NULL);
	CU_ASSERT(trace_clock(t.trace, 2, text) && strstr(text, "0.250000 s behind") != NULL);
	CU_ASSERT_EQUAL(t.trace->end_ns - t.trace->start_ns, 80040000);
	told_free(&t);
	rig_remove(&r);
}

static void a_capture_with_nothing_in_common_says_so(void)
{
	struct rig r = rig_of_files();
	struct source list[2];
	char text[TRACE_ERROR_SIZE] = "";
	struct told t;

	rig_goes_out(&r, 0, SERVER, OUTSIDE, "one");
	rig_see(&r, AT_LAN, 1000, MAC_ALICE, MAC_LAN, (struct frame){ "10.0.1.9:9", SERVER, .payload = "another" });
	rig_start(rig_begin_anew(&r, AT_ALICE), "", 1);
	rig_see(&r, AT_ALICE, 2000, MAC_ALICE, MAC_LAN, (struct frame){ ALICE, SERVER, .payload = "nobody saw this" });
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_WAN], "router wan");
	list[1] = rig_source(r.paths[AT_ALICE], "alice");
	t = rig_tell(list, 2, NULL, 0);
	CU_ASSERT(trace_clock(t.trace, 1, text) && strstr(text, "no packet in common") != NULL);
	told_free(&t);
	rig_remove(&r);
}

/* Where a capture ended nothing is known: what bob sent after that is not said to have died. */
static void what_comes_after_a_capture_left_our_view(void)
{
	const struct infer_name bob = { "bob", "198.51.100.7" };
	struct rig r = rig_of_files();
	struct source list[2];
	struct told t;

	r.until_ms[AT_LAN] = 30;
	rig_play(&r);
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_WAN], "router wan");
	list[1] = rig_source(r.paths[AT_LAN], "router lan");
	t = rig_tell(list, 2, &bob, 1);
	CU_ASSERT_PTR_NULL(strstr(t.text, "died"));
	CU_ASSERT(told_says(&t, "2 left our view"));
	told_free(&t);
	rig_remove(&r);
}

/* What a filter at one side may have kept out is not said to have died at the other. */
static void a_filter_beside_none_tells_of_no_death(void)
{
	struct rig r = rig_of_files();
	struct source list[2];
	struct told t;

	r.filter[AT_LAN] = SERVER;
	rig_play(&r);
	rig_comes_in(&r, 90, "198.51.100.9:7", (struct frame){ .payload = "it passes" }, true);
	rig_goes_out(&r, 200, SERVER, OUTSIDE, "the very end");
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_WAN], "router wan");
	list[1] = rig_source(r.paths[AT_LAN], "router lan");
	t = rig_tell(list, 2, NULL, 0);
	CU_ASSERT_PTR_NULL(strstr(t.text, "died"));
	CU_ASSERT(told_says(&t, "2 left our view: 2 went into router and were not seen to come out."));
	CU_ASSERT(told_says(&t, "1 left our view: 1 went into router and was not seen to come out."));
	told_free(&t);
	rig_remove(&r);
}

/* A box with a third side, where nobody looks: what did not leave by the second may have left there. */
static void a_third_side_is_not_forgotten(void)
{
	struct rig r = rig_of_files();
	struct source list[2];
	struct told t;

	rig_play(&r);
	rig_goes_out(&r, 200, SERVER, OUTSIDE, "the very end");
	r.id++;
	rig_see(&r, AT_LAN, 86000, MAC_ALICE, MAC_LAN,
	        (struct frame){ ALICE, "192.0.2.1:7", .payload = "by the other" });
	r.id++;
	rig_see(&r, AT_WAN, 87000, MAC_CORE, MAC_WAN,
	        (struct frame){ BOB, "203.0.113.10:8080", .payload = "for the third", .ttl = 60 });
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_WAN], "router wan");
	list[1] = rig_source(r.paths[AT_LAN], "router lan");
	t = rig_tell(list, 2, NULL, 0);
	CU_ASSERT_PTR_NULL(strstr(t.text, "on the way out"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "nobody behind it"));
	CU_ASSERT(told_says(&t, "10.0.1.2 sent 1 packet to 192.0.2.1: 1 left our view: 1 went into router"));
	CU_ASSERT(told_says(&t, "left our view: 1 went into router and was not seen to come out."));
	told_free(&t);
	rig_remove(&r);
}

/* Of a flow that passed before and after, and where others to the same end pass, one that did not has died. */
static void a_loss_in_mid_stream_is_a_loss(void)
{
	struct rig r = rig_of_files();
	struct source list[2];
	struct told t;

	rig_play(&r);
	r.id++;
	rig_see(&r, AT_LAN, 86000, MAC_ALICE, MAC_LAN, (struct frame){ ALICE, SERVER, .payload = "lost" });
	rig_goes_out(&r, 200, SERVER, OUTSIDE, "passes");
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_WAN], "router wan");
	list[1] = rig_source(r.paths[AT_LAN], "router lan");
	t = rig_tell(list, 2, NULL, 0);
	CU_ASSERT(told_says(&t, "1 died at router on the way out"));
	told_free(&t);
	rig_remove(&r);
}

/* With other bytes than before it is the same packet still; what is not seen behind the box has died there. */
static void what_a_router_rewrites_has_arrived(void)
{
	struct rig r = rig_of_files();
	struct source list[PLACES];
	struct told t;

	rig_play(&r);
	is_rewritten_on_its_way_in(&r, 100, "you are 203.0.113.10", "you are 10.0.1.2");
	is_rewritten_on_its_way_in(&r, 110, "you are 203.0.113.10 still", "you are 10.0.1.2 still");
	r.id++;
	rig_see(&r, AT_ALICE, 119980, MAC_ALICE, MAC_LAN, (struct frame){ ALICE, SERVER, .payload = "I am 10.0.1.2" });
	rig_see(&r, AT_LAN, 120000, MAC_ALICE, MAC_LAN, (struct frame){ ALICE, SERVER, .payload = "I am 10.0.1.2" });
	rig_see(&r, AT_WAN, 120020, MAC_WAN, MAC_CORE,
	        (struct frame){ OUTSIDE, SERVER, .payload = "I am 203.0.113.10", .ttl = 63 });
	rig_comes_in(&r, 130, SERVER, (struct frame){ .payload = "dropped" }, false);
	rig_comes_in(&r, 140, SERVER, (struct frame){ .payload = "bye" }, true);
	rig_goes_out(&r, 300, SERVER, OUTSIDE, "the very end");
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_WAN], "router wan");
	list[1] = rig_source(r.paths[AT_LAN], "router lan");
	list[2] = rig_source(r.paths[AT_ALICE], "alice");
	t = rig_tell(list, PLACES, NULL, 0);
	CU_ASSERT(
	    told_says(&t, "Of 198.51.100.1's 7 packets 6 reached alice. 1 died at router although the way was open"));
	CU_ASSERT(told_says(&t, "Of what 198.51.100.1 sent: 2 came with a payload that router had rewritten (an ALG"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "on the way out"));
	CU_ASSERT_EQUAL(t.trace->journeys, 3 + 9 + 6); /* who-has at each place, rig_play(), and the rest */
	told_free(&t);
	rig_remove(&r);
}

/* bob answers at once, and knocks again when the way has been idle for so long; then alice says something. */
static struct told tell_of_a_long_silence(uint64_t idle_ms, uint64_t survived_ms, const char *outside_again)
{
	const struct infer_name bob = { "bob", "198.51.100.7" };
	struct rig r = rig_of_files();
	struct source list[PLACES];
	uint64_t at_ms = 10;
	struct told t;

	for (enum place at = AT_ALICE; at < PLACES; at++)
		rig_see_arp(&r, at, 1, at == AT_ALICE ? MAC_ALICE : at == AT_LAN ? MAC_LAN : MAC_WAN);
	rig_goes_out(&r, 1, BOB, OUTSIDE, "hello");
	rig_comes_in(&r, at_ms, BOB, (struct frame){ .payload = "hello you" }, true);
	if (survived_ms != 0)
		rig_comes_in(&r, at_ms += survived_ms, BOB, (struct frame){ .payload = "still there?" }, true);
	at_ms += idle_ms;
	if (outside_again == NULL)
		rig_comes_in(&r, at_ms, BOB, (struct frame){ .payload = "and now?" }, false);
	rig_goes_out(&r, at_ms + 1000, BOB, outside_again != NULL ? outside_again : OUTSIDE, "here I am");
	if (outside_again != NULL)
		rig_comes_in(&r, at_ms + 2000, BOB, (struct frame){ .payload = "and now?" }, false);
	rig_goes_out(&r, at_ms + 4000, BOB, outside_again != NULL ? outside_again : OUTSIDE, "the end");
	rig_goes_out(&r, at_ms + 5000, BOB, outside_again != NULL ? outside_again : OUTSIDE, "the very end");
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_LAN], "router lan");
	list[1] = rig_source(r.paths[AT_WAN], "router wan");
	list[2] = rig_source(r.paths[AT_ALICE], "alice");
	t = rig_tell(list, PLACES, &bob, 1);
	rig_remove(&r);
	return t;
}

/* What dies at once dies of no time-out, and nor does what follows. */
static void who_is_never_let_in_is_not_told_of_a_time_out(void)
{
	const struct infer_name bob = { "bob", "198.51.100.7" };
	struct rig r = rig_of_files();
	struct source list[PLACES];
	struct told t;

	rig_play(&r);
	rig_goes_out(&r, 1000, BOB, OUTSIDE, "hello");
	for (unsigned i = 0; i < 4; i++)
		rig_comes_in(&r, 2000 + i * 10000, BOB, (struct frame){ .payload = "in vain" }, false);
	rig_goes_out(&r, 50000, SERVER, OUTSIDE, "the very end");
	rig_goes_out(&r, 51000, SERVER, OUTSIDE, "the very end");
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_LAN], "router lan");
	list[1] = rig_source(r.paths[AT_WAN], "router wan");
	list[2] = rig_source(r.paths[AT_ALICE], "alice");
	t = rig_tell(list, PLACES, &bob, 1);
	CU_ASSERT(told_says(&t, " 4 died at router although the way was open for bob:6000: a rule dropped them"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "timed out"));
	told_free(&t);
	rig_remove(&r);
}

/* Without the box's own word of its mappings nobody knows when one of them timed out; a newer one shows that it did. */
static void what_was_idle_for_long_may_have_timed_out(void)
{
	static const struct {
		uint64_t idle_ms, survived_ms;
		const char *outside_again, *says;
	} rows[] = {
		{ 68000, 0, NULL, "had been idle for 68.0 s: it may have timed out, or a rule dropped it." },
		{ 15001, 0, NULL, "had been idle for 15.0 s: it may have timed out, or a rule dropped it." },
		{ 14000, 0, NULL, "although the way was open for bob:6000: a rule dropped it, or the box lost it." },
		{ 20000, 30000, NULL,
		  "although the way was open for bob:6000: a rule dropped it, or the box lost it." },
		{ 40000, 30000, NULL, "had been idle for 40.0 s: it may have timed out, or a rule dropped it." },
		{ 2000, 0, "203.0.113.10:40001", "was gone: the box had removed it before its time" },
		{ 40000, 0, "203.0.113.10:40001", "router:40000 for bob:6000 was gone: it had been idle for" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told t = tell_of_a_long_silence(rows[i].idle_ms, rows[i].survived_ms, rows[i].outside_again);

		if (!told_says(&t, rows[i].says))
			printf("row %zu\n", i);
		CU_ASSERT_PTR_NOT_NULL(strstr(t.text, rows[i].says));
		told_free(&t);
	}
}

/* Only the box's inner side is looked at: what came to its outer one may have been dropped, or never have come. */
static void the_far_side_of_a_box_is_not_its_near_side(void)
{
	struct rig r = rig_of_files();
	struct source list[2];
	struct told t;

	rig_start(rig_begin_anew(&r, AT_WAN), "", 1);
	for (uint64_t i = 0; i < 3; i++) {
		rig_goes_out(&r, i * 10, BOB, OUTSIDE, "hello");
		rig_comes_in(&r, i * 10 + 5, BOB, (struct frame){ .payload = "hello" }, true);
	}
	rig_comes_in(&r, 40, BOB, (struct frame){ .payload = "dropped by the router" }, false);
	rig_goes_out(&r, 50, BOB, OUTSIDE, "still there");
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_LAN], "router lan");
	list[1] = rig_source(r.paths[AT_WAN], "bob");
	t = rig_tell(list, 2, &(struct infer_name){ "router", "203.0.113.10" }, 1);
	CU_ASSERT_PTR_NULL(strstr(t.text, "lost"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "died"));
	told_free(&t);
	rig_remove(&r);
}

/* alice and the server alone, and bob's knock at the end of all. Without a word on how it was captured: `counted`. */
static struct told tell_of_a_quiet_lan(unsigned counted_lan, uint64_t until_ms, unsigned dropped)
{
	struct rig r = rig_of_one("router lan", "router wan");
	struct source list = rig_source(r.paths[0], "");
	struct told t;

	for (uint64_t i = 0; i < 2; i++) {
		rig_goes_out(&r, i * 10, SERVER, OUTSIDE, "who am I?");
		rig_comes_in(&r, i * 10 + 5, SERVER, (struct frame){ .payload = "you are" }, true);
	}
	rig_comes_in(&r, 400, BOB, (struct frame){ .payload = "knock" }, false);
	rig_comes_in(&r, 900, SERVER, (struct frame){ .payload = "too late" }, false);
	for (uint32_t i = 0; i < 2 && counted_lan > 0; i++)
		CU_ASSERT_EQUAL(pcapng_write_statistics(r.files[AT_LAN], i, START_NS + until_ms * 1000000,
		                                        i == 0 ? counted_lan : 6, i == 0 ? dropped : 0),
		                0);
	rig_end(&r);
	t = rig_tell(&list, 1, NULL, 0);
	rig_remove(&r);
	return t;
}

/* A capture that says until when it looked, and that it holds all that it got, shows what did not pass. */
static void what_a_capture_says_of_itself_counts(void)
{
	static const struct {
		unsigned counted;
		uint64_t until_ms;
		unsigned dropped;
		bool died;
	} rows[] = { { 0, 0, 0, false },
		     { 4, 1000, 0, true },
		     { 5, 1000, 0, false },
		     { 4, 300, 0, false },
		     { 4, 1000, 1, false } }; /* it lost one itself */

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told t = tell_of_a_quiet_lan(rows[i].counted, rows[i].until_ms, rows[i].dropped);

		if ((strstr(t.text, "198.51.100.7's 1 packet never reached 10.0.1.2. 1 died at router.") != NULL) !=
		    rows[i].died)
			printf("row %zu:\n%s\n", i, t.text);
		CU_ASSERT_EQUAL(t.trace->interfaces[0].received, rows[i].counted);
		CU_ASSERT_EQUAL(t.trace->interfaces[0].dropped, rows[i].dropped);
		CU_ASSERT_EQUAL(t.trace->dropped, rows[i].dropped);
		CU_ASSERT_EQUAL(strstr(t.text, "198.51.100.7's 1 packet never reached 10.0.1.2. 1 died at router.") !=
		                    NULL,
		                rows[i].died);
		told_free(&t);
	}
}

/* A router that does not translate: of its two sides one alone was captured, and one of its hosts. */
static void a_public_address_is_in_the_lan_it_speaks_in(void)
{
	const char *own = "203.0.113.77:5000";
	struct rig r = rig_of_files();
	struct source list[2];
	struct told t;

	for (uint64_t us = 0; us < 30000; us += 10000) {
		r.id++;
		rig_see(&r, AT_ALICE, us, MAC_ALICE, MAC_LAN,
		        (struct frame){ own, SERVER, .payload = "ask", .ttl = 64 });
		rig_see(&r, AT_LAN, us + 20, MAC_ALICE, MAC_LAN,
		        (struct frame){ own, SERVER, .payload = "ask", .ttl = 64 });
		r.id++;
		rig_see(&r, AT_LAN, us + 5000, MAC_LAN, MAC_ALICE,
		        (struct frame){ SERVER, own, .payload = "tell", .ttl = 59 });
		rig_see(&r, AT_ALICE, us + 5020, MAC_LAN, MAC_ALICE,
		        (struct frame){ SERVER, own, .payload = "tell", .ttl = 59 });
	}
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_LAN], "router lan");
	list[1] = rig_source(r.paths[AT_ALICE], "alice");
	t = rig_tell(list, 2, NULL, 0);
	CU_ASSERT(told_says(&t, "3 packets to alice arrived."));
	CU_ASSERT_PTR_NULL(strstr(t.text, "lost"));
	told_free(&t);
	rig_remove(&r);
}

/* From the router across the internet to bob, by way of one more router. */
static void goes_to_bob(struct rig *r, uint64_t ms, const char *src, bool arrives)
{
	r->id++;
	rig_see(r, AT_WAN, ms * 1000, MAC_WAN, MAC_CORE, (struct frame){ src, BOB, .payload = "hello", .ttl = 63 });
	if (arrives)
		rig_see(r, AT_ALICE, ms * 1000 + 300, MAC_CORE, MAC_ALICE,
		        (struct frame){ src, BOB, .payload = "hello", .ttl = 62 });
}

/* A firewall may stand there that nobody looked at: what is of a flow that it lets through was lost. */
static void what_lies_between_may_be_a_firewall(void)
{
	struct rig r = rig_of_files();
	struct source list[2];
	struct told t;

	rig_see_arp(&r, AT_ALICE, 0, MAC_CORE);
	for (uint64_t ms = 10; ms <= 50; ms += 10)
		goes_to_bob(&r, ms, OUTSIDE, ms != 30);
	goes_to_bob(&r, 35, "203.0.113.10:40001", false);
	goes_to_bob(&r, 3000, OUTSIDE, true);
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_WAN], "router wan");
	list[1] = rig_source(r.paths[AT_ALICE], "bob");
	t = rig_tell(list, 2, NULL, 0);
	CU_ASSERT(told_says(&t, "1 left router and was not seen again: lost or dropped on the way. 1 left our view."));
	told_free(&t);
	rig_remove(&r);
}

/* bob's own interface is there and shows nothing at all. */
static void what_shows_nothing_tells_of_no_loss(void)
{
	const struct infer_name bob = { "bob", "198.51.100.7" };
	struct rig r = rig_of_one("router lan", "router wan");
	struct source list[1];
	struct told t;

	CU_ASSERT_EQUAL(pcapng_write_interface(r.files[AT_WAN], "bob eth0", "", 1, 65535), 0);
	goes_to_bob(&r, 10, OUTSIDE, false);
	goes_to_bob(&r, 3000, OUTSIDE, false);
	rig_end(&r);
	list[0] = rig_source(r.paths[0], "");
	t = rig_tell(list, 1, &bob, 1);
	CU_ASSERT(told_says(&t, "router sent 2 packets to bob: 2 left our view."));
	told_free(&t);
	rig_remove(&r);
}

/* A router that does not translate, captured outside alone: what it sends out as it is came from behind it. */
static void who_is_sent_out_stands_behind_the_router(void)
{
	const char *own = "203.0.113.77:5000";
	struct rig r = rig_of_files();
	struct source list[2];
	struct told t;

	r.says_directions = true;
	for (uint64_t us = 0; us < 30000; us += 10000) {
		r.id++;
		rig_see(&r, AT_ALICE, us, MAC_ALICE, MAC_LAN,
		        (struct frame){ own, SERVER, .payload = "ask", .ttl = 64 });
		rig_see(&r, AT_WAN, us + 40, MAC_WAN, MAC_CORE,
		        (struct frame){ own, SERVER, .payload = "ask", .ttl = 63 });
	}
	rig_end(&r);
	list[0] = rig_source(r.paths[AT_WAN], "router wan");
	list[1] = rig_source(r.paths[AT_ALICE], "alice");
	t = rig_tell(list, 2, NULL, 0);
	CU_ASSERT(told_says(&t, "alice sent 3 packets to 198.51.100.1: 3 left our view."));
	CU_ASSERT_PTR_NULL(strstr(t.text, "router"));
	told_free(&t);
	rig_remove(&r);
}

SUITE(captures, TEST(who_is_sent_out_stands_behind_the_router), TEST(what_shows_nothing_tells_of_no_loss),
      TEST(what_lies_between_may_be_a_firewall), TEST(a_public_address_is_in_the_lan_it_speaks_in),
      TEST(several_files_each_a_side), TEST(clocks_are_put_right_and_told),
      TEST(a_capture_with_nothing_in_common_says_so), TEST(what_comes_after_a_capture_left_our_view),
      TEST(a_filter_beside_none_tells_of_no_death), TEST(a_third_side_is_not_forgotten),
      TEST(a_loss_in_mid_stream_is_a_loss), TEST(the_far_side_of_a_box_is_not_its_near_side),
      TEST(what_a_capture_says_of_itself_counts), TEST(what_a_router_rewrites_has_arrived),
      TEST(what_was_idle_for_long_may_have_timed_out), TEST(who_is_never_let_in_is_not_told_of_a_time_out))
