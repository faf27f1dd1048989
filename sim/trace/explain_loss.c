#include "trace/explain_loss.h"

#include "trace/ports.h"

#include <stdio.h>

#define PERMISSIONS_MAX 3

/* "nat-a (port-restricted)": a node with what it was asked to be. Returns `text`. */
#define NODE_SIZE (SCENE_NAME_SIZE + NAT_TEXT_SIZE + 4)
static const char *name_of_node(const struct scene *s, int node, char text[NODE_SIZE])
{
	if (node < 0)
		snprintf(text, NODE_SIZE, "a box");
	else if (s->nodes[node].nat[0] != '\0')
		snprintf(text, NODE_SIZE, "%s (%s)", s->nodes[node].name, s->nodes[node].nat);
	else
		snprintf(text, NODE_SIZE, "%s", s->nodes[node].name);
	return text;
}

const char *explain_time(uint64_t ns, char text[EXPLAIN_TIME_SIZE])
{
	double ms = (double)ns / 1e6;

	if (ms < 10)
		snprintf(text, EXPLAIN_TIME_SIZE, "%.2g ms", ms);
	else if (ms < 1000)
		snprintf(text, EXPLAIN_TIME_SIZE, "%.0f ms", ms);
	else
		snprintf(text, EXPLAIN_TIME_SIZE, "%.1f s", ms / 1000);
	return text;
}

/* What the words of one loss's sentence speak of. */
struct tale {
	struct cause_tale brief;
	const struct why *w;
	const struct direction *d;
	const struct flow_loss *loss;
	struct explain_told *told;
	const struct mapping *m; /* c->mapping, or NULL */
};

static const struct scene *scene_of(const struct tale *t)
{
	return t->brief.scene;
}

static const struct cause *cause_of(const struct tale *t)
{
	return t->brief.c;
}

static void say_name(FILE *f, const struct tale *t, int node)
{
	fputs(scene_name(scene_of(t), node), f);
}

static void say_node(FILE *f, const struct tale *t, int node)
{
	char text[NODE_SIZE];

	fputs(name_of_node(scene_of(t), node, text), f);
}

/* Who behind the box has that inside address. */
static void say_owner_at(FILE *f, const struct tale *t, const struct endpoint *inside)
{
	say_name(f, t, scene_owner_at(scene_of(t), cause_of(t)->node, inside));
}

static bool is_one(const void *context)
{
	return ((const struct tale *)context)->loss->count == 1;
}

static void say_they(FILE *f, const void *context)
{
	fputs(is_one(context) ? "It" : "They", f);
}

static void say_them(FILE *f, const void *context)
{
	fputs(is_one(context) ? "it" : "them", f);
}

static void say_their(FILE *f, const void *context)
{
	fputs(is_one(context) ? "its" : "their", f);
}

static void say_these(FILE *f, const void *context)
{
	fputs(is_one(context) ? "this one" : "these", f);
}

static void say_box(FILE *f, const void *context)
{
	say_node(f, context, cause_of(context)->node);
}

static void say_chooser(FILE *f, const void *context)
{
	say_node(f, context, cause_of(context)->because_node);
}

static void say_inside(FILE *f, const void *context)
{
	const struct tale *t = context;

	say_owner_at(f, t, &t->m->inside);
}

/* Whose flow got the unexpected port. */
static void say_user(FILE *f, const void *context)
{
	const struct cause *c = cause_of(context);

	if (c->because_node == c->node && c->mapping >= 0)
		say_inside(f, context);
	else
		say_name(f, context, c->origin);
}

static void say_usual(FILE *f, const void *context)
{
	const struct tale *t = context;
	char text[SCENE_ENDPOINT_SIZE];

	fputs(scene_format(scene_of(t), &cause_of(t)->usual, text), f);
}

/* Who saw the usual port: he answered there. */
static void say_seer(FILE *f, const void *context)
{
	const struct tale *t = context;
	char text[SCENE_ENDPOINT_SIZE];
	struct endpoint address = cause_of(t)->seer;

	address.port = 0;
	fputs(scene_format(scene_of(t), &address, text), f);
}

static bool was_usual_seen(const void *context)
{
	return cause_of(context)->seer.address.family != ADDRESS_NONE;
}

/* It is the port that these went to. */
static bool was_it_seen(const void *context)
{
	const struct cause *c = cause_of(context);

	return endpoint_equal(&c->usual, &c->dst) && was_usual_seen(context);
}

static bool is_let_in(const void *context)
{
	const struct tale *t = context;

	return t->m != NULL && t->m->kind == MAPPING_IN;
}

static void say_number(FILE *f, uint64_t number)
{
	fprintf(f, "%llu", (unsigned long long)number);
}

static void say_large(FILE *f, const void *context)
{
	say_number(f, ((const struct tale *)context)->loss->smallest);
}

static void say_small(FILE *f, const void *context)
{
	say_number(f, ((const struct tale *)context)->d->largest);
}

static void say_passed(FILE *f, const void *context)
{
	say_number(f, ((const struct tale *)context)->loss->passed);
}

/* Those that passed, by the second. */
static void say_rate(FILE *f, const void *context)
{
	const struct flow_loss *l = ((const struct tale *)context)->loss;
	double rate = (double)l->passed * 1e9 / (double)l->passed_ns;

	fprintf(f, rate < 10 ? "about %.1f" : "about %.0f", rate);
}

static void say_protocol(FILE *f, const void *context)
{
	char text[16];
	uint8_t protocol = cause_of(context)->protocol;

	fputs(protocol == PACKET_TCP   ? "TCP"
	      : protocol == PACKET_UDP ? "UDP"
	                               : packet_protocol_name(protocol, text),
	      f);
}

static bool is_permission(const struct tale *t, const struct mapping *m)
{
	const struct cause *c = cause_of(t);

	return m->box == c->node && m->protocol == c->protocol && m->kind != MAPPING_LOCAL &&
	       endpoint_equal(&m->external, &c->dst) && mapping_is_alive(m, c->time_ns);
}

/* "server:7000 and nat-b:5000": for whom the port was open when the first of them came. */
static void say_permissions(FILE *f, const void *context)
{
	const struct tale *t = context;
	const struct mappings *m = t->brief.mappings;
	char remote[SCENE_ENDPOINT_SIZE];
	unsigned said = 0;

	for (size_t i = 0; i < m->count && said <= PERMISSIONS_MAX; i++) {
		if (!is_permission(t, &m->list[i]))
			continue;
		fprintf(f, "%s%s", said == 0 ? "" : " and ",
		        said == PERMISSIONS_MAX ? "others" : scene_format(scene_of(t), &m->list[i].remote, remote));
		said++;
	}
	if (said == 0)
		fputs(scene_format(scene_of(t), &t->m->remote, remote), f);
}

static const struct sentence_words loss_words;

/* A reason is told once for each box. */
static void say_because(FILE *f, const void *context)
{
	const struct tale *t = context;
	const struct cause *c = cause_of(t);
	uint16_t bit = (uint16_t)(1u << c->because);
	uint16_t *told = c->because_node >= 0 ? &t->told->because[c->because_node] : NULL;

	if (told == NULL || (*told & bit) != 0)
		return;
	*told |= bit;
	sentence_write(f, because_table[c->because].sentence, &loss_words, t);
}

static bool is_moved(const struct tale *t, const struct mapping *m)
{
	const struct cause *c = cause_of(t);

	return m->box == c->node && m->kind == MAPPING_OUT && m->protocol == c->protocol &&
	       endpoint_equal(&m->remote, &c->src) && !endpoint_equal(&m->external, &c->dst);
}

/* Where the host inside had to go because the box held its port. */
static void say_moved(FILE *f, const void *context)
{
	const struct tale *t = context;
	const struct mappings *m = t->brief.mappings;
	char src[SCENE_ENDPOINT_SIZE], external[SCENE_ENDPOINT_SIZE];
	size_t i = 0;

	while (i < m->count && !is_moved(t, &m->list[i]))
		i++;
	if (i == m->count)
		return;
	fprintf(f, " So ");
	say_owner_at(f, t, &m->list[i].inside);
	fprintf(f, "'s own packets to %s had to leave from %s, a port that nobody expects.",
	        scene_format(scene_of(t), &cause_of(t)->src, src),
	        scene_format(scene_of(t), &m->list[i].external, external));
}

static void say_later(FILE *f, const void *context)
{
	const struct tale *t = context;
	char text[EXPLAIN_TIME_SIZE];

	fputs(explain_time(t->m->born_ns - cause_of(t)->time_ns, text), f);
}

static void say_idle(FILE *f, const void *context)
{
	const struct tale *t = context;
	const struct cause *c = cause_of(t);
	char text[EXPLAIN_TIME_SIZE];

	fputs(explain_time(c->idle_ns != 0 ? c->idle_ns : c->time_ns - t->m->last_ns, text), f);
}

static void say_life(FILE *f, const void *context)
{
	fprintf(f, "%u s", (unsigned)((const struct tale *)context)->m->timeout_s);
}

static bool has_life(const void *context)
{
	return ((const struct tale *)context)->m->timeout_s != 0;
}

/* The address that was aimed at, without a name. */
static void say_address(FILE *f, const void *context)
{
	char text[ENDPOINT_TEXT_SIZE];

	fputs(endpoint_format(&cause_of(context)->dst, text), f);
}

/* The box behind which that address is, where {owner} has it. */
static void say_front(FILE *f, const void *context)
{
	const struct tale *t = context;
	int owner = cause_inside_owner(scene_of(t), cause_of(t));
	const struct scene_node *n = &scene_of(t)->nodes[owner];

	say_name(f, t, n->kind == NODE_BOX ? owner : n->behind);
}

static const struct sentence_word words[] = {
	{ "one", NULL, is_one },
	{ "They", say_they, NULL },
	{ "them", say_them, NULL },
	{ "their", say_their, NULL },
	{ "these", say_these, NULL },
	{ "box", say_box, NULL },
	{ "chooser", say_chooser, NULL },
	{ "inside", say_inside, NULL },
	{ "user", say_user, NULL },
	{ "usual", say_usual, NULL },
	{ "usual-seer", say_seer, was_usual_seen },
	{ "seer", say_seer, was_it_seen },
	{ "let-in", NULL, is_let_in },
	{ "large", say_large, NULL },
	{ "small", say_small, NULL },
	{ "passed", say_passed, NULL },
	{ "rate", say_rate, NULL },
	{ "protocol", say_protocol, NULL },
	{ "permissions", say_permissions, NULL },
	{ "because", say_because, NULL },
	{ "moved", say_moved, NULL },
	{ "later", say_later, NULL },
	{ "idle", say_idle, NULL },
	{ "life", say_life, has_life },
	{ "address", say_address, NULL },
	{ "front", say_front, NULL },
};

static const struct sentence_words loss_words = { words, sizeof words / sizeof words[0], &cause_words };

const struct sentence_words *explain_loss_words(void)
{
	return &loss_words;
}

void explain_loss(FILE *f, const struct why *w, const struct direction *d, const struct flow_loss *loss,
                  struct explain_told *told)
{
	const struct cause *c = &loss->first;
	const struct tale t = {
		.brief = { w->scene, &w->mappings, c },
		.w = w,
		.d = d,
		.loss = loss,
		.told = told,
		.m = c->mapping >= 0 ? &w->mappings.list[c->mapping] : NULL,
	};

	told->losses += !cause_is_reset(c->kind) ? loss->count : 0; /* those did arrive */
	if (loss->count == d->sent && loss->count > 1)
		fprintf(f, " All of them");
	else
		fprintf(f, " %llu", (unsigned long long)loss->count);
	sentence_write(f, cause_table[c->kind].sentence, &loss_words, &t);
}
