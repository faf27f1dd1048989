#include "trace/infer.h"

#include <stdio.h>
#include <string.h>

#define UNDER_WAY_NS 10000000 /* at least so long a packet may be under way from one interface to another */
#define NODES_MAX 64          /* so that there is room for those that names in the capture bring */

/* What is worked on. */
struct work {
	const struct sights *s;
	const struct infer_given *given;
	const struct inferred *found;
	struct scene *out;
	const int *place;
	struct scene_interface *lan, *wan; /* of the box that is looked at */
	bool roams[SCENE_NODES];           /* it was seen behind several boxes: nobody knows where it stands when */
};

static void set_mac(struct scene_interface *i, const uint8_t mac[6], bool known)
{
	if (i->mac_known || !known)
		return;
	i->mac_known = true;
	memcpy(i->mac, mac, sizeof i->mac);
}

static bool is_private(const struct endpoint *e)
{
	return address_scope(&e->address) == ADDRESS_PRIVATE;
}

static bool can_be_a_host(const struct endpoint *e)
{
	enum address_scope scope = address_scope(&e->address);

	return scope == ADDRESS_PRIVATE || scope == ADDRESS_GLOBAL || scope == ADDRESS_LINK_LOCAL;
}

/* As the captures call it, else by its address. */
static const char *name_of(const struct infer_given *given, const struct address *a, char text[ADDRESS_TEXT_SIZE])
{
	for (size_t i = 0; i < given->known_count; i++)
		if (address_equal(&given->known[i].address, a))
			return given->known[i].name;
	return address_format(a, text);
}

/* Somebody who has that address, or a new host. */
static int find_or_add_host(const struct work *w, const struct endpoint *e, int behind)
{
	char text[ADDRESS_TEXT_SIZE];
	struct scene *s = w->out;
	int owner = scene_owner(s, e);

	if (owner >= 0 || s->node_count >= NODES_MAX || !can_be_a_host(e))
		return owner;
	owner = scene_add_node(s, NODE_HOST, name_of(w->given, &e->address, text), behind);
	if (owner >= 0)
		scene_add_address(s, owner, e);
	return owner;
}

static void put_behind(struct work *w, const struct endpoint *inside, int box)
{
	struct scene *s = w->out;
	int owner = find_or_add_host(w, inside, box);

	if (owner < 0 || owner == box || w->roams[owner])
		return;
	w->roams[owner] = s->nodes[owner].behind >= 0 && s->nodes[owner].behind != box;
	s->nodes[owner].behind = w->roams[owner] ? SCENE_UNKNOWN : box;
}

/* A packet that a box translated, or routed: who it is outside, who stands inside, which link addresses are its own. */
static void learn_from_pair(void *context, const struct sight *x, const struct sight *y)
{
	struct work *w = context;
	bool same_src = endpoint_equal(&x->src, &y->src), same_dst = endpoint_equal(&x->dst, &y->dst);

	if (x->ttl == y->ttl + 1 && same_dst) {
		if (!same_src)
			scene_add_address(w->out, w->wan->node, &y->src);
		put_behind(w, &x->src, w->lan->node);
		set_mac(w->lan, x->dst_mac, x->has_macs);
		set_mac(w->wan, y->src_mac, y->has_macs);
	} else if (y->ttl == x->ttl + 1 && same_src) {
		if (!same_dst)
			scene_add_address(w->out, w->wan->node, &y->dst);
		put_behind(w, &x->dst, w->lan->node);
		set_mac(w->lan, x->src_mac, x->has_macs);
		set_mac(w->wan, y->dst_mac, y->has_macs);
	}
}

/* Of the two sides of one box, whether somebody named them or they were found. */
static void learn_box(struct work *w, size_t a, size_t b)
{
	if (w->place[a] < 0 || w->place[b] < 0)
		return;
	w->lan = &w->out->interfaces[w->place[a]];
	w->wan = &w->out->interfaces[w->place[b]];
	if (w->lan->node == w->wan->node && w->lan->side == SCENE_LAN_SIDE && w->wan->side == SCENE_WAN_SIDE)
		sights_common(w->s, a, b, learn_from_pair, w);
}

static bool is_captured_host(const struct scene *s, int node)
{
	bool found = false;

	for (size_t i = 0; node >= 0 && i < s->interface_count && !found; i++)
		found = s->interfaces[i].node == node && s->interfaces[i].side == SCENE_HOST_SIDE;
	return found;
}

/* A wan side alone: nearly all its packets bear the box's address. A lan side alone: what comes from the internet, by
 * way of some router, comes from the box. */
static void learn_side(const struct work *w, size_t i)
{
	struct scene_interface *at = &w->out->interfaces[w->place[i]];
	const struct sighted *seen = &w->s->interfaces[i];
	const struct sight_address *own = sights_own(seen, false);

	if (at->side == SCENE_WAN_SIDE && own != NULL && w->out->nodes[at->node].address_count == 0 &&
	    !is_captured_host(w->out, scene_owner(w->out, &own->address))) {
		scene_add_address(w->out, at->node, &own->address);
		set_mac(at, own->mac, own->has_mac);
	}
	for (size_t k = 0; at->side == SCENE_LAN_SIDE && k < seen->address_count; k++)
		if (!is_private(&seen->addresses[k].address) && seen->addresses[k].hops > 0)
			set_mac(at, seen->addresses[k].mac, seen->addresses[k].has_mac);
}

static bool is_from(const struct scene_interface *at, const struct sight_address *a)
{
	return at->mac_known && a->has_mac && memcmp(at->mac, a->mac, sizeof at->mac) == 0;
}

/* A private address is; a public one, which a box does not translate, if its packets came from a neighbour there who
 * is not the box. */
static bool seems_in_lan(const struct scene_interface *at, const struct sight_address *a)
{
	return is_private(&a->address) || (address_scope(&a->address.address) == ADDRESS_GLOBAL && a->hops == 0 &&
	                                   at->mac_known && a->has_mac && !is_from(at, a));
}

/* Who else is in the lan; and what the box is called there: private, and it speaks from the box's own link address. */
static void learn_lan(struct work *w, size_t i)
{
	const struct scene_interface *at = &w->out->interfaces[w->place[i]];
	struct scene_node *box = &w->out->nodes[at->node];
	const struct sighted *seen = &w->s->interfaces[i];

	for (size_t k = 0; at->side == SCENE_LAN_SIDE && k < seen->address_count; k++) {
		const struct sight_address *a = &seen->addresses[k];

		if (!seems_in_lan(at, a) || a->sent == 0 || scene_has_address(w->out, at->node, &a->address))
			continue;
		if (!is_from(at, a))
			put_behind(w, &a->address, at->node);
		else if (scene_owner(w->out, &a->address) < 0)
			box->lan_address = a->address;
	}
}

/* A host that is captured itself, and whose packets a box sends out as they are, stands behind that box. */
static void learn_sent_out(struct work *w, size_t i)
{
	const struct scene_interface *at = &w->out->interfaces[w->place[i]];
	const struct sighted *seen = &w->s->interfaces[i];

	for (size_t k = 0; at->side == SCENE_WAN_SIDE && k < seen->address_count; k++) {
		const struct sight_address *a = &seen->addresses[k];
		int owner = scene_owner(w->out, &a->address);

		if (a->sent_out > 0 && a->sent_out == a->sent && owner >= 0 && is_captured_host(w->out, owner))
			put_behind(w, &a->address, at->node);
	}
}

/* A host sends what it sends from addresses of its own. */
static void learn_sent(const struct work *w, size_t i)
{
	const struct sighted *seen = &w->s->interfaces[i];
	const struct scene_interface *at = &w->out->interfaces[w->place[i]];

	for (size_t k = 0; k < seen->address_count; k++)
		if (seen->addresses[k].sent_out > 0 && scene_owner(w->out, &seen->addresses[k].address) < 0 &&
		    can_be_a_host(&seen->addresses[k].address))
			scene_add_address(w->out, at->node, &seen->addresses[k].address);
}

static void learn_host(const struct work *w, size_t i)
{
	struct scene_interface *at = &w->out->interfaces[w->place[i]];
	const struct sight_address *own = sights_own(&w->s->interfaces[i], true);

	if (at->side == SCENE_HOST_SIDE)
		learn_sent(w, i);
	if (at->side != SCENE_HOST_SIDE || own == NULL)
		return;
	if (w->out->nodes[at->node].address_count > 0) { /* it is known: of its packets it is the sender */
		set_mac(at, own->mac, own->has_mac && scene_has_address(w->out, at->node, &own->address));
		return;
	}
	scene_add_address(w->out, at->node, &own->address);
	set_mac(at, own->mac, own->has_mac);
}

/* Whoever else is spoken of stands on the internet, or nobody knows where. */
static void add_others(const struct work *w, size_t i)
{
	const struct sighted *seen = &w->s->interfaces[i];

	for (size_t k = 0; k < seen->address_count; k++) {
		const struct endpoint *e = &seen->addresses[k].address;

		find_or_add_host(w, e, is_private(e) ? SCENE_UNKNOWN : SCENE_INTERNET);
	}
}

/* A box with several sides outward stands behind several others, or behind one and on the internet. */
static void find_many_sided(struct work *w)
{
	const struct scene *s = w->out;

	for (size_t i = 0; i < s->interface_count; i++)
		for (size_t k = 0; k < i; k++)
			if (s->interfaces[i].node == s->interfaces[k].node && s->interfaces[i].node >= 0 &&
			    s->interfaces[i].side == SCENE_WAN_SIDE && s->interfaces[k].side == SCENE_WAN_SIDE)
				w->roams[s->interfaces[i].node] = true;
}

/* A box or host whose own address is a public one stands on the internet. */
static void place_public(const struct work *w)
{
	struct scene *s = w->out;

	for (size_t i = 0; i < s->node_count; i++) {
		struct scene_node *n = &s->nodes[i];

		if (n->behind == SCENE_UNKNOWN && !w->roams[i] && n->address_count > 0 && !is_private(&n->addresses[0]))
			n->behind = SCENE_INTERNET;
	}
}

static void take_known(const struct infer_given *given, struct scene *s)
{
	for (size_t i = 0; i < given->known_count; i++) {
		char name[2 * SCENE_NAME_SIZE];
		int node = scene_find(s, scene_escape_name(given->known[i].name, name));

		if (node >= 0)
			scene_add_address(s, node, &(struct endpoint){ .address = given->known[i].address });
	}
}

static void take_named_hosts(const struct infer_given *given, struct scene *s)
{
	for (size_t i = 0; i < given->name_count; i++) {
		struct endpoint e = { .port = 0 };
		int node;

		if (address_parse(given->names[i].right, &e.address) != 0)
			continue;
		node = scene_add_node(s, NODE_HOST, given->names[i].left, SCENE_UNKNOWN);
		if (node >= 0)
			scene_add_address(s, node, &e);
	}
}

/* Before the interfaces that bear their names. */
static void place_known_hosts(const struct sights *s, const struct infer_given *given, struct scene *out)
{
	for (size_t i = 0; i < s->count; i++) {
		size_t len = infer_known_host(given, s->interfaces[i].label);
		char name[sizeof s->interfaces[i].label];

		if (len == 0 || scene_side_of_name(s->interfaces[i].label) != SCENE_ANY_SIDE)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)len, s->interfaces[i].label);
		scene_add_node(out, NODE_HOST, name, SCENE_UNKNOWN);
	}
}

/* Of the packets that came to an interface from another one. */
struct slowest {
	int64_t ahead_ns; /* its clock against the other's */
	int64_t ns;
};

static void note_slowest(void *context, const struct sight *here, const struct sight *there)
{
	struct slowest *w = context;
	int64_t ns = (int64_t)(here->time_ns - there->time_ns) - w->ahead_ns;

	if (!here->twice && !there->twice && ns > w->ns)
		w->ns = ns;
}

/* What left so shortly before a capture was ended may have come in after that. */
static uint64_t under_way_ns(const struct sights *s, const struct infer_given *given, size_t at)
{
	const struct source *sources = given->sources;
	struct slowest w = { .ns = UNDER_WAY_NS };

	if (given->source_count < 2 && s->interfaces[at].to_end) /* all of it ended together */
		return 0;
	for (size_t i = 0; i < s->count; i++) {
		w.ahead_ns = sources[s->interfaces[i].source].shift_ns - sources[s->interfaces[at].source].shift_ns;
		if (i != at)
			sights_common(s, at, i, note_slowest, &w);
	}
	return (uint64_t)w.ns;
}

/*
 * When it was looked at: from its first packet to its last where no more is told, for captures that were merged into
 * one file began and ended apart. Never, as far as others can tell whose times cannot be held against its own.
 */
static void watched(const struct sights *s, const struct infer_given *given, size_t i, struct scene_interface *at)
{
	const struct sighted *seen = &s->interfaces[i];
	uint64_t shift_ns = (uint64_t)given->sources[seen->source].shift_ns;
	bool known = given->clocks[seen->source].aligned;

	at->from_ns = known ? seen->from_ns + shift_ns : UINT64_MAX;
	at->to_ns = known ? seen->to_ns + shift_ns - under_way_ns(s, given, i) : UINT64_MAX;
}

static void place_interfaces(const struct sights *s, const struct infer_given *given, const struct inferred *found,
                             struct scene *out, int place[SCENE_INTERFACES])
{
	for (size_t i = 0; i < s->count; i++) {
		const struct sighted *seen = &s->interfaces[i];
		int at = seen->packets > 0 ? scene_add_interface(out, found->names[i], seen->link_type) : -1;

		place[i] = at;
		if (at < 0)
			continue;
		watched(s, given, i, &out->interfaces[at]);
	}
}

static size_t add_text(char text[INFER_TEXT_SIZE], size_t len, const char *between, const char *a, const char *b)
{
	int more =
	    len < INFER_TEXT_SIZE ? snprintf(text + len, INFER_TEXT_SIZE - len, "%s%.64s%.64s", between, a, b) : 0;

	return len + (more > 0 ? (size_t)more : 0);
}

/* "if2 is router lan, if3 is router wan; behind router: 10.0.1.2" */
static void describe(const struct work *w, char text[INFER_TEXT_SIZE])
{
	size_t len = 0;
	char label[2 * SCENE_NAME_SIZE];

	for (size_t i = 0; i < w->s->count; i++) {
		const struct scene_interface *at = w->place[i] >= 0 ? &w->out->interfaces[w->place[i]] : NULL;

		scene_escape_name(w->s->interfaces[i].label, label);
		if (at == NULL || strcmp(at->name, label) == 0)
			continue;
		len = add_text(text, len, len > 0 ? ", " : "", label, at->side == SCENE_HOST_SIDE ? " is at " : " is ");
		len =
		    add_text(text, len, "", at->side == SCENE_HOST_SIDE ? w->out->nodes[at->node].name : at->name, "");
	}
	for (size_t box = 0; box < w->out->node_count; box++) {
		const char *between = "";

		for (size_t i = 0; w->out->nodes[box].kind == NODE_BOX && i < w->out->node_count; i++)
			if (w->out->nodes[i].behind == (int)box) {
				if (between[0] == '\0')
					len = add_text(text, len, "; behind ", w->out->nodes[box].name, ":");
				len =
				    add_text(text, len, between[0] == '\0' ? " " : between, w->out->nodes[i].name, "");
				between = ", ";
			}
	}
}

void infer_scene(const struct sights *s, const struct infer_given *given, struct scene *out,
                 int place[SCENE_INTERFACES], char text[INFER_TEXT_SIZE])
{
	static struct inferred found; /* too large for a stack */
	struct work w = { .s = s, .given = given, .found = &found, .out = out, .place = place };

	text[0] = '\0';
	infer_names(s, given, &found);
	place_known_hosts(s, given, out);
	place_interfaces(s, given, &found, out, place);
	find_many_sided(&w);
	take_named_hosts(given, out);
	take_known(given, out);
	for (size_t i = 0; i < s->count; i++)
		if (place[i] >= 0)
			learn_host(&w, i);
	for (size_t a = 0; a < s->count; a++)
		for (size_t b = 0; b < s->count; b++)
			learn_box(&w, a, b);
	for (size_t i = 0; i < s->count; i++)
		if (place[i] >= 0)
			learn_side(&w, i);
	for (size_t i = 0; i < s->count; i++)
		if (place[i] >= 0)
			learn_lan(&w, i);
	for (size_t i = 0; i < s->count; i++)
		if (place[i] >= 0)
			learn_sent_out(&w, i);
	place_public(&w);
	for (size_t i = 0; i < s->count; i++)
		if (place[i] >= 0)
			add_others(&w, i);
	if (found.guessed)
		describe(&w, text);
}
