/* What would help, in words: explain_help(). */
#include "trace/explain_help.h"

#include "trace/explain_loss.h"

/* What the words of an advice speak of; with a cause, those of its short form as well. */
struct advice {
	struct cause_tale brief;
	const struct why *w;
	const struct pair_verdict *v;
};

static const char *name(const struct why *w, int node)
{
	return node >= 0 ? w->stage->nodes[node].name : "somebody";
}

static bool say_name(FILE *f, const struct advice *a, int node)
{
	if (f != NULL)
		fputs(name(a->w, node), f);
	return node >= 0;
}

static bool say_number(FILE *f, uint64_t number)
{
	if (f != NULL)
		fprintf(f, "%llu", (unsigned long long)number);
	return number != 0;
}

static void say_ports(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	const struct ports_seen *p = &v->ports;
	const char *box = v->cause != NULL ? name(w, v->cause->because_node) : "the box";
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

static bool say_seen_ports(FILE *f, const void *context)
{
	const struct advice *a = context;

	if (f != NULL)
		say_ports(f, a->w, a->v);
	return true;
}

static bool say_chooser(FILE *f, const void *context)
{
	const struct advice *a = context;

	return say_name(f, a, a->v->cause->because_node);
}

static bool say_holder(FILE *f, const void *context)
{
	const struct advice *a = context;

	return say_name(f, a, a->v->cause->holder);
}

static int side_behind(const struct advice *a, bool behind)
{
	bool first = scene_is_behind(a->w->stage, a->v->a, a->v->cause->because_node);

	return first == behind ? a->v->a : a->v->b;
}

/* The side behind the box that gives every flow a port of its own. */
static bool say_mapped(FILE *f, const void *context)
{
	return say_name(f, context, side_behind(context, true));
}

static bool say_unmapped(FILE *f, const void *context)
{
	return say_name(f, context, side_behind(context, false));
}

static bool say_box(FILE *f, const void *context)
{
	const struct advice *a = context;

	return say_name(f, a, a->v->help_node);
}

static int other_trap(const struct direction *d, int box)
{
	for (unsigned i = 0; i < d->loss_count; i++)
		if (d->losses[i].first.kind == CAUSE_SWALLOWED && d->losses[i].first.node != box)
			return d->losses[i].first.node;
	return -1;
}

static bool say_other_trap(FILE *f, const void *context)
{
	const struct advice *a = context;
	int other = other_trap(&a->v->ab, a->v->help_node);

	return say_name(f, a, other >= 0 ? other : other_trap(&a->v->ba, a->v->help_node));
}

static bool say_life(FILE *f, const void *context)
{
	const struct advice *a = context;

	return say_number(f, a->v->life_ns / 1000000000) && (f == NULL || fputs(" s", f) >= 0);
}

static bool say_idle(FILE *f, const void *context)
{
	const struct advice *a = context;
	char text[EXPLAIN_TIME_SIZE];

	return f == NULL || fputs(explain_time(a->v->idle_ns, text), f) >= 0;
}

static bool say_used(FILE *f, const void *context)
{
	return say_number(f, ((const struct advice *)context)->v->pool.used);
}

static bool say_size(FILE *f, const void *context)
{
	return say_number(f, ((const struct advice *)context)->v->pool.size);
}

static bool is_of_host(FILE *f, const void *context)
{
	(void)f;
	return ((const struct advice *)context)->v->pool.of_host;
}

static bool say_sender(FILE *f, const void *context)
{
	const struct advice *a = context;

	return say_name(f, a, a->v->cause->origin);
}

static bool say_other_side(FILE *f, const void *context)
{
	const struct advice *a = context;

	return say_name(f, a, a->v->cause->origin == a->v->a ? a->v->b : a->v->a);
}

static bool may_get_a_new_port(FILE *f, const void *context)
{
	const struct advice *a = context;

	(void)f;
	return ports_seen(&a->w->mappings, a->v->cause->node, a->v->cause->protocol).pattern != PORTS_PRESERVED;
}

/* Where the one who tried stands behind a box too, the other's connection alone would not do either. */
static bool is_behind_too(FILE *f, const void *context)
{
	const struct advice *a = context;
	int sender = a->v->cause->origin;

	(void)f;
	return sender >= 0 && a->w->stage->nodes[sender].behind >= 0;
}

/* It came to a host that is another one. */
static bool is_astray(FILE *f, const void *context)
{
	(void)f;
	return ((const struct advice *)context)->v->cause->kind == CAUSE_NOT_FOR_HOST;
}

/* Nothing at all came back: it may be that nothing can. */
static bool is_silent(FILE *f, const void *context)
{
	const struct pair_verdict *v = ((const struct advice *)context)->v;

	(void)f;
	return v->outcome == PAIR_UNANSWERED && v->cause == NULL;
}

/* What fits of a datagram when its headers are taken off. */
static bool say_fits(FILE *f, const void *context)
{
	const struct cause *c = ((const struct advice *)context)->v->cause;
	unsigned ip = c->dst.address.family == ADDRESS_IPV6 ? 40 : 20, own = c->protocol == PACKET_TCP ? 20 : 8;

	return say_number(f, c->path_mtu > ip + own ? c->path_mtu - ip - own : 0);
}

static const struct sentence_word words[] = {
	{ "ports", say_seen_ports },
	{ "chooser", say_chooser },
	{ "holder", say_holder },
	{ "mapped", say_mapped },
	{ "unmapped", say_unmapped },
	{ "box", say_box },
	{ "other", say_other_trap },
	{ "life", say_life },
	{ "idle", say_idle },
	{ "used", say_used },
	{ "size", say_size },
	{ "of-host", is_of_host },
	{ "sender", say_sender },
	{ "other-side", say_other_side },
	{ "fits", say_fits },
	{ "new-port", may_get_a_new_port },
	{ "behind-too", is_behind_too },
	{ "silent", is_silent },
	{ "astray", is_astray },
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
	const struct advice a = { .brief = { w->stage, &w->mappings, v->cause }, .w = w, .v = v };

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
