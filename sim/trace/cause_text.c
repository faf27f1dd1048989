/* A cause in a few words: the words of the short forms, and cause_format(). */
#include "trace/cause.h"

#include "trace/manners.h"
#include "trace/ports.h"

#include <stdio.h>
#include <string.h>

int cause_inside_owner(const struct scene *s, const struct cause *c)
{
	int owner = address_scope(&c->dst.address) == ADDRESS_PRIVATE ? scene_owner(s, &c->dst) : -1;

	return owner >= 0 && (s->nodes[owner].kind == NODE_BOX || s->nodes[owner].behind >= 0) ? owner : -1;
}

static void say_name(FILE *f, const struct cause_tale *t, int node)
{
	fputs(scene_name(t->scene, node), f);
}

static void say_endpoint(FILE *f, const struct cause_tale *t, const struct endpoint *e)
{
	char text[SCENE_ENDPOINT_SIZE];

	fputs(scene_format(t->scene, e, text), f);
}

static const struct mapping *mapping_of(const struct cause_tale *t)
{
	return &t->mappings->list[t->c->mapping];
}

static void say_node(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	say_name(f, t, t->c->node);
}

static void say_src(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	say_endpoint(f, t, &t->c->src);
}

static void say_dst(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	say_endpoint(f, t, &t->c->dst);
}

static void say_external(FILE *f, const void *context)
{
	say_endpoint(f, context, &mapping_of(context)->external);
}

static void say_remote(FILE *f, const void *context)
{
	say_endpoint(f, context, &mapping_of(context)->remote);
}

static void say_holder(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	say_name(f, t, t->c->holder);
}

static bool has_holder(const void *context)
{
	return ((const struct cause_tale *)context)->c->holder >= 0;
}

static void say_sender(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	say_name(f, t, t->c->origin);
}

static void say_port(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	fprintf(f, "%u", (unsigned)t->c->dst.port);
}

static void say_mtu(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	fprintf(f, "%u", (unsigned)t->c->path_mtu);
}

static bool has_mtu(const void *context)
{
	return ((const struct cause_tale *)context)->c->path_mtu != 0;
}

static void say_owner(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	say_name(f, t, cause_inside_owner(t->scene, t->c));
}

static bool has_owner(const void *context)
{
	const struct cause_tale *t = context;

	return cause_inside_owner(t->scene, t->c) >= 0;
}

static void say_refuser(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	say_endpoint(f, t, &t->c->refuser);
}

static bool is_unrecorded(const void *context)
{
	return !((const struct cause_tale *)context)->scene->from_record;
}

static bool is_rebound(const void *context)
{
	return ((const struct cause_tale *)context)->c->rebound;
}

/* "nat-a to the internet", "phone lte to carrier". */
static void say_link(FILE *f, const void *context)
{
	const struct cause_tale *t = context;
	const struct link_event *l = t->c->on_link;
	const struct scene_node *n = &t->scene->nodes[l->node];
	int front = scene_wire(t->scene, l->node, l->link, l->time_ns);

	fprintf(f, "%s%s%s to %s", n->name, n->link_count > 1 ? " " : "", n->link_count > 1 ? n->links[l->link] : "",
	        front >= 0 ? t->scene->nodes[front].name : "the internet");
}

static const char *ordinal_ending(uint64_t n)
{
	unsigned last = (unsigned)(n % 10);

	return n / 10 % 10 == 1 || last > 3 || last == 0 ? "th" : last == 1 ? "st" : last == 2 ? "nd" : "rd";
}

/* What was under way and is not counted has no number. */
static void say_nth(FILE *f, const void *context)
{
	const struct link_event *l = ((const struct cause_tale *)context)->c->on_link;

	if (l->n == 0)
		fputs("under way", f);
	else
		fprintf(f, "its %llu%s packet", (unsigned long long)l->n, ordinal_ending(l->n));
	fputs(l->direction == WEATHER_UP ? " outward" : " inward", f);
}

/* "loss 1 %, seed 7": a share of the weather's, and the dice. */
static void say_share(FILE *f, const struct link_weather *w, const char *name, uint32_t share)
{
	fprintf(f, "%s %g %%, seed %llu", name, share / 1e4, (unsigned long long)w->seed);
}

/* What was asked for of just this one needs no dice. */
static void say_weather(FILE *f, const void *context)
{
	const struct cause_tale *t = context;
	const struct link_event *l = t->c->on_link;
	const struct link_weather *w = link_fates_weather(&t->mappings->events->links, l);
	const struct weather_way *way = w != NULL ? &w->weather.ways[l->direction] : NULL;

	switch (l->fate) {
	case RECORD_FULL: fputs("too many waited for their turn", f); break;
	case RECORD_DROPPED: fputs("the scenario asked for it", f); break;
	case RECORD_SWALLOWED: fputs("a black hole", f); break;
	case RECORD_CUT: fputs("its plug was pulled", f); break;
	case RECORD_DISABLED: fputs("its interface was down", f); break;
	case RECORD_DELAYED: fprintf(f, "%g ms, as the scenario asked for", l->delay_us / 1e3); break;
	case RECORD_LOST:
	case RECORD_DUPLICATED:
	case RECORD_OVERTOOK:
		if (way == NULL)
			fputs("by its weather", f);
		else if (l->fate == RECORD_LOST)
			say_share(f, w, "loss", way->loss);
		else if (l->fate == RECORD_DUPLICATED)
			say_share(f, w, "duplicate", way->duplicate);
		else
			say_share(f, w, "reorder", way->reorder);
		break;
	}
}

static void say_lifetime(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	fprintf(f, "%u s", manners_lifetime_s(t->scene, t->c->node));
}

static bool is_beyond(const void *context)
{
	return ((const struct cause_tale *)context)->c->beyond;
}

static bool is_tcp(const void *context)
{
	return ((const struct cause_tale *)context)->c->protocol == PACKET_TCP;
}

static bool is_ordered(const void *context)
{
	const struct cause_tale *t = context;

	return manners_fragments(t->scene, t->c->node) == NAT_FRAGMENTS_IN_ORDER;
}

static bool is_unmapped(const void *context)
{
	const struct cause_tale *t = context;

	return manners_hairpin_mapped(t->scene, t->c->node);
}

/* Whose way with addresses is spoken of: who chose the flow's, or where it died. */
static int pool_node(const struct cause_tale *t)
{
	bool at_node = t->c == NULL || t->c->kind == CAUSE_OTHER_ADDRESS || t->c->because_node < 0;

	return t->c == NULL ? -1 : at_node ? t->c->node : t->c->because_node;
}

static void say_addresses(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	fprintf(f, "%u", manners_addresses(t->scene, pool_node(t)));
}

static bool is_arbitrary(const void *context)
{
	const struct cause_tale *t = context;

	return pool_node(t) >= 0 && manners_any_address(t->scene, pool_node(t));
}

/* Of what a full box has no more: mappings that it keeps, or ports of its range. */
static struct pool_seen pool_of(const struct cause_tale *t)
{
	const struct cause *c = t->c;

	if (c->kind == CAUSE_LIMIT)
		return ports_limit(t->mappings, t->scene, c->node, c->protocol, &c->src, c->time_ns);
	return ports_pool(t->mappings, t->scene, c->node, c->protocol, c->time_ns);
}

static bool is_of_host(const void *context)
{
	return pool_of(context).of_host;
}

static void say_used(FILE *f, const void *context)
{
	fprintf(f, "%u", pool_of(context).used);
}

static void say_size(FILE *f, const void *context)
{
	fprintf(f, "%u", pool_of(context).size);
}

/* The way that was opened is not at the address that the packet went to. */
static bool is_apart(const void *context)
{
	return !endpoint_same_address(&mapping_of(context)->external, &((const struct cause_tale *)context)->c->dst);
}

/* The port that the box gave. */
static bool is_even(const void *context)
{
	const struct cause_tale *t = context;

	return mapping_of(t)->external.port % 2 == 0;
}

static const struct sentence_word words[] = {
	{ "node", say_node, NULL },
	{ "src", say_src, NULL },
	{ "dst", say_dst, NULL },
	{ "external", say_external, NULL },
	{ "remote", say_remote, NULL },
	{ "holder", say_holder, has_holder },
	{ "sender", say_sender, NULL },
	{ "port", say_port, NULL },
	{ "mtu", say_mtu, has_mtu },
	{ "owner", say_owner, has_owner },
	{ "rebound", NULL, is_rebound },
	{ "link", say_link, NULL },
	{ "nth", say_nth, NULL },
	{ "weather", say_weather, NULL },
	{ "beyond", NULL, is_beyond },
	{ "tcp", NULL, is_tcp },
	{ "ordered", NULL, is_ordered },
	{ "unmapped", NULL, is_unmapped },
	{ "lifetime", say_lifetime, NULL },
	{ "refuser", say_refuser, NULL },
	{ "unrecorded", NULL, is_unrecorded },
	{ "addresses", say_addresses, NULL },
	{ "arbitrary", NULL, is_arbitrary },
	{ "used", say_used, NULL },
	{ "size", say_size, NULL },
	{ "of-host", NULL, is_of_host },
	{ "apart", NULL, is_apart },
	{ "even", NULL, is_even },
};

const struct sentence_words cause_words = { words, sizeof words / sizeof words[0], NULL };

const char *cause_format(const struct scene *s, const struct mappings *m, const struct cause *c,
                         char text[CAUSE_TEXT_SIZE])
{
	const struct cause_tale tale = { s, m, c };
	const char *brief = cause_table[c->kind].brief;
	FILE *f = brief[0] != '\0' ? fmemopen(text, CAUSE_TEXT_SIZE, "w") : NULL;

	text[0] = '\0';
	if (f == NULL)
		return text;
	sentence_write(f, brief, &cause_words, &tale);
	fclose(f);
	text[CAUSE_TEXT_SIZE - 1] = '\0';
	return text;
}
