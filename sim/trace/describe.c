#include "trace/describe.h"

#include "base/escape.h"
#include "stun/stun_message.h"
#include "chat/wire.h"
#include "trace/turn.h"

#include <stdio.h>
#include <string.h>

#define DNS_PORT 53
#define WIRE_TYPE_AT 5 /* see wire.h */

static void describe_wire_message(const struct scene *s, const struct wire_message *m, char text[DESCRIBE_SIZE])
{
	char who[SCENE_ENDPOINT_SIZE];
	const char *name = wire_type_name(m->type);

	if (m->type == WIRE_TEXT) /* encrypted: how much of it is all there is to say */
		snprintf(text, DESCRIBE_SIZE, "text %u, %u bytes", (unsigned)m->serial, (unsigned)m->text_len);
	else if (m->type == WIRE_PEERS)
		snprintf(text, DESCRIBE_SIZE, "peers: %u", (unsigned)m->peer_count);
	else if (m->who.address.family != ADDRESS_NONE && m->type != WIRE_REPLY)
		snprintf(text, DESCRIBE_SIZE, "%s %s", name, scene_format(s, &m->who, who));
	else if (m->serial != 0)
		snprintf(text, DESCRIBE_SIZE, "%s %u", name, (unsigned)m->serial);
	else
		snprintf(text, DESCRIBE_SIZE, "%s", name);
}

/* A long datagram was kept in part: its type stands in the header. */
static bool describe_wire(const struct scene *s, const struct journey *j, char text[DESCRIBE_SIZE])
{
	struct wire_message m;
	enum wire_error error = wire_decode(j->head, j->head_len, &m);

	if (error == WIRE_OK) {
		describe_wire_message(s, &m, text);
		return true;
	}
	if (error != WIRE_BAD_LENGTH || j->head_len >= j->length)
		return false;
	snprintf(text, DESCRIBE_SIZE, "%s, %u bytes", wire_type_name((enum wire_type)j->head[WIRE_TYPE_AT]),
	         (unsigned)j->length);
	return true;
}

static const char *stun_class_name(enum stun_class c)
{
	switch (c) {
	case STUN_REQUEST: return "request";
	case STUN_INDICATION: return "indication";
	case STUN_SUCCESS: return "success";
	case STUN_ERROR: return "error";
	}
	return "";
}

static bool describe_stun(const struct scene *s, const struct journey *j, char text[DESCRIBE_SIZE])
{
	struct stun_message m;
	struct endpoint mapped;
	char who[SCENE_ENDPOINT_SIZE] = "";

	if (!stun_looks_like(j->head, j->head_len) || stun_decode(j->head, j->head_len, &m) != 0)
		return false;
	mapped = stun_mapped(&m);
	if (mapped.address.family != ADDRESS_NONE)
		scene_format(s, &mapped, who);
	else if (m.code != 0)
		snprintf(who, sizeof who, "%u", (unsigned)m.code);
	snprintf(text, DESCRIBE_SIZE, "STUN %s%s%s%s", m.method == STUN_BINDING ? "binding " : "",
	         stun_class_name(m.class), who[0] != '\0' ? " " : "", who);
	return true;
}

static const char *unreachable_name(uint8_t code)
{
	static const char *const names[] = {
		[0] = "net unreachable",      [1] = "host unreachable",
		[2] = "protocol unreachable", [3] = "port unreachable",
		[4] = "fragmentation needed", [9] = "net prohibited",
		[10] = "host prohibited",     [13] = "administratively prohibited",
	};

	return code < sizeof names / sizeof names[0] && names[code] != NULL ? names[code] : "unreachable";
}

static const char *icmpv6_name(uint8_t type)
{
	switch (type) {
	case 1: return "unreachable";
	case 2: return "packet too big";
	case 3: return "time exceeded";
	case 128: return "echo request";
	case 129: return "echo reply";
	default: return NULL;
	}
}

static const char *icmp_name(const struct journey *j)
{
	if (j->protocol == PACKET_ICMPV6)
		return icmpv6_name(j->icmp_type);
	switch (j->icmp_type) {
	case 0: return "echo reply";
	case 3: return unreachable_name(j->icmp_code);
	case 5: return "redirect";
	case 8: return "echo request";
	case 11: return "time exceeded";
	default: return NULL;
	}
}

static void describe_icmp(const struct journey *j, char text[DESCRIBE_SIZE])
{
	const char *name = icmp_name(j);

	if (name != NULL)
		snprintf(text, DESCRIBE_SIZE, "ICMP %s", name);
	else
		snprintf(text, DESCRIBE_SIZE, "ICMP type %u code %u", (unsigned)j->icmp_type, (unsigned)j->icmp_code);
}

static void describe_tcp(const struct journey *j, char text[DESCRIBE_SIZE])
{
	static const char names[][4] = { "FIN", "SYN", "RST", "PSH", "ACK" };
	size_t len = (size_t)snprintf(text, DESCRIBE_SIZE, "TCP");

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((j->tcp_flags & 1 << i) != 0)
			len += (size_t)snprintf(text + len, DESCRIBE_SIZE - len, " %s", names[i]);
	if (j->meets != 0)
		snprintf(text + len, DESCRIBE_SIZE - len, " that meets journey %llu", (unsigned long long)j->meets);
}

static uint16_t word_at(const struct journey *j, unsigned at)
{
	return (uint16_t)(j->head[at] << 8 | j->head[at + 1]);
}

static bool is_to_or_from(const struct journey *j, uint16_t port)
{
	return journey_first(j)->src.port == port || journey_first(j)->dst.port == port;
}

/* RFC 7983 §7: what shares a port with STUN is told by the first byte. */
static bool first_is(const struct journey *j, unsigned low, unsigned high, unsigned at_least)
{
	return j->head_len >= at_least && j->head[0] >= low && j->head[0] <= high;
}

static bool describe_turn(const struct journey *j, char text[DESCRIBE_SIZE])
{
	struct turn_data d;

	if (!turn_unwrap(j->head, j->head_len, j->length, &d))
		return false;
	if (d.wrapping == TURN_CHANNEL)
		snprintf(text, DESCRIBE_SIZE, "TURN channel 0x%x, %u bytes", (unsigned)d.channel, (unsigned)d.length);
	else
		snprintf(text, DESCRIBE_SIZE, "TURN %s indication, %u bytes", d.wrapping == TURN_SEND ? "send" : "data",
		         (unsigned)d.length);
	return true;
}

/* RFC 8446 §6, RFC 5246 §7.2: those that tell why a handshake failed. */
static const char *alert_name(uint8_t alert)
{
	static const struct {
		uint8_t alert;
		const char *name;
	} names[] = {
		{ 0, "close_notify" },
		{ 10, "unexpected_message" },
		{ 20, "bad_record_mac" },
		{ 40, "handshake_failure" },
		{ 42, "bad_certificate" },
		{ 43, "unsupported_certificate" },
		{ 44, "certificate_revoked" },
		{ 45, "certificate_expired" },
		{ 46, "certificate_unknown" },
		{ 47, "illegal_parameter" },
		{ 48, "unknown_ca" },
		{ 49, "access_denied" },
		{ 50, "decode_error" },
		{ 51, "decrypt_error" },
		{ 70, "protocol_version" },
		{ 71, "insufficient_security" },
		{ 80, "internal_error" },
		{ 90, "user_canceled" },
		{ 109, "missing_extension" },
		{ 110, "unsupported_extension" },
		{ 112, "unrecognized_name" },
		{ 115, "unknown_psk_identity" },
		{ 116, "certificate_required" },
		{ 120, "no_application_protocol" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].alert == alert)
			return names[i].name;
	return NULL;
}

static const char *handshake_name(uint8_t type)
{
	switch (type) {
	case 1: return "client hello";
	case 2: return "server hello";
	case 3: return "hello verify request";
	case 11: return "certificate";
	case 12: return "server key exchange";
	case 14: return "server hello done";
	case 16: return "client key exchange";
	default: return "handshake";
	}
}

/* A record's header is 13 bytes (RFC 6347 §4.1); what is encrypted (epoch not 0) tells its type alone. */
static bool describe_dtls(const struct journey *j, char text[DESCRIBE_SIZE])
{
	const char *what = NULL;

	if (!first_is(j, 20, 23, 14) || j->head[1] != 0xfe || word_at(j, 11) + 13u > j->length)
		return false;
	if (j->head[0] == 20)
		what = "change cipher spec";
	else if (j->head[0] == 23)
		what = "data";
	else if (word_at(j, 3) != 0)
		what = j->head[0] == 21 ? "alert, encrypted" : "handshake, encrypted";
	else if (j->head[0] == 22)
		what = handshake_name(j->head[13]);
	else if (j->head_len >= 15)
		what = alert_name(j->head[14]);
	if (what != NULL)
		snprintf(text, DESCRIBE_SIZE, "DTLS %s%s", j->head[0] == 21 && word_at(j, 3) == 0 ? "alert: " : "",
		         what);
	else
		snprintf(text, DESCRIBE_SIZE, "DTLS alert");
	return true;
}

/* RFC 9000 §17.2: a long header names its version. A short one has no mark of its own. */
static bool describe_quic(const struct journey *j, char text[DESCRIBE_SIZE])
{
	static const char *const names[] = { "initial", "0-RTT", "handshake", "retry" };
	uint32_t version;

	if (!first_is(j, 0xc0, 0xff, 7))
		return false;
	version = (uint32_t)word_at(j, 1) << 16 | word_at(j, 3);
	if (version != 0 && version != 1)
		return false;
	snprintf(text, DESCRIBE_SIZE, "QUIC %s, %u bytes",
	         version == 0 ? "version negotiation" : names[j->head[0] >> 4 & 3], (unsigned)j->length);
	return true;
}

/*
 * RFC 3550: version 2 without contributing sources, of a type in use (RFC 3551); RFC 5761 §4: the types 72 to 79 are
 * RTCP's, whose length is told in words. Anything less strict would take much encrypted data for it.
 */
static bool describe_rtp(const struct journey *j, char text[DESCRIBE_SIZE])
{
	unsigned type = j->head_len >= 12 ? j->head[1] & 127u : 0;

	if (j->head_len < 12 || (j->head[0] & 0xef) != 0x80)
		return false;
	if (type >= 72 && type <= 79 && (word_at(j, 2) + 1u) * 4 <= j->length)
		snprintf(text, DESCRIBE_SIZE, "RTCP %u", type + 128);
	else if (type <= 34 || type >= 96)
		snprintf(text, DESCRIBE_SIZE, "RTP type %u, number %u", type, (unsigned)word_at(j, 2));
	else
		return false;
	return true;
}

/* RFC 6886, RFC 6887: version, opcode with the highest bit in answers. */
static bool describe_port_mapping(const struct journey *j, char text[DESCRIBE_SIZE])
{
	bool answer = j->head_len >= 2 && (j->head[1] & 0x80) != 0;

	if (!is_to_or_from(j, 5351) || j->head_len < 2)
		return false;
	if (j->head[0] == 0)
		snprintf(text, DESCRIBE_SIZE, "NAT-PMP %s%s", (j->head[1] & 127) == 0 ? "address" : "map",
		         answer ? " answer" : "");
	else if (j->head[0] == 2)
		snprintf(text, DESCRIBE_SIZE, "PCP %s%s", (j->head[1] & 127) == 1 ? "map" : "request",
		         answer ? " answer" : "");
	else
		return false;
	return true;
}

static bool describe_ssdp(const struct journey *j, char text[DESCRIBE_SIZE])
{
	unsigned len = 0;

	if (!is_to_or_from(j, 1900) || j->head_len == 0)
		return false;
	while (len < j->head_len && len < 24 && j->head[len] > ' ' && j->head[len] < 127)
		len++;
	snprintf(text, DESCRIBE_SIZE, "SSDP %.*s", (int)len, (const char *)j->head);
	return len > 0;
}

/* RFC 1035 §4: the first name asked for, behind a header of 12 bytes. */
static bool describe_dns(const struct journey *j, char text[DESCRIBE_SIZE])
{
	bool many = is_to_or_from(j, 5353);
	char name[48] = "";
	size_t at = 12, len = 0;

	if (!many && !is_to_or_from(j, DNS_PORT))
		return false;
	while (j->head_len >= 12 && word_at(j, 4) > 0 && at < j->head_len && j->head[at] > 0 && j->head[at] < 64 &&
	       at + j->head[at] < j->head_len && len + j->head[at] + 2u < sizeof name) {
		uint8_t label = j->head[at++];

		for (uint8_t i = 0; i < label; i++, at++)
			name[len++] = j->head[at] > ' ' && j->head[at] < 127 ? (char)j->head[at] : '?';
		name[len++] = '.';
		name[len] = '\0';
	}
	snprintf(text, DESCRIBE_SIZE, "%s %s%s%s", many ? "mDNS" : "DNS",
	         j->head_len >= 12 && (j->head[2] & 0x80) != 0 ? "answer" : "query", name[0] != '\0' ? " " : "", name);
	return true;
}

/* The type in the first byte, three zeros, and lengths that are fixed. */
static bool describe_wireguard(const struct journey *j, char text[DESCRIBE_SIZE])
{
	static const struct {
		uint32_t length; /* 0: at least 32 */
		const char *name;
	} types[] = { { 148, "initiation" }, { 92, "response" }, { 64, "cookie" }, { 0, "data" } };
	unsigned type = j->head_len >= 4 ? j->head[0] : 0;

	if (type < 1 || type > 4 || j->head[1] != 0 || word_at(j, 2) != 0 ||
	    (types[type - 1].length != 0 ? j->length != types[type - 1].length : j->length < 32 || j->length % 16 != 0))
		return false;
	snprintf(text, DESCRIBE_SIZE, "WireGuard %s", types[type - 1].name);
	return true;
}

/* What people can read is shown as it is. */
static bool describe_text(const struct journey *j, char text[DESCRIBE_SIZE])
{
	unsigned len = j->head_len < 32 ? j->head_len : 32;
	char said[64];

	for (unsigned i = 0; i < j->head_len; i++)
		if ((j->head[i] < ' ' || j->head[i] > '~') && (j->head[i] == 0 || strchr("\r\n\t", j->head[i]) == NULL))
			return false;
	if (len < 4)
		return false;
	for (unsigned i = 0; i < len; i++)
		said[i] = j->head[i] < ' ' ? ' ' : (char)j->head[i];
	snprintf(text, DESCRIBE_SIZE, "\"%.*s\"%s %u bytes", (int)len, said, j->length > len ? "..." : "",
	         (unsigned)j->length);
	return true;
}

/* Each recognises its own by its first bytes and fixed fields, or by a port that belongs to it; nothing is guessed. */
static void describe_udp(const struct scene *s, const struct journey *j, char text[DESCRIBE_SIZE])
{
	static bool (*const others[])(const struct journey *, char[DESCRIBE_SIZE]) = {
		describe_port_mapping, describe_dns,       describe_ssdp, describe_dtls,
		describe_quic,         describe_wireguard, describe_rtp,  describe_text,
	};

	if (describe_wire(s, j, text) || describe_turn(j, text) || describe_stun(s, j, text))
		return;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (others[i](j, text))
			return;
	snprintf(text, DESCRIBE_SIZE, "UDP %u byte%s", (unsigned)j->length, j->length == 1 ? "" : "s");
}

const char *describe_journey(const struct scene *s, const struct journey *j, char text[DESCRIBE_SIZE])
{
	char protocol[16];

	if (j->kind == PACKET_ARP)
		snprintf(text, DESCRIBE_SIZE, "ARP");
	else if (j->kind == PACKET_NEIGHBOURS)
		snprintf(text, DESCRIBE_SIZE, "IPv6 neighbours and groups");
	else if (j->kind == PACKET_OTHER)
		snprintf(text, DESCRIBE_SIZE, "not IP");
	else if (j->kind == PACKET_CUT)
		snprintf(text, DESCRIBE_SIZE, "IP, cut or malformed");
	else if (j->fragment_offset != 0)
		snprintf(text, DESCRIBE_SIZE, "fragment at %u", (unsigned)j->fragment_offset);
	else if (j->protocol == PACKET_UDP)
		describe_udp(s, j, text);
	else if (j->protocol == PACKET_TCP)
		describe_tcp(j, text);
	else if (j->protocol == PACKET_ICMP || j->protocol == PACKET_ICMPV6)
		describe_icmp(j, text);
	else
		snprintf(text, DESCRIBE_SIZE, "%s, %u bytes", packet_protocol_name(j->protocol, protocol),
		         (unsigned)j->length);
	return text;
}
