#include "evidence/record.h"
#include "suite.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATTERN "/tmp/test_record_XXXXXX"

static char path[sizeof PATTERN];

static struct record *open_record(void)
{
	int fd;

	memcpy(path, PATTERN, sizeof path);
	fd = mkstemp(path);
	CU_ASSERT_TRUE_FATAL(fd >= 0);
	close(fd);
	return record_open(path);
}

/* Closes, reads all there is and removes the file. */
static char *close_and_read(struct record *r, char text[4096])
{
	FILE *f = fopen(path, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	text[fread(text, 1, 4095, f)] = '\0';
	fclose(f);
	unlink(path);
	record_close(r);
	return text;
}

static void write_step(struct record *r, uint64_t time_ns, const char *text)
{
	record_write(r, &(struct record_line){ .type = RECORD_STEP, .time_ns = time_ns, .step.text = text });
}

static void writes_one_object_a_line(void)
{
	struct record *r = open_record();
	char text[4096];

	record_write(r, &(struct record_line){ .type = RECORD_INPUT,
	                                       .time_ns = 1700000000123456789,
	                                       .said.host = "alice",
	                                       .said.id = 2,
	                                       .said.text = "a \"b\"\n\tö\xff" });
	write_step(r, 1, "waits");
	CU_ASSERT_EQUAL(record_error(r), 0);
	CU_ASSERT_STRING_EQUAL(close_and_read(r, text),
	                       "{\"type\":\"input\",\"t\":1700000000123456789,\"host\":\"alice\",\"id\":2,"
	                       "\"text\":\"a \\\"b\\\"\\n\\tö\\\\xff\"}\n"
	                       "{\"type\":\"step\",\"t\":1,\"text\":\"waits\"}\n");
}

static void two_writers_share_a_file(void)
{
	struct record *a = open_record();
	struct record *b = record_open(path);
	char text[4096];

	for (uint64_t i = 1; i <= 2; i++) {
		write_step(a, i, "a");
		write_step(b, i, "b");
	}
	record_close(b);
	CU_ASSERT_STRING_EQUAL(close_and_read(a, text), "{\"type\":\"step\",\"t\":1,\"text\":\"a\"}\n"
	                                                "{\"type\":\"step\",\"t\":1,\"text\":\"b\"}\n"
	                                                "{\"type\":\"step\",\"t\":2,\"text\":\"a\"}\n"
	                                                "{\"type\":\"step\",\"t\":2,\"text\":\"b\"}\n");
}

/* Of whoever writes by this record, forks too; what another cuts off does not count. */
static void counts_what_was_written_to_it(void)
{
	struct record *first = open_record(), *r = record_open(path);
	uint64_t begun = record_length(r);
	pid_t pid;

	write_step(first, 1, "a");
	CU_ASSERT_EQUAL(begun, 0);
	CU_ASSERT_EQUAL(record_length(r), 0);
	record_close(r);
	r = record_open(path);
	begun = record_length(r);
	CU_ASSERT_EQUAL(begun, record_length(first));
	pid = fork();
	if (pid == 0) {
		write_step(r, 2, "b");
		_exit(0);
	}
	CU_ASSERT_TRUE_FATAL(pid > 0 && waitpid(pid, NULL, 0) == pid);
	CU_ASSERT_EQUAL(record_length(r), 2 * begun);
	CU_ASSERT_EQUAL(truncate(path, 0), 0);
	write_step(r, 3, "c");
	CU_ASSERT_EQUAL(record_length(r), 3 * begun);
	record_close(first);
	record_close(r);
	unlink(path);
}

static void remembers_what_failed(void)
{
	struct record *full = record_open("/dev/full");

	CU_ASSERT_PTR_NOT_NULL_FATAL(full);
	write_step(full, 1, "x");
	CU_ASSERT_EQUAL(record_error(full), ENOSPC);
	record_close(full);

	CU_ASSERT_PTR_NULL(record_open("/nonexistent/record"));
	CU_ASSERT_EQUAL(errno, ENOENT);
	write_step(NULL, 1, "x");
}

static struct endpoint end(const char *text)
{
	struct endpoint e = { .port = 0 };

	CU_ASSERT_EQUAL(endpoint_parse(text, &e), 0);
	return e;
}

/* Reads a line back and writes it again; true if nothing was lost. */
static bool comes_back(const struct record_line *line)
{
	json_t *written = record_line_to_json(line), *again = NULL;
	char *text = json_dumps(written, JSON_COMPACT);
	struct record_line got;

	if (text != NULL && record_line_read(text, strlen(text), &got) == 0) {
		again = record_line_to_json(&got);
		CU_ASSERT_EQUAL(got.type, line->type);
		CU_ASSERT_EQUAL(got.time_ns, line->time_ns);
		record_line_free(&got);
	}
	bool same = again != NULL && json_equal(written, again);

	json_decref(written);
	json_decref(again);
	free(text);
	return same;
}

static void every_kind_comes_back(void)
{
	static const char *const argv[] = { "client", "a word", NULL };
	const struct record_line lines[] = {
		{ .type = RECORD_WORLD, .world = { "two cones", "pairs.lua" } },
		{ .type = RECORD_NODE, .node = { .name = "alice", .kind = NODE_HOST, .behind = "nat-a" } },
		{ .type = RECORD_NODE,
		  .node = { .name = "nat-a",
		            .kind = NODE_BOX,
		            .addresses = { end("203.0.113.1:1").address, end("203.0.113.2:1").address },
		            .address_count = 2,
		            .nat = "symmetric",
		            .lan = subnet_ipv4(0x0a000100, 24) } },
		{ .type = RECORD_MAPPING,
		  .time_ns = 5,
		  .mapping = { .box = "nat-a",
		               .event = RECORD_SNAPSHOT,
		               .protocol = 17,
		               .orig = { end("10.0.1.2:5000"), end("198.51.100.1:7000") },
		               .reply = { end("198.51.100.1:7000"), end("203.0.113.1:5000") },
		               .timeout_s = 30,
		               .replied = true } },
		{ .type = RECORD_MAPPING,
		  .time_ns = 5,
		  .mapping = { .box = "nat-a",
		               .event = RECORD_DESTROY,
		               .protocol = 47,
		               .orig.src.address.family = 4,
		               .orig.dst.address.family = 4,
		               .reply.src.address.family = 4,
		               .reply.dst.address.family = 4,
		               .assured = true } },
		{ .type = RECORD_NODE,
		  .node = { .name = "phone",
		            .kind = NODE_HOST,
		            .behind = "home",
		            .interfaces = { { .name = "wifi",
		                              .behind = "home",
		                              .addresses = { end("10.0.1.2:1").address },
		                              .address_count = 1 },
		                            { .name = "lte", .is_unplugged = true } },
		            .interface_count = 2 } },
		{ .type = RECORD_INTERFACE,
		  .time_ns = 6,
		  .interface = { .node = "phone", .now = { .name = "wifi", .is_unplugged = true } } },
		{ .type = RECORD_NETWORK,
		  .time_ns = 6,
		  .network = { .box = "nat-a", .ipv6_outside = { end("[2444:0:103::]:1").address, 48 } } },
		{ .type = RECORD_CHANGE, .time_ns = 6, .change = { "nat-a", RECORD_FORGOT_ANSWERS } },
		{ .type = RECORD_CHANGE, .time_ns = 6, .change = { "nat-a", RECORD_LINK_DOWN } },
		{ .type = RECORD_LEASE,
		  .time_ns = 6,
		  .lease = { "nat-a", RECORD_DESTROY, { 17, 4001, end("10.0.1.2:4000"), .by = MAPPER_PCP } } },
		{ .type = RECORD_GAP, .time_ns = 6, .gap.box = "nat-a" },
		{ .type = RECORD_COUNTER, .time_ns = 7, .counter = { "nat-a", "wan", RECORD_RX_DROPPED, 3, 300 } },
		{ .type = RECORD_COUNTER, .time_ns = 7, .counter = { "nat-a", "", RECORD_RULES_DROPPED, 3, 0 } },
		{ .type = RECORD_WEATHER, .time_ns = 7, .weather = { "nat-a wan", "loss=1%", 7 } },
		{ .type = RECORD_LINK,
		  .time_ns = 7,
		  .link = { .link = "nat-a wan",
		            .direction = WEATHER_DOWN,
		            .n = 13,
		            .fate = RECORD_OVERTOOK,
		            .protocol = 17,
		            .id = 65535,
		            .packet = { end("10.0.1.2:5000"), end("198.51.100.1:7000") } } },
		{ .type = RECORD_LINK, .time_ns = 7, .link = { .link = "nat-a wan", .n = 1, .fate = RECORD_LOST } },
		{ .type = RECORD_START, .time_ns = 8, .start = { "alice", "client", 1, argv } },
		{ .type = RECORD_INPUT, .time_ns = 9, .said = { .host = "alice", .id = 1, .text = "login" } },
		{ .type = RECORD_OUTPUT,
		  .time_ns = 10,
		  .said = { .host = "alice", .id = 1, .is_stderr = true, .continues = true, .text = "hm" } },
		{ .type = RECORD_STOP, .time_ns = 11, .stop = { "alice", 1 } },
		{ .type = RECORD_EXIT, .time_ns = 11, .exit = { "alice", 1, 137 } },
		{ .type = RECORD_STEP, .time_ns = 12, .step.text = "nat-a: reboot" },
		{ .type = RECORD_RESULT,
		  .time_ns = 13,
		  .result = { .message = "shut", .at = "x.lua:3", .seconds = 1.5 } },
		{ .type = RECORD_RULES, .time_ns = 12, .rules = { "nat-a", "iptables" } },
		{ .type = RECORD_REBOOT, .time_ns = 12, .reboot = { "nat-a", 11 } },
		{ .type = RECORD_RESULT, .time_ns = 13, .result = { .passed = true } },
	};
	unsigned kinds = 0;

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		CU_ASSERT(comes_back(&lines[i]));
		kinds |= 1u << lines[i].type;
	}
	CU_ASSERT_EQUAL(kinds, (1u << RECORD_OTHER) - 1);
}

static void bad_lines_are_refused(void)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{\"type\":",
		"{\"name\":\"x\"}",
		"{\"type\":\"step\",\"type\":\"step\",\"t\":1,\"text\":\"x\"}",
		"{\"type\":\"step\",\"text\":\"no time\"}",
		"{\"type\":\"step\",\"t\":-1,\"text\":\"x\"}",
		"{\"type\":\"step\",\"t\":\"1\",\"text\":\"x\"}",
		"{\"type\":\"node\",\"name\":\"x\",\"kind\":\"toaster\"}",
		"{\"type\":\"node\",\"kind\":\"box\"}",
		"{\"type\":\"counter\",\"t\":1,\"box\":\"x\",\"name\":\"y\",\"packets\":-1}",
		"{\"type\":\"start\",\"t\":1,\"host\":\"x\",\"program\":\"y\",\"argv\":[]}",
		"{\"type\":\"start\",\"t\":1,\"id\":1,\"host\":\"x\",\"argv\":[]}",
		"{\"type\":\"output\",\"t\":1,\"id\":1,\"host\":\"x\",\"text\":7}",
		"{\"type\":\"exit\",\"t\":1,\"id\":-1,\"host\":\"x\"}",
		"{\"type\":\"gap\",\"t\":1}",
		"{\"type\":\"result\"}",
		"{\"type\":\"mapping\",\"t\":1,\"box\":\"x\",\"event\":\"new\",\"orig\":{\"src\":\"1.2.3.4:5\"}}",
	};
	static const char new_kind[] = "{\"type\":\"something new\"}";
	struct record_line line;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CU_ASSERT_EQUAL(record_line_read(bad[i], strlen(bad[i]), &line), -1);
	CU_ASSERT_EQUAL(record_line_read(new_kind, strlen(new_kind), &line), 0);
	CU_ASSERT_EQUAL(line.type, RECORD_OTHER);
	record_line_free(&line);
}

static void text_is_always_utf8(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} table[] = {
		{ "", 0, "" },
		{ "plain ~", 7, "plain ~" },
		{ "\0x", 2, "\\x00x" },
		{ "\xc3\xb6", 2, "\xc3\xb6" },                 /* ö */
		{ "\xe2\x82\xac", 3, "\xe2\x82\xac" },         /* euro sign */
		{ "\xf0\x9f\x8e\x89", 4, "\xf0\x9f\x8e\x89" }, /* beyond 16 bits */
		{ "\xf4\x8f\xbf\xbf", 4, "\xf4\x8f\xbf\xbf" }, /* U+10FFFF, the last */
		{ "\x80", 1, "\\x80" },                        /* a continuation alone */
		{ "\xc3", 1, "\\xc3" },                        /* cut short */
		{ "\xc3(", 2, "\\xc3(" },                      /* no continuation */
		{ "\xc0\xaf", 2, "\\xc0\\xaf" },               /* longer than needed */
		{ "\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf" },
		{ "\xf0\x80\x80\xaf", 4, "\\xf0\\x80\\x80\\xaf" },
		{ "\xed\xa0\x80", 3, "\\xed\\xa0\\x80" },          /* a surrogate */
		{ "\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80" }, /* beyond U+10FFFF */
		{ "\xf8\x88\x80\x80\x80", 5, "\\xf8\\x88\\x80\\x80\\x80" },
		{ "\xff\xfe", 2, "\\xff\\xfe" },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char *text = record_text(table[i].bytes, table[i].len);
		json_t *string = json_string(text);

		CU_ASSERT_STRING_EQUAL(text, table[i].text);
		CU_ASSERT_PTR_NOT_NULL(string); /* jansson refuses what is not UTF-8 */
		json_decref(string);
		free(text);
	}
}

SUITE(record, TEST(writes_one_object_a_line), TEST(two_writers_share_a_file), TEST(counts_what_was_written_to_it),
      TEST(remembers_what_failed), TEST(every_kind_comes_back), TEST(bad_lines_are_refused), TEST(text_is_always_utf8))
