/*
 * What capturing costs, and that it loses nothing: a UDP flow at full speed from a host behind one NAT to a host behind
 * another, without capture and with it, in turns. Every datagram must be in the capture once for each of its six links.
 *
 *     bench_capture [DATAGRAMS [FILE]]     FILE keeps the last capture
 */
#include "io/clock.h"
#include "io/log.h"
#include "observe/capture.h"
#include "world/sandbox.h"
#include "world/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char problem[CAPTURE_ERROR_SIZE]; /* of a capture that is not whole */

#define DATAGRAMS 200000
#define PAYLOAD 100
#define BURST 64
#define RING "8192" /* packets: 80 ms of this flow on a fast machine */
#define ALICE_PORT 4000
#define BOB_PORT 5000
#define DEADLINE_MS 10000
#define CANNOT_RUN 77

/* To the parent: how long the flow took, and how many datagrams of it the capture holds, all links together. */
struct result {
	double seconds, start_ms;
	long captured;
};

static const char *const links[] = { "alice eth0", "nat-a lan", "nat-a wan", "nat-b wan", "nat-b lan", "bob eth0" };
#define LINKS ((long)(sizeof links / sizeof links[0]))

static void __attribute__((noreturn)) die(const char *what)
{
	log_error("%s: %s", what, strerror(errno));
	exit(1);
}

/* --- the world ------------------------------------------------------------------------------- */

static struct world world;
static int alice, bob;

static void build(void)
{
	struct topology t = { .count = 0 };
	char error[NAT_ERROR_SIZE];
	struct nat nat;
	int a = -1;
	int b = -1;

	if (nat_parse("port-restricted", &nat, error) == 0) {
		a = topology_add_box(&t, "nat-a", TOPOLOGY_INTERNET, &nat, NULL, error);
		b = topology_add_box(&t, "nat-b", TOPOLOGY_INTERNET, &nat, NULL, error);
	}
	alice = a < 0 || b < 0 ? -1 : topology_add_host(&t, "alice", a, 1, error);
	bob = alice < 0 ? -1 : topology_add_host(&t, "bob", b, 1, error);
	if (bob < 0) {
		log_error("%s", error);
		exit(1);
	}
	if (world_build(&world, &t, NULL) != 0)
		exit(CANNOT_RUN);
}

/* A socket on `node`, connected to the public side of `peer`: the NATs keep the ports. */
static int open_socket(int node, uint16_t port, int peer, uint16_t peer_port)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(peer_port) };
	struct address public = topology_public_address(&world.topology, peer);
	int fd = world_socket(&world, node, AF_INET, SOCK_DGRAM, 0);

	memcpy(&there.sin_addr, public.bytes, sizeof there.sin_addr);
	if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0 ||
	    connect(fd, (struct sockaddr *)&there, sizeof there) != 0)
		die("socket");
	return fd;
}

/* Alice's first datagram opens nat-a and dies at nat-b; bob's, sent after it, arrives. */
static void punch(int from_alice, int from_bob)
{
	struct pollfd polled = { .fd = from_alice, .events = POLLIN };

	if (send(from_alice, "", 1, 0) != 1 || send(from_bob, "", 1, 0) != 1 || poll(&polled, 1, DEADLINE_MS) != 1)
		die("punch");
}

/* --- the flow -------------------------------------------------------------------------------- */

static void send_all(int fd, long count)
{
	static char bytes[PAYLOAD];
	struct iovec part = { bytes, sizeof bytes };
	struct mmsghdr burst[BURST];
	struct pollfd polled = { .fd = fd, .events = POLLOUT };

	memset(burst, 0, sizeof burst);
	for (size_t i = 0; i < BURST; i++) {
		burst[i].msg_hdr.msg_iov = &part;
		burst[i].msg_hdr.msg_iovlen = 1;
	}
	for (long sent = 0; sent < count;) {
		int n = sendmmsg(fd, burst, count - sent < BURST ? (unsigned)(count - sent) : BURST, 0);

		if (n > 0)
			sent += n;
		else if (errno != EAGAIN || poll(&polled, 1, DEADLINE_MS) != 1)
			die("send");
	}
}

static long count_all(struct capture *c)
{
	char filter[64];
	char error[NAT_ERROR_SIZE];
	long sum = 0;

	snprintf(filter, sizeof filter, "udp dst port %d and greater %d", BOB_PORT, PAYLOAD);
	for (long i = 0; i < LINKS; i++) {
		long n = capture_count(c, links[i], filter, 0, error);

		if (n < 0) {
			log_error("%s", error);
			exit(1);
		}
		sum += n;
	}
	return sum;
}

/* In the sandbox. `file` is NULL for no capture. */
static struct result flow(long count, const char *file)
{
	struct result r = { .captured = 0 };
	struct capture *c = NULL;
	uint64_t start;
	int from_alice, from_bob;

	build();
	start = clock_now_us();
	if (file != NULL) {
		c = capture_start(&world, file, record_open("/dev/null"), -1);
		if (c == NULL)
			exit(CANNOT_RUN);
	}
	r.start_ms = (double)(clock_now_us() - start) / 1000;
	from_alice = open_socket(alice, ALICE_PORT, bob, BOB_PORT);
	from_bob = open_socket(bob, BOB_PORT, alice, ALICE_PORT);
	punch(from_alice, from_bob);
	start = clock_now_us();
	send_all(from_alice, count);
	r.seconds = (double)(clock_now_us() - start) / 1e6;
	if (c != NULL)
		r.captured = count_all(c);
	if (c != NULL && capture_stop(c, NULL, problem) != 0)
		exit(1);
	return r;
}

/* A world for each flow. Exits with the child's status if it failed. */
static struct result run(long count, const char *file)
{
	struct result r;
	int ends[2];
	int status = 0;
	pid_t pid;
	ssize_t n;

	if (pipe(ends) != 0)
		die("pipe");
	fflush(stdout);
	pid = sandbox_fork();
	if (pid < 0)
		exit(CANNOT_RUN);
	if (pid == 0) {
		r = flow(count, file);
		exit(write(ends[1], &r, sizeof r) == sizeof r ? 0 : 1);
	}
	close(ends[1]);
	n = read(ends[0], &r, sizeof r);
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid || n != sizeof r)
		exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
	return r;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : DATAGRAMS;
	char path[] = "/tmp/bench_capture_XXXXXX";
	const char *file = argc > 2 ? argv[2] : path;
	struct result without, with;

	log_init("bench_capture", LOG_INFO);
	if (count <= 0) {
		log_error("usage: bench_capture [DATAGRAMS [FILE]]");
		return 2;
	}
	if (argc <= 2)
		close(mkstemp(path));
	setenv("PUNCHLAB_RING", RING, 0);
	without = run(count, NULL);
	with = run(count, file);
	if (argc <= 2)
		unlink(path);
	printf("capture of %ld datagrams through two NATs: %.0f a second, %.0f without; ratio %.2f; ready in %.1f ms; "
	       "%ld of "
	       "%ld packets: %s\n",
	       count, (double)count / with.seconds, (double)count / without.seconds, with.seconds / without.seconds,
	       with.start_ms, with.captured, count * LINKS, with.captured == count * LINKS ? "ok" : "NOT COMPLETE");
	return with.captured == count * LINKS ? 0 : 1;
}
