/*
 * One capture file of one's own that has several interfaces, or frames in no order, or more of them than there were.
 */
#include "rig.h"
#include "suite.h"

#include "base/cursor.h"
#include "evidence/pcapng.h"
#include "trace/audit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void one_file_of_two_interfaces_without_names(void)
{
	struct rig r = rig_of_one("", "");
	struct source list = rig_source(r.paths[0], "");
	struct told t;

	rig_play(&r);
	rig_end(&r);
	t = rig_tell(&list, 1, NULL, 0);
	CU_ASSERT(told_says(&t, "198.51.100.7's 2 packets never reached 10.0.1.2. All of them died at router. There "
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
	struct source list = rig_source(r.paths[0], "");
	struct told t;

	rig_play(&r);
	rig_end(&r);
	t = rig_tell(&list, 1, names, 2);
	CU_ASSERT(told_says(&t, "bob's 2 packets never reached 10.0.1.2. All of them died at home."));
	CU_ASSERT_STRING_EQUAL(t.trace->scene.interfaces[0].name, "home lan");
	CU_ASSERT_STRING_EQUAL(t.trace->scene.interfaces[1].name, "home wan");
	told_free(&t);
	rig_remove(&r);
}

/* dumpcap takes a second's packets of each interface in turn. */
static void blocks_out_of_order_are_sorted(void)
{
	struct rig lan = rig_of_one("a", "b"), wan = lan;
	struct source list = rig_source(lan.paths[0], "");
	struct told t;

	lan.files[AT_WAN] = NULL;
	wan.files[AT_LAN] = NULL;
	rig_play(&lan);
	rig_play(&wan);
	fclose(lan.files[AT_LAN]);
	t = rig_tell(&list, 1, NULL, 0);
	CU_ASSERT(told_says(&t, "died at router"));
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
	struct source list = rig_source(r.paths[0], "");
	char error[TRACE_ERROR_SIZE];
	struct trace *t;

	rig_goes_out(&r, 60000, SERVER, OUTSIDE, "late");
	rig_goes_out(&r, 1000, SERVER, OUTSIDE, "early");
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
	FILE *f = rig_make_file(path);
	struct source list = rig_source(path, "");
	struct told t;

	CU_ASSERT_EQUAL_FATAL(pcapng_write_section(f, "test"), 0);
	rig_start(f, "any", 276);
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
	t = rig_tell(&list, 1, NULL, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(t.trace->inferred, "if3 is router lan, if2 is router wan"));
	CU_ASSERT(told_says(&t, "198.51.100.7's 1 packet never reached 10.0.1.2. 1 died at router."));
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
		rig_see(&r, AT_LAN, i * UINT64_C(1000), MAC_ALICE, MAC_LAN,
		        (struct frame){ src, SERVER, .payload = "by" });
	}
	rig_end(&r);
	list = rig_source(r.paths[AT_LAN], "");
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

/* --- a mirror port ----------------------------------------------------------------------------- */

/* alice asks six times and is answered, at the router's lan side; each frame `copies` times, `apart_us` apart. */
static struct told tell_of_a_mirror(struct rig *r, unsigned copies, unsigned apart_us, unsigned doubled_of_12,
                                    unsigned first_id)
{
	struct source list;

	*r = rig_of_files();
	list = rig_source(r->paths[AT_LAN], "");

	for (unsigned i = 0; i < 12; i++) {
		bool is_answer = i % 2 == 1;
		struct frame f = { .src = is_answer ? SERVER : ALICE, .dst = is_answer ? ALICE : SERVER };

		f.ttl = is_answer ? 59 : 64;
		f.payload = is_answer ? "you are" : "who am I?";
		r->id = first_id == 0 ? 0 : first_id + i;
		for (unsigned k = 0; k < (i < doubled_of_12 ? copies : 1); k++)
			rig_see(r, AT_LAN, i * 10000 + k * apart_us, is_answer ? MAC_LAN : MAC_ALICE,
			        is_answer ? MAC_ALICE : MAC_LAN, f);
	}
	rig_end(r);
	return rig_tell(&list, 1, NULL, 0);
}

/* What a program sends again is counted, what a mirror port shows again is not. */
static void a_mirror_port_doubles_frames(void)
{
	static const struct {
		unsigned copies, apart_us, doubled, id, told; /* 6: of the packets to the server, or so many more */
	} rows[] = {
		{ 2, 3, 12, 1, 6 },     { 3, 400, 12, 1, 6 }, { 2, 1000, 12, 1, 6 },
		{ 2, 1001, 12, 1, 12 }, { 2, 3, 4, 1, 6 },    { 2, 3, 3, 1, 8 }, /* a link doubles some, too */
		{ 2, 3, 12, 0, 12 }, /* nothing tells them from what was sent twice */
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig r;
		struct told t = tell_of_a_mirror(&r, rows[i].copies, rows[i].apart_us, rows[i].doubled, rows[i].id);
		char words[80];

		snprintf(words, sizeof words, "10.0.1.2 sent %u packets to 198.51.100.1", rows[i].told);
		CU_ASSERT(told_says(&t, words));
		CU_ASSERT_EQUAL(t.trace->doubled, rows[i].told == 6 ? (rows[i].copies - 1) * rows[i].doubled : 0);
		told_free(&t);
		rig_remove(&r);
	}
}

static void doubles_are_in_the_balance(void)
{
	struct rig r;
	struct told t = tell_of_a_mirror(&r, 2, 3, 12, 1);
	char error[TRACE_ERROR_SIZE], *text = NULL;
	bool agrees = false;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CU_ASSERT_EQUAL(audit_trace(t.trace, f, &agrees, error), 0);
	fclose(f);
	CU_ASSERT_TRUE(agrees);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text, "ok     24 packets in the capture, 12 on the legs of 12 journeys, 12 there twice\n"));
	free(text);
	told_free(&t);
	rig_remove(&r);
}

static void see_on(FILE *f, uint32_t interface, uint64_t us, const struct frame *frame)
{
	uint8_t bytes[FIXTURE_FRAME] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00 };
	struct pcapng_packet p = { .interface = interface, .bytes = bytes, .time_ns = START_NS + us * 1000 };

	p.captured = p.length = (uint32_t)(14 + fixture_ip(frame, bytes + 14));
	CU_ASSERT_EQUAL_FATAL(pcapng_write_packet(f, &p), 0);
}

/* Of a link that nobody here reads, of an interface too many: counted, and told of as what they are. Names and
 * interfaces may come when there were packets already. */
static void what_cannot_be_followed_is_counted(void)
{
	const struct frame ask = { ALICE, SERVER, .payload = "ask", .id = 1 },
			   late = { ALICE, SERVER, .payload = "late", .id = 2 };
	struct endpoint server;
	char path[64], name[16];
	FILE *f = rig_make_file(path);
	struct source list = rig_source(path, "");
	struct told t;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse(SERVER, &server), 0);
	CU_ASSERT_EQUAL_FATAL(pcapng_write_section(f, "test"), 0);
	rig_start(f, "router lan", 1);
	rig_start(f, "air", 105);
	see_on(f, 0, 10, &ask);
	see_on(f, 1, 20, &ask);
	CU_ASSERT_EQUAL(pcapng_write_name(f, &server.address, "asked"), 0);
	for (int i = 2; i < SCENE_INTERFACES + 3; i++) {
		snprintf(name, sizeof name, "tap%d", i);
		rig_start(f, name, i == 2 ? 147 : 1);
	}
	see_on(f, 2, 30, &ask);
	see_on(f, SCENE_INTERFACES - 1, 40, &late);
	see_on(f, SCENE_INTERFACES, 50, &late);
	see_on(f, SCENE_INTERFACES + 2, 60, &late);
	see_on(f, 0, 70, &late);
	CU_ASSERT_EQUAL(pcapng_write_statistics(f, 0, START_NS + 80000, 9, 7), 0);
	fclose(f);
	t = rig_tell(&list, 1, NULL, 0);
	CU_ASSERT_EQUAL(t.trace->packets, 5);
	CU_ASSERT_EQUAL(t.trace->without_interface, 2);
	CU_ASSERT_EQUAL(t.trace->unread_link, 2);
	CU_ASSERT_EQUAL(t.trace->unread_type, 147);
	CU_ASSERT_EQUAL(t.trace->dropped, 7);
	CU_ASSERT_EQUAL(t.trace->name_count, 1);
	told_free(&t);
	unlink(path);
}

/* A capture that ends in the middle of a block is read as far as it goes. */
static void a_capture_that_was_cut_off_says_so(void)
{
	struct rig r = rig_of_one("router lan", "router wan");
	struct source list = rig_source(r.paths[0], "");
	struct told t;

	rig_play(&r);
	fputs("half a block", r.files[AT_LAN]);
	rig_end(&r);
	t = rig_tell(&list, 1, NULL, 0);
	CU_ASSERT_TRUE(t.trace->damage[0] != '\0' && t.trace->packets > 10);
	t.trace->damage[0] = '\0';
	told_free(&t);
	rig_remove(&r);
}

SUITE(capture_file, TEST(what_cannot_be_followed_is_counted), TEST(a_capture_that_was_cut_off_says_so),
      TEST(a_mirror_port_doubles_frames), TEST(doubles_are_in_the_balance),
      TEST(one_file_of_two_interfaces_without_names), TEST(one_interface_is_named_the_other_is_found),
      TEST(blocks_out_of_order_are_sorted), TEST(a_clock_that_is_set_back_is_told_and_times_stay),
      TEST(a_cooked_capture_is_parted_by_interface), TEST(a_balance_without_a_record_says_so),
      TEST(names_are_shown_as_they_are))
