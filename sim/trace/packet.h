/*
 * One captured frame, taken apart: what a NAT changes (addresses, ports) and what it leaves alone (IP identification,
 * payload). Pure: bytes in, struct out; the payload stays where it lies. Knows no interfaces and no journeys.
 */
#ifndef PACKET_H
#define PACKET_H

#include "base/endpoint.h"
#include "evidence/pcapng.h"
#include "trace/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packet_kind {
	PACKET_IP, /* IPv4 or IPv6, with endpoints */
	PACKET_ARP,
	PACKET_NEIGHBOURS, /* what IPv6 has instead, and what it says of groups: neither leaves its link */
	PACKET_OTHER,      /* not IP */
	PACKET_CUT,        /* IP, but cut or malformed before the addresses end */
};

#define PACKET_TCP_SYN 0x02
#define PACKET_TCP_RST 0x04
#define PACKET_TCP_ACK 0x10

/* An IP packet, or the one an ICMP error quotes. */
struct packet_ip {
	struct endpoint src, dst; /* ports are 0 where the protocol has none, or in a later fragment */
	uint32_t id;              /* IPv4 identification; IPv6: of the fragment, else the flow label */
	uint16_t cut_id;          /* IPv4's identification of a whole packet that may be cut up; 0: none, or IPv6 */
	uint16_t fragment_offset; /* bytes */
	uint16_t header_len;      /* bytes of the IP header */
	uint16_t total_len;       /* bytes of the IP packet as its header says */
	uint8_t protocol;         /* enum packet_protocol or any other number */
	uint8_t ttl;              /* hop limit */
	bool more_fragments;
	const uint8_t *payload; /* UDP: the datagram's bytes; else what follows the IP header; may be NULL when empty */
	size_t payload_len;     /* bytes captured of it */
	uint32_t wire_len;      /* bytes of it on the wire */
	uint16_t link_id;       /* what a record of what links do has for it (record_line.h) */
};

struct packet {
	enum packet_kind kind;
	bool has_macs;
	bool to_many;                    /* link-layer broadcast or multicast, or such an IP address */
	enum pcapng_direction direction; /* as the link layer says (cooked captures) */
	uint32_t link_index;             /* which interface of the machine, as its kernel counts (SLL2); 0: not told */
	uint8_t src_mac[6], dst_mac[6];
	uint8_t icmp_type, icmp_code;
	uint8_t tcp_flags;
	uint32_t icmp_mtu;      /* of an ICMP error "too big": what would fit (RFC 1191, RFC 4443); 0: not told */
	bool has_quote;         /* an ICMP error with the head of the packet that caused it (RFC 792, RFC 4443) */
	bool is_nat64;          /* its addresses on the wire were those of IPv6 (nat64.h) */
	struct packet_ip ip;    /* if kind is PACKET_IP */
	struct packet_ip quote; /* if has_quote */
	uint64_t key;           /* the same wherever this packet is seen, whatever NATs changed; 0 if not PACKET_IP */
	uint64_t bytes_key;     /* the same, as long as it is not known of boxes that change payloads (clobber.h) */
	uint64_t quote_key;     /* the key of the packet that was quoted, if all of it was; else 0 */
};

/* Link types (https://www.tcpdump.org/linktypes.html) that are understood. */
bool packet_knows_link_type(uint16_t link_type);

/* What it is called where it is not understood. Returns a constant, or `text`. */
#define PACKET_LINK_NAME_SIZE 24
const char *packet_link_name(uint16_t link_type, char text[PACKET_LINK_NAME_SIZE]);

/*
 * Takes one frame apart. `captured` bytes are at `bytes`, it had `length` on the wire. Never fails: what cannot be read
 * is PACKET_OTHER or PACKET_CUT. `out` keeps pointers into `bytes`.
 */
void packet_parse(uint16_t link_type, const uint8_t *bytes, uint32_t captured, uint32_t length, struct packet *out);

/* Makes a packet's keys, as packet_parse() does, of what it says now. */
void packet_make_keys(struct packet *p);

/* The key that a packet of that kind with such an IP packet in it has. */
uint64_t packet_key(const struct packet *p, const struct packet_ip *ip);

/* "udp", "tcp", "icmp", or "ip 47" written to `text`. */
const char *packet_protocol_name(uint8_t protocol, char text[16]);

/* True for a piece of a datagram, the first one too. */
bool packet_is_fragment(const struct packet_ip *ip);

#endif
