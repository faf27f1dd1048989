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

static const struct scene *stage_of(const struct tale *t)
{
	return t->brief.stage;
}

static const struct cause *cause_of(const struct tale *t)
{
	return t->brief.c;
}

static bool say(FILE *f, const char *text)
{
	if (f != NULL)
		fputs(text, f);
	return true;
}

static bool say_name(FILE *f, const struct tale *t, int node)
{
	return say(f, node >= 0 ? stage_of(t)->nodes[node].name : "somebody") && node >= 0;
}

static bool say_node(FILE *f, const struct tale *t, int node)
{
	char text[NODE_SIZE];

	return say(f, name_of_node(stage_of(t), node, text));
}

/* Who behind the box has that inside address. */
static bool say_owner_at(FILE *f, const struct tale *t, const struct endpoint *inside)
{
	return say_name(f, t, scene_owner_at(stage_of(t), cause_of(t)->node, inside));
}

static bool is_one(FILE *f, const void *context)
{
	(void)f;
	return ((const struct tale *)context)->loss->count == 1;
}

static bool say_they(FILE *f, const void *context)
{
	return say(f, is_one(NULL, context) ? "It" : "They");
}

static bool say_them(FILE *f, const void *context)
{
	return say(f, is_one(NULL, context) ? "it" : "them");
}

static bool say_their(FILE *f, const void *context)
{
	return say(f, is_one(NULL, context) ? "its" : "their");
}

static bool say_these(FILE *f, const void *context)
{
	return say(f, is_one(NULL, context) ? "this one" : "these");
}

static bool say_box(FILE *f, const void *context)
{
	return say_node(f, context, cause_of(context)->node);
}

static bool say_chooser(FILE *f, const void *context)
{
	return say_node(f, context, cause_of(context)->because_node);
}

static bool say_sender(FILE *f, const void *context)
{
	return say_name(f, context, cause_of(context)->origin);
}

static bool say_inside(FILE *f, const void *context)
{
	const struct tale *t = context;

	return t->m != NULL ? say_owner_at(f, t, &t->m->inside) : say(f, "the host inside");
}

/* Whose flow got the unexpected port. */
static bool say_user(FILE *f, const void *context)
{
	const struct cause *c = cause_of(context);

	return c->because_node == c->node && c->mapping >= 0 ? say_inside(f, context) : say_sender(f, context);
}

static bool say_usual(FILE *f, const void *context)
{
	const struct tale *t = context;
	char text[SCENE_ENDPOINT_SIZE];

	return say(f, scene_format(stage_of(t), &cause_of(t)->usual, text));
}

static bool say_holder(FILE *f, const void *context)
{
	return say_name(f, context, cause_of(context)->holder);
}

/* Who saw the usual port: he answered there. */
static bool say_usual_seer(FILE *f, const void *context)
{
	const struct tale *t = context;
	const struct endpoint *seer = &cause_of(t)->seer;
	char text[SCENE_ENDPOINT_SIZE];
	struct endpoint address = *seer;

	address.port = 0;
	return seer->address.family != ADDRESS_NONE && say(f, scene_format(stage_of(t), &address, text));
}

/* Who saw the port that these went to. */
static bool say_seer(FILE *f, const void *context)
{
	const struct cause *c = cause_of(context);

	return endpoint_equal(&c->usual, &c->dst) && say_usual_seer(f, context);
}

static bool is_let_in(FILE *f, const void *context)
{
	const struct tale *t = context;

	(void)f;
	return t->m != NULL && t->m->kind == MAPPING_IN;
}

static bool say_number(FILE *f, uint64_t number)
{
	if (f != NULL)
		fprintf(f, "%llu", (unsigned long long)number);
	return true;
}

static bool say_large(FILE *f, const void *context)
{
	return say_number(f, ((const struct tale *)context)->loss->smallest);
}

static bool say_small(FILE *f, const void *context)
{
	return say_number(f, ((const struct tale *)context)->d->largest);
}

static bool say_passed(FILE *f, const void *context)
{
	return say_number(f, ((const struct tale *)context)->loss->passed);
}

/* Those that passed, by the second. */
static bool say_rate(FILE *f, const void *context)
{
	const struct flow_loss *l = ((const struct tale *)context)->loss;
	double rate = l->passed_ns > 0 ? (double)l->passed * 1e9 / (double)l->passed_ns : 0;

	if (f != NULL)
		fprintf(f, rate < 10 ? "about %.1f" : "about %.0f", rate);
	return true;
}

static struct pool_seen pool_of(const struct tale *t)
{
	const struct cause *c = cause_of(t);

	if (c->kind == CAUSE_LIMIT)
		return ports_limit(t->brief.mappings, stage_of(t), c->node, c->protocol, &c->src, c->time_ns);
	return ports_pool(t->brief.mappings, stage_of(t), c->node, c->protocol, c->time_ns);
}

static bool is_of_host(FILE *f, const void *context)
{
	(void)f;
	return pool_of(context).of_host;
}

static bool say_used(FILE *f, const void *context)
{
	return f == NULL || say_number(f, pool_of(context).used);
}

static bool say_size(FILE *f, const void *context)
{
	return f == NULL || say_number(f, pool_of(context).size);
}

static bool say_protocol(FILE *f, const void *context)
{
	char text[16];
	uint8_t protocol = cause_of(context)->protocol;

	return say(f, protocol == PACKET_TCP   ? "TCP"
	              : protocol == PACKET_UDP ? "UDP"
	                                       : packet_protocol_name(protocol, text));
}

static bool is_permission(const struct tale *t, const struct mapping *m)
{
	const struct cause *c = cause_of(t);

	return m->box == c->node && m->protocol == c->protocol && m->kind != MAPPING_LOCAL &&
	       endpoint_equal(&m->external, &c->dst) && mapping_is_alive(m, c->time_ns);
}

/* "server:7000 and nat-b:5000": for whom the port was open when the first of them came. */
static bool say_permissions(FILE *f, const void *context)
{
	const struct tale *t = context;
	const struct mappings *m = t->brief.mappings;
	char remote[SCENE_ENDPOINT_SIZE];
	unsigned said = 0;

	for (size_t i = 0; f != NULL && i < m->count && said <= PERMISSIONS_MAX; i++) {
		if (!is_permission(t, &m->list[i]))
			continue;
		fprintf(f, "%s%s", said == 0 ? "" : " and ",
		        said == PERMISSIONS_MAX ? "others" : scene_format(stage_of(t), &m->list[i].remote, remote));
		said++;
	}
	return said > 0 || t->m == NULL || say(f, scene_format(stage_of(t), &t->m->remote, remote));
}

static const struct sentence_words loss_words;

/* A reason is told once for each box. */
static bool say_because(FILE *f, const void *context)
{
	const struct tale *t = context;
	const struct cause *c = cause_of(t);
	uint16_t bit = (uint16_t)(1u << c->because);
	uint16_t *told = c->because_node >= 0 ? &t->told->because[c->because_node] : NULL;

	if (told == NULL || (*told & bit) != 0)
		return false;
	if (f == NULL)
		return true;
	*told |= bit;
	sentence_write(f, because_table[c->because].sentence, &loss_words, t);
	return true;
}

static bool is_moved(const struct tale *t, const struct mapping *m)
{
	const struct cause *c = cause_of(t);

	return m->box == c->node && m->kind == MAPPING_OUT && m->protocol == c->protocol &&
	       endpoint_equal(&m->remote, &c->src) && !endpoint_equal(&m->external, &c->dst);
}

/* Where the host inside had to go because the box held its port. */
static bool say_moved(FILE *f, const void *context)
{
	const struct tale *t = context;
	const struct mappings *m = t->brief.mappings;
	char src[SCENE_ENDPOINT_SIZE], external[SCENE_ENDPOINT_SIZE];
	size_t i = 0;

	while (i < m->count && !is_moved(t, &m->list[i]))
		i++;
	if (f == NULL || i == m->count)
		return i < m->count;
	fprintf(f, " So ");
	say_owner_at(f, t, &m->list[i].inside);
	fprintf(f, "'s own packets to %s had to leave from %s, a port that nobody expects.",
	        scene_format(stage_of(t), &cause_of(t)->src, src),
	        scene_format(stage_of(t), &m->list[i].external, external));
	return true;
}

static bool say_later(FILE *f, const void *context)
{
	const struct tale *t = context;
	char text[EXPLAIN_TIME_SIZE];

	return say(f, explain_time(t->m != NULL ? t->m->born_ns - cause_of(t)->time_ns : 0, text));
}

static bool say_idle(FILE *f, const void *context)
{
	const struct tale *t = context;
	char text[EXPLAIN_TIME_SIZE];

	uint64_t idle_ns = t->m != NULL ? cause_of(t)->time_ns - t->m->last_ns : 0;

	return say(f, explain_time(cause_of(t)->idle_ns != 0 ? cause_of(t)->idle_ns : idle_ns, text));
}

static bool say_life(FILE *f, const void *context)
{
	const struct tale *t = context;

	if (f != NULL && t->m != NULL)
		fprintf(f, "%u s", (unsigned)t->m->timeout_s);
	return t->m != NULL && t->m->timeout_s != 0;
}

/* The address that was aimed at, without a name. */
static bool say_address(FILE *f, const void *context)
{
	char text[ENDPOINT_TEXT_SIZE];

	return say(f, endpoint_format(&cause_of(context)->dst, text));
}

/* The box behind which that address is, where {owner} has it. */
static bool say_front(FILE *f, const void *context)
{
	const struct tale *t = context;
	int owner = cause_inside_owner(stage_of(t), cause_of(t));
	const struct scene_node *n = &stage_of(t)->nodes[owner];

	return say_name(f, t, n->kind == NODE_BOX ? owner : n->behind);
}

static const struct sentence_word words[] = {
	{ "one", is_one },
	{ "They", say_they },
	{ "them", say_them },
	{ "their", say_their },
	{ "these", say_these },
	{ "box", say_box },
	{ "chooser", say_chooser },
	{ "sender", say_sender },
	{ "inside", say_inside },
	{ "user", say_user },
	{ "usual", say_usual },
	{ "holder", say_holder },
	{ "usual-seer", say_usual_seer },
	{ "seer", say_seer },
	{ "let-in", is_let_in },
	{ "large", say_large },
	{ "small", say_small },
	{ "passed", say_passed },
	{ "rate", say_rate },
	{ "used", say_used },
	{ "size", say_size },
	{ "of-host", is_of_host },
	{ "protocol", say_protocol },
	{ "permissions", say_permissions },
	{ "because", say_because },
	{ "moved", say_moved },
	{ "later", say_later },
	{ "idle", say_idle },
	{ "life", say_life },
	{ "address", say_address },
	{ "front", say_front },
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
		.brief = { w->stage, &w->mappings, c },
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
