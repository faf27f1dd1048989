#include "trace/join.h"

#include "trace/icmp.h"
#include "trace/join_fit.h"
#include "trace/join_pieces.h"
#include "trace/join_talks.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUCKETS (2 * JOIN_LIVE)
#define CANDIDATES_MAX 64 /* open journeys with the same bytes that are looked at */
#define CAUSES_MAX 512    /* recent journeys that are looked at for the one an ICMP error quotes in part */

/* A journey that ended waits this long for an ICMP error about it before it is told of. */
#define LINGER_NS UINT64_C(5000000)
/* Beyond 16 times what the hop usually takes, and this: no match for a packet that fits only loosely. */
#define LOOSE_NS UINT64_C(1000000)
/* Time stamps this near may stand in the wrong order (microseconds, files merged). */
#define TIE_NS UINT64_C(2000)

struct slot {
	struct journey j;
	uint64_t next, prev; /* ids of open journeys of the same bucket, the newest first; 0: none */
	bool open;           /* in a bucket */
};

struct join {
	struct scene *scene;
	join_done *done;
	void *context;
	uint64_t next_id; /* of the next journey */
	uint64_t head_id; /* the oldest journey not told of */
	uint64_t now_ns, packets, hurried;
	uint64_t usual_ns[SCENE_POINTS]; /* how long the hop to a point takes */
	uint64_t buckets[BUCKETS];       /* ids of the newest open journeys; 0: none */
	uint64_t recent[BUCKETS];        /* ids of the newest journeys, open or not */
	struct join_pieces pieces;
	struct join_talks talks;
	struct slot slots[JOIN_LIVE];
};

/*
 * Packets fall into buckets all over: a page at its first use costs many times what it does when all are asked for at
 * once. Kernels before 5.14 cannot.
 */
static void prepare(struct join *join)
{
#ifdef MADV_POPULATE_WRITE
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)join->buckets & ~(page - 1);

	(void)madvise((void *)from, (uintptr_t)&join->pieces - from, MADV_POPULATE_WRITE);
#endif
}

struct join *join_new(struct scene *s, join_done *done, void *context)
{
	/* Fresh zero pages from the kernel: a short trace touches few of them, where calloc() may clear all. */
	struct join *join = mmap(NULL, sizeof *join, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (join == MAP_FAILED)
		return NULL;
	prepare(join);
	join->scene = s;
	join->done = done;
	join->context = context;
	join->next_id = join->head_id = 1;
	return join;
}

void join_free(struct join *join)
{
	if (join != NULL)
		munmap(join, sizeof *join);
}

size_t join_memory(void)
{
	return sizeof(struct join);
}

uint64_t join_packets(const struct join *join)
{
	return join->packets;
}

uint64_t join_journeys(const struct join *join)
{
	return join->next_id - 1;
}

uint64_t join_hurried(const struct join *join)
{
	return join->hurried;
}

static struct slot *slot_of(struct join *join, uint64_t id)
{
	return &join->slots[id & (JOIN_LIVE - 1)];
}

static uint32_t bucket_of(uint64_t key)
{
	return (uint32_t)(key >> 20) & (BUCKETS - 1);
}

/* The journey of that id, or NULL if it is forgotten. */
static struct journey *recall(struct join *join, uint64_t id)
{
	struct slot *slot = slot_of(join, id);

	return id != 0 && slot->j.id == id ? &slot->j : NULL;
}

static void open_slot(struct join *join, struct slot *slot)
{
	uint64_t *first = &join->buckets[bucket_of(slot->j.key)];

	slot->open = true;
	slot->prev = 0;
	slot->next = *first;
	if (*first != 0)
		slot_of(join, *first)->prev = slot->j.id;
	*first = slot->j.id;
}

static void close_slot(struct join *join, struct slot *slot)
{
	if (!slot->open)
		return;
	slot->open = false;
	if (slot->prev != 0)
		slot_of(join, slot->prev)->next = slot->next;
	else
		join->buckets[bucket_of(slot->j.key)] = slot->next;
	if (slot->next != 0)
		slot_of(join, slot->next)->prev = slot->prev;
}

static bool is_own(struct join *join, const struct journey *j)
{
	const struct leg *l = journey_last(j);
	const struct journey *cause = recall(join, j->caused_by);

	return j->fate == FATE_DROPPED && join->scene->nodes[j->end_node].kind == NODE_BOX &&
	       (join_talks_is_own(&join->talks, j->end_node, j->protocol, &l->dst, &l->src) ||
	        (cause != NULL && journey_origin(join->scene, cause) == j->end_node));
}

/* An error about the way is not about a packet that arrived: it is another one's, with the same bytes. */
static bool was_refused(const struct journey *j)
{
	bool arrived = j->fate == FATE_DELIVERED || j->fate == FATE_FOR_BOX;

	return arrived && j->refused_by != 0 && j->refused_as != ICMP_SAYS_TTL && j->refused_as != ICMP_SAYS_TOO_BIG;
}

/* Tells of the oldest journey. */
static void tell_head(struct join *join, bool cut_short)
{
	struct slot *slot = slot_of(join, join->head_id);

	close_slot(join, slot);
	journey_conclude(&slot->j, join->scene, cut_short);
	if (is_own(join, &slot->j))
		slot->j.fate = FATE_FOR_BOX;
	if (join_talks_answered_unseen(&join->talks, &slot->j))
		slot->j.fate = FATE_UNKNOWN;
	if (was_refused(&slot->j))
		slot->j.fate = FATE_REFUSED;
	join->done(join->context, &slot->j);
	join->head_id++;
}

static bool is_over(const struct join *join, const struct journey *j)
{
	uint64_t age = join->now_ns - journey_last(j)->time_ns;

	return age > (j->closed ? LINGER_NS : JOIN_HORIZON_NS);
}

static void tell_those_over(struct join *join)
{
	while (join->head_id < join->next_id && is_over(join, &slot_of(join, join->head_id)->j))
		tell_head(join, false);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* What is known of the best match so far. */
struct join_match {
	struct slot *slot;
	enum fit fit;
	uint64_t off_ns; /* from what the hop usually takes */
	bool before;     /* it goes before the first leg */
};

static void consider(const struct join *join, struct join_match *best, struct slot *slot, const struct leg *l)
{
	const struct leg *last = journey_last(&slot->j), *first = journey_first(&slot->j);
	uint64_t usual = join->usual_ns[leg_point(l)];
	struct join_match m = { .slot = slot, .fit = fit_after(join->scene, last, l) };
	uint64_t age = l->time_ns > last->time_ns ? l->time_ns - last->time_ns : 0;

	m.off_ns = distance(age, usual);
	if (m.fit == FIT_LOOSE && age > 16 * usual + LOOSE_NS)
		m.fit = FIT_NONE;
	if (m.fit == FIT_NONE && distance(l->time_ns, first->time_ns) <= TIE_NS && slot->j.leg_count < JOURNEY_LEGS) {
		m.fit = fit_after(join->scene, l, first) <= FIT_ODD_TTL ? FIT_LOOSE : FIT_NONE;
		m.before = true;
	}
	if (m.fit < best->fit || (m.fit == best->fit && m.fit != FIT_NONE && m.off_ns < best->off_ns))
		*best = m;
}

static struct join_match find_match(struct join *join, const struct packet *p, const struct leg *l)
{
	struct join_match best = { .fit = FIT_NONE };
	uint64_t id = join->buckets[bucket_of(p->key)];

	for (int i = 0; id != 0 && i < CANDIDATES_MAX; i++) {
		struct slot *slot = slot_of(join, id);

		if (slot->j.key == p->key && slot->j.leg_count < JOURNEY_LEGS && join_pieces_overlap(&slot->j, &p->ip))
			consider(join, &best, slot, l);
		id = slot->next;
	}
	return best;
}

/* From there on it is known by its new bytes. */
static void rekey(struct join *join, struct slot *slot, uint64_t key)
{
	close_slot(join, slot);
	slot->j.key = key;
	open_slot(join, slot);
}

/* The whole packet that goes on as this first fragment of it, and is known by its key from now on. */
static struct join_match find_whole(struct join *join, const struct packet *p, const struct leg *l)
{
	struct join_match m = { .fit = FIT_NONE };
	struct journey *j = recall(join, *join_pieces_whole(&join->pieces, p->ip.protocol, p->ip.id));
	struct slot *slot = j != NULL ? slot_of(join, j->id) : NULL;

	if (slot == NULL || !slot->open || j->leg_count == JOURNEY_LEGS || !join_pieces_begin(j, &p->ip))
		return m;
	consider(join, &m, slot, l);
	if (m.fit == FIT_NONE || m.before)
		return (struct join_match){ .fit = FIT_NONE };
	rekey(join, slot, p->key);
	j->bytes_key = p->bytes_key;
	j->ip_id = p->ip.id;
	j->more_fragments = true;
	return m;
}

/* What came in there a moment ago, and is not seen to leave it as it was. */
static struct join_match find_rewritten(struct join *join, const struct packet *p, const struct leg *l)
{
	struct join_match best = { .fit = FIT_NONE };
	uint64_t usual = join->usual_ns[leg_point(l)];

	for (uint64_t id = join->next_id - 1, i = 0; id >= join->head_id && id > 0 && i < CANDIDATES_MAX; id--, i++) {
		struct slot *slot = slot_of(join, id);
		uint64_t age = l->time_ns - journey_last(&slot->j)->time_ns, off = distance(age, usual);

		if (!slot->open || slot->j.leg_count == JOURNEY_LEGS || !fit_rewritten(join->scene, &slot->j, l, p))
			continue;
		if (age <= 16 * usual + LOOSE_NS && (best.slot == NULL || off < best.off_ns))
			best = (struct join_match){ .slot = slot, .fit = FIT_LOOSE, .off_ns = off };
	}
	return best;
}

static void add_leg(struct join *join, const struct join_match *m, const struct leg *l)
{
	struct journey *j = &m->slot->j;
	uint64_t *usual = &join->usual_ns[leg_point(l)];

	if (m->before) {
		memmove(&j->legs[1], &j->legs[0], j->leg_count * sizeof j->legs[0]);
		j->legs[0] = *l;
		j->leg_count++;
		j->newest = 0;
		return;
	}
	*usual += l->time_ns > journey_last(j)->time_ns ? (l->time_ns - journey_last(j)->time_ns) / 8 : 0;
	*usual -= *usual / 8;
	j->newest = j->leg_count;
	j->legs[j->leg_count++] = *l;
}

/* What comes to who has dialed its sender: whatever it is, it ends the dialing, and a SYN makes it a simultaneous open.
 */
static void note_meeting(struct join *join, struct journey *j)
{
	const struct leg *l = journey_last(j);
	uint64_t *id = join_talks_dial(&join->talks, join->scene->interfaces[l->interface].node, &l->dst, &l->src);
	const struct journey *dial = recall(join, *id);

	if (dial == NULL || !endpoint_equal(&journey_first(dial)->src, &l->dst) ||
	    !endpoint_equal(&journey_first(dial)->dst, &l->src))
		return;
	j->meets = journey_is_syn(j) ? dial->id : 0;
	*id = 0;
}

/* What was put together again from fragments of IPv6 has no identification any more, or another if it was cut again. */
static bool has_id(const struct journey *j, const struct packet_ip *quote)
{
	return j->ip_id == quote->id ||
	       (j->more_fragments && (!packet_is_fragment(quote) || quote->src.address.family == ADDRESS_IPV6));
}

/* The newest journey that bore what the error quotes: by all its bytes, or where only its head came back, by that. */
static struct journey *find_cause(struct join *join, const struct packet *p)
{
	const struct packet_ip *q = &p->quote;
	struct journey *j = p->quote_key != 0 ? recall(join, join->recent[bucket_of(p->quote_key)]) : NULL;

	if (j != NULL && j->key == p->quote_key && fit_quoted(join->scene, j, q))
		return j;
	for (uint64_t id = join->next_id - 1, i = 0; i < CAUSES_MAX && (j = recall(join, id)) != NULL; id--, i++)
		if (j->protocol == q->protocol && has_id(j, q) && j->length == q->wire_len &&
		    fit_quoted(join->scene, j, q))
			return j;
	return NULL;
}

/* Of a burst of equal datagrams each may get an error of its own: one that has its error leaves the next to others. */
static struct journey *find_unanswered(struct join *join, const struct packet *p)
{
	struct journey *newest = find_cause(join, p), *j = newest;

	for (int i = 0; j != NULL && i < CANDIDATES_MAX; i++) {
		if (j->refused_by == 0 && fit_quoted(join->scene, j, &p->quote))
			return j;
		j = recall(join, j->repeats);
	}
	return newest;
}

/* A later fragment whose journey begins elsewhere than its first one's was cut off on the way. */
static void tie_fragment(struct join *join, struct journey *j, const struct packet *p)
{
	const struct journey *f = recall(join, *join_pieces_first(&join->pieces, &p->ip));

	if (f == NULL || f->ip_id != p->ip.id || !journey_bore_addresses(f, &p->ip.src, &p->ip.dst))
		return;
	j->part_of = f->id;
	j->cut_off = journey_first(f)->interface != journey_first(j)->interface;
	j->cut_from = journey_origin(join->scene, f);
}

/* What later fragments are tied to, and what may yet be cut up. */
static void note_pieces(struct join *join, const struct journey *j, const struct packet *p)
{
	if (p->ip.more_fragments && p->ip.fragment_offset == 0)
		*join_pieces_first(&join->pieces, &p->ip) = j->id;
	if (p->ip.cut_id != 0)
		*join_pieces_whole(&join->pieces, p->ip.protocol, p->ip.cut_id) = j->id;
}

static void tie_cause(struct join *join, struct journey *j, const struct packet *p)
{
	struct journey *cause = find_unanswered(join, p);

	if (cause == NULL || cause == j)
		return;
	j->caused_by = cause->id;
	cause->refused_by = j->id;
	cause->refused_as = icmp_says(j->protocol, j->icmp_type, j->icmp_code);
	cause->refuser = journey_first(j)->src;
	cause->path_mtu = p->icmp_mtu;
}

static struct slot *begin(struct join *join, const struct packet *p, const struct leg *l)
{
	uint64_t id = join->next_id;
	struct slot *slot = slot_of(join, id);
	uint64_t *recent = &join->recent[bucket_of(p->key)];
	const struct journey *before;

	if (id - join->head_id == JOIN_LIVE) {
		join->hurried += !slot_of(join, join->head_id)->j.closed;
		tell_head(join, false);
	}
	join->next_id++;
	memset(&slot->j, 0, offsetof(struct journey, head));
	slot->j.id = id;
	journey_begin(&slot->j, p);
	slot->j.leg_count = 1;
	slot->j.newest = 0;
	slot->j.legs[0] = *l;
	if (p->kind != PACKET_IP)
		return slot;
	join_talks_note_own(&join->talks, join->scene, &slot->j);
	before = recall(join, *recent);
	slot->j.repeats = before != NULL && before->key == p->key && before->fragment_offset == p->ip.fragment_offset
	                      ? before->id
	                      : 0;
	*recent = id;
	if (slot->j.repeats == 0) /* else a link doubled it */
		join_talks_note_unseen(&join->talks, join->scene, &slot->j);
	if (p->ip.fragment_offset != 0)
		tie_fragment(join, &slot->j, p);
	if (p->has_quote)
		tie_cause(join, &slot->j, p);
	return slot;
}

/*
 * A packet a little out of order must not make old journeys young; where the clock was set back nothing from before
 * goes on, and time begins anew.
 */
static void take_time(struct join *join, uint64_t time_ns)
{
	if (time_ns + JOIN_HORIZON_NS < join->now_ns) {
		join_finish(join, true);
		join->now_ns = time_ns;
	}
	join->now_ns = time_ns > join->now_ns ? time_ns : join->now_ns;
	tell_those_over(join);
}

struct journey *join_packet(struct join *join, unsigned interface, uint64_t time_ns, enum pcapng_direction said,
                            const struct packet *p)
{
	enum pcapng_direction direction = scene_direction(join->scene, interface, said, p);
	struct leg l = { .src = p->ip.src,
		         .dst = p->ip.dst,
		         .time_ns = time_ns,
		         .interface = (uint16_t)interface,
		         .direction = (uint8_t)direction,
		         .ttl = p->ip.ttl,
		         .is_nat64 = p->is_nat64,
		         .link_id = p->ip.link_id };
	bool alone = p->kind != PACKET_IP || p->to_many;
	struct join_match m = { .fit = FIT_NONE };

	join->packets++;
	take_time(join, time_ns);
	if (!alone)
		m = find_match(join, p, &l);
	if (m.fit == FIT_NONE && !alone)
		m = find_whole(join, p, &l);
	if (m.fit == FIT_NONE && !alone && fit_begins_at_box(join->scene, &l)) {
		m = find_rewritten(join, p, &l);
		if (m.fit != FIT_NONE)
			rekey(join, m.slot, p->key);
	}
	if (m.fit != FIT_NONE) {
		add_leg(join, &m, &l);
		journey_note_bytes(&m.slot->j, join->scene, p);
	} else {
		m.slot = begin(join, p, &l);
		if (!alone)
			open_slot(join, m.slot);
	}
	note_pieces(join, &m.slot->j, p);
	if (m.slot->j.protocol == PACKET_TCP && m.slot->j.newest == 0)
		join_talks_note_dial(&join->talks, join->scene, &m.slot->j);
	if (!alone && fit_ends(join->scene, journey_last(&m.slot->j))) {
		m.slot->j.closed = true;
		if (m.slot->j.protocol == PACKET_TCP)
			note_meeting(join, &m.slot->j);
	}
	m.slot->j.closed |= alone;
	if (m.slot->j.closed)
		close_slot(join, m.slot);
	return &m.slot->j;
}

struct journey *join_again(struct join *join, unsigned interface, const struct packet *p)
{
	struct journey *j = recall(join, join->recent[bucket_of(p->key)]);

	for (unsigned i = 0; j != NULL && i < j->leg_count; i++)
		if (j->key == p->key && j->legs[i].interface == interface) {
			j->newest = i;
			return j;
		}
	return NULL;
}

void join_finish(struct join *join, bool cut)
{
	while (join->head_id < join->next_id) {
		const struct journey *j = &slot_of(join, join->head_id)->j;

		tell_head(join, cut && join->now_ns - journey_last(j)->time_ns < LOOSE_NS);
	}
}
