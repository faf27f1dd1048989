/* What would help, in words: explain_help(). */
#include "trace/explain_help.h"

#include "trace/explain_loss.h"

/* What the words of an advice speak of; with a cause, those of its short form as well. */
struct advice {
	struct cause_tale brief;
	const struct why *w;
	const struct pair_verdict *v;
};

static void say_name(FILE *f, const struct advice *a, int node)
{
	fputs(scene_name(a->w->scene, node), f);
}

static void say_ports(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	const struct ports_seen *p = &v->ports;
	const char *box = v->cause != NULL ? scene_name(w->scene, v->cause->because_node) : "the box";
	unsigned n = p->samples < 3 ? p->samples : 3;

	if (p->pattern != PORTS_SEQUENTIAL && p->pattern != PORTS_RANDOM)
		return;
	fprintf(f, " (%s's ports", box);
	for (unsigned i = 0; i < n; i++)
		fprintf(f, "%s %u", i == 0 ? "" : ",", (unsigned)p->last[i]);
	if (p->pattern == PORTS_SEQUENTIAL)
		fprintf(f, " go in steps of %d%s)", p->step, p->samples < 3 ? ", as far as two can tell" : "");
	else
		fprintf(f, " look random)");
}

static void say_seen_ports(FILE *f, const void *context)
{
	const struct advice *a = context;

	say_ports(f, a->w, a->v);
}

static void say_chooser(FILE *f, const void *context)
{
	const struct advice *a = context;

	say_name(f, a, a->v->cause->because_node);
}

static int side_behind(const struct advice *a, bool behind)
{
	bool first = scene_is_behind(a->w->scene, a->v->a, a->v->cause->because_node);

	return first == behind ? a->v->a : a->v->b;
}

/* The side behind the box that gives every flow a port of its own. */
static void say_mapped(FILE *f, const void *context)
{
	say_name(f, context, side_behind(context, true));
}

static void say_unmapped(FILE *f, const void *context)
{
	say_name(f, context, side_behind(context, false));
}

static void say_box(FILE *f, const void *context)
{
	const struct advice *a = context;

	say_name(f, a, a->v->help_node);
}

static int other_trap(const struct direction *d, int box)
{
	for (unsigned i = 0; i < d->loss_count; i++)
		if (d->losses[i].first.kind == CAUSE_SWALLOWED && d->losses[i].first.node != box)
			return d->losses[i].first.node;
	return -1;
}

static int other_trap_of(const struct pair_verdict *v)
{
	int other = other_trap(&v->ab, v->help_node);

	return other >= 0 ? other : other_trap(&v->ba, v->help_node);
}

static bool has_other_trap(const void *context)
{
	return other_trap_of(((const struct advice *)context)->v) >= 0;
}

static void say_other_trap(FILE *f, const void *context)
{
	const struct advice *a = context;

	say_name(f, a, other_trap_of(a->v));
}

static void say_life(FILE *f, const void *context)
{
	fprintf(f, "%llu s", (unsigned long long)((const struct advice *)context)->v->life_ns / 1000000000);
}

static bool has_life(const void *context)
{
	return ((const struct advice *)context)->v->life_ns != 0;
}

static void say_idle(FILE *f, const void *context)
{
	const struct advice *a = context;
	char text[EXPLAIN_TIME_SIZE];

	fputs(explain_time(a->v->idle_ns, text), f);
}

static void say_other_side(FILE *f, const void *context)
{
	const struct advice *a = context;

	say_name(f, a, a->v->cause->origin == a->v->a ? a->v->b : a->v->a);
}

static bool may_get_a_new_port(const void *context)
{
	const struct advice *a = context;

	return ports_seen(&a->w->mappings, a->v->cause->node, a->v->cause->protocol).pattern != PORTS_PRESERVED;
}

/* Where the one who tried stands behind a box too, the other's connection alone would not do either. */
static bool is_behind_too(const void *context)
{
	const struct advice *a = context;
	int sender = a->v->cause->origin;

	return sender >= 0 && a->w->scene->nodes[sender].behind >= 0;
}

/* The way that there is was opened for another end than the sender. */
static bool is_for_others(const void *context)
{
	const struct advice *a = context;
	const struct cause *c = a->v->cause;

	return c->mapping >= 0 && !endpoint_equal(&a->w->mappings.list[c->mapping].remote, &c->src);
}

/* It came to a host that is another one. */
static bool is_astray(const void *context)
{
	return ((const struct advice *)context)->v->cause->kind == CAUSE_NOT_FOR_HOST;
}

/* Nothing at all came back: it may be that nothing can. */
static bool is_silent(const void *context)
{
	const struct pair_verdict *v = ((const struct advice *)context)->v;

	return v->outcome == PAIR_UNANSWERED && v->cause == NULL;
}

/* What fits of a datagram when its headers are taken off. */
static unsigned fits(const struct cause *c)
{
	unsigned headers = (c->dst.address.family == ADDRESS_IPV6 ? 40u : 20u) + (c->protocol == PACKET_TCP ? 20u : 8u);

	return c->path_mtu > headers ? c->path_mtu - headers : 0;
}

static bool does_some_fit(const void *context)
{
	return fits(((const struct advice *)context)->v->cause) != 0;
}

static void say_fits(FILE *f, const void *context)
{
	fprintf(f, "%u", fits(((const struct advice *)context)->v->cause));
}

static const struct sentence_word words[] = {
	{ "ports", say_seen_ports, NULL },
	{ "chooser", say_chooser, NULL },
	{ "mapped", say_mapped, NULL },
	{ "unmapped", say_unmapped, NULL },
	{ "box", say_box, NULL },
	{ "other", say_other_trap, has_other_trap },
	{ "life", say_life, has_life },
	{ "idle", say_idle, NULL },
	{ "other-side", say_other_side, NULL },
	{ "fits", say_fits, does_some_fit },
	{ "new-port", NULL, may_get_a_new_port },
	{ "behind-too", NULL, is_behind_too },
	{ "silent", NULL, is_silent },
	{ "astray", NULL, is_astray },
	{ "for-others", NULL, is_for_others },
};

static const struct sentence_words help_words = { words, sizeof words / sizeof words[0], &cause_words };

const struct sentence_words *explain_help_words(void)
{
	return &help_words;
}

/* A port that could not be known: say also why guessing it would not do. */
static void say_no_prediction(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	if (v->ports.pattern != PORTS_RANDOM)
		return;
	fprintf(f, " Prediction would not");
	say_ports(f, w, v);
	fprintf(f, ".");
}

void explain_help(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	const struct advice a = { .brief = { w->scene, &w->mappings, v->cause }, .w = w, .v = v };

	if (v->help_count == 0)
		return;
	fprintf(f, "What would help: ");
	for (unsigned i = 0; i < v->help_count; i++) {
		fprintf(f, "%s", i == 0 ? "" : i + 1 < v->help_count ? "; " : "; or ");
		sentence_write(f, help_table[v->helps[i]].sentence, &help_words, &a);
	}
	fprintf(f, ".");
	say_no_prediction(f, w, v);
	fputc('\n', f);
}
