/*
 * STUN messages (RFC 8489 §5, §14) with the attributes of NAT behaviour discovery (RFC 5780 §7), and as much of
 * RFC 3489 as its clients need for an answer: bytes in, struct out, and back. Pure.
 *
 * It knows no transactions, no sockets and no authentication: credentials are stepped over, never checked.
 */
#ifndef STUN_MESSAGE_H
#define STUN_MESSAGE_H

#include "base/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STUN_PORT 3478 /* RFC 8489 §18.6 */

#define STUN_HEADER_SIZE 20
#define STUN_COOKIE UINT32_C(0x2112a442)
#define STUN_ID_SIZE 16    /* the cookie and 96 random bits; 128 random bits in RFC 3489 */
#define STUN_UNKNOWN_MAX 8 /* unknown attributes named in one message */
#define STUN_PADDING_MAX 1500

/* Room for every message stun_encode() can make. */
#define STUN_MESSAGE_ROOM (STUN_PADDING_MAX + 512)

enum stun_class { STUN_REQUEST, STUN_INDICATION, STUN_SUCCESS, STUN_ERROR };

#define STUN_BINDING 1 /* the one method used here */

/* The type of the attribute CHANGE-REQUEST, and its flags (RFC 5780 §7.2). */
#define STUN_CHANGE_REQUEST 0x0003
#define STUN_CHANGE_IP UINT8_C(0x04)
#define STUN_CHANGE_PORT UINT8_C(0x02)

enum stun_code {
	STUN_BAD_REQUEST = 400,
	STUN_UNKNOWN_ATTRIBUTE = 420,
};

/*
 * One message. Plain data; an address attribute that is not there has the family ADDRESS_NONE. Of an attribute
 * that comes twice the first counts (RFC 8489 §14).
 */
struct stun_message {
	enum stun_class class;
	uint16_t method;
	uint8_t id[STUN_ID_SIZE];
	bool classic;                    /* RFC 3489: the first four bytes of the id are not the cookie */
	struct endpoint mapped;          /* MAPPED-ADDRESS */
	struct endpoint xor_mapped;      /* XOR-MAPPED-ADDRESS, decoded */
	struct endpoint response_origin; /* RESPONSE-ORIGIN; SOURCE-ADDRESS when classic */
	struct endpoint other_address;   /* OTHER-ADDRESS; CHANGED-ADDRESS when classic */
	bool has_change;
	uint8_t change; /* STUN_CHANGE_IP | STUN_CHANGE_PORT */
	bool has_response_port;
	uint16_t response_port;
	bool has_padding;
	uint16_t padding; /* bytes */
	uint16_t code;    /* ERROR-CODE, 300 to 699; 0: none */
	uint16_t unknown[STUN_UNKNOWN_MAX];
	size_t unknown_count; /* when decoding: attributes that must be understood and are not, or that an
	                         error response lists; the rest beyond STUN_UNKNOWN_MAX is not kept */
	bool fingerprint;
};

/*
 * Reads a whole datagram. Returns 0, or -1 for anything but exactly one well-formed message; *out is then
 * undefined. A FINGERPRINT must be the last attribute and right.
 */
int stun_decode(const uint8_t *bytes, size_t len, struct stun_message *out) __attribute__((warn_unused_result));

/*
 * Writes a message; the class decides nothing, each attribute that is set is written. For messages that are not
 * classic the cookie is put in whatever id[0..3] says. Returns the length, or 0 if `room` is too small or a field
 * is out of its range (an address without family, a padding above STUN_PADDING_MAX).
 */
size_t stun_encode(const struct stun_message *m, uint8_t *bytes, size_t room) __attribute__((warn_unused_result));

/*
 * Whether a datagram is worth showing to stun_decode() on a port that serves another protocol too: two zero bits, and a
 * length that fits, and the cookie or else the header of an RFC 3489 Binding request.
 */
bool stun_looks_like(const uint8_t *bytes, size_t len);

/*
 * Over a connection (RFC 8489 §6.2.2): of how many bytes the message is that begins there, as its header says; 0: too
 * few are there to tell; -1: it is no STUN, or RFC 3489's, which knows no connections.
 */
ssize_t stun_frame_size(const uint8_t *bytes, size_t len);

/* The address the message says its receiver has: XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS, else one with no family. */
struct endpoint stun_mapped(const struct stun_message *m);

#endif
