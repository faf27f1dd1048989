/*
 * Captures of one's own: written here as tcpdump and dumpcap write them, without a record, and explained.
 *
 *     alice 10.0.1.2:5000 -- lan [router] wan 203.0.113.10:40000 -- server 198.51.100.1:3478, bob 198.51.100.7:6000
 */
#include "suite.h"
#include "trace_fixture.h"

#include "base/cursor.h"
#include "trace/audit.h"
#include "trace/explain.h"
#include "trace/why.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALICE "10.0.1.2:5000"
#define OUTSIDE "203.0.113.10:40000"
#define SERVER "198.51.100.1:3478"
#define BOB "198.51.100.7:6000"
#define START_NS UINT64_C(1700000000000000000)

enum place { AT_ALICE, AT_LAN, AT_WAN, PLACES };
enum mac { MAC_ALICE = 1, MAC_LAN, MAC_WAN, MAC_CORE };

/* Where each place's packets go, and how far its clock is ahead. */
struct rig {
	FILE *files[PLACES]; /* NULL: nobody looks there */
	uint32_t interface[PLACES];
	int64_t ahead_ms[PLACES];
	uint64_t until_ms[PLACES]; /* when the capture was ended; 0: it was not */
	char paths[PLACES][64];
	unsigned id;
	const char *filter[PLACES]; /* an end that all packets have which are captured there; NULL: no filter */
};

static FILE *make_file(char path[64])
{
	int fd;

	snprintf(path, 64, "/tmp/capture.XXXXXX.pcapng");
	fd = mkstemps(path, 7);
	CU_ASSERT_FATAL(fd >= 0);
	return fdopen(fd, "w");
}

static void start(FILE *f, const char *name, uint16_t link_type)
{
	CU_ASSERT_EQUAL_FATAL(pcapng_write_interface(f, name, NULL, link_type, 65535), 0);
}

/* A file for each place. */
static struct rig rig_of_files(void)
{
	struct rig r = { .id = 0 };

	for (int i = 0; i < PLACES; i++) {
		r.files[i] = make_file(r.paths[i]);
		CU_ASSERT_EQUAL_FATAL(pcapng_write_section(r.files[i], "test"), 0);
		start(r.files[i], "", 1);
	}
	return r;
}

/* An empty file instead of the place's own. */
static FILE *begin_anew(struct rig *r, enum place at)
{
	fclose(r->files[at]);
	unlink(r->paths[at]);
	r->files[at] = make_file(r->paths[at]);
	CU_ASSERT_EQUAL_FATAL(pcapng_write_section(r->files[at], "test"), 0);
	return r->files[at];
}

/* The router's two interfaces in one file. */
static struct rig rig_of_one(const char *lan, const char *wan)
{
	struct rig r = { .id = 0, .interface = { [AT_WAN] = 1 } };

	r.files[AT_LAN] = r.files[AT_WAN] = make_file(r.paths[0]);
	CU_ASSERT_EQUAL_FATAL(pcapng_write_section(r.files[AT_LAN], "test"), 0);
	start(r.files[AT_LAN], lan, 1);
	start(r.files[AT_LAN], wan, 1);
	return r;
}

static void rig_end(struct rig *r)
{
	for (int i = 0; i < PLACES; i++)
		if (r->files[i] != NULL && (i != AT_WAN || r->files[AT_WAN] != r->files[AT_LAN]))
			fclose(r->files[i]);
}

static void rig_remove(const struct rig *r)
{
	for (int i = 0; i < PLACES; i++)
		if (r->paths[i][0] != '\0')
			unlink(r->paths[i]);
}

static void write_frame(struct rig *r, enum place at, uint64_t us, const uint8_t *bytes, uint32_t len)
{
	struct pcapng_packet p = { .interface = r->interface[at], .bytes = bytes, .captured = len, .length = len };

	if (r->files[at] == NULL || (r->until_ms[at] != 0 && us / 1000 >= r->until_ms[at]))
		return;
	p.time_ns = START_NS + us * 1000 + (uint64_t)r->ahead_ms[at] * 1000000;
	CU_ASSERT_EQUAL_FATAL(pcapng_write_packet(r->files[at], &p), 0);
}

/* Who has 10.0.1.2? No filter for hosts far away or for ports lets that through. */
static void see_arp(struct rig *r, enum place at, uint64_t us, enum mac from)
{
	const uint8_t bytes[42] = { 0xff,          0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,
		                    (uint8_t)from, 0x08, 0x06, 0,    1,    8,    0, 6, 4, 0, 1 };

	if (r->filter[at] == NULL)
		write_frame(r, at, us, bytes, sizeof bytes);
}

static void see(struct rig *r, enum place at, uint64_t us, enum mac from, enum mac to, struct frame frame)
{
	uint8_t bytes[FIXTURE_FRAME] = { 2, 0, 0, 0, 0, (uint8_t)to, 2, 0, 0, 0, 0, (uint8_t)from, 0x08, 0x00 };

	if (r->filter[at] != NULL && strcmp(r->filter[at], frame.src) != 0 && strcmp(r->filter[at], frame.dst) != 0)
		return;
	frame.id = r->id;
	write_frame(r, at, us, bytes, (uint32_t)(14 + fixture_ip(&frame, bytes + 14)));
}

static void goes_out(struct rig *r, uint64_t ms, const char *dst, const char *as, const char *payload)
{
	struct frame in = { .src = ALICE, .dst = dst, .payload = payload };
	struct frame out = { .src = as, .dst = dst, .payload = payload, .ttl = 63 };

	r->id++;
	see(r, AT_ALICE, ms * 1000, MAC_ALICE, MAC_LAN, in);
	see(r, AT_LAN, ms * 1000 + 20, MAC_ALICE, MAC_LAN, in);
	see(r, AT_WAN, ms * 1000 + 40, MAC_WAN, MAC_CORE, out);
}

/* `passes`: the router lets it in. */
static void comes_in(struct rig *r, uint64_t ms, const char *src, struct frame frame, bool passes)
{
	frame.src = src;
	frame.ttl = 60;
	frame.dst = OUTSIDE;
	r->id++;
	see(r, AT_WAN, ms * 1000, MAC_CORE, MAC_WAN, frame);
	if (!passes)
		return;
	frame.ttl = 59;
	frame.dst = ALICE;
	see(r, AT_LAN, ms * 1000 + 20, MAC_LAN, MAC_ALICE, frame);
	see(r, AT_ALICE, ms * 1000 + 40, MAC_LAN, MAC_ALICE, frame);
}

/* A helper for some protocol in the router: an address in the payload is another one behind it. */
static void is_rewritten_on_its_way_in(struct rig *r, uint64_t ms, const char *outside, const char *inside)
{
	struct frame f = { .src = SERVER, .dst = OUTSIDE, .payload = outside, .ttl = 60 };

	r->id++;
	see(r, AT_WAN, ms * 1000, MAC_CORE, MAC_WAN, f);
	f = (struct frame){ .src = SERVER, .dst = ALICE, .payload = inside, .ttl = 59 };
	see(r, AT_LAN, ms * 1000 + 20, MAC_LAN, MAC_ALICE, f);
	see(r, AT_ALICE, ms * 1000 + 40, MAC_LAN, MAC_ALICE, f);
}

/* alice asks the server, which answers; bob, whom she did not send to, knocks twice. */
static void play(struct rig *r)
{
	for (enum place at = AT_ALICE; at < PLACES; at++)
		see_arp(r, at, 1, at == AT_ALICE ? MAC_ALICE : at == AT_LAN ? MAC_LAN : MAC_WAN);
	for (unsigned i = 0; i < 3; i++) {
		goes_out(r, i * 10, SERVER, OUTSIDE, "who am I?");
		comes_in(r, i * 10 + 5, SERVER, (struct frame){ .payload = "you are" }, true);
	}
	comes_in(r, 40, BOB, (struct frame){ .payload = "knock" }, false);
	comes_in(r, 60, BOB, (struct frame){ .payload = "knock knock" }, false);
	goes_out(r, 80, SERVER, OUTSIDE, "the end");
}

/* What all that says, and what the trace noticed. */
struct told {
	char *text;
	struct trace *trace;
	struct why *why;
};

static struct told tell(const struct source *list, size_t count, const struct infer_name *names, size_t name_count)
{
	char error[TRACE_ERROR_SIZE];
	struct told t = { .trace = trace_open_captures(list, count, names, name_count, error) };
	size_t len;
	FILE *f = open_memstream(&t.text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(t.trace);
	t.why = why_read(t.trace, NULL, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t.why);
	explain_all(f, t.why);
	fclose(f);
	return t;
}

static void told_free(struct told *t)
{
	why_free(t->why);
	trace_free(t->trace);
	free(t->text);
}

static bool says(const struct told *t, const char *words)
{
	bool found = strstr(t->text, words) != NULL;

	if (!found)
		printf("'%s' is not in:\n%s\n", words, t->text);
	return found;
}

static struct source source_of(const char *path, const char *name)
{
	struct source s = { .fd = -1 };

	snprintf(s.path, sizeof s.path, "%s", path);
	snprintf(s.name, sizeof s.name, "%s", name);
	return s;
}

static void knows_router_and_bob(const struct told *t)
{
	CU_ASSERT(
	    says(t, "bob's 2 packets never reached alice. All of them died at router. There router:40000 was open for "
	            "198.51.100.1:3478 only, because alice had sent there"));
	CU_ASSERT(says(t, "Nothing from alice to bob is seen here"));
}

static void several_files_each_a_side(void)
{
	const struct infer_name bob = { "bob", "198.51.100.7" };
	struct rig r = rig_of_files();
	struct source list[PLACES];
	struct told t;

	play(&r);
	rig_end(&r);
	list[0] = source_of(r.paths[AT_LAN], "router lan");
	list[1] = source_of(r.paths[AT_WAN], "router wan");
	list[2] = source_of(r.paths[AT_ALICE], "alice");
	t = tell(list, PLACES, &bob, 1);
	knows_router_and_bob(&t);
	CU_ASSERT(says(&t, "alice and 198.51.100.1: "));
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
	play(&r);
	rig_end(&r);
	list[0] = source_of(r.paths[AT_WAN], "router wan");
	list[1] = source_of(r.paths[AT_LAN], "router lan");
	list[2] = source_of(r.paths[AT_ALICE], "alice");
	t = tell(list, PLACES, &bob, 1);
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

	goes_out(&r, 0, SERVER, OUTSIDE, "one");
	see(&r, AT_LAN, 1000, MAC_ALICE, MAC_LAN, (struct frame){ "10.0.1.9:9", SERVER, .payload = "another" });
	start(begin_anew(&r, AT_ALICE), "", 1);
	see(&r, AT_ALICE, 2000, MAC_ALICE, MAC_LAN, (struct frame){ ALICE, SERVER, .payload = "nobody saw this" });
	rig_end(&r);
	list[0] = source_of(r.paths[AT_WAN], "router wan");
	list[1] = source_of(r.paths[AT_ALICE], "alice");
	t = tell(list, 2, NULL, 0);
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
	play(&r);
	rig_end(&r);
	list[0] = source_of(r.paths[AT_WAN], "router wan");
	list[1] = source_of(r.paths[AT_LAN], "router lan");
	t = tell(list, 2, &bob, 1);
	CU_ASSERT_PTR_NULL(strstr(t.text, "died"));
	CU_ASSERT(says(&t, "2 left our view"));
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
	play(&r);
	comes_in(&r, 90, "198.51.100.9:7", (struct frame){ .payload = "it passes" }, true);
	goes_out(&r, 200, SERVER, OUTSIDE, "the very end");
	rig_end(&r);
	list[0] = source_of(r.paths[AT_WAN], "router wan");
	list[1] = source_of(r.paths[AT_LAN], "router lan");
	t = tell(list, 2, NULL, 0);
	CU_ASSERT_PTR_NULL(strstr(t.text, "died"));
	CU_ASSERT(says(&t, "2 left our view: 2 went into router and were not seen to come out."));
	CU_ASSERT(says(&t, "1 left our view: 1 went into router and was not seen to come out."));
	told_free(&t);
	rig_remove(&r);
}

/* A box with a third side, where nobody looks: what did not leave by the second may have left there. */
static void a_third_side_is_not_forgotten(void)
{
	struct rig r = rig_of_files();
	struct source list[2];
	struct told t;

	play(&r);
	goes_out(&r, 200, SERVER, OUTSIDE, "the very end");
	r.id++;
	see(&r, AT_LAN, 86000, MAC_ALICE, MAC_LAN, (struct frame){ ALICE, "192.0.2.1:7", .payload = "by the other" });
	r.id++;
	see(&r, AT_WAN, 87000, MAC_CORE, MAC_WAN,
	    (struct frame){ BOB, "203.0.113.10:8080", .payload = "for the third", .ttl = 60 });
	rig_end(&r);
	list[0] = source_of(r.paths[AT_WAN], "router wan");
	list[1] = source_of(r.paths[AT_LAN], "router lan");
	t = tell(list, 2, NULL, 0);
	CU_ASSERT_PTR_NULL(strstr(t.text, "on the way out"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "nobody behind it"));
	CU_ASSERT(says(&t, "10.0.1.2 sent 1 packet to 192.0.2.1: 1 left our view: 1 went into router"));
	CU_ASSERT(says(&t, "left our view: 1 went into router and was not seen to come out."));
	told_free(&t);
	rig_remove(&r);
}

/* Of a flow that passed before and after, and where others to the same end pass, one that did not has died. */
static void a_loss_in_mid_stream_is_a_loss(void)
{
	struct rig r = rig_of_files();
	struct source list[2];
	struct told t;

	play(&r);
	r.id++;
	see(&r, AT_LAN, 86000, MAC_ALICE, MAC_LAN, (struct frame){ ALICE, SERVER, .payload = "lost" });
	goes_out(&r, 200, SERVER, OUTSIDE, "passes");
	rig_end(&r);
	list[0] = source_of(r.paths[AT_WAN], "router wan");
	list[1] = source_of(r.paths[AT_LAN], "router lan");
	t = tell(list, 2, NULL, 0);
	CU_ASSERT(says(&t, "1 died at router on the way out"));
	told_free(&t);
	rig_remove(&r);
}

/* With other bytes than before it is the same packet still; what is not seen behind the box has died there. */
static void what_a_router_rewrites_has_arrived(void)
{
	struct rig r = rig_of_files();
	struct source list[PLACES];
	struct told t;

	play(&r);
	is_rewritten_on_its_way_in(&r, 100, "you are 203.0.113.10", "you are 10.0.1.2");
	is_rewritten_on_its_way_in(&r, 110, "you are 203.0.113.10 still", "you are 10.0.1.2 still");
	r.id++;
	see(&r, AT_ALICE, 119980, MAC_ALICE, MAC_LAN, (struct frame){ ALICE, SERVER, .payload = "I am 10.0.1.2" });
	see(&r, AT_LAN, 120000, MAC_ALICE, MAC_LAN, (struct frame){ ALICE, SERVER, .payload = "I am 10.0.1.2" });
	see(&r, AT_WAN, 120020, MAC_WAN, MAC_CORE,
	    (struct frame){ OUTSIDE, SERVER, .payload = "I am 203.0.113.10", .ttl = 63 });
	comes_in(&r, 130, SERVER, (struct frame){ .payload = "dropped" }, false);
	comes_in(&r, 140, SERVER, (struct frame){ .payload = "bye" }, true);
	goes_out(&r, 300, SERVER, OUTSIDE, "the very end");
	rig_end(&r);
	list[0] = source_of(r.paths[AT_WAN], "router wan");
	list[1] = source_of(r.paths[AT_LAN], "router lan");
	list[2] = source_of(r.paths[AT_ALICE], "alice");
	t = tell(list, PLACES, NULL, 0);
	CU_ASSERT(says(&t, "Of 198.51.100.1's 7 packets 6 reached alice. 1 died at router although the way was open"));
	CU_ASSERT(says(&t, "Of what 198.51.100.1 sent: 2 came with a payload that router had rewritten (an ALG"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "on the way out"));
	CU_ASSERT_EQUAL(t.trace->journeys, 3 + 9 + 6); /* who-has at each place, play(), and the rest */
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
		see_arp(&r, at, 1, at == AT_ALICE ? MAC_ALICE : at == AT_LAN ? MAC_LAN : MAC_WAN);
	goes_out(&r, 1, BOB, OUTSIDE, "hello");
	comes_in(&r, at_ms, BOB, (struct frame){ .payload = "hello you" }, true);
	if (survived_ms != 0)
		comes_in(&r, at_ms += survived_ms, BOB, (struct frame){ .payload = "still there?" }, true);
	at_ms += idle_ms;
	if (outside_again == NULL)
		comes_in(&r, at_ms, BOB, (struct frame){ .payload = "and now?" }, false);
	goes_out(&r, at_ms + 1000, BOB, outside_again != NULL ? outside_again : OUTSIDE, "here I am");
	if (outside_again != NULL)
		comes_in(&r, at_ms + 2000, BOB, (struct frame){ .payload = "and now?" }, false);
	goes_out(&r, at_ms + 4000, BOB, outside_again != NULL ? outside_again : OUTSIDE, "the end");
	goes_out(&r, at_ms + 5000, BOB, outside_again != NULL ? outside_again : OUTSIDE, "the very end");
	rig_end(&r);
	list[0] = source_of(r.paths[AT_LAN], "router lan");
	list[1] = source_of(r.paths[AT_WAN], "router wan");
	list[2] = source_of(r.paths[AT_ALICE], "alice");
	t = tell(list, PLACES, &bob, 1);
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

	play(&r);
	goes_out(&r, 1000, BOB, OUTSIDE, "hello");
	for (unsigned i = 0; i < 4; i++)
		comes_in(&r, 2000 + i * 10000, BOB, (struct frame){ .payload = "in vain" }, false);
	goes_out(&r, 50000, SERVER, OUTSIDE, "the very end");
	goes_out(&r, 51000, SERVER, OUTSIDE, "the very end");
	rig_end(&r);
	list[0] = source_of(r.paths[AT_LAN], "router lan");
	list[1] = source_of(r.paths[AT_WAN], "router wan");
	list[2] = source_of(r.paths[AT_ALICE], "alice");
	t = tell(list, PLACES, &bob, 1);
	CU_ASSERT(says(&t, " 4 died at router although the way was open for bob:6000: a rule dropped them"));
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

		if (!says(&t, rows[i].says))
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

	start(begin_anew(&r, AT_WAN), "", 1);
	for (unsigned i = 0; i < 3; i++) {
		goes_out(&r, i * 10, BOB, OUTSIDE, "hello");
		comes_in(&r, i * 10 + 5, BOB, (struct frame){ .payload = "hello" }, true);
	}
	comes_in(&r, 40, BOB, (struct frame){ .payload = "dropped by the router" }, false);
	goes_out(&r, 50, BOB, OUTSIDE, "still there");
	rig_end(&r);
	list[0] = source_of(r.paths[AT_LAN], "router lan");
	list[1] = source_of(r.paths[AT_WAN], "bob");
	t = tell(list, 2, &(struct infer_name){ "router", "203.0.113.10" }, 1);
	CU_ASSERT_PTR_NULL(strstr(t.text, "lost"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "died"));
	told_free(&t);
	rig_remove(&r);
}

/* alice and the server alone, and bob's knock at the end of all. Without a word on how it was captured: `counted`. */
static struct told tell_of_a_quiet_lan(unsigned counted_lan, uint64_t until_ms, unsigned dropped)
{
	struct rig r = rig_of_one("router lan", "router wan");
	struct source list = source_of(r.paths[0], "");
	struct told t;

	for (unsigned i = 0; i < 2; i++) {
		goes_out(&r, i * 10, SERVER, OUTSIDE, "who am I?");
		comes_in(&r, i * 10 + 5, SERVER, (struct frame){ .payload = "you are" }, true);
	}
	comes_in(&r, 400, BOB, (struct frame){ .payload = "knock" }, false);
	comes_in(&r, 900, SERVER, (struct frame){ .payload = "too late" }, false);
	for (uint32_t i = 0; i < 2 && counted_lan > 0; i++)
		CU_ASSERT_EQUAL(pcapng_write_statistics(r.files[AT_LAN], i, START_NS + until_ms * 1000000,
		                                        i == 0 ? counted_lan : 6, i == 0 ? dropped : 0),
		                0);
	rig_end(&r);
	t = tell(&list, 1, NULL, 0);
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

static void one_file_of_two_interfaces_without_names(void)
{
	struct rig r = rig_of_one("", "");
	struct source list = source_of(r.paths[0], "");
	struct told t;

	play(&r);
	rig_end(&r);
	t = tell(&list, 1, NULL, 0);
	CU_ASSERT(says(&t, "198.51.100.7's 2 packets never reached 10.0.1.2. All of them died at router. There "
	                   "router:40000 was open for 198.51.100.1:3478 only, because 10.0.1.2 had sent there"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(t.trace->inferred, "if0 is router lan, if1 is router wan; behind router: 10.0.1.2"));
	told_free(&t);
	rig_remove(&r);
}

/* "Ethernet 2" is not "Ethernet 3"; what the user says is so, what he does not say is found. */
static void one_interface_is_named_the_other_is_found(void)
{
	const struct infer_name names[] = { { "Ethernet 3", "home wan" }, { "bob", "198.51.100.7" } };
	struct rig r = rig_of_one("Ethernet 2", "Ethernet 3");
	struct source list = source_of(r.paths[0], "");
	struct told t;

	play(&r);
	rig_end(&r);
	t = tell(&list, 1, names, 2);
	CU_ASSERT(says(&t, "bob's 2 packets never reached 10.0.1.2. All of them died at home."));
	CU_ASSERT_STRING_EQUAL(t.trace->stage.interfaces[0].name, "home lan");
	CU_ASSERT_STRING_EQUAL(t.trace->stage.interfaces[1].name, "home wan");
	told_free(&t);
	rig_remove(&r);
}

/* dumpcap takes a second's packets of each interface in turn. */
static void blocks_out_of_order_are_sorted(void)
{
	struct rig lan = rig_of_one("a", "b"), wan = lan;
	struct source list = source_of(lan.paths[0], "");
	struct told t;

	lan.files[AT_WAN] = NULL;
	wan.files[AT_LAN] = NULL;
	play(&lan);
	play(&wan);
	fclose(lan.files[AT_LAN]);
	t = tell(&list, 1, NULL, 0);
	CU_ASSERT(says(&t, "died at router"));
	CU_ASSERT_EQUAL(t.trace->late, 0);
	CU_ASSERT_EQUAL(t.why->mappings.count, 1);
	told_free(&t);
	rig_remove(&lan);
}

static uint64_t times[8];
static size_t time_count;

static void note_time(void *context, const struct journey *j)
{
	(void)context;
	if (time_count < 8)
		times[time_count++] = journey_first(j)->time_ns - START_NS;
}

static void a_clock_that_is_set_back_is_told_and_times_stay(void)
{
	static const struct trace_visitor visitor = { NULL, NULL, note_time };
	struct rig r = rig_of_one("a", "b");
	struct source list = source_of(r.paths[0], "");
	char error[TRACE_ERROR_SIZE];
	struct trace *t;

	goes_out(&r, 60000, SERVER, OUTSIDE, "late");
	goes_out(&r, 1000, SERVER, OUTSIDE, "early");
	rig_end(&r);
	t = trace_open_captures(&list, 1, NULL, 0, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	time_count = 0;
	CU_ASSERT_EQUAL(trace_run(t, &visitor, error), 0);
	CU_ASSERT_EQUAL(t->journeys, 2);
	CU_ASSERT_EQUAL(times[0], UINT64_C(60000020000));
	CU_ASSERT_EQUAL(times[1], UINT64_C(1000020000));
	CU_ASSERT_EQUAL(t->late, 1);
	CU_ASSERT(t->late_ns > UINT64_C(58000000000));
	trace_free(t);
	rig_remove(&r);
}

/* A STUN answer (RFC 8489): where the server saw us. */
static struct frame stun_answer(uint8_t bytes[40], uint16_t from_port, uint16_t to_port, uint16_t mapped_port)
{
	struct writer w = writer_of(bytes, 40);

	write_u16(&w, from_port);
	write_u16(&w, to_port);
	write_u16(&w, 40);
	write_u16(&w, 0);
	write_u16(&w, 0x0101); /* success */
	write_u16(&w, 12);     /* length: one attribute */
	write_u32(&w, 0x2112a442);
	write_u32(&w, mapped_port); /* the transaction: whatever */
	write_u32(&w, 0);
	write_u32(&w, 0);
	write_u16(&w, 0x0020); /* XOR-MAPPED-ADDRESS */
	write_u16(&w, 8);
	write_u16(&w, 1); /* IPv4 */
	write_u16(&w, mapped_port ^ 0x2112);
	return (struct frame){ .bytes = bytes, .bytes_len = 40 };
}

static void ask(struct rig *r, uint64_t ms, const char *server, uint16_t mapped_port)
{
	uint8_t bytes[40];
	struct frame answer = stun_answer(bytes, 3478, 5000, mapped_port);
	const uint8_t address[4] = { 203 ^ 0x21, 0 ^ 0x12, 113 ^ 0xa4, 10 ^ 0x42 };

	memcpy(bytes + 36, address, sizeof address);
	goes_out(r, ms, server, OUTSIDE, "STUN");
	comes_in(r, ms + 5, server, answer, true);
}

static struct told from_alice_alone(struct rig *r)
{
	struct source list = source_of(r->paths[AT_ALICE], "");

	rig_end(r);
	return tell(&list, 1, NULL, 0);
}

static void one_place_tells_of_a_symmetric_nat(void)
{
	struct rig r = rig_of_files();
	struct told t;

	ask(&r, 0, "198.51.100.1:3478", 40000);
	ask(&r, 10, "198.51.100.2:3478", 40777);
	goes_out(&r, 20, BOB, OUTSIDE, "anybody?");
	t = from_alice_alone(&r);
	CU_ASSERT(
	    says(&t, "10.0.1.2:5000 is 203.0.113.10:40000 for 198.51.100.1:3478 (journey 2), 203.0.113.10:40777 for "
	             "198.51.100.2:3478 (journey 4): the NAT in front of it gives each destination a port of its own"));
	CU_ASSERT(says(&t, "10.0.1.2 and 198.51.100.7: no answer is seen here."));
	CU_ASSERT(says(&t, "10.0.1.2 sent 1 packet to 198.51.100.7: 1 left our view."));
	CU_ASSERT(says(&t, "10.0.1.2 and 198.51.100.1: what came in is seen here, what went out left our view."));
	CU_ASSERT_PTR_NULL(strstr(t.text, "nobody has"));
	told_free(&t);
	rig_remove(&r);
}

/* What one socket was called by two servers, and by one twice. */
static void what_servers_say_of_a_socket_is_put_together(void)
{
	static const struct {
		const char *second, *words;
		unsigned port, third_port; /* 0: a third server was not asked */
	} rows[] = {
		{ "198.51.100.1:3478", "one server saw it change: its mapping ended, and a new one was made", 40001,
		  0 },
		{ "198.51.100.2:3478", "the NAT in front of it keeps one port for all of them", 40000, 0 },
		{ "198.51.100.2:3478", "the same for some and another for others: several NATs or ways out", 40000,
		  40007 },
		{ "198.51.100.2:3478", "gives each destination a port of its own (a symmetric NAT)", 40001, 40002 },
		{ "198.51.100.1:3478", "one server alone does not tell whether others see the same", 40000, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rig r = rig_of_files();
		struct told t;

		ask(&r, 0, "198.51.100.1:3478", 40000);
		ask(&r, 10, rows[i].second, (uint16_t)rows[i].port);
		if (rows[i].third_port != 0)
			ask(&r, 20, "198.51.100.3:3478", (uint16_t)rows[i].third_port);
		t = from_alice_alone(&r);
		CU_ASSERT(says(&t, rows[i].words));
		told_free(&t);
		rig_remove(&r);
	}
}

static void one_place_tells_of_a_cone(void)
{
	struct rig r = rig_of_files();
	struct told t;

	ask(&r, 0, "198.51.100.1:3478", 40000);
	ask(&r, 10, "198.51.100.2:3478", 40000);
	t = from_alice_alone(&r);
	CU_ASSERT(says(&t, "keeps one port for all of them"));
	told_free(&t);
	rig_remove(&r);
}

static void one_place_tells_of_the_peers_symmetric_nat(void)
{
	struct rig r = rig_of_files();
	struct told t;

	goes_out(&r, 0, BOB, OUTSIDE, "hello");
	comes_in(&r, 10, "198.51.100.7:6777", (struct frame){ .payload = "hello" }, true);
	t = from_alice_alone(&r);
	CU_ASSERT(says(&t, "10.0.1.2:5000 sent to 198.51.100.7:6000 and heard nothing from there; 1 packet came from "
	                   "198.51.100.7:6777 instead"));
	told_free(&t);
	rig_remove(&r);
}

/* alice is told that a port is unreachable, by `refuser`. ICMP has no ports. */
static struct told tell_of_a_refusal(const char *refuser)
{
	uint8_t quoted[FIXTURE_FRAME], bytes[FIXTURE_FRAME] = { 3, 3 }; /* port unreachable */
	struct rig r = rig_of_files();
	struct told t;
	size_t len;

	goes_out(&r, 0, BOB, OUTSIDE, "hello");
	len =
	    fixture_ip(&(struct frame){ .src = ALICE, .dst = BOB, .payload = "hello", .id = r.id, .ttl = 60 }, quoted);
	memcpy(bytes + 8, quoted, len);
	r.id++;
	see(&r, AT_ALICE, 5000, MAC_LAN, MAC_ALICE,
	    (struct frame){
		.src = refuser, .dst = "10.0.1.2:1", .protocol = PACKET_ICMP, .bytes = bytes, .bytes_len = 8 + len });
	t = from_alice_alone(&r);
	rig_remove(&r);
	return t;
}

/* An ICMP error is heard by whoever sent; nobody looked where it was said. */
static void one_place_tells_of_a_refusal(void)
{
	struct told t = tell_of_a_refusal("198.51.100.7:1");

	CU_ASSERT(says(&t, "no program listens at 198.51.100.7:6000, or a firewall there says no"));
	CU_ASSERT(says(&t, "What would help: a program that listens and answers there"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "nobody has"));
	told_free(&t);
}

/* A host that sends nothing but what dies on its way is at this end of it. */
static void a_traceroute_alone_tells_where_it_came_to(void)
{
	static const char *const refusers[] = { "10.0.1.1:1", "198.51.100.77:1", "198.51.100.7:1" };
	struct rig r = rig_of_files();
	struct told t;

	for (unsigned i = 0; i < 3; i++) {
		uint8_t bytes[FIXTURE_FRAME] = { i < 2 ? 11 : 3, i < 2 ? 0 : 3 };
		struct frame probe = { .src = ALICE, .dst = BOB, .payload = "probe", .ttl = i + 1 };

		r.id++;
		see(&r, AT_ALICE, i * 10000, MAC_ALICE, MAC_LAN, probe);
		probe.id = r.id;
		probe.ttl = 1;
		see(&r, AT_ALICE, i * 10000 + 5000, MAC_LAN, MAC_ALICE,
		    (struct frame){ .src = refusers[i],
		                    .dst = "10.0.1.2:1",
		                    .protocol = PACKET_ICMP,
		                    .bytes = bytes,
		                    .bytes_len = 8 + fixture_ip(&probe, bytes + 8) });
	}
	t = from_alice_alone(&r);
	CU_ASSERT(says(&t, "10.0.1.2's 3 packets never got through to 198.51.100.7."));
	CU_ASSERT(says(&t, "2 left 10.0.1.2, and their hop limit (TTL) ran out at a router beyond it."));
	CU_ASSERT(says(&t, "1 arrived at 198.51.100.7 and was refused (ICMP)"));
	told_free(&t);
	rig_remove(&r);
}

/* No program behind a firewall that says no changes its mind. */
static void a_firewall_on_the_way_asks_for_no_program(void)
{
	struct told t = tell_of_a_refusal("198.51.100.254:1");

	CU_ASSERT(says(&t, "refused by 198.51.100.254 on the way (ICMP): a firewall there lets nothing through"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "What would help"));
	told_free(&t);
}

/* A cooked capture of all interfaces (SLL2): each packet with the index of its interface, and which way it went. */
static void see_cooked(FILE *f, unsigned index, unsigned type, uint64_t us, const struct frame *frame)
{
	uint8_t bytes[FIXTURE_FRAME];
	struct writer w = writer_of(bytes, 20);
	struct pcapng_packet p = { .bytes = bytes, .time_ns = START_NS + us * 1000 };

	write_u16(&w, 0x0800);
	write_u16(&w, 0);
	write_u32(&w, index);
	write_u16(&w, 1);
	write_u8(&w, (uint8_t)type);
	write_u8(&w, 6);
	write_u32(&w, 0);
	write_u32(&w, 0);
	p.captured = p.length = (uint32_t)(20 + fixture_ip(frame, bytes + 20));
	CU_ASSERT_EQUAL_FATAL(pcapng_write_packet(f, &p), 0);
}

static void a_cooked_capture_is_parted_by_interface(void)
{
	char path[64];
	FILE *f = make_file(path);
	struct source list = source_of(path, "");
	struct told t;

	CU_ASSERT_EQUAL_FATAL(pcapng_write_section(f, "test"), 0);
	start(f, "any", 276);
	see_cooked(f, 3, 0, 0, &(struct frame){ ALICE, SERVER, .payload = "ask", .id = 1 });
	see_cooked(f, 2, 4, 20, &(struct frame){ OUTSIDE, SERVER, .payload = "ask", .id = 1, .ttl = 63 });
	see_cooked(f, 2, 0, 3000, &(struct frame){ SERVER, OUTSIDE, .payload = "told", .id = 4, .ttl = 60 });
	see_cooked(f, 3, 4, 3020, &(struct frame){ SERVER, ALICE, .payload = "told", .id = 4, .ttl = 59 });
	see_cooked(f, 3, 0, 4000, &(struct frame){ ALICE, "198.51.100.7:53", .payload = "bob?", .id = 5 });
	see_cooked(f, 2, 4, 4020, &(struct frame){ OUTSIDE, "198.51.100.7:53", .payload = "bob?", .id = 5, .ttl = 63 });
	see_cooked(f, 2, 0, 5000, &(struct frame){ BOB, OUTSIDE, .payload = "knock", .id = 2 });
	see_cooked(f, 3, 0, 90000, &(struct frame){ ALICE, SERVER, .payload = "ask again", .id = 3 });
	see_cooked(f, 2, 4, 90020, &(struct frame){ OUTSIDE, SERVER, .payload = "ask again", .id = 3, .ttl = 63 });
	fclose(f);
	t = tell(&list, 1, NULL, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(t.trace->inferred, "if3 is router lan, if2 is router wan"));
	CU_ASSERT(says(&t, "198.51.100.7's 1 packet never reached 10.0.1.2. 1 died at router."));
	told_free(&t);
	unlink(path);
}

/* What passed by on a mirrored port has no counters beside it. */
static void a_balance_without_a_record_says_so(void)
{
	struct rig r = rig_of_files();
	struct source list;
	struct infer_name name = { "mirror", "10.9.9.9" };
	char error[TRACE_ERROR_SIZE], *text = NULL;
	bool agrees = false;
	struct trace *t;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	for (unsigned i = 0; i < 6; i++) {
		char src[32];

		snprintf(src, sizeof src, "10.0.1.%u:7", i + 20);
		r.id++;
		see(&r, AT_LAN, i * 1000, MAC_ALICE, MAC_LAN, (struct frame){ src, SERVER, .payload = "by" });
	}
	rig_end(&r);
	list = source_of(r.paths[AT_LAN], "");
	t = trace_open_captures(&list, 1, &name, 1, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(audit_trace(t, f, &agrees, error), 0);
	fclose(f);
	CU_ASSERT_TRUE(agrees);
	CU_ASSERT_STRING_EQUAL(text, "ok     6 packets in the capture, 6 on the legs of 6 journeys\n"
	                             "ok     0 journeys ended badly, 0 are told of in sentences\n"
	                             "?      the record has no counters to compare with\n");
	free(text);
	trace_free(t);
	rig_remove(&r);
}

/* Names are other people's: in their script, and nothing that moves a cursor. */
static void names_are_shown_as_they_are(void)
{
	static struct scene s;

	memset(&s, 0, sizeof s);
	scene_add_interface(&s, "Küche", 1);
	scene_add_interface(&s, "\\Device\\NPF_1", 1);
	scene_add_interface(&s, "bad\r\n\x1b[2J", 1);
	CU_ASSERT_STRING_EQUAL(s.interfaces[0].name, "Küche");
	CU_ASSERT_STRING_EQUAL(s.interfaces[1].name, "\\Device\\NPF_1");
	CU_ASSERT_STRING_EQUAL(s.interfaces[2].name, "bad\\x0d\\x0a\\x1b[2J");
}

SUITE(captures, TEST(several_files_each_a_side), TEST(clocks_are_put_right_and_told),
      TEST(a_capture_with_nothing_in_common_says_so), TEST(what_comes_after_a_capture_left_our_view),
      TEST(a_filter_beside_none_tells_of_no_death), TEST(a_third_side_is_not_forgotten),
      TEST(a_loss_in_mid_stream_is_a_loss), TEST(the_far_side_of_a_box_is_not_its_near_side),
      TEST(what_a_capture_says_of_itself_counts), TEST(what_a_router_rewrites_has_arrived),
      TEST(what_was_idle_for_long_may_have_timed_out), TEST(who_is_never_let_in_is_not_told_of_a_time_out),
      TEST(one_file_of_two_interfaces_without_names), TEST(one_interface_is_named_the_other_is_found),
      TEST(blocks_out_of_order_are_sorted), TEST(a_clock_that_is_set_back_is_told_and_times_stay),
      TEST(one_place_tells_of_a_symmetric_nat), TEST(what_servers_say_of_a_socket_is_put_together),
      TEST(one_place_tells_of_a_cone), TEST(one_place_tells_of_the_peers_symmetric_nat),
      TEST(one_place_tells_of_a_refusal), TEST(a_firewall_on_the_way_asks_for_no_program),
      TEST(a_traceroute_alone_tells_where_it_came_to), TEST(a_cooked_capture_is_parted_by_interface),
      TEST(a_balance_without_a_record_says_so), TEST(names_are_shown_as_they_are))
