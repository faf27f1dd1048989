#include "trace/view.h"

#include "trace/hash.h"

#include <string.h>

/* Which addresses were met is evidence for a capture's reach alone: one hash of 2^64 taken for another is no harm. */
static uint64_t hash_of(const struct endpoint *e)
{
	return hash_bytes((uint64_t)e->address.family, e->address.bytes, sizeof e->address.bytes) | 1;
}

/* Of one protocol, from one end to another. */
static uint64_t hash_of_flow(uint8_t protocol, const struct endpoint *src, const struct endpoint *dst)
{
	uint64_t ends = hash_u64((uint64_t)protocol << 32 | (uint64_t)src->port << 16 | dst->port);

	return hash_u64(hash_of(src) ^ hash_u64(hash_of(dst) ^ ends)) | 1;
}

/* Where it is, or where it would be; -1: there is no room. */
static int place_of(const struct view_met table[VIEW_ROOM], uint64_t hash)
{
	for (unsigned i = 0; i < VIEW_ROOM; i++) {
		unsigned at = (unsigned)(hash_u64(hash) + i) & (VIEW_ROOM - 1);

		if (table[at].hash == hash || table[at].hash == 0)
			return (int)at;
	}
	return -1;
}

/* NULL: it was not met, or there was no room to note it. */
static const struct view_met *find(const struct view_met table[VIEW_ROOM], uint64_t hash)
{
	int at = place_of(table, hash);

	return at >= 0 && table[at].hash != 0 ? &table[at] : NULL;
}

static struct view_met *note(struct view_met table[VIEW_ROOM], uint64_t hash)
{
	int at = place_of(table, hash);

	if (at < 0)
		return NULL;
	table[at].hash = hash;
	return &table[at];
}

static void note_time(struct view_met *met, uint64_t time_ns)
{
	if (met == NULL)
		return;
	met->from_ns = met->from_ns == 0 || time_ns < met->from_ns ? time_ns : met->from_ns;
	met->to_ns = time_ns > met->to_ns ? time_ns : met->to_ns;
}

static bool has_ports(const struct packet_ip *ip)
{
	return (ip->protocol == PACKET_UDP || ip->protocol == PACKET_TCP) && ip->fragment_offset == 0;
}

static void sieve_begin(struct view_sieve *s, const struct packet_ip *ip)
{
	bool ports = has_ports(ip);

	*s = (struct view_sieve){ .any = true,
		                  .protocol = true,
		                  .src = true,
		                  .dst = true,
		                  .src_port = ports,
		                  .dst_port = ports,
		                  .host = { true, true },
		                  .port = { ports, ports },
		                  .first = *ip };
	s->first.payload = NULL;
}

static bool has_end(const struct endpoint *host, const struct endpoint *src, const struct endpoint *dst)
{
	return endpoint_same_address(src, host) || endpoint_same_address(dst, host);
}

static void narrow_rest(struct view_rest *r, const struct endpoint *src, const struct endpoint *dst)
{
	if (!r->any)
		*r = (struct view_rest){ .any = true, .host = { true, true }, .ends = { *src, *dst } };
	for (int i = 0; i < 2; i++)
		r->host[i] = r->host[i] && has_end(&r->ends[i], src, dst);
}

/* True if a filter for two hosts, of which `first` is the one, may have kept such a packet out. */
static bool rest_may_hide(const struct view_rest *r, const struct endpoint *first, const struct endpoint *src,
                          const struct endpoint *dst)
{
	return r->any && !has_end(first, src, dst) &&
	       ((r->host[0] && !has_end(&r->ends[0], src, dst)) || (r->host[1] && !has_end(&r->ends[1], src, dst)));
}

/* What such a packet has in common with those before it. */
static struct view_sieve narrow(const struct view_sieve *s, uint8_t protocol, bool ports, const struct endpoint *src,
                                const struct endpoint *dst)
{
	const struct endpoint *ends[2] = { &s->first.src, &s->first.dst };
	struct view_sieve n = *s;

	n.protocol = s->protocol && protocol == s->first.protocol;
	n.src = s->src && endpoint_same_address(src, ends[0]);
	n.dst = s->dst && endpoint_same_address(dst, ends[1]);
	n.src_port = s->src_port && ports && src->port == ends[0]->port;
	n.dst_port = s->dst_port && ports && dst->port == ends[1]->port;
	for (int i = 0; i < 2; i++) {
		n.host[i] = s->host[i] && has_end(ends[i], src, dst);
		n.port[i] = s->port[i] && ports && (src->port == ends[i]->port || dst->port == ends[i]->port);
		if (!has_end(ends[i], src, dst))
			narrow_rest(&n.rest[i], src, dst);
	}
	return n;
}

void view_add(struct view *v, const struct packet *p, uint64_t time_ns)
{
	if (p->kind != PACKET_IP) {
		v->open |= p->kind == PACKET_ARP || p->kind == PACKET_OTHER;
		return;
	}
	if (v->sieve.any)
		v->sieve = narrow(&v->sieve, p->ip.protocol, has_ports(&p->ip), &p->ip.src, &p->ip.dst);
	else
		sieve_begin(&v->sieve, &p->ip);
	(void)note(v->addresses, hash_of(&p->ip.src));
	note_time(note(v->addresses, hash_of(&p->ip.dst)), time_ns);
	note_time(note(v->flows, hash_of_flow(p->ip.protocol, &p->ip.src, &p->ip.dst)), time_ns);
}

static void shift(struct view_met table[VIEW_ROOM], int64_t by_ns)
{
	for (unsigned i = 0; i < VIEW_ROOM; i++) {
		if (table[i].to_ns == 0)
			continue;
		table[i].from_ns += (uint64_t)by_ns;
		table[i].to_ns += (uint64_t)by_ns;
	}
}

void view_shift(struct view *v, int64_t by_ns)
{
	shift(v->addresses, by_ns);
	shift(v->flows, by_ns);
}

bool view_knows(const struct view *v, const struct endpoint *e)
{
	return v->open || find(v->addresses, hash_of(e)) != NULL;
}

bool view_shows_way(const struct view *v, const struct endpoint *to, uint64_t *from_ns, uint64_t *to_ns)
{
	const struct view_met *a = find(v->addresses, hash_of(to));

	if (a == NULL || a->to_ns == 0)
		return false;
	*from_ns = a->from_ns;
	*to_ns = a->to_ns;
	return true;
}

bool view_shows_between(const struct view *v, uint8_t protocol, const struct endpoint *src, const struct endpoint *dst,
                        uint64_t time_ns)
{
	const struct view_met *f = find(v->flows, hash_of_flow(protocol, src, dst));

	return f != NULL && f->from_ns <= time_ns && f->to_ns >= time_ns;
}

bool view_may_hide(const struct view *v, uint8_t protocol, const struct endpoint *src, const struct endpoint *dst)
{
	const struct endpoint unknown = { .port = 0 };
	const struct view_sieve *s = &v->sieve;
	struct view_sieve n;

	src = src != NULL ? src : &unknown;
	n = narrow(s, protocol, true, src, dst);
	return !v->open &&
	       (rest_may_hide(&s->rest[0], &s->first.src, src, dst) ||
	        rest_may_hide(&s->rest[1], &s->first.dst, src, dst) || n.protocol != s->protocol || n.src != s->src ||
	        n.dst != s->dst || n.src_port != s->src_port || n.dst_port != s->dst_port || n.host[0] != s->host[0] ||
	        n.host[1] != s->host[1] || n.port[0] != s->port[0] || n.port[1] != s->port[1]);
}
