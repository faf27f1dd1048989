#include "io/signs_of_life.h"

#include "io/clock.h"
#include "io/log.h"
#include "io/udp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_MS 2000
#define KNOCK_MS 400                      /* between two datagrams */
#define UNUSED_PORT 33434                 /* and upwards: traceroute's */
#define NO_DATAGRAM ((const uint8_t *)"") /* an empty one does no harm where somebody listens after all */

/* Returns a socket that connects, or -1; *answered if there is an answer already. */
static int start_tcp(const struct endpoint *host, const struct endpoint *local, bool *answered)
{
	struct sockaddr_storage to, from;
	socklen_t to_len = (socklen_t)endpoint_to_sockaddr(host, &to);
	socklen_t from_len = (socklen_t)endpoint_to_sockaddr(local, &from);
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&from, from_len) != 0)
		return fd;
	*answered = connect(fd, (const struct sockaddr *)&to, to_len) == 0 || errno == ECONNREFUSED;
	return fd;
}

static bool has_answered(int tcp)
{
	int error = 0;
	socklen_t len = sizeof error;

	return getsockopt(tcp, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && (error == 0 || error == ECONNREFUSED);
}

static int open_udp(const struct endpoint *local)
{
	int fd = udp_open(local);

	if (fd < 0 || udp_keep_errors(fd) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool was_refused_by(int udp, const struct address *host)
{
	bool refused = false;
	struct udp_error e;

	while (udp_next_error(udp, &e))
		refused = refused || (e.kind == UDP_ERROR_PORT && address_equal(&e.reporter.address, host));
	return refused;
}

/* A pending error is all that can keep a datagram from being sent, and the next is sent then. */
static void knock(int udp, const struct endpoint *host, unsigned times)
{
	struct endpoint to = *host;

	to.port = (uint16_t)(UNUSED_PORT + times);
	if (udp_send(udp, &to, NO_DATAGRAM, 0) != 0)
		log_debug("send: %s", strerror(errno));
}

static struct signs_of_life look(int tcp, int udp, const struct endpoint *host, struct signs_of_life signs)
{
	struct pollfd fds[2] = { { .fd = signs.tcp ? -1 : tcp, .events = POLLOUT }, { .fd = udp } };
	uint64_t start_ms = clock_now_ms(), now_ms = start_ms;

	for (unsigned knocks = 0; !signs.udp && now_ms < start_ms + LOOK_MS; now_ms = clock_now_ms()) {
		if (now_ms >= start_ms + (uint64_t)knocks * KNOCK_MS)
			knock(udp, host, knocks++);
		if (poll(fds, 2, KNOCK_MS / 4) <= 0)
			continue;
		signs.udp = was_refused_by(udp, &host->address);
		if (fds[0].revents == 0)
			continue;
		signs.tcp = has_answered(tcp);
		fds[0].fd = -1;
	}
	return signs;
}

struct signs_of_life signs_of_life_of(const struct endpoint *host, const struct endpoint *local)
{
	struct signs_of_life signs = { 0 };
	struct endpoint from = { .address = local->address };
	int tcp = start_tcp(host, &from, &signs.tcp), udp = open_udp(&from);

	signs = look(tcp, udp, host, signs);
	if (tcp >= 0)
		close(tcp);
	if (udp >= 0)
		close(udp);
	return signs;
}
