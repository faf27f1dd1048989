#include "trace/outside.h"

#include "base/cursor.h"
#include "stun/stun_message.h"

#include <string.h>

#define STUN_SUCCESS_TYPE 0x0101
#define STUN_MAPPED_ADDRESS 0x0001
#define STUN_XOR_MAPPED_ADDRESS 0x0020
#define STUN_FAMILY_IPV4 1

/* IPv4 alone: nobody translates the other one's ports. `mask`: what the address is written with (RFC 8489 §14.2). */
static bool read_mapped(struct reader r, uint32_t mask, struct endpoint *out)
{
	uint16_t port;
	uint32_t address;

	read_u8(&r);
	if (read_u8(&r) != STUN_FAMILY_IPV4)
		return false;
	port = read_u16(&r);
	address = read_u32(&r);
	*out = endpoint_ipv4(address ^ mask, (uint16_t)(port ^ (mask >> 16)));
	return !r.failed;
}

/* The head of a long answer is enough: nothing behind the address is looked at. */
static bool find_mapped(const struct journey *j, struct endpoint *out)
{
	struct reader r = reader_of(j->head, j->head_len);
	bool found = false;

	if (read_u16(&r) != STUN_SUCCESS_TYPE)
		return false;
	read_u16(&r);
	if (read_u32(&r) != STUN_COOKIE)
		return false;
	read_view(&r, STUN_ID_SIZE - 4);
	while (!r.failed && reader_left(&r) > 4) {
		uint16_t type = read_u16(&r), len = read_u16(&r);
		struct reader value = reader_of(r.bytes + r.at, reader_left(&r) < len ? reader_left(&r) : len);

		if (type == STUN_XOR_MAPPED_ADDRESS)
			return read_mapped(value, STUN_COOKIE, out);
		found |= type == STUN_MAPPED_ADDRESS && read_mapped(value, 0, out);
		read_view(&r, (len + 3u) & ~3u);
	}
	return found;
}

void outside_journey(struct outside *o, const struct journey *j)
{
	struct outside_sight s = { .inside = journey_last(j)->dst, .server = journey_last(j)->src, .journey = j->id };

	if (j->kind != PACKET_IP || j->protocol != PACKET_UDP || j->fragment_offset != 0 || o->count == OUTSIDE_MAX ||
	    !find_mapped(j, &s.mapped) || endpoint_equal(&s.mapped, &s.inside))
		return;
	for (size_t i = 0; i < o->count; i++)
		if (endpoint_equal(&o->list[i].inside, &s.inside) && endpoint_equal(&o->list[i].server, &s.server) &&
		    endpoint_equal(&o->list[i].mapped, &s.mapped))
			return;
	o->list[o->count++] = s;
}

static bool is_first_of_socket(const struct outside *o, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (endpoint_equal(&o->list[i].inside, &o->list[at].inside))
			return false;
	return true;
}

/* Two servers' words on one socket. */
struct servers_words {
	bool two_servers, same_port, other_port, same_server_other;
};

static struct servers_words compare(const struct outside *o, size_t at)
{
	struct servers_words w = { false, false, false, false };
	const struct outside_sight *first = &o->list[at];

	for (size_t i = at + 1; i < o->count; i++) {
		const struct outside_sight *s = &o->list[i];
		bool same_server = endpoint_equal(&s->server, &first->server);
		bool differs = !endpoint_equal(&s->mapped, &first->mapped);

		if (!endpoint_equal(&s->inside, &first->inside))
			continue;
		w.two_servers |= !same_server;
		w.same_port |= !same_server && !differs;
		w.other_port |= !same_server && differs;
		w.same_server_other |= same_server && differs;
	}
	return w;
}

static const char *conclusion(const struct servers_words *w)
{
	if (w->same_server_other)
		return "one server saw it change: its mapping ended, and a new one was made";
	if (w->other_port && w->same_port)
		return "the same for some and another for others: several NATs or ways out, or a mapping that ended in "
		       "between";
	if (w->other_port)
		return "the NAT in front of it gives each destination a port of its own (a symmetric NAT): a peer sees "
		       "yet another one";
	if (w->two_servers)
		return "the NAT in front of it keeps one port for all of them (an endpoint-independent mapping)";
	return "one server alone does not tell whether others see the same";
}

static void say_socket(FILE *f, const struct outside *o, const struct scene *s, size_t at)
{
	char text[SCENE_ENDPOINT_SIZE], mapped[ENDPOINT_TEXT_SIZE];
	struct servers_words w = compare(o, at);
	const char *between = "";

	fprintf(f, "%s is", scene_format(s, &o->list[at].inside, text));
	for (size_t i = at; i < o->count; i++) {
		const struct outside_sight *said = &o->list[i];

		if (!endpoint_equal(&said->inside, &o->list[at].inside))
			continue;
		fprintf(f, "%s %s", between, endpoint_format(&said->mapped, mapped));
		fprintf(f, " for %s (journey %llu)", scene_format(s, &said->server, text),
		        (unsigned long long)said->journey);
		between = ",";
	}
	fprintf(f, ": %s.\n", conclusion(&w));
}

static bool has_flow(const struct flows *flows, const struct endpoint *src, const struct endpoint *dst)
{
	for (size_t i = 0; i < flows->count; i++)
		if (flows->list[i].protocol == PACKET_UDP && endpoint_equal(&flows->list[i].src, src) &&
		    endpoint_equal(&flows->list[i].dst, dst))
			return true;
	return false;
}

/* Asked at one port, it answered from another: what comes when a NAT gives each destination a port of its own. */
static const struct flow *find_other_port(const struct flows *flows, const struct flow *asked)
{
	for (size_t i = 0; i < flows->count; i++) {
		const struct flow *f = &flows->list[i];

		if (f->protocol == PACKET_UDP && endpoint_equal(&f->dst, &asked->src) &&
		    endpoint_same_address(&f->src, &asked->dst) && f->src.port != asked->dst.port &&
		    !has_flow(flows, &asked->src, &f->src))
			return f;
	}
	return NULL;
}

static bool say_moved(FILE *f, const struct flows *flows, const struct scene *s, const struct flow *asked)
{
	char from[SCENE_ENDPOINT_SIZE], to[SCENE_ENDPOINT_SIZE], other[SCENE_ENDPOINT_SIZE];
	const struct flow *came = asked->protocol == PACKET_UDP && !has_flow(flows, &asked->dst, &asked->src)
	                              ? find_other_port(flows, asked)
	                              : NULL;

	if (came == NULL)
		return false;
	fprintf(
	    f,
	    "%s sent to %s and heard nothing from there; %llu packet%s came from %s instead: that is what a NAT does "
	    "which gives each destination a port of its own (a symmetric NAT).\n",
	    scene_format(s, &asked->src, from), scene_format(s, &asked->dst, to), (unsigned long long)came->sent,
	    came->sent == 1 ? "" : "s", scene_format(s, &came->src, other));
	return true;
}

unsigned outside_explain(FILE *f, const struct outside *o, const struct flows *flows, const struct scene *s)
{
	unsigned said = 0;

	if (o->count > 0)
		fprintf(f, "Seen from outside (STUN):\n");
	for (size_t i = 0; i < o->count; i++)
		if (is_first_of_socket(o, i)) {
			say_socket(f, o, s, i);
			said++;
		}
	for (size_t i = 0; i < flows->count && said < OUTSIDE_MAX; i++)
		said += say_moved(f, flows, s, &flows->list[i]);
	return said;
}
