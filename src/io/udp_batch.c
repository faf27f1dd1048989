#include "io/udp_batch.h"

#include <errno.h>
#include <string.h>

/* --- what came --------------------------------------------------------------------------------------- */

/* A socket that is bound to one address need not say which it was. */
static void prepare(struct udp_slots *s, unsigned i, bool asks_where)
{
	s->parts[i] = (struct iovec){ .iov_base = s->bytes[i], .iov_len = UDP_BATCH_ROOM };
	s->headers[i].msg_hdr = (struct msghdr){
		.msg_name = &s->addresses[i],
		.msg_namelen = sizeof s->addresses[i],
		.msg_iov = &s->parts[i],
		.msg_iovlen = 1,
		.msg_control = asks_where ? s->controls[i].bytes : NULL,
		.msg_controllen = asks_where ? sizeof s->controls[i].bytes : 0,
	};
}

static bool is_any(const struct endpoint *bound)
{
	return address_scope(&bound->address) == ADDRESS_UNSPECIFIED;
}

/* All slots are ready; those of the last call have to be made so again, and all for another socket. */
static void prepare_for(struct udp_inbox *in, const struct endpoint *bound)
{
	unsigned used = endpoint_equal(&in->bound, bound) ? in->count : UDP_BATCH_SIZE;

	for (unsigned i = 0; i < used; i++)
		prepare(&in->slots, i, is_any(bound));
	in->bound = *bound;
}

unsigned udp_inbox_fill(struct udp_inbox *in, int fd, const struct endpoint *bound)
{
	int got;

	prepare_for(in, bound);
	do
		got = recvmmsg(fd, in->slots.headers, UDP_BATCH_SIZE, MSG_TRUNC | MSG_DONTWAIT, NULL);
	while (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EBADF);
	in->count = got > 0 ? (unsigned)got : 0;
	return in->count;
}

/* The address a datagram came to, from its control message. */
static void read_local_address(struct msghdr *msg, struct endpoint *to)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof info);
			memcpy(to->address.bytes, &info.ipi_addr, sizeof info.ipi_addr);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof info);
			memcpy(to->address.bytes, &info.ipi6_addr, sizeof info.ipi6_addr);
		}
	}
}

bool udp_inbox_read(struct udp_inbox *in, unsigned i, struct udp_packet *out)
{
	struct udp_slots *s = &in->slots;

	out->to = in->bound;
	read_local_address(&s->headers[i].msg_hdr, &out->to);
	out->len = s->headers[i].msg_len;
	out->bytes = s->bytes[i];
	return endpoint_from_sockaddr(&s->addresses[i], &out->from) == 0;
}

/* --- what is to leave -------------------------------------------------------------------------------- */

/* Fills in which address to send from. */
static void write_local_address(struct msghdr *msg, struct udp_control *control, const struct endpoint *local)
{
	struct in_pktinfo info4 = { 0 };
	struct in6_pktinfo info6 = { 0 };
	bool ipv6 = local->address.family == ADDRESS_IPV6;
	size_t size = ipv6 ? sizeof info6 : sizeof info4;
	struct cmsghdr *c;

	memset(control, 0, sizeof *control);
	msg->msg_control = control->bytes;
	msg->msg_controllen = CMSG_SPACE(size);
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = ipv6 ? IPV6_PKTINFO : IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(&info4.ipi_spec_dst, local->address.bytes, sizeof info4.ipi_spec_dst);
	memcpy(&info6.ipi6_addr, local->address.bytes, sizeof info6.ipi6_addr);
	memcpy(CMSG_DATA(c), ipv6 ? (const void *)&info6 : (const void *)&info4, size);
}

void udp_outbox_put(struct udp_outbox *out, int fd, const struct endpoint *local, const struct endpoint *to,
                    const uint8_t *bytes, size_t len)
{
	struct udp_slots *s = &out->slots;
	unsigned i;

	if (len > UDP_BATCH_ROOM)
		return; /* cannot be, see the header */
	if (out->count == UDP_BATCH_SIZE || (out->count > 0 && out->fd != fd))
		udp_outbox_send(out);
	i = out->count++;
	out->fd = fd;
	memcpy(s->bytes[i], bytes, len);
	s->parts[i] = (struct iovec){ .iov_base = s->bytes[i], .iov_len = len };
	s->headers[i].msg_hdr = (struct msghdr){
		.msg_name = &s->addresses[i],
		.msg_namelen = (socklen_t)endpoint_to_sockaddr(to, &s->addresses[i]),
		.msg_iov = &s->parts[i],
		.msg_iovlen = 1,
	};
	if (!is_any(local))
		write_local_address(&s->headers[i].msg_hdr, &s->controls[i], local);
}

void udp_outbox_send(struct udp_outbox *out)
{
	unsigned sent = 0;

	while (sent < out->count) {
		int n = sendmmsg(out->fd, out->slots.headers + sent, out->count - sent, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) { /* the first of these */
			out->error = errno;
			out->unsent++;
			n = 1;
		}
		sent += (unsigned)n;
	}
	out->count = 0;
}
