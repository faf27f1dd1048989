#include "trace/describe.h"

#include "stun/stun_message.h"
#include "trace/safe_text.h"
#include "chat/wire.h"

#include <stdio.h>
#include <string.h>

#define DNS_PORT 53
#define WIRE_TYPE_AT 5 /* see wire.h */

static void describe_wire_text(const struct wire_message *m, char text[DESCRIBE_SIZE])
{
	char said[64];

	text_escape(m->text, m->text_len, said, sizeof said);
	snprintf(text, DESCRIBE_SIZE, "text %u \"%s\"", (unsigned)m->serial, said);
}

static void describe_wire_message(const struct scene *s, const struct wire_message *m, char text[DESCRIBE_SIZE])
{
	char who[SCENE_ENDPOINT_SIZE];
	const char *name = wire_type_name(m->type);

	if (m->type == WIRE_TEXT)
		describe_wire_text(m, text);
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

static const char *icmp_name(const struct journey *j)
{
	if (j->protocol == PACKET_ICMPV6)
		return j->icmp_type == 1     ? "unreachable"
		       : j->icmp_type == 128 ? "echo request"
		       : j->icmp_type == 129 ? "echo reply"
		                             : NULL;
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
}

static void describe_udp(const struct scene *s, const struct journey *j, char text[DESCRIBE_SIZE])
{
	const struct leg *l = journey_first(j);

	if (describe_wire(s, j, text) || describe_stun(s, j, text))
		return;
	snprintf(text, DESCRIBE_SIZE, "%s %u byte%s",
	         l->src.port == DNS_PORT || l->dst.port == DNS_PORT ? "DNS" : "UDP", (unsigned)j->length,
	         j->length == 1 ? "" : "s");
}

const char *describe_journey(const struct scene *s, const struct journey *j, char text[DESCRIBE_SIZE])
{
	char protocol[16];

	if (j->kind == PACKET_ARP)
		snprintf(text, DESCRIBE_SIZE, "ARP");
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
