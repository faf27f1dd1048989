#include "trace/clocks.h"

/* How much later the second saw packets than the first. */
struct lateness {
	bool any;
	int64_t least_ns, most_ns;
};

/* What two sources saw: of what the second got from the first, and of what went the other way. */
struct pair {
	struct lateness there, back;
};

/* Of two interfaces; on one wire the hop limit does not tell which way a packet went. */
struct meeting {
	struct pair *pair;
	const struct sight_address *host; /* whose packets all are that they have in common, or NULL */
	struct lateness from_host, to_host;
};

static void note_later(struct lateness *l, int64_t later_ns)
{
	if (!l->any || later_ns < l->least_ns)
		l->least_ns = later_ns;
	if (!l->any || later_ns > l->most_ns)
		l->most_ns = later_ns;
	l->any = true;
}

static void merge(struct lateness *into, const struct lateness *more)
{
	if (!more->any)
		return;
	note_later(into, more->least_ns);
	note_later(into, more->most_ns);
}

/* The hop limit falls on the way; where it does not, the packet is one of the host's or one for him. */
static void note(void *context, const struct sight *at_a, const struct sight *at_b)
{
	struct meeting *m = context;
	int64_t later_ns = (int64_t)(at_b->time_ns - at_a->time_ns);

	if (at_a->twice || at_b->twice)
		return;
	if (at_a->ttl != at_b->ttl)
		note_later(at_a->ttl > at_b->ttl ? &m->pair->there : &m->pair->back, later_ns);
	else if (m->host != NULL && endpoint_same_address(&m->host->address, &at_a->src))
		note_later(&m->from_host, later_ns);
	else if (m->host != NULL && endpoint_same_address(&m->host->address, &at_a->dst))
		note_later(&m->to_host, later_ns);
}

static bool is_lan(const struct source *list, const struct sighted *i)
{
	const char *name = list[i->source].name;

	return scene_side_of_name(name[0] != '\0' ? name : i->label) == SCENE_LAN_SIDE;
}

/*
 * The host stands at the one or at the other: nothing arrives before it was sent. What went one way only does not tell:
 * then it stands where its packets alone were seen, and not at what is called a lan.
 */
static bool is_at_first(const struct source *list, const struct meeting *m, const struct sighted *a,
                        const struct sighted *b)
{
	if (m->from_host.any && m->to_host.any)
		return m->from_host.least_ns >= m->to_host.most_ns;
	if (is_lan(list, a) != is_lan(list, b))
		return is_lan(list, b);
	return sights_own(b, false) != m->host || sights_own(a, false) == m->host;
}

/*
 * Whose packets these are that both saw: what a lan's packets of several hosts have in common is the one far away that
 * they all went to, who stands at neither.
 */
static const struct sight_address *host_of(const struct source *list, const struct sighted *a, const struct sighted *b)
{
	const struct sight_address *x = sights_own(a, false), *y = sights_own(b, false);

	if (x == NULL || y == NULL)
		return x != NULL ? x : y;
	if (is_lan(list, a) != is_lan(list, b))
		return is_lan(list, a) ? y : x;
	return x->sent == 0 && y->sent > 0 ? y : x;
}

static void meet(const struct sights *s, const struct source *list, size_t a, size_t b, struct pair *p)
{
	const struct sighted *x = &s->interfaces[a], *y = &s->interfaces[b];
	struct meeting m = { .pair = p, .host = host_of(list, x, y) };
	bool at_first;

	sights_common(s, a, b, note, &m);
	at_first = is_at_first(list, &m, x, y);
	merge(at_first ? &p->there : &p->back, &m.from_host);
	merge(at_first ? &p->back : &p->there, &m.to_host);
}

static struct pair compare(const struct sights *s, const struct source *list, size_t first, size_t second)
{
	struct pair p = { .there = { .any = false } };

	for (size_t a = 0; a < s->count; a++)
		for (size_t b = 0; b < s->count; b++)
			if (s->interfaces[a].source == first && s->interfaces[b].source == second && a != b)
				meet(s, list, a, b, &p);
	return p;
}

#define UNBOUNDED (INT64_MAX / 4) /* nothing is known; two of them may be added up */
#define HARDLY_NS 500000          /* packets that went one way only may all have been slow: others were faster */
#define TORN_NS 1000000 /* what packets say about two clocks differs by as much: they run at different speeds */

/* most[i][k]: k's clock is at most so far ahead of i's, for no packet arrives before it was sent. */
struct bounds {
	int64_t most[SOURCES_MAX][SOURCES_MAX];
};

static int64_t add(int64_t a, int64_t b)
{
	int64_t sum = a >= UNBOUNDED || b >= UNBOUNDED ? UNBOUNDED : a + b;

	return sum < -UNBOUNDED ? -UNBOUNDED : sum > UNBOUNDED ? UNBOUNDED : sum;
}

/* What each says of each, also by way of others. */
static void find_bounds(const struct sights *s, const struct source *list, size_t count, struct bounds *b)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++)
			b->most[i][k] = i == k ? 0 : UNBOUNDED;
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++) {
			struct pair p = compare(s, list, i, k);

			b->most[i][k] = p.there.any ? p.there.least_ns : UNBOUNDED;
			b->most[k][i] = p.back.any ? -p.back.most_ns : UNBOUNDED;
		}
	for (size_t by = 0; by < count; by++)
		for (size_t i = 0; i < count; i++)
			for (size_t k = 0; k < count; k++) {
				int64_t around = add(b->most[i][by], b->most[by][k]);

				b->most[i][k] = around < b->most[i][k] ? around : b->most[i][k];
			}
}

/* What those that are put right leave for this one. */
struct room {
	int64_t least, most;
};

static struct room room_of(const struct bounds *b, size_t count, const struct clock_found out[SOURCES_MAX], size_t k)
{
	struct room r = { -UNBOUNDED, UNBOUNDED };

	for (size_t i = 0; i < count; i++) {
		int64_t most = out[i].aligned ? add(out[i].ahead_ns, b->most[i][k]) : UNBOUNDED;
		int64_t least = out[i].aligned ? -add(-out[i].ahead_ns, b->most[k][i]) : -UNBOUNDED;

		r.most = most < r.most ? most : r.most;
		r.least = least > r.least ? least : r.least;
	}
	return r;
}

/* Not at all, if that may be; else in the middle; where packets went one way only, as if they had taken hardly any
 * time. */
static struct clock_found place(const struct room *r)
{
	struct clock_found c = { .aligned = true, .common = true };

	if (r->least <= 0 && r->most >= 0) {
		c.within_ns = r->most < UNBOUNDED && r->least > -UNBOUNDED ? (uint64_t)(r->most - r->least) : 0;
	} else if (r->most < UNBOUNDED && r->least > -UNBOUNDED) {
		c.ahead_ns = r->least + (r->most - r->least) / 2;
		c.within_ns = (uint64_t)(r->most > r->least ? (r->most - r->least) / 2 : 0);
		c.aligned = r->least - r->most < TORN_NS;
	} else {
		c.ahead_ns = r->most < UNBOUNDED ? r->most - HARDLY_NS : r->least + HARDLY_NS;
	}
	return c;
}

/* Puts the one right that has the least room; false: none is left that saw what another saw. */
static bool put_next_right(const struct bounds *b, size_t count, struct clock_found out[SOURCES_MAX])
{
	struct room best = { -UNBOUNDED, UNBOUNDED };
	size_t which = count;

	for (size_t k = 0; k < count; k++) {
		struct room r = room_of(b, count, out, k);
		bool known = r.most < UNBOUNDED || r.least > -UNBOUNDED;

		if (out[k].common || !known || (which < count && r.most - r.least >= best.most - best.least))
			continue;
		best = r;
		which = k;
	}
	if (which < count)
		out[which] = place(&best);
	return which < count;
}

void clocks_find(const struct sights *s, const struct source *list, size_t count, struct clock_found out[SOURCES_MAX])
{
	static struct bounds b;

	for (size_t i = 0; i < count; i++)
		out[i] = (struct clock_found){ .aligned = i == 0, .common = i == 0 };
	find_bounds(s, list, count, &b);
	while (put_next_right(&b, count, out))
		;
}
