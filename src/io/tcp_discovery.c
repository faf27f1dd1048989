#include "io/tcp_discovery.h"

#include <sodium.h>
#include <unistd.h>

#define QUESTIONS 3 /* of one socket */

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

static enum stun_tcp_outcome ask(struct endpoint *local, const struct endpoint *server, unsigned timeout_ms, int *fd,
                                 struct stun_message *answer)
{
	randombytes_buf(answer->id, sizeof answer->id);
	return stun_tcp_ask(local, server, timeout_ms, fd, answer);
}

/* One more of the server's ports, if there is such; what is not answered stays not seen. */
static void ask_other(const struct tcp_mapping_findings *f, const struct endpoint *server, unsigned timeout_ms, int *fd,
                      struct endpoint *seen)
{
	struct endpoint local = f->local;
	struct stun_message answer;

	if (endpoint_is_sendable(server) && ask(&local, server, timeout_ms, fd, &answer) == STUN_TCP_ANSWERED)
		*seen = stun_mapped(&answer);
}

static void look_at_ports(const struct endpoint *address, const struct endpoint *server, unsigned timeout_ms,
                          struct tcp_mapping_findings *f)
{
	int fds[TCP_MAPPING_SOCKETS];
	size_t opened = 0;

	for (bool answered = true; answered && opened < TCP_MAPPING_SOCKETS; opened++) {
		struct endpoint local = *address;
		struct stun_message answer;

		local.port = 0;
		answered = ask(&local, server, timeout_ms, &fds[opened], &answer) == STUN_TCP_ANSWERED;
		if (!answered)
			continue;
		f->inside[f->sockets] = local.port;
		f->outside[f->sockets++] = stun_mapped(&answer).port;
	}
	while (opened > 0)
		close_one(fds[--opened]);
}

enum stun_tcp_outcome tcp_discovery(const struct endpoint *local, const struct endpoint *server, unsigned timeout_ms,
                                    struct tcp_mapping_findings *out)
{
	int fds[QUESTIONS] = { -1, -1, -1 };
	struct endpoint other_port = *server, other_address;
	struct stun_message first;
	enum stun_tcp_outcome outcome;

	*out = (struct tcp_mapping_findings){ .local = *local };
	out->local.port = 0;
	outcome = ask(&out->local, server, timeout_ms, &fds[0], &first);
	if (outcome == STUN_TCP_ANSWERED) {
		out->seen = stun_mapped(&first);
		other_address = first.other_address;
		other_port.port = other_address.port;
		other_address.port = server->port;
		if (other_port.port != 0) {
			ask_other(out, &other_port, timeout_ms, &fds[1], &out->by_other_port);
			ask_other(out, &other_address, timeout_ms, &fds[2], &out->by_other_address);
		}
		look_at_ports(local, server, timeout_ms, out);
	}
	for (size_t i = 0; i < QUESTIONS; i++)
		close_one(fds[i]);
	return outcome;
}
