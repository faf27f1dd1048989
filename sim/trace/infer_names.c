/* Which side of what each interface is: infer_names(). */
#include "trace/infer.h"

#include <stdlib.h>
#include <string.h>

#define HOP_MAX_NS INT64_C(2000000000) /* as the join: no hop takes longer */
#define NAT_NAME "router"
#define NAME_SIZE 64 /* of interfaces, as in infer.h */

/* What two interfaces show together. */
struct evidence {
	const struct source *sources;
	const struct sighted *a, *b;
	uint64_t translated; /* packets whose inner end is another at b than at a, one hop on */
	uint64_t apart_ns;   /* the least difference of their times */
	uint64_t same;       /* packets that look at b as they do at a: two ends of one wire */
};

static int64_t put_right(const struct source *sources, const struct sighted *i, const struct sight *s)
{
	return (int64_t)s->time_ns + sources[i->source].shift_ns;
}

static void note(void *context, const struct sight *x, const struct sight *y)
{
	struct evidence *e = context;
	bool src = endpoint_equal(&x->src, &y->src), dst = endpoint_equal(&x->dst, &y->dst);
	int64_t apart = put_right(e->sources, e->b, y) - put_right(e->sources, e->a, x);
	bool outward = !src && dst && x->ttl == y->ttl + 1, inward = src && !dst && y->ttl == x->ttl + 1;

	e->same += src && dst && x->ttl == y->ttl;
	if (llabs(apart) > HOP_MAX_NS || !(outward || inward))
		return;
	if (e->translated++ == 0 || (uint64_t)llabs(apart) < e->apart_ns)
		e->apart_ns = (uint64_t)llabs(apart);
}

static struct evidence look(const struct sights *s, const struct source *sources, size_t a, size_t b)
{
	struct evidence e = { .sources = sources, .a = &s->interfaces[a], .b = &s->interfaces[b] };

	if (a != b)
		sights_common(s, a, b, note, &e);
	return e;
}

static bool is_nearer(const struct evidence *e, const struct evidence *than)
{
	bool same = e->a->source == e->b->source, than_same = than->a->source == than->b->source;

	if (e->translated == 0 || than->translated == 0 || same != than_same)
		return e->translated > 0 && (than->translated == 0 || same);
	return e->apart_ns < than->apart_ns;
}

static enum scene_side side_of(const struct inferred *f, size_t i)
{
	return scene_side_of_name(f->names[i]);
}

/* The words before the side; all of them where there is none. */
static void node_of(const struct inferred *f, size_t i, char out[NAME_SIZE])
{
	char *space;

	snprintf(out, NAME_SIZE, "%s", f->names[i]);
	space = strrchr(out, ' ');
	if (side_of(f, i) != SCENE_ANY_SIDE && space != NULL)
		*space = '\0';
}

static bool is_said(const bool said[SCENE_INTERFACES], const struct inferred *f, size_t i)
{
	return said[i] || side_of(f, i) != SCENE_ANY_SIDE;
}

/* The box of that side has a lan side by name. */
static bool has_named_lan(const struct inferred *f, size_t count, size_t side)
{
	char box[NAME_SIZE], other[NAME_SIZE];

	node_of(f, side, box);
	for (size_t i = 0; i < count; i++) {
		node_of(f, i, other);
		if (side_of(f, i) == SCENE_LAN_SIDE && strcmp(box, other) == 0)
			return true;
	}
	return false;
}

/* May `a` be a lan side, `b` a wan side of the same box, by what was said? */
static bool may_pair(const struct inferred *f, size_t count, const bool said[SCENE_INTERFACES], size_t a, size_t b)
{
	enum scene_side x = side_of(f, a), y = side_of(f, b);
	char box_a[NAME_SIZE], box_b[NAME_SIZE];

	if ((x != SCENE_ANY_SIDE && x != SCENE_LAN_SIDE) || (y != SCENE_ANY_SIDE && y != SCENE_WAN_SIDE))
		return false;
	if ((said[a] && x == SCENE_ANY_SIDE) || (said[b] && y == SCENE_ANY_SIDE)) /* a host's name */
		return false;
	if (x == SCENE_ANY_SIDE && y == SCENE_WAN_SIDE && has_named_lan(f, count, b)) /* a host in that lan, at most */
		return false;
	node_of(f, a, box_a);
	node_of(f, b, box_b);
	return !is_said(said, f, a) || !is_said(said, f, b) || strcmp(box_a, box_b) == 0;
}

static void name_box(const struct inferred *f, const bool said[SCENE_INTERFACES], size_t a, size_t b,
                     char out[NAME_SIZE])
{
	size_t boxes = 0;

	if (is_said(said, f, b)) {
		node_of(f, b, out);
		return;
	}
	if (is_said(said, f, a)) {
		node_of(f, a, out);
		return;
	}
	for (size_t i = 0; i < f->lan_count; i++)
		boxes += strncmp(f->names[f->wan[i]], NAT_NAME, strlen(NAT_NAME)) == 0;
	snprintf(out, NAME_SIZE, boxes == 0 ? NAT_NAME : NAT_NAME "-%zu", boxes + 1);
}

static void pair(struct inferred *f, const bool said[SCENE_INTERFACES], size_t a, size_t b)
{
	char box[NAME_SIZE];

	name_box(f, said, a, b, box);
	f->guessed |= side_of(f, a) == SCENE_ANY_SIDE || side_of(f, b) == SCENE_ANY_SIDE;
	snprintf(f->names[a], sizeof f->names[a], "%.55s lan", box);
	snprintf(f->names[b], sizeof f->names[b], "%.55s wan", box);
	f->lan[f->lan_count] = a;
	f->wan[f->lan_count++] = b;
}

/* What two interfaces of the same sights show, looked at once: an interface may be an end of many pairs. */
struct looks {
	const struct evidence *all; /* of each a with each b */
	size_t count;
};

static const struct evidence *at(const struct looks *l, size_t a, size_t b)
{
	return &l->all[a * l->count + b];
}

/* The other end of a wire shows the same, a little later or earlier: the nearer one is the box's own. */
static bool is_its_own(const struct looks *l, size_t a, size_t b)
{
	const struct evidence *e = at(l, a, b);

	for (size_t i = 0; i < l->count; i++)
		if ((i != b && at(l, b, i)->same > 0 && is_nearer(at(l, a, i), e)) ||
		    (i != a && at(l, a, i)->same > 0 && is_nearer(at(l, i, b), e)))
			return false;
	return e->translated > 0;
}

/* Each wan side finds the lan side nearest to it. */
static void find_pairs(const struct looks *l, const bool said[SCENE_INTERFACES], struct inferred *f)
{
	for (size_t b = 0; b < l->count; b++) {
		size_t lan = l->count;

		for (size_t a = 0; a < l->count; a++)
			if (a != b && may_pair(f, l->count, said, a, b) && is_its_own(l, a, b) &&
			    (lan == l->count || is_nearer(at(l, a, b), at(l, lan, b))))
				lan = a;
		if (lan < l->count && f->lan_count < SCENE_INTERFACES)
			pair(f, said, lan, b);
	}
}

static void find_boxes(const struct sights *s, const struct infer_given *given, const bool said[SCENE_INTERFACES],
                       struct inferred *f)
{
	struct evidence *all = calloc(s->count * s->count + 1, sizeof *all);
	const struct looks looks = { all, s->count };

	for (size_t a = 0; all != NULL && a < s->count; a++)
		for (size_t b = 0; b < s->count; b++)
			all[a * s->count + b] = look(s, given->sources, a, b);
	if (all != NULL)
		find_pairs(&looks, said, f);
	free(all);
}

static const char *find_given(const struct infer_given *given, const char *label)
{
	for (size_t i = 0; i < given->name_count; i++)
		if (strcmp(given->names[i].left, label) == 0)
			return given->names[i].right;
	return NULL;
}

/* What it is called, as far as anybody said. Returns true if the user did. */
static bool take_name(const struct sighted *i, const struct infer_given *given, char name[NAME_SIZE])
{
	const char *own = given->sources[i->source].name, *by_user = find_given(given, i->label);

	if (i->packets == 0)
		name[0] = '\0';
	else
		snprintf(name, NAME_SIZE, "%s", by_user != NULL ? by_user : own[0] != '\0' ? own : i->label);
	return i->packets > 0 && (by_user != NULL || own[0] != '\0');
}

size_t infer_known_host(const struct infer_given *given, const char *label)
{
	const char *space = strrchr(label, ' ');
	size_t len = space != NULL ? (size_t)(space - label) : 0;

	for (size_t i = 0; len > 0 && i < given->known_count; i++)
		if (strlen(given->known[i].name) == len && strncmp(given->known[i].name, label, len) == 0)
			return len;
	return 0;
}

/* What the user called a host is one; what nobody called anything is named by its address. */
static void find_host(const struct sighted *i, const struct infer_given *given, bool said, struct inferred *f,
                      size_t at)
{
	char address[ADDRESS_TEXT_SIZE];
	const struct sight_address *own = sights_own(i, said);

	if (i->packets == 0 || side_of(f, at) != SCENE_ANY_SIDE || (own == NULL && !said) ||
	    infer_known_host(given, f->names[at]) > 0)
		return;
	if (!said) {
		f->guessed = true;
		snprintf(f->names[at], sizeof f->names[at], "%s", address_format(&own->address.address, address));
	}
	f->names[at][sizeof f->names[at] - 6] = '\0';
	snprintf(f->names[at] + strlen(f->names[at]), 6, " eth0");
}

void infer_names(const struct sights *s, const struct infer_given *given, struct inferred *out)
{
	bool said[SCENE_INTERFACES] = { false };

	*out = (struct inferred){ .lan_count = 0 };
	for (size_t i = 0; i < s->count; i++)
		said[i] = take_name(&s->interfaces[i], given, out->names[i]);
	find_boxes(s, given, said, out);
	for (size_t i = 0; i < s->count; i++)
		find_host(&s->interfaces[i], given, said[i], out, i);
}
