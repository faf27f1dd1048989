#include "trace/explain_loss.h"

#include <stdio.h>

#define PERMISSIONS_MAX 3

const char *explain_node(const struct scene *s, int node, char text[EXPLAIN_NODE_SIZE])
{
	if (node < 0)
		snprintf(text, EXPLAIN_NODE_SIZE, "a box");
	else if (s->nodes[node].nat[0] != '\0')
		snprintf(text, EXPLAIN_NODE_SIZE, "%s (%s)", s->nodes[node].name, s->nodes[node].nat);
	else
		snprintf(text, EXPLAIN_NODE_SIZE, "%s", s->nodes[node].name);
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

/* What the sentences of one loss have in common. */
struct tale {
	FILE *f;
	const struct why *w;
	const struct scene *s;
	const struct direction *d;
	const struct flow_loss *loss;
	struct explain_told *told;
	const struct cause *c;
	const struct mapping *m;      /* c->mapping, or NULL */
	char node[EXPLAIN_NODE_SIZE]; /* where they died */
	char because[EXPLAIN_NODE_SIZE];
	char src[SCENE_ENDPOINT_SIZE], dst[SCENE_ENDPOINT_SIZE], remote[SCENE_ENDPOINT_SIZE],
	    usual[SCENE_ENDPOINT_SIZE];
	char external[SCENE_ENDPOINT_SIZE];
};

static const char *name(const struct tale *t, int node)
{
	return node >= 0 ? t->s->nodes[node].name : "somebody";
}

static const char *owner_name(const struct tale *t, const struct endpoint *e)
{
	return name(t, scene_owner_at(t->s, t->c->node, e));
}

/* "3 packets died at nat-a: ": how many of how many. */
static void say_how_many(const struct tale *t, const char *did)
{
	if (t->loss->count == t->d->sent && t->loss->count > 1)
		fprintf(t->f, " All of them %s", did);
	else
		fprintf(t->f, " %llu %s", (unsigned long long)t->loss->count, did);
}

static bool is_permission(const struct tale *t, size_t i)
{
	const struct mapping *m = &t->w->mappings.list[i];

	return m->box == t->c->node && m->protocol == t->c->protocol && m->kind != MAPPING_LOCAL &&
	       endpoint_equal(&m->external, &t->c->dst) && mapping_is_alive(m, t->c->time_ns);
}

/* "server:7000 and nat-b:5000": for whom the port was open when the first of them came. */
static void say_permissions(const struct tale *t)
{
	char remote[SCENE_ENDPOINT_SIZE];
	unsigned said = 0;

	for (size_t i = 0; i < t->w->mappings.count; i++) {
		if (!is_permission(t, i))
			continue;
		if (said == PERMISSIONS_MAX) {
			fprintf(t->f, " and others");
			return;
		}
		fprintf(t->f, "%s%s", said == 0 ? "" : " and ",
		        scene_format(t->s, &t->w->mappings.list[i].remote, remote));
		said++;
	}
	if (said == 0)
		fprintf(t->f, "%s", t->remote);
}

/* Marks it as told. Returns true if it was before, or there is nothing to tell. */
static bool was_told(const struct tale *t)
{
	uint8_t bit = (uint8_t)(1u << t->c->because);
	uint8_t *told;

	if (t->c->because_node < 0)
		return true;
	told = &t->told->because[t->c->because_node];
	if ((*told & bit) != 0)
		return true;
	*told |= bit;
	return false;
}

static void say_because(const struct tale *t)
{
	const char *sender = name(t, t->c->origin);
	bool own = t->c->because_node == t->c->node;
	const char *flow_of = own && t->m != NULL ? owner_name(t, &t->m->inside) : sender;

	if (was_told(t))
		return;
	switch (t->c->because) {
	case BECAUSE_ENDPOINT_DEPENDENT:
		fprintf(
		    t->f,
		    " %s gives each of %s's flows a port of its own: to others the same socket shows %s. Neither side "
		    "could know the new port.",
		    t->because, flow_of, t->usual);
		break;
	case BECAUSE_TRAP:
		fprintf(t->f,
		        " The port is another because %s had taken an early packet from the other side for itself (its "
		        "INPUT "
		        "chain accepts strangers): that entry holds %s, and %s's own flow had to move.",
		        t->because, t->usual, flow_of);
		break;
	case BECAUSE_REMAPPED:
		fprintf(t->f, " The same socket was %s before; that mapping of %s ended, and a new one was made.",
		        t->usual, t->because);
		break;
	case BECAUSE_UNKNOWN:
	case BECAUSES: break;
	}
}

static void say_filtered(const struct tale *t)
{
	const char *inside = t->m != NULL ? owner_name(t, &t->m->inside) : "the host inside";

	say_how_many(t, "died at");
	fprintf(t->f, " %s. There %s was open for ", t->node, t->dst);
	say_permissions(t);
	fprintf(t->f, " only, because %s had sent there; these came from %s.", inside, t->src);
	say_because(t);
}

static void say_elsewhere(const struct tale *t)
{
	say_how_many(t, "died at");
	fprintf(t->f, " %s. They went to %s, the address that others see; but the way to %s was opened on %s.", t->node,
	        t->dst, t->src, t->external);
	say_because(t);
}

/* Where the host inside had to go because the box held its port. */
static const struct mapping *find_moved(const struct tale *t)
{
	for (size_t i = 0; i < t->w->mappings.count; i++) {
		const struct mapping *m = &t->w->mappings.list[i];

		if (m->box == t->c->node && m->kind == MAPPING_OUT && m->protocol == t->c->protocol &&
		    endpoint_equal(&m->remote, &t->c->src) && !endpoint_equal(&m->external, &t->c->dst))
			return m;
	}
	return NULL;
}

static void say_swallowed(const struct tale *t)
{
	const struct mapping *moved = find_moved(t);
	char external[SCENE_ENDPOINT_SIZE];

	say_how_many(t, "ended in");
	fprintf(
	    t->f,
	    " %s itself. It accepts packets from strangers (INPUT chain): the first one, %s to %s, became an entry of "
	    "the box's own, and every retry keeps that entry alive.",
	    t->node, t->src, t->dst);
	if (moved != NULL)
		fprintf(t->f, " So %s's own packets to %s had to leave from %s, a port that nobody expects.",
		        owner_name(t, &moved->inside), t->src, scene_format(t->s, &moved->external, external));
}

static void say_expired(const struct tale *t)
{
	char idle[EXPLAIN_TIME_SIZE];

	say_how_many(t, "died at");
	fprintf(t->f, " %s. The mapping %s for %s was gone: ", t->node, t->external, t->remote);
	if (t->c->kind == CAUSE_DELETED) {
		fprintf(t->f, "the box had removed it before its time (flushed, or rebooted).");
		return;
	}
	fprintf(t->f, "it had been idle for %s", explain_time(t->c->time_ns - t->m->last_ns, idle));
	if (t->m->timeout_s != 0)
		fprintf(t->f, ", and the box keeps it for %u s", (unsigned)t->m->timeout_s);
	fprintf(t->f, ".");
}

static void say_early(const struct tale *t)
{
	char later[EXPLAIN_TIME_SIZE];

	say_how_many(t, "came to");
	fprintf(t->f, " %s too early: %s opened the way %s after that.", t->node,
	        t->m != NULL ? owner_name(t, &t->m->inside) : "the other side",
	        explain_time(t->m != NULL ? t->m->born_ns - t->c->time_ns : 0, later));
}

static void say_hairpin(const struct tale *t)
{
	say_how_many(t, "died at");
	fprintf(t->f,
	        " %s. They went to %s, which is that box's own outer address, and it does not turn packets round "
	        "(no hairpinning).",
	        t->node, t->dst);
}

static void say_blocked(const struct tale *t)
{
	say_how_many(t, "died at");
	fprintf(t->f, " %s, which lets no %s out: not one such packet of %s left it in the whole trace.", t->node,
	        t->c->protocol == PACKET_TCP ? "TCP" : "UDP", name(t, t->c->origin));
}

static void say_rule_out(const struct tale *t)
{
	say_how_many(t, "died at");
	fprintf(t->f, " %s on the way out, though others of %s pass it: a rule dropped them, or the box lost them.",
	        t->node, name(t, t->c->origin));
}

static void say_refused(const struct tale *t)
{
	say_how_many(t, "arrived at");
	fprintf(t->f, " %s and were refused (ICMP): no program listens at %s, or a firewall on the host says no.",
	        t->node, t->dst);
}

/* "died at" / "nat-a" / ": why." */
static void say_plainly(const struct tale *t, const char *did, const char *why, const char *what, const char *end)
{
	say_how_many(t, did);
	fprintf(t->f, " %s%s%s%s.", t->node, why, what, end);
}

/* What a spec says of mapping and filtering is about UDP: a full cone's open port is none for TCP. */
static void say_no_mapping(const struct tale *t)
{
	if (t->c->protocol != PACKET_TCP) {
		say_plainly(t, "died at", ": nobody behind it uses ", t->dst, "");
		return;
	}
	say_plainly(t, "died at", ": no connection from inside has ", t->dst, "");
	fprintf(t->f, " TCP passes a box only in answer to a connection from inside");
	if (t->s->nodes[t->c->node].nat[0] != '\0')
		fprintf(t->f, "; the lab's specs describe UDP");
	fputc('.', t->f);
}

static void say_ttl(const struct tale *t)
{
	if (t->c->beyond)
		say_plainly(t, "left", ", and their hop limit (TTL) ran out at a router beyond it", "", "");
	else
		say_plainly(t, "died at", ": their hop limit (TTL) ran out there", "", "");
}

static void say_too_big(const struct tale *t)
{
	say_how_many(t, t->c->beyond ? "left" : "died at");
	fprintf(t->f, " %s%s too big for %s", t->node, t->c->beyond ? " and died at a router beyond it:" : ":",
	        t->c->beyond ? "a link there" : "the next link");
	if (t->c->path_mtu != 0)
		fprintf(t->f, ", which takes packets of at most %u bytes", (unsigned)t->c->path_mtu);
	fprintf(t->f, ", and not to be cut up (DF).");
}

static void say_no_route(const struct tale *t)
{
	int owner = cause_inside_owner(t->s, t->c);
	char address[ENDPOINT_TEXT_SIZE];

	if (!t->c->beyond) {
		say_plainly(t, "died at", ", which says that it has no way to ", t->dst, "");
		return;
	}
	if (owner < 0) {
		say_plainly(t, "left", " for ", t->dst, ", an address that nobody has");
		return;
	}
	say_how_many(t, "left");
	fprintf(t->f, " %s for %s. That is %s's inside address: it cannot be reached from outside", t->node,
	        endpoint_format(&t->c->dst, address), name(t, owner));
	fprintf(t->f, " %s.", name(t, t->s->nodes[owner].kind == NODE_BOX ? owner : t->s->nodes[owner].behind));
}

static void say(const struct tale *t)
{
	switch (t->c->kind) {
	case CAUSE_SWALLOWED: say_swallowed(t); break;
	case CAUSE_MAPPED_ELSEWHERE: say_elsewhere(t); break;
	case CAUSE_TOO_EARLY: say_early(t); break;
	case CAUSE_FILTERED_PORT:
	case CAUSE_FILTERED_ADDRESS: say_filtered(t); break;
	case CAUSE_EXPIRED:
	case CAUSE_DELETED: say_expired(t); break;
	case CAUSE_NO_MAPPING: say_no_mapping(t); break;
	case CAUSE_RULE_IN:
		say_plainly(t, "died at", " although the way was open for ", t->src,
		            ": a rule dropped them, or the box lost them");
		break;
	case CAUSE_FRAGMENT: say_plainly(t, "died at", " as fragments of datagrams that were dropped", "", ""); break;
	case CAUSE_NO_HAIRPIN: say_hairpin(t); break;
	case CAUSE_BLOCKED: say_blocked(t); break;
	case CAUSE_RULE_OUT: say_rule_out(t); break;
	case CAUSE_TTL: say_ttl(t); break;
	case CAUSE_TOO_BIG: say_too_big(t); break;
	case CAUSE_REFUSED: say_refused(t); break;
	case CAUSE_NOT_FOR_HOST: say_plainly(t, "arrived at", ", which does not have the address ", t->dst, ""); break;
	case CAUSE_NO_ROUTE: say_no_route(t); break;
	case CAUSE_LOST_ON_WIRE: say_plainly(t, "left", " and were not seen again: lost on the wire", "", ""); break;
	case CAUSE_NONE:
	case CAUSES: break;
	}
}

void explain_loss(FILE *f, const struct why *w, const struct direction *d, const struct flow_loss *loss,
                  struct explain_told *told)
{
	const struct cause *c = &loss->first;
	struct tale t = { .f = f, .w = w, .s = w->stage, .d = d, .loss = loss, .told = told, .c = c };

	t.m = c->mapping >= 0 ? &w->mappings.list[c->mapping] : NULL;
	explain_node(t.s, c->node, t.node);
	explain_node(t.s, c->because_node, t.because);
	scene_format(t.s, &c->src, t.src);
	scene_format(t.s, &c->dst, t.dst);
	scene_format(t.s, &c->usual, t.usual);
	if (t.m != NULL) {
		scene_format(t.s, &t.m->remote, t.remote);
		scene_format(t.s, &t.m->external, t.external);
	}
	say(&t);
}
