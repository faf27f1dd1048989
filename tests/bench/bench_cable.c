/*
 * What the cable costs, and how exact it is: packets a second of its processor, what it adds to a ping-pong, how well
 * delays, rates and shares of loss are kept, and that the same seed loses the same packets.
 *
 *     bench_cable [PACKETS]
 */
#include "cable/cable.h"
#include "io/clock.h"
#include "io/log.h"
#include "world/sandbox.h"
#include "world/world.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <math.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PACKETS 200000
#define PAYLOAD 1172 /* 1200 bytes of IP */
#define PORT 5000
#define BURST 32
#define IN_FLIGHT 512 /* so few that no queue of the kernel's overflows */
#define ROUNDS 5000
#define PACED_HZ 20000
#define ROOM (64 * 1024 * 1024)
#define UDP_PAYLOAD (14 + 20 + 8)
#define CANNOT_RUN 77
#define DEADLINE_MS 10000

static struct world world;
static struct cable *cable;
static int alice, server;
static struct sockaddr_in there;

static void __attribute__((noreturn)) die(const char *what)
{
	log_error("%s: %s", what, strerror(errno));
	exit(1);
}

/* Two hosts on the internet; alice's link has that weather (NULL: it is bare). */
static void build(const char *weather)
{
	struct topology t = { .count = 0 };
	char error[TOPOLOGY_ERROR_SIZE];
	struct weather w;

	server = topology_add_host(&t, "server", TOPOLOGY_INTERNET, 1, error);
	alice = topology_add_host(&t, "alice", TOPOLOGY_INTERNET, 1, error);
	if (weather != NULL && weather_parse(weather, &w, error) != 0)
		die(error);
	if (weather != NULL)
		topology_set_weather(&t, alice, 0, &w);
	if (world_build(&world, &t, NULL) != 0)
		exit(CANNOT_RUN);
	if (weather != NULL && (cable = cable_start(&world, record_open("/run/record.jsonl"), 1)) == NULL)
		exit(CANNOT_RUN);
	there = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(PORT) };
	memcpy(&there.sin_addr, t.nodes[server].links[0].addresses[0].bytes, sizeof there.sin_addr);
}

static int open_at_server(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = world_socket(&world, server, AF_INET, SOCK_DGRAM, 0), size = ROOM;

	if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	return fd;
}

static int open_at_alice(void)
{
	int fd = world_socket(&world, alice, AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&there, sizeof there) != 0)
		die("socket");
	return fd;
}

static void fence(void)
{
	char error[CABLE_ERROR_SIZE];

	if (cable != NULL && cable_fence(cable_fence_socket(cable), error) < 0) {
		log_error("%s", error);
		exit(1);
	}
}

/* Takes in what has come. Returns how many. */
static long drain(int fd)
{
	static char bytes[BURST][2048];
	struct mmsghdr messages[BURST];
	struct iovec parts[BURST];
	long count = 0;
	int n;

	for (size_t i = 0; i < BURST; i++) {
		parts[i] = (struct iovec){ bytes[i], sizeof bytes[i] };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
	}
	while ((n = recvmmsg(fd, messages, BURST, MSG_DONTWAIT, NULL)) > 0)
		count += n;
	return count;
}

/* --- each question in a world of its own ------------------------------------------------------ */

struct answer {
	double a, b, c;
};

static double cable_cpu_s(void)
{
	double used_s = 0;
	char path[64], line[1024] = "", user[21], system[21];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)cable_pid(cable));
	f = fopen(path, "r");
	if (f != NULL && fgets(line, sizeof line, f) != NULL &&
	    sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %20[0-9] %20[0-9]", user,
	           system) == 2)
		used_s = (double)(strtoul(user, NULL, 10) + strtoul(system, NULL, 10)) / (double)sysconf(_SC_CLK_TCK);
	if (f != NULL)
		fclose(f);
	return used_s;
}

/* Packets a second of wall time and of the cable's processor time; how many came. */
static struct answer throughput(long count)
{
	static char bytes[PAYLOAD];
	struct answer r = { 0 };
	int from, at;
	long sent = 0, got = 0;
	uint64_t start, deadline;
	double cpu;

	build("fair");
	from = open_at_alice();
	at = open_at_server();
	cpu = cable_cpu_s();
	start = clock_now_us();
	deadline = clock_now_ms() + DEADLINE_MS;
	while (got < count && clock_now_ms() < deadline) {
		for (int i = 0; i < BURST && sent < count && sent - got < IN_FLIGHT; i++)
			sent += send(from, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes;
		got += drain(at);
	}
	r.a = (double)got / ((double)(clock_now_us() - start) / 1e6);
	r.b = (double)got / (cable_cpu_s() - cpu);
	r.c = (double)got;
	fence();
	return r;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Whoever is started from now on shares one processor with the caller: what a wake-up of another costs is not measured.
 */
static void share_one_processor(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof one, &one) != 0)
		die("sched_setaffinity");
}

/* The median round trip in microseconds. */
static struct answer ping_pong(const char *weather, bool on_one)
{
	static double took[ROUNDS];
	int from, at;
	char byte = 0;

	if (on_one)
		share_one_processor();
	build(weather);
	from = open_at_alice();
	at = open_at_server();
	for (int i = 0; i < ROUNDS; i++) {
		struct sockaddr_in back;
		socklen_t len = sizeof back;
		uint64_t start = clock_now_ns();

		if (send(from, &byte, 1, 0) != 1)
			die("send");
		while (recvfrom(at, &byte, 1, 0, (struct sockaddr *)&back, &len) != 1)
			poll(&(struct pollfd){ .fd = at, .events = POLLIN }, 1, DEADLINE_MS);
		if (sendto(at, &byte, 1, 0, (struct sockaddr *)&back, len) != 1)
			die("sendto");
		while (recv(from, &byte, 1, 0) != 1)
			poll(&(struct pollfd){ .fd = from, .events = POLLIN }, 1, DEADLINE_MS);
		took[i] = (double)(clock_now_ns() - start) / 1e3;
	}
	qsort(took, ROUNDS, sizeof *took, by_value);
	return (struct answer){ .a = took[ROUNDS / 2] };
}

static struct answer plain_ping_pong(long on_one)
{
	return ping_pong(NULL, on_one != 0);
}

static struct answer carried_ping_pong(long on_one)
{
	return ping_pong("fair", on_one != 0);
}

/* Sends so many, numbered: by the clock, before everybody else, and without holding a processor in between. */
static void __attribute__((noreturn)) send_paced(int from, long count)
{
	uint64_t start = clock_now_ns();

	prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
	sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 2 }); /* allowed to root alone */
	for (long i = 0; i < count; i++) {
		uint64_t due = start + (uint64_t)i * (1000000000u / PACED_HZ);
		struct timespec ts = { (time_t)(due / 1000000000u), (long)(due % 1000000000u) };

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		if (send(from, &i, sizeof i, 0) != sizeof i)
			_exit(1);
	}
	_exit(0);
}

/* A place on the way: what passes an interface there, each with the kernel's time. */
struct place {
	int fd;
	double *passed_ms; /* by number; 0: not seen */
	long count;
};

/* At that interface of the node, or of the router (TOPOLOGY_INTERNET). */
static struct place watch(int node, const char *interface, long count)
{
	struct place p = { .fd = world_socket(&world, node, AF_PACKET, SOCK_RAW, 0),
		           .passed_ms = calloc((size_t)count, sizeof(double)),
		           .count = count };
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct ifreq request = { .ifr_ifindex = 0 };
	int on = 1, size = ROOM;

	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
	if (p.fd < 0 || p.passed_ms == NULL || ioctl(p.fd, SIOCGIFINDEX, &request) != 0)
		die(interface);
	at.sll_ifindex = request.ifr_ifindex;
	setsockopt(p.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	if (setsockopt(p.fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0 ||
	    bind(p.fd, (struct sockaddr *)&at, sizeof at) != 0)
		die(interface);
	return p;
}

static void note_passing(struct place *p, const struct mmsghdr *m, const uint8_t *frame)
{
	struct timespec at;
	long number;

	if (m->msg_len < UDP_PAYLOAD + sizeof number || CMSG_FIRSTHDR(&m->msg_hdr) == NULL)
		return;
	memcpy(&at, CMSG_DATA(CMSG_FIRSTHDR(&m->msg_hdr)), sizeof at);
	memcpy(&number, frame + UDP_PAYLOAD, sizeof number);
	if (number >= 0 && number < p->count)
		p->passed_ms[number] = (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

/* Takes in what has passed. Returns how many. */
static long read_passed(struct place *p)
{
	static uint8_t bytes[BURST][128];
	static _Alignas(struct cmsghdr) char stamps[BURST][CMSG_SPACE(sizeof(struct timespec))];
	struct mmsghdr messages[BURST];
	struct iovec parts[BURST];
	long count = 0;
	int n;

	do {
		for (size_t i = 0; i < BURST; i++) {
			parts[i] = (struct iovec){ bytes[i], sizeof bytes[i] };
			messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i],
				                                     .msg_iovlen = 1,
				                                     .msg_control = stamps[i],
				                                     .msg_controllen = sizeof stamps[i] } };
		}
		n = recvmmsg(p->fd, messages, BURST, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			note_passing(p, &messages[i], bytes[i]);
		count += n > 0 ? n : 0;
	} while (n == BURST);
	return count;
}

/*
 * A paced flow from alice to the server, through a delay of 20 ms between two places: how far off the median, the 99th
 * percentile and the worst are, in ms. By the kernel's times at both: that who sends or who reads here was late is no
 * part of it.
 */
static struct answer paced(struct place before, struct place behind)
{
	long count = before.count, got = 0, seen = 0;
	double *off = calloc((size_t)count, sizeof *off);
	int from = open_at_alice(), at = open_at_server();
	uint64_t deadline = clock_now_ms() + (uint64_t)count * 1000 / PACED_HZ + DEADLINE_MS;
	pid_t sender = fork();

	if (sender == 0)
		send_paced(from, count);
	while (got < count && clock_now_ms() < deadline) {
		read_passed(&before);
		got += read_passed(&behind);
		drain(at);
		poll(NULL, 0, 5);
	}
	read_passed(&before);
	waitpid(sender, NULL, 0);
	for (long i = 0; i < count; i++)
		if (before.passed_ms[i] > 0 && behind.passed_ms[i] > 0)
			off[seen++] = fabs(behind.passed_ms[i] - before.passed_ms[i] - 20);
	qsort(off, (size_t)seen, sizeof *off, by_value);
	return (struct answer){ off[seen / 2], off[seen * 99 / 100], seen == count ? off[seen - 1] : 1e9 };
}

/* From alice's interface to the other end of her link. */
static struct answer exactness(long count)
{
	build("delay=20ms");
	return paced(watch(alice, "eth0", count), watch(TOPOLOGY_INTERNET, "alice", count));
}

/* The same by the kernel's own netem, where the router sends to the server; all zero where it has none. */
static struct answer netem_exactness(long count)
{
	build(NULL);
	/* NOLINTNEXTLINE(cert-env33-c): the words are all its own */
	if (system("tc qdisc add dev server root netem delay 20ms limit 10000 2>/dev/null") != 0)
		return (struct answer){ 0 };
	return paced(watch(TOPOLOGY_INTERNET, "alice", count), watch(server, "eth0", count));
}

/* A flow faster than 20 mbit/s: what share of that comes through. */
static struct answer rate(long unused)
{
	static char bytes[PAYLOAD];
	int from, at;
	long got = 0;
	uint64_t first = 0, last = 0;

	(void)unused;
	build("rate=20mbit,queue=1s");
	from = open_at_alice();
	at = open_at_server();
	for (int i = 0; i < 2000; i++)
		while (send(from, bytes, sizeof bytes, 0) < 0)
			poll(&(struct pollfd){ .fd = from, .events = POLLOUT }, 1, 1);
	while (poll(&(struct pollfd){ .fd = at, .events = POLLIN }, 1, 500) == 1) {
		long n = drain(at);

		if (n > 0 && first == 0) {
			first = clock_now_us();
			n = 0;
		}
		got += n;
		last = clock_now_us();
	}
	return (struct answer){ .a = (double)got * (PAYLOAD + 28 + 14) * 8 / ((double)(last - first) / 1e6) / 20e6 };
}

/* A flow at loss=1%: how many standard deviations off. */
static struct answer loss(long count)
{
	char byte = 0;
	int from, at;
	long got = 0;

	build("loss=1%");
	from = open_at_alice();
	at = open_at_server();
	for (long i = 1; i <= count; i++) {
		while (send(from, &byte, 1, 0) != 1)
			poll(&(struct pollfd){ .fd = from, .events = POLLOUT }, 1, 1);
		if (i % IN_FLIGHT == 0 || i == count) {
			fence();
			got += drain(at);
		}
	}
	fence();
	usleep(10000);
	got += drain(at);
	return (struct answer){ .a = ((double)(count - got) - 0.01 * (double)count) / sqrt(0.01 * 0.99 * (double)count),
		                .b = (double)(count - got) };
}

static struct answer ask(struct answer (*question)(long count), long count)
{
	struct answer r = { 0 };
	int ends[2], status = 0;
	pid_t pid;
	ssize_t n;

	if (pipe(ends) != 0)
		die("pipe");
	fflush(stdout);
	pid = sandbox_fork();
	if (pid < 0)
		exit(CANNOT_RUN);
	if (pid == 0) {
		r = question(count);
		exit(write(ends[1], &r, sizeof r) == sizeof r ? 0 : 1);
	}
	close(ends[1]);
	n = read(ends[0], &r, sizeof r);
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid || n != sizeof r)
		exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
	return r;
}

static void show_exactness(const char *who, const struct answer *r)
{
	printf("%s: delay=20ms at %d packets a second is off by %.3f ms (median), %.3f (99 %%), %.3f (worst)\n", who,
	       PACED_HZ, r->a, r->b, r->c);
}

static void show_ping_pong(const char *where, long on_one)
{
	struct answer plain = ask(plain_ping_pong, on_one), carried = ask(carried_ping_pong, on_one);

	printf("cable: a ping-pong %s takes %.0f us, %.0f by a bare link: %.0f us more\n", where, carried.a, plain.a,
	       carried.a - plain.a);
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : PACKETS;
	struct answer r;

	log_init("bench_cable", LOG_INFO);
	if (count <= 0) {
		log_error("usage: bench_cable [PACKETS]");
		return 2;
	}
	r = ask(throughput, count);
	printf(
	    "cable: %.0f packets of 1200 bytes a second of its processor, %.0f a second all in all, %.0f of %ld came\n",
	    r.b, r.a, r.c, count);
	show_ping_pong("on one processor", 1);
	show_ping_pong("wherever they run", 0);
	r = ask(exactness, count / 2);
	show_exactness("cable", &r);
	r = ask(netem_exactness, count / 2);
	if (r.a == 0)
		printf("netem: this kernel has none\n");
	else
		show_exactness("netem", &r);
	printf("cable: rate=20mbit lets %.2f %% of that through\n", 100 * ask(rate, 0).a);
	r = ask(loss, 5 * count);
	printf("cable: loss=1%% loses %.0f of %ld packets: %.2f standard deviations off\n", r.b, 5 * count, r.a);
	return 0;
}
