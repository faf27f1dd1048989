/* What would help, in words: explain_help(). */
#include "trace/explain_help.h"

#include "trace/explain_loss.h"

static const char *name(const struct why *w, int node)
{
	return node >= 0 ? w->stage->nodes[node].name : "somebody";
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

static void say_keepalive(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	char idle[EXPLAIN_TIME_SIZE];

	if (v->life_ns != 0)
		fprintf(f, "a keepalive more often than every %llu s on this very path, the time %s keeps a mapping",
		        (unsigned long long)(v->life_ns / 1000000000), name(w, v->help_node));
	else
		fprintf(f, "a keepalive on this very path, well within the %s it was idle here",
		        explain_time(v->idle_ns, idle));
}

/* The side behind the box that gives every flow a port of its own has to open many. */
static void say_birthday(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	int box = v->cause->because_node;
	bool a = scene_is_behind(w->stage, v->a, box);

	fprintf(f, "birthday probing: %s opens many ports, %s tries many", name(w, a ? v->a : v->b),
	        name(w, a ? v->b : v->a));
}

/* A box that may choose a new port for that helps only those who can learn the port. */
static void say_both_send(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	const struct cause *c = v->cause;
	const char *sender = name(w, c->origin), *other = name(w, c->origin == v->a ? v->b : v->a);
	char src[SCENE_ENDPOINT_SIZE];

	fprintf(f, "%s sending to %s as well", other, scene_format(w->stage, &c->src, src));
	if (ports_seen(w, c->node, c->protocol).pattern != PORTS_PRESERVED)
		fprintf(f, "; if %s gives that flow a port of its own, %s has to learn that port and send to it",
		        name(w, c->node), sender);
}

static int other_trap(const struct direction *d, int box)
{
	for (unsigned i = 0; i < d->loss_count; i++)
		if (d->losses[i].first.kind == CAUSE_SWALLOWED && d->losses[i].first.node != box)
			return d->losses[i].first.node;
	return -1;
}

/* Both sides' boxes may be traps. */
static void say_input_drop(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	int other = other_trap(&v->ab, v->help_node);

	if (other < 0)
		other = other_trap(&v->ba, v->help_node);
	fprintf(f, "making %s", name(w, v->help_node));
	if (other >= 0)
		fprintf(f, " and %s", name(w, other));
	fprintf(f, " drop unsolicited packets on %s wan side", other >= 0 ? "their" : "its");
	fprintf(f, " (iptables -A INPUT -i wan -m conntrack --ctstate NEW -j DROP)");
}

static void say_address(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	int owner = v->cause != NULL ? cause_inside_owner(w->stage, v->cause) : -1;

	if (owner < 0)
		fprintf(f, "the right address");
	else
		fprintf(f, "the address that a server sees of %s", name(w, owner));
}

/* Where the one who tried stands behind a box too, that one's connection alone would not do either. */
static void say_from_inside(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	int sender = v->cause->origin, inside = sender == v->a ? v->b : v->a;

	fprintf(f, "a connection from inside: %s connecting to %s", name(w, inside), name(w, sender));
	if (sender >= 0 && w->stage->nodes[sender].behind >= 0)
		fprintf(f, ", both at the same time");
}

/* What fits of a datagram when its headers are taken off. */
static unsigned room_in(const struct cause *c)
{
	unsigned ip = c->dst.address.family == ADDRESS_IPV6 ? 40 : 20, own = c->protocol == PACKET_TCP ? 20 : 8;

	return c->path_mtu > ip + own ? c->path_mtu - ip - own : 0;
}

static void say_smaller(FILE *f, const struct pair_verdict *v)
{
	unsigned room = v->cause != NULL ? room_in(v->cause) : 0;

	fprintf(f, "smaller datagrams");
	if (room != 0)
		fprintf(f, ": %u bytes of payload are the most that fits the path MTU of %u", room,
		        (unsigned)v->cause->path_mtu);
}

static void say_help(FILE *f, const struct why *w, const struct pair_verdict *v, enum help h)
{
	const char *box = name(w, v->help_node);

	switch (h) {
	case HELP_PREDICTION:
		fprintf(f, "port prediction");
		say_ports(f, w, v);
		break;
	case HELP_FROM_INSIDE: say_from_inside(f, w, v); break;
	case HELP_FRESH_SOCKET:
		fprintf(f,
		        "punching from a fresh socket whose port is announced before it sends anything: %s keeps the "
		        "port of a "
		        "new socket for its first destination, and for that one alone",
		        v->cause != NULL ? name(w, v->cause->because_node) : "the box");
		break;
	case HELP_BIRTHDAY: say_birthday(f, w, v); break;
	case HELP_RELAY: fprintf(f, "a relay"); break;
	case HELP_LEARN:
		fprintf(f, "answering to where the peer's packets really come from (peer-reflexive learning)");
		break;
	case HELP_INPUT_DROP: say_input_drop(f, w, v); break;
	case HELP_HAIRPIN: fprintf(f, "hairpinning at %s", box); break;
	case HELP_HOST_CANDIDATE:
		fprintf(f, "trying the inside addresses (host candidates): both stand in one lan");
		break;
	case HELP_KEEPALIVE: say_keepalive(f, w, v); break;
	case HELP_PUNCH_AGAIN: fprintf(f, "logging in and punching again, which makes new mappings"); break;
	case HELP_TCP: fprintf(f, "a relay that is reached by TCP"); break;
	case HELP_RETRY: fprintf(f, "sending again"); break;
	case HELP_RULE:
		fprintf(f, "changing the rule of %s that drops them (iptables-save -c there shows which one counts)",
		        box);
		break;
	case HELP_POOL:
		fprintf(f, "a larger range of ports at %s, or fewer sockets at a time: %u of its %u ports were in use",
		        box, v->pool.used, v->pool.size);
		break;
	case HELP_LISTEN:
		fprintf(f, "a program that listens and answers there, and a host firewall that lets it");
		break;
	case HELP_BOTH_SEND: say_both_send(f, w, v); break;
	case HELP_ADDRESS: say_address(f, w, v); break;
	case HELP_TTL: fprintf(f, "sending with a larger hop limit (TTL)"); break;
	case HELP_SMALLER: say_smaller(f, v); break;
	case HELPS: break;
	}
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
	if (v->help_count == 0)
		return;
	fprintf(f, "What would help: ");
	for (unsigned i = 0; i < v->help_count; i++) {
		fprintf(f, "%s", i == 0 ? "" : i + 1 < v->help_count ? "; " : "; or ");
		say_help(f, w, v, v->helps[i]);
	}
	fprintf(f, ".");
	say_no_prediction(f, w, v);
	fputc('\n', f);
}
