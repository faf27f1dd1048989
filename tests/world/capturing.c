/*
 * The recorder on real links, and broken on purpose: every packet is counted as soon as its sender has gone on; killed,
 * out of disk space or without a file it says so; what it leaves can be read.
 */
#include "in_world.h"

#include "io/clock.h"
#include "io/log.h"
#include "observe/capture.h"
#include "observe/counters.h"
#include "evidence/pcapng_reader.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char problem[CAPTURE_ERROR_SIZE]; /* of a capture that is not whole */

#define CAPTURE "/run/test.pcapng"
#define RECORD "/run/test.jsonl"
#define SERVER_PORT 3000
#define DEADLINE_MS 20000

static int alice, server; /* nodes */

/* --- helpers in the world ---------------------------------------------------------------------- */

static int open_udp(const struct world *w, int node, uint16_t port)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = world_socket(w, node, AF_INET, SOCK_DGRAM, 0);

	return fd >= 0 && bind(fd, (struct sockaddr *)&here, sizeof here) == 0 ? fd : -1;
}

/* On a busy machine what was sent before is still on its way, and the socket full of it: it is waited for. */
static bool has_room(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLOUT };

	return poll(&polled, 1, DEADLINE_MS) > 0 && (polled.revents & POLLOUT) != 0;
}

static bool send_to_server(const struct world *w, int fd, size_t len)
{
	static const char bytes[1400];
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(SERVER_PORT) };

	memcpy(&there.sin_addr, w->topology.nodes[server].links[0].addresses[0].bytes, sizeof there.sin_addr);
	return has_room(fd) && sendto(fd, bytes, len, 0, (struct sockaddr *)&there, sizeof there) == (ssize_t)len;
}

/* Reads all; true if the file is whole, sorted, and has so many packets (-1: any number). */
static bool is_whole(const char *path, long count)
{
	char error[PCAPNG_READER_ERROR_SIZE];
	struct pcapng_reader *r = pcapng_reader_open(path, error);
	struct pcapng_packet p;
	uint64_t last = 0;
	long packets = 0;
	bool sorted = true;
	int status;

	if (r == NULL)
		return false;
	for (; (status = pcapng_reader_next(r, &p)) == 1; packets++) {
		sorted &= p.time_ns >= last;
		last = p.time_ns;
	}
	pcapng_reader_close(r);
	return status == 0 && sorted && (count < 0 || packets == count);
}

static bool record_has(const char *text)
{
	FILE *f = fopen(RECORD, "r");
	char line[2048];
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof line, f) != NULL)
		found = strstr(line, text) != NULL;
	if (f != NULL)
		fclose(f);
	return found;
}

static struct capture *start_capture(const struct world *w, const char *path)
{
	struct record *record = record_open(RECORD);

	return record != NULL ? capture_start(w, path, record, -1) : NULL;
}

/* The recorder is this process's only child. */
static pid_t find_recorder(void)
{
	FILE *f = fopen("/proc/thread-self/children", "r");
	char line[64] = "";

	if (f != NULL && fgets(line, sizeof line, f) == NULL)
		line[0] = '\0';
	if (f != NULL)
		fclose(f);
	return (pid_t)strtol(line, NULL, 10);
}

/* --- the tests, each in a world of its own ----------------------------------------------------- */

static bool counts_at_once(const struct world *w, const void *argument)
{
	char error[CAPTURE_ERROR_SIZE];
	struct capture *c = start_capture(w, CAPTURE);
	int fd = open_udp(w, alice, 4000);
	int there = open_udp(w, server, SERVER_PORT);
	bool ok = c != NULL && fd >= 0 && there >= 0;

	(void)argument;
	for (long i = 1; i <= 200 && ok; i++) {
		ok = send_to_server(w, fd, 20 + (size_t)i * 6);
		ok = ok && capture_count(c, "server eth0", "udp dst port 3000", 0, error) == i;
		ok = ok && capture_count(c, "alice eth0", "udp", 0, error) == i;
	}
	ok = ok && capture_count(c, NULL, NULL, 0, error) == 800; /* four links */
	ok = ok && capture_count(c, "mars eth0", NULL, 0, error) == -1 &&
	     strstr(error, "there are: server eth0") != NULL;
	ok = ok && capture_count(c, NULL, "udp prt 3", 0, error) == -1 && strstr(error, "bad filter") != NULL;
	return capture_stop(c, NULL, problem) == 0 && ok && is_whole(CAPTURE, 800);
}

static bool records_mappings(const struct world *w, const void *argument)
{
	struct capture *c = start_capture(w, CAPTURE);
	int fd = open_udp(w, alice, 4000);
	bool ok = c != NULL && fd >= 0 && send_to_server(w, fd, 10) && capture_flush(c) == 0;

	(void)argument;
	ok = ok && record_has("\"event\":\"new\",\"proto\":\"udp\",\"orig\":{\"src\":\"10.0.1.2:4000\",\"dst\":"
	                      "\"22.22.22.1:3000\"}");
	ok = ok && !record_has("\"event\":\"snapshot\"");
	ok = capture_stop(c, NULL, problem) == 0 && ok;
	return ok && record_has("\"event\":\"snapshot\"") &&
	       record_has("\"box\":\"nat-a\",\"name\":\"wan tx\",\"packets\":1");
}

struct reading {
	uint64_t since_ns, time_ns;
	unsigned lines;
	bool one_time;
};

static void take_reading(void *argument, const struct record_line *line)
{
	struct reading *r = argument;

	r->one_time &= line->time_ns >= r->since_ns && (r->lines == 0 || line->time_ns == r->time_ns);
	r->time_ns = line->time_ns;
	r->lines++;
}

/* What is captured after that time may have been counted or not: which, no later time could tell. */
static bool dates_counters_before_they_are_read(const struct world *w, const void *argument)
{
	struct reading r = { .since_ns = clock_wall_ns(), .one_time = true };
	int box = topology_find(&w->topology, "nat-a");

	(void)argument;
	return counters_read_interfaces(w, box, take_reading, &r) == 0 && r.one_time && r.lines == 8;
}

static bool says_that_it_was_killed(const struct world *w, const void *argument)
{
	char error[CAPTURE_ERROR_SIZE] = "";
	struct capture *c = start_capture(w, CAPTURE);
	int fd = open_udp(w, alice, 4000);
	pid_t recorder = find_recorder();
	bool ok = c != NULL && recorder > 0 && send_to_server(w, fd, 10) && capture_flush(c) == 0;

	(void)argument;
	ok = ok && kill(recorder, SIGKILL) == 0 && capture_flush(c) == -1;
	ok = ok && capture_count(c, NULL, NULL, 0, error) == -1 &&
	     strstr(error, "the recorder was killed by signal 9") != NULL;
	return capture_stop(c, NULL, problem) == -1 && ok && is_whole(CAPTURE, -1);
}

static bool says_that_the_disk_is_full(const struct world *w, const void *argument)
{
	char error[CAPTURE_ERROR_SIZE] = "";
	struct capture *c = NULL;
	int fd = open_udp(w, alice, 4000);
	bool ok = mkdir("/run/tiny", 0755) == 0 && mount("tiny", "/run/tiny", "tmpfs", 0, "size=64k") == 0;

	(void)argument;
	if (ok)
		c = start_capture(w, "/run/tiny/test.pcapng");
	ok = ok && c != NULL;
	for (int i = 0; i < 100 && ok; i++)
		ok = send_to_server(w, fd, 1400);
	ok = ok && capture_flush(c) == -1;
	ok = ok && capture_count(c, NULL, NULL, 0, error) == -1 && strstr(error, "No space left on device") != NULL;
	return capture_stop(c, NULL, problem) == -1 && ok && is_whole("/run/tiny/test.pcapng", -1);
}

static bool says_what_cannot_be_written(const struct world *w, const void *argument)
{
	(void)argument;
	return start_capture(w, "/nonexistent/test.pcapng") == NULL;
}

/* Far more than the ring holds, faster than anything can be read: it must be noticed, not passed over. */
static bool says_that_packets_were_lost(const struct world *w, const void *argument)
{
	char error[CAPTURE_ERROR_SIZE] = "";
	struct capture *c;
	int fd = open_udp(w, alice, 4000);
	pid_t recorder;
	bool ok;

	(void)argument;
	setenv("PUNCHLAB_RING", "64", 1);
	c = start_capture(w, CAPTURE);
	recorder = find_recorder();
	ok = c != NULL && recorder > 0 && kill(recorder, SIGSTOP) == 0;
	for (int i = 0; i < 1000 && ok; i++)
		ok = send_to_server(w, fd, 100);
	ok = ok && kill(recorder, SIGCONT) == 0 && capture_flush(c) == -1;
	ok = ok && capture_count(c, NULL, NULL, 0, error) == -1 && strstr(error, "packets lost") != NULL;
	return capture_stop(c, NULL, problem) == -1 && ok && is_whole(CAPTURE, -1);
}

/* --- running them ------------------------------------------------------------------------------ */

static bool lay_out(struct topology *t)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat;
	int box;

	if (nat_parse("port-restricted", &nat, error) != 0)
		return false;
	server = topology_add_host(t, "server", TOPOLOGY_INTERNET, 1, error);
	box = topology_add_box(t, "nat-a", TOPOLOGY_INTERNET, &nat, NULL, error);
	alice = box >= 0 ? topology_add_host(t, "alice", box, 1, error) : -1;
	return server >= 0 && alice >= 0;
}

static const struct test {
	const char *name;
	bool (*run)(const struct world *w, const void *argument);
} tests[] = {
	{ "counts every packet at once", counts_at_once },
	{ "records mappings", records_mappings },
	{ "dates counters before they are read", dates_counters_before_they_are_read },
	{ "says that it was killed", says_that_it_was_killed },
	{ "says that the disk is full", says_that_the_disk_is_full },
	{ "says what cannot be written", says_what_cannot_be_written },
	{ "says that packets were lost", says_that_packets_were_lost },
};

int main(int argc, char **argv)
{
	static struct topology t;
	size_t passed = 0, ran = 0;

	tests_choose(argc, argv);
	log_init("capturing", LOG_ERROR);
	if (!sandbox_works())
		return CANNOT_RUN;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!lay_out(&t))
		return 1;
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
		bool ok;

		if (!tests_want("the recorder %s", tests[i].name))
			continue;
		ok = in_world(&t, tests[i].run, NULL);
		ran++;
		printf("%s the recorder %s\n", ok ? "ok" : "not ok", tests[i].name);
		passed += ok;
	}
	return tests_end("the recorder", passed, ran - passed, 0);
}
