#include "io/hairpin_sniffer.h"

#include "base/cursor.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET_ROOM 2048

static uint32_t host_order(const struct endpoint *e)
{
	struct reader r = reader_of(e->address.bytes, 4);

	return read_u32(&r);
}

/* Lets through IPv4 packets of UDP from `address` to `address`, and nothing else. */
static int filter(int fd, uint32_t address)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9), /* protocol */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 12), /* source */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, address, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), /* destination */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, address, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, PACKET_ROOM),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = sizeof code / sizeof code[0], .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int hairpin_sniffer_open(const struct endpoint *address)
{
	struct sockaddr_ll all = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	int fd, saved;

	if (address->address.family != ADDRESS_IPV4) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); /* deaf until it is bound */
	if (fd < 0)
		return -1;
	if (filter(fd, host_order(address)) == 0 && bind(fd, (const struct sockaddr *)&all, sizeof all) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static void read_address(struct reader *r, struct endpoint *e)
{
	*e = (struct endpoint){ .address.family = ADDRESS_IPV4 };
	read_bytes(r, e->address.bytes, 4);
}

/* Takes an IPv4 and a UDP header apart (RFC 791, RFC 768); fragments are none of ours. Returns the payload, or NULL. */
static const uint8_t *unwrap(struct reader *r, struct endpoint *from, struct endpoint *to, size_t *len)
{
	uint8_t version_and_length = read_u8(r);
	size_t options = (size_t)(version_and_length & 15) * 4;
	uint16_t fragment, datagram;

	read_view(r, 5);
	fragment = read_u16(r);
	read_view(r, 4);
	read_address(r, from);
	read_address(r, to);
	if (version_and_length >> 4 != 4 || options < 20 || (fragment & 0x3fff) != 0)
		return NULL;
	read_view(r, options - 20);
	from->port = read_u16(r);
	to->port = read_u16(r);
	datagram = read_u16(r);
	read_u16(r);
	*len = datagram < 8 ? 0 : datagram - 8u;
	return read_view(r, *len);
}

ssize_t hairpin_sniffer_receive(int fd, uint8_t *bytes, size_t room, struct endpoint *from, struct endpoint *to)
{
	uint8_t packet[PACKET_ROOM];
	struct sockaddr_ll link = { 0 };
	socklen_t link_len = sizeof link;
	ssize_t got = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&link, &link_len);
	const uint8_t *payload;
	struct reader r;
	size_t len = 0;

	if (got < 0)
		return -1;
	r = reader_of(packet, (size_t)got);
	payload =
	    link.sll_pkttype == PACKET_HOST && link.sll_hatype != ARPHRD_LOOPBACK ? unwrap(&r, from, to, &len) : NULL;
	if (payload == NULL) {
		errno = EBADMSG;
		return -1;
	}
	len = len < room ? len : room;
	memcpy(bytes, payload, len);
	return (ssize_t)len;
}
