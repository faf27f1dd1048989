#include "client_family.h"

#include "chat/wire.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/udp.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_US 3000000u /* a busy server, or a link that loses every other packet, is no reason to leave it */
#define AGAIN_MS 250

enum family_answer { WAITING, HEARD, REFUSED };

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* A socket that hears of refusals: it is connected. -1 if there is no way. */
static int socket_to(const struct endpoint *to)
{
	struct endpoint any = { .address.family = to->address.family };
	struct sockaddr_storage sa;
	size_t len = endpoint_to_sockaddr(to, &sa);
	int fd = udp_open(&any);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&sa, (socklen_t)len) == 0)
		return fd;
	close_if_open(fd);
	return -1;
}

/* Asks for our own address, which needs no login. */
static void ask(int fd, enum family_answer *answer)
{
	static const struct wire_message where = { .type = WIRE_WHERE, .nonce = { 1 } };
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	if (*answer == WAITING && send(fd, bytes, wire_encode(&where, bytes, sizeof bytes), 0) < 0)
		*answer = REFUSED;
}

/* Whatever it says, it is there. */
static void hear(int fd, enum family_answer *answer)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	if (*answer == WAITING && recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) >= 0)
		*answer = HEARD;
	else if (*answer == WAITING && errno != EAGAIN && errno != EWOULDBLOCK)
		*answer = REFUSED;
}

/* Asks both once, and waits a moment for those that have not answered. */
static void ask_both(const int fds[2], enum family_answer answers[2])
{
	struct pollfd wait[2];

	for (unsigned i = 0; i < 2; i++)
		ask(fds[i], &answers[i]);
	for (unsigned i = 0; i < 2; i++)
		wait[i] = (struct pollfd){ .fd = answers[i] == WAITING ? fds[i] : -1, .events = POLLIN };
	poll(wait, 2, AGAIN_MS);
	for (unsigned i = 0; i < 2; i++)
		hear(fds[i], &answers[i]);
}

/* Asks the first and the other until it is sure whom to take, or that nobody is there. */
static void find_out(const struct endpoint *first, const struct endpoint *other, enum family_answer answers[2])
{
	int fds[2] = { socket_to(first), socket_to(other) };
	uint64_t until_us = clock_now_us() + PATIENCE_US;

	while (answers[0] != HEARD && (answers[0] == WAITING || answers[1] == WAITING) && clock_now_us() < until_us)
		ask_both(fds, answers);
	for (unsigned i = 0; i < 2; i++)
		close_if_open(fds[i]);
}

/* The address of that family which the name has, too. False if it is no name, or has none. */
static bool find_other(const char *text, enum address_family family, struct endpoint *other)
{
	char problem[UDP_ERROR_SIZE];

	return endpoint_parse(text, other) != 0 && udp_resolve(text, 0, family, other, problem) == 0;
}

static bool find_other_in_reach(const char *text, enum address_family family, struct endpoint *other)
{
	char problem[UDP_ERROR_SIZE];

	return find_other(text, family, other) && udp_can_reach(other, problem);
}

/* True if nobody answers at the first, and somebody at the other; that, and that nobody does at either, is said. */
static bool is_other_better(const struct endpoint *first, const struct endpoint *other)
{
	enum family_answer answers[2] = { WAITING, WAITING };
	char from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE];

	find_out(first, other, answers);
	if (answers[0] == HEARD)
		return false;
	endpoint_format(first, from);
	endpoint_format(other, to);
	if (answers[1] == HEARD)
		log_warning("nobody answers at %s; taking %s", from, to);
	else if (answers[0] == answers[1])
		log_warning("nobody answers at %s, nor at %s; trying the first", from, to);
	return answers[1] == HEARD;
}

void client_family_choose(const char *text, struct endpoint *server, struct endpoint *other)
{
	bool is_ipv6 = server->address.family == ADDRESS_IPV6;
	struct endpoint first = *server;
	char problem[UDP_ERROR_SIZE];

	if (!find_other(text, is_ipv6 ? ADDRESS_IPV4 : ADDRESS_IPV6, other)) {
		*other = (struct endpoint){ 0 };
	} else if (udp_can_reach(other, problem) && is_other_better(server, other)) {
		*server = *other;
		*other = first;
	}
}

bool client_family_take_nat64(const char *text, struct endpoint *server, struct nat64_prefix *prefix)
{
	struct nat64_prefix found;
	struct endpoint ipv4, way;

	if (server->address.family != ADDRESS_IPV6 || !find_other_in_reach(text, ADDRESS_IPV4, &ipv4) ||
	    !udp_find_nat64(&ipv4, true, &found))
		return false;
	way = (struct endpoint){ .address = nat64_embed(&found, &ipv4.address), .port = ipv4.port };
	if (!endpoint_equal(&way, server) && is_other_better(&way, server))
		return false;
	*server = ipv4;
	*prefix = found;
	return true;
}
