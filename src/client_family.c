#include "client_family.h"

#include "chat/wire.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/udp.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_US 3000000u /* a busy server, or a link that loses every other packet, is no reason to leave it */
#define AGAIN_MS 250

/* A socket that hears of refusals: it is connected. */
static int socket_to(const struct endpoint *to)
{
	struct endpoint any = { .address.family = to->address.family };
	struct sockaddr_storage sa;
	size_t len = endpoint_to_sockaddr(to, &sa);
	int fd = udp_open(&any);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&sa, (socklen_t)len) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Whatever it says, it is there: asks for our own address, which needs no login. */
static bool answers(const struct endpoint *to)
{
	struct wire_message where = { .type = WIRE_WHERE, .nonce = { 1 } };
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	uint64_t until_us = clock_now_us() + PATIENCE_US;
	bool heard = false, refused = false;
	int fd = socket_to(to);
	size_t len;

	len = wire_encode(&where, bytes, sizeof bytes);
	while (fd >= 0 && !heard && !refused && clock_now_us() < until_us) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		refused = send(fd, bytes, len, 0) < 0;
		if (!refused && poll(&wait, 1, AGAIN_MS) > 0) {
			heard = recv(fd, bytes, sizeof bytes, 0) >= 0;
			refused = !heard;
		}
	}
	if (fd >= 0)
		close(fd);
	return heard;
}

void client_family_choose(const char *text, struct endpoint *server)
{
	bool is_ipv6 = server->address.family == ADDRESS_IPV6;
	char problem[UDP_ERROR_SIZE], from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE];
	struct endpoint other;

	if (endpoint_parse(text, &other) == 0 ||
	    udp_resolve(text, 0, is_ipv6 ? ADDRESS_IPV4 : ADDRESS_IPV6, &other, problem) != 0 ||
	    !udp_can_reach(&other, problem) || answers(server) || !answers(&other))
		return;
	log_warning("nobody answers at %s; taking %s", endpoint_format(server, from), endpoint_format(&other, to));
	*server = other;
}
