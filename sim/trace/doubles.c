#include "trace/doubles.h"

#include "trace/hash.h"

#include <string.h>

#define ENOUGH 4 /* doubles tell of an interface that makes them, */
#define SHARE 8  /* if one packet in so many is one */

void doubles_judge(struct doubles *d)
{
	memset(d->frames, 0, sizeof d->frames);
	d->judged = true;
}

static bool is_certain(const struct packet_ip *ip)
{
	return ip->protocol == PACKET_TCP || (ip->src.address.family == ADDRESS_IPV4 && ip->id != 0);
}

/* Of three the third is the first one's double, too, and not the second one's: a row of them has an end. */
static bool was_there(struct doubles *d, const struct pcapng_packet *raw)
{
	uint64_t hash = hash_bytes(hash_u64(raw->interface), raw->bytes, raw->captured);
	struct doubles_frame *f = &d->frames[hash & (DOUBLES_FRAMES - 1)];

	if (f->hash == hash && raw->time_ns >= f->time_ns && raw->time_ns - f->time_ns <= DOUBLES_APART_NS)
		return true;
	*f = (struct doubles_frame){ hash, raw->time_ns };
	return false;
}

bool doubles_is_one(struct doubles *d, const struct pcapng_packet *raw, const struct packet *p)
{
	struct doubles_interface *i;
	bool again;

	if (p->kind != PACKET_IP || raw->interface >= SCENE_INTERFACES)
		return false;
	i = &d->interfaces[raw->interface];
	again = was_there(d, raw);
	i->packets += !d->judged;
	i->certain += !d->judged && again && is_certain(&p->ip);
	return again && i->certain >= ENOUGH && i->certain * SHARE >= i->packets;
}
