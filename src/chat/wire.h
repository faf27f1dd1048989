/*
 * p2pchat's datagrams: bytes to struct and back. Pure. It checks form, never meaning: whether a token is right, a
 * cookie fresh or a peer known is the business of rendezvous and peer.
 *
 * Every datagram is a header and a body of exactly the length the header says, at most WIRE_MAX_DATAGRAM bytes, numbers
 * in network byte order:
 *
 *      0  4  magic, "P2PC". Its two top bits are 01, those of STUN are 00: one socket can serve both
 *      4  1  version, 3
 *      5  1  type
 *      6  2  length of the body
 *      8     the body: the fields of the type, in the order of this table
 *
 * The header is the same in every version, and so is `other version`: a server that is asked in a version that it does
 * not speak answers with that, in its own. The version is another one in the next release that changes a datagram, or
 * how a key is made; 3 is that of the first release with names.
 *
 *     type                 fields                           sent when
 *  client to server
 *     01 login             nonce cookie card proof          logging in; the cookie is zero until one was given
 *     02 ping              session serial                   every keepalive interval
 *     03 list              session serial start             a page of the list of peers, from position `start`
 *     04 punch             session serial who               introduce me to who
 *     05 logout            session
 *     06 relay             session who data                 pass this datagram between peers on to who
 *     07 where             nonce spare                      which address do I come from? needs no login
 *     08 find              session serial name              where is who is called that?
 *     09 seek              session serial exchange          where is the run of a program with that exchange key, of
 *                                                           one without a name?
 *  server to client
 *     11 challenge         nonce cookie                     a login without a good cookie: repeat it with this one
 *     12 welcome           nonce session who                a login with a good cookie; who is the address it came from
 *     13 denied            nonce reason                     a login with a good cookie that cannot be
 *     14 pong              session serial
 *     15 peers             session serial start next peers  a page, maybe empty; the next begins at `next`, 0: none
 *     16 introduce         session serial role passes who token card   to both sides of a punch; serial is that of the
 *                                                           request
 *     17 refused           session serial reason            no introduction, nobody found; serial: the request's
 *     18 logged out        session                          the answer to logout
 *     19 unknown           session                          not known here (any more): log in again
 *     1a shutdown          session                          the server is stopping
 *     1b relayed           session who data                 who has had this passed on to you
 *     1c here              nonce who                        the answer to where
 *     1d found             session serial who called        the answer to find and to seek
 *     1e notice            session presence who name        somebody with a name has come or gone
 *     1f other version     nothing                          asked in a version that is not the server's
 *     20 crowded           session crowded                  too many are logged in for anybody to be told who comes
 *                                                           and goes, or no longer
 *  peer to peer
 *     21 probe             token to ephemeral serial mac    while punching, and as keepalive
 *     22 reply             token to ephemeral serial who mac    serial: the probe's; who: the address it came from
 *     23 text              token to from serial text mac
 *     24 text ack          token to from serial mac         serial: the text's
 *     25 bye               token to from serial mac         the sender leaves
 *     26 bye ack           token to from serial mac
 *     27 offer             token to from serial mapping port span hosts mac    by way of the server: how one can be
 *                                                           reached beside the address the server sees
 *
 *     field      bytes
 *     nonce      8      chosen by the client for one login
 *     cookie     16     proves that the sender receives at its address; the server keeps no state for it
 *     session    16     given by welcome; proves that a datagram is of that login
 *     serial     4      numbers what is asked, from 1; in bye and bye ack it means nothing,
 *                       in offer how far its sender is (path_low_ttl.h)
 *     start,next 4      positions in the list
 *     role       1      enum wire_role
 *     passes     1      enum wire_passes
 *     reason     1      enum wire_reason
 *     who        7, 19  family (4 or 6), port, address (4 or 16 bytes); the port is not 0
 *     peers      1 + n  how many (at most WIRE_PEERS_MAX), then each like who, with the length of its name (at most
 *                       NAME_SIZE, 0 for none) and the name
 *     name       32     of one that has one, see name.h; the rest is zero
 *     called     32     the same, or zero for none
 *     exchange   32     as on a card
 *     presence   1      enum wire_presence
 *     crowded    1      1 for yes, 0 for no
 *     proof      64     the identity's signature over cookie and nonce (see card.h); zero without a name or a cookie
 *     hosts      1 + n  the same of one's own addresses, without names, at most WIRE_HOSTS_MAX
 *     mapping    1      enum wire_mapping
 *     port,span  2      the ports a mapping is expected at: `span` of them from `port` on; none if 0
 *     data       2 + n  length (1 to WIRE_DATA_MAX), then that many bytes: header and body of another datagram
 *     spare      19     zero
 *     token      16     names the path between two peers; the server gave it to both
 *     card       160    what the client shows of itself, in introduce the other one's: identity key, exchange key,
 *                       signature, name (see card.h). The path's key is made of both cards, and the server cannot know
 *                       it
 *     ephemeral  32     public key that the sender made for this life of the path
 *     from       8      its first bytes
 *     to         8      the first bytes of the receiver's; 0 in a probe to somebody who was not heard yet. A datagram
 *                       with one's own is fresh: it is no replay from an earlier life
 *     text       2 + n  length (1 to WIRE_TEXT_MAX), then that many bytes, encrypted (see seal.h); UTF-8 meant but not
 *                       checked
 *     mac        16     over everything before it, under key (see seal.h)
 *
 * What may be sent before the receiver has proved its address is never longer than what it answers: challenge is as
 * long as login, unknown no longer than ping or logout, here no longer than where, and other version is a header alone.
 * Only a login with a good cookie is answered with more.
 */
#ifndef WIRE_H
#define WIRE_H

#include "base/endpoint.h"
#include "chat/card.h"

#include <stddef.h>
#include <stdint.h>

#define WIRE_MAX_DATAGRAM 1200 /* passes every path with an IPv6-sized MTU (1280), tunnel headers included */
#define WIRE_HEADER_SIZE 8
#define WIRE_VERSION 3
#define WIRE_TEXT_MAX 1024
#define WIRE_PEERS_MAX 60
#define WIRE_PEERS_ROOM 1163 /* bytes of a page, beside 37 others */
#define WIRE_HOSTS_MAX 4
#define WIRE_DATA_MAX 1155 /* what a relay or relayed has left; a text of the longest fits */
#define WIRE_SPARE_SIZE 19
#define WIRE_TEXT_AT 46 /* where the text of a text datagram begins */

enum {
	WIRE_NONCE_SIZE = 8,
	WIRE_COOKIE_SIZE = 16,
	WIRE_SESSION_SIZE = 16,
	WIRE_TOKEN_SIZE = 16,
	WIRE_EPHEMERAL_SIZE = CARD_KEY_SIZE,
	WIRE_MAC_SIZE = 16,
};

enum wire_type {
	WIRE_LOGIN = 0x01,
	WIRE_PING = 0x02,
	WIRE_LIST = 0x03,
	WIRE_PUNCH = 0x04,
	WIRE_LOGOUT = 0x05,
	WIRE_RELAY = 0x06,
	WIRE_WHERE = 0x07,
	WIRE_FIND = 0x08,
	WIRE_SEEK = 0x09,
	WIRE_CHALLENGE = 0x11,
	WIRE_WELCOME = 0x12,
	WIRE_DENIED = 0x13,
	WIRE_PONG = 0x14,
	WIRE_PEERS = 0x15,
	WIRE_INTRODUCE = 0x16,
	WIRE_REFUSED = 0x17,
	WIRE_LOGGED_OUT = 0x18,
	WIRE_UNKNOWN = 0x19,
	WIRE_SHUTDOWN = 0x1a,
	WIRE_RELAYED = 0x1b,
	WIRE_HERE = 0x1c,
	WIRE_FOUND = 0x1d,
	WIRE_NOTICE = 0x1e,
	WIRE_OTHER_VERSION = 0x1f,
	WIRE_CROWDED = 0x20,
	WIRE_PROBE = 0x21,
	WIRE_REPLY = 0x22,
	WIRE_TEXT = 0x23,
	WIRE_TEXT_ACK = 0x24,
	WIRE_BYE = 0x25,
	WIRE_BYE_ACK = 0x26,
	WIRE_OFFER = 0x27,
};

enum wire_role { WIRE_YOU_ASKED = 0, WIRE_YOU_ARE_ASKED = 1 };

enum wire_presence { WIRE_HAS_COME = 0, WIRE_HAS_GONE = 1 };

/* What the server passes on between two that it has introduced. */
enum wire_passes { WIRE_PASSES_OFFERS = 0, WIRE_PASSES_ALL = 1 };

/* What one knows of the mapping that one's own NAT makes towards the peer. */
enum wire_mapping {
	WIRE_MAPPING_UNKNOWN = 0,
	WIRE_MAPPING_SAME = 1,   /* endpoint-independent: the port that the server sees */
	WIRE_MAPPING_FRESH = 2,  /* another for every peer, but a new socket keeps its port to the first */
	WIRE_MAPPING_STEADY = 3, /* another for every peer, one after the other */
	WIRE_MAPPING_RANDOM = 4, /* another for every peer, anywhere */
};

enum wire_reason {
	WIRE_PEER_UNKNOWN = 1, /* nobody is logged in from that address */
	WIRE_PEER_IS_YOU = 2,
	WIRE_PEER_OTHER_FAMILY = 3, /* one side is IPv4, the other IPv6 */
	WIRE_NOBODY_CALLED = 4,     /* nobody who is logged in has that name, or key */
	WIRE_NO_ROOM = 5,
	WIRE_NAME_TAKEN = 6,   /* or one that looks the same is, by another key */
	WIRE_NAME_REFUSED = 7, /* it is none by name.h, or the login does not prove the key */
};

/* Why bytes are no datagram of ours. */
enum wire_error {
	WIRE_OK,
	WIRE_BAD_SIZE,    /* shorter than a header, or longer than any datagram */
	WIRE_BAD_MAGIC,   /* another protocol */
	WIRE_BAD_VERSION, /* another version of this one */
	WIRE_BAD_TYPE,
	WIRE_BAD_LENGTH, /* the header's length is not the body's, or a field is cut or left over */
	WIRE_BAD_FIELD,  /* a field has a value it may not have */
	WIRE_ERRORS,     /* how many there are */
};

/* One datagram. Only the fields of its type mean something; the others are zero after wire_decode(). */
struct wire_message {
	enum wire_type type;
	uint8_t nonce[WIRE_NONCE_SIZE];
	uint8_t cookie[WIRE_COOKIE_SIZE];
	uint8_t session[WIRE_SESSION_SIZE];
	uint8_t token[WIRE_TOKEN_SIZE];
	struct card card;
	uint8_t proof[CARD_SIGNATURE_SIZE];
	uint8_t name[NAME_SIZE];
	uint8_t ephemeral[WIRE_EPHEMERAL_SIZE]; /* `from` is its first bytes */
	uint8_t to[WIRE_NONCE_SIZE];
	uint8_t from[WIRE_NONCE_SIZE];
	uint32_t serial;
	uint32_t start;
	uint32_t next;
	uint8_t role;     /* enum wire_role */
	uint8_t reason;   /* enum wire_reason */
	uint8_t passes;   /* enum wire_passes */
	uint8_t mapping;  /* enum wire_mapping */
	uint8_t presence; /* enum wire_presence */
	uint8_t crowded;  /* 0 or 1 */
	uint16_t port;
	uint16_t span;
	uint8_t peer_count;
	struct endpoint who;
	struct endpoint peers[WIRE_PEERS_MAX]; /* of an offer: hosts */
	const uint8_t *names[WIRE_PEERS_MAX];  /* of peers; not zero-ended; point into the datagram that was decoded */
	uint8_t name_lens[WIRE_PEERS_MAX];     /* bytes */
	const uint8_t *text;                   /* so does this */
	size_t text_len;                       /* bytes */
	const uint8_t *data;                   /* so does this */
	size_t data_len;                       /* bytes */
};

/*
 * Reads one datagram of `len` bytes. Returns WIRE_OK, or what is wrong with it; *out is then undefined. The mac is not
 * checked (that takes the path's key): it is the last WIRE_MAC_SIZE bytes.
 */
enum wire_error wire_decode(const uint8_t *bytes, size_t len, struct wire_message *out)
    __attribute__((warn_unused_result));

/*
 * Writes one datagram; a mac is left zero for seal_stamp(). Returns its length, or 0 if `room` is too small or a field
 * has a value wire_decode() would refuse.
 */
size_t wire_encode(const struct wire_message *m, uint8_t *bytes, size_t room) __attribute__((warn_unused_result));

/* How many bytes a peer takes of WIRE_PEERS_ROOM. */
size_t wire_peer_size(const struct endpoint *peer, size_t name_len);

/* The type that stands in a header, of whatever version, of WIRE_HEADER_SIZE bytes or more. */
unsigned wire_type_in(const uint8_t *bytes);

/* True for the datagrams clients send to the server, in every version. */
bool wire_is_for_server(unsigned type);

/* True for the datagrams peers send each other: those that carry token, to, from and mac. */
bool wire_is_between_peers(enum wire_type type);

/* "login", "text ack"; "?" for a number that is no type. For logs and tests. */
const char *wire_type_name(enum wire_type type);

/* "bad size", "bad magic" and so on, for counters that people read. */
const char *wire_error_name(enum wire_error error);

#endif
