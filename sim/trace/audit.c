#include "trace/audit.h"

#include "trace/manners.h"

#include "trace/explain.h"

#include <stdlib.h>
#include <string.h>

struct audit_box {
	uint64_t came_in, went_out; /* packets seen at its sides, those of the link alone left out */
	uint64_t passed;            /* came in and went out again */
	uint64_t ended;             /* came in and went no further: dropped, or for the box itself */
	uint64_t made;              /* went out without coming in: the box made them */
	uint64_t moving;            /* came in when the capture ended */
	uint64_t swallowed;         /* of those that ended: taken in by the box itself, so that no rule dropped them */
	uint64_t answered;          /* of those that ended: an ICMP error came back */
	uint64_t reset;             /* of those: of TCP, so that a RST came back, by a rule or because nobody listens */
	uint64_t pieces;            /* of those that ended: fragments and others that no rule sees which counts */
};

/* A capture sees a packet before its interface counts it; whoever sends it may lose the processor in between. */
#define COUNTED_LATE_NS UINT64_C(20000000)

struct audit {
	const struct trace *trace;
	uint64_t packets, journeys;     /* told of; packets: the legs of all journeys */
	uint64_t last_id, out_of_order; /* journeys told twice or not in order */
	uint64_t lost, told;            /* journeys that ended badly; those that sentences of --why tell of */
	uint64_t in[SCENE_INTERFACES], out[SCENE_INTERFACES], unknown[SCENE_INTERFACES]; /* frames by direction */
	uint64_t read_ns[SCENE_INTERFACES]; /* when its counters were read last; 0: never */
	uint64_t late[SCENE_INTERFACES][2]; /* of those in and out: that its counters may have been read before */
	struct audit_box boxes[SCENE_NODES];
};

static void count_frame(struct audit *a, const struct leg *l)
{
	uint64_t read_ns = a->read_ns[l->interface];
	bool late = l->time_ns + COUNTED_LATE_NS > read_ns; /* also where there are none to hold it against */

	if (l->direction == PCAPNG_INBOUND) {
		a->in[l->interface]++;
		a->late[l->interface][0] += late;
	} else if (l->direction == PCAPNG_OUTBOUND) {
		a->out[l->interface]++;
		a->late[l->interface][1] += late;
	} else {
		a->unknown[l->interface]++;
	}
}

static int box_of(const struct scene *s, const struct leg *l)
{
	int node = s->interfaces[l->interface].node;

	return node >= 0 && s->nodes[node].kind == NODE_BOX ? node : -1;
}

/* No rule that counts has seen it: a later fragment, one of a box that lets none through, too long for the wan link. */
static bool is_beneath_rules(const struct scene *s, const struct journey *j, const struct cause *c)
{
	return j->fragment_offset != 0 || c->kind == CAUSE_NO_FRAGMENTS ||
	       (c->node >= 0 && j->refused_by == 0 && manners_is_too_long(s, c->node, j->ip_len));
}

static void count_arrival(const struct scene *s, struct audit_box *b, const struct journey *j, unsigned i, bool passes,
                          const struct cause *c)
{
	b->came_in++;
	if (passes)
		b->passed++;
	else if (i + 1 == j->leg_count && j->fate == FATE_MOVING)
		b->moving++;
	else {
		b->ended++;
		b->swallowed += c->kind == CAUSE_SWALLOWED || j->fate == FATE_FOR_BOX || j->fate == FATE_REFUSED;
		b->answered += j->refused_by != 0;
		b->reset += j->fate == FATE_FOR_BOX && j->protocol == PACKET_TCP;
		b->pieces += is_beneath_rules(s, j, c);
	}
}

static void count_boxes(struct audit *a, const struct journey *j, const struct cause *c)
{
	const struct scene *s = &a->trace->scene;

	for (unsigned i = 0; i < j->leg_count; i++) {
		const struct leg *l = &j->legs[i];
		int box = box_of(s, l);
		bool passes = i + 1 < j->leg_count && box_of(s, &j->legs[i + 1]) == box &&
		              j->legs[i + 1].direction == PCAPNG_OUTBOUND;
		bool came = i > 0 && box_of(s, &j->legs[i - 1]) == box && j->legs[i - 1].direction == PCAPNG_INBOUND;

		if (box < 0)
			continue;
		if (l->direction == PCAPNG_INBOUND) {
			count_arrival(&a->trace->scene, &a->boxes[box], j, i, passes, c);
		} else if (l->direction == PCAPNG_OUTBOUND) {
			a->boxes[box].went_out++;
			a->boxes[box].made += !came;
		}
	}
}

/* Counts a journey; `c` is why it died. */
static void count(void *context, const struct journey *j, const struct cause *c)
{
	struct audit *a = context;

	a->journeys++;
	a->out_of_order += j->id != a->last_id + 1;
	a->last_id = j->id;
	a->packets += j->leg_count;
	a->lost += c->kind != CAUSE_NONE;
	for (unsigned i = 0; i < j->leg_count; i++)
		count_frame(a, &j->legs[i]);
	if (j->fate != FATE_LINK_ONLY)
		count_boxes(a, j, c);
}

typedef unsigned long long ull;

static bool print_journeys(const struct audit *a, FILE *f)
{
	const struct trace *t = a->trace;
	bool ok = a->packets + t->doubled == t->packets && a->journeys == t->journeys && a->out_of_order == 0;

	fprintf(f, "%-6s %llu packets in the capture, %llu on the legs of %llu journeys", ok ? "ok" : "WRONG",
	        (ull)t->packets, (ull)a->packets, (ull)a->journeys);
	if (t->doubled > 0)
		fprintf(f, ", %llu there twice", (ull)t->doubled);
	fputc('\n', f);
	return ok;
}

static bool print_losses(const struct audit *a, FILE *f)
{
	fprintf(f, "%-6s %llu journeys ended badly, %llu are told of in sentences\n",
	        a->lost == a->told ? "ok" : "WRONG", (ull)a->lost, (ull)a->told);
	return a->lost == a->told;
}

/* A journey that began in mid-way at a box is one it made, so both sums must close. */
static bool print_box(const struct audit *a, FILE *f, size_t node)
{
	const struct audit_box *b = &a->boxes[node];
	bool ok = b->came_in == b->passed + b->ended + b->moving && b->went_out == b->passed + b->made;

	fprintf(f, "%-6s %s: %llu came in = %llu passed + %llu ended there", ok ? "ok" : "WRONG",
	        a->trace->scene.nodes[node].name, (ull)b->came_in, (ull)b->passed, (ull)b->ended);
	if (b->moving > 0)
		fprintf(f, " + %llu under way at the end", (ull)b->moving);
	fprintf(f, "; %llu went out = %llu passed + %llu made there\n", (ull)b->went_out, (ull)b->passed, (ull)b->made);
	return ok;
}

/* The last value of a node's counter ("" for its interface: none). Returns false if the record has none. */
static bool find_counter(const struct trace *t, int node, const char *interface, enum record_counted counted,
                         uint64_t *packets)
{
	bool found = false;

	for (size_t i = 0; i < t->events.counter_count; i++) {
		const struct recorded_counter *c = &t->events.counters[i];

		if (c->node != node || c->counted != counted || strcmp(c->interface, interface) != 0)
			continue;
		*packets = c->packets;
		found = true;
	}
	return found;
}

static const char *interface_name(const struct scene_interface *n)
{
	const char *space = strrchr(n->name, ' ');

	return space != NULL ? space + 1 : n->name;
}

/* The kernel may send on when the counters are read: a TCP segment once more. */
static void note_readings(struct audit *a)
{
	const struct trace *t = a->trace;

	for (size_t i = 0; i < t->scene.interface_count; i++)
		for (size_t k = 0; k < t->events.counter_count; k++) {
			const struct recorded_counter *c = &t->events.counters[k];

			if (c->node == t->scene.interfaces[i].node && c->time_ns > a->read_ns[i] &&
			    strcmp(c->interface, interface_name(&t->scene.interfaces[i])) == 0)
				a->read_ns[i] = c->time_ns;
		}
}

static bool has_ipv6(const struct scene *s)
{
	for (size_t i = 0; i < s->node_count; i++)
		for (size_t k = 0; k < s->nodes[i].address_count; k++)
			if (s->nodes[i].addresses[k].address.family == ADDRESS_IPV6)
				return true;
	return false;
}

/*
 * Where a world has IPv6, interfaces tell their groups as soon as they are up, before anybody can look.
 *
 * An interface counts what it passed on; what it had to drop while the other end of its cable was down was on its way
 * out, and captured, all the same.
 */
static bool print_counter(const struct audit *a, FILE *f, size_t i, bool tx, uint64_t captured)
{
	const struct scene_interface *n = &a->trace->scene.interfaces[i];
	const char *interface = interface_name(n);
	uint64_t counted = 0, dropped, late = a->late[i][tx];
	bool ok, early;

	if (n->node < 0 || !find_counter(a->trace, n->node, interface, tx ? RECORD_TX : RECORD_RX, &counted))
		return true;
	if (!tx || !find_counter(a->trace, n->node, interface, RECORD_TX_DROPPED, &dropped))
		dropped = 0;
	early = captured < counted && has_ipv6(&a->trace->scene);
	ok = (captured >= counted || early) && captured - late <= counted + dropped;
	fprintf(f, "%-6s %s %s: %llu captured, %llu counted by the interface", ok ? "ok" : "WRONG", n->name,
	        tx ? "tx" : "rx", (ull)captured, (ull)counted);
	if (dropped > 0)
		fprintf(f, ", and %llu it dropped", (ull)dropped);
	if (captured > counted + dropped && late > 0)
		fprintf(f, " before %llu more came", (ull)(captured - counted - dropped));
	fputc('\n', f);
	return ok;
}

static bool print_interface(const struct audit *a, FILE *f, size_t i)
{
	bool ok;

	if (a->unknown[i] > 0) {
		fprintf(f, "?      %s: which way %llu of its frames went is not known\n",
		        a->trace->scene.interfaces[i].name, (ull)a->unknown[i]);
		return true;
	}
	ok = print_counter(a, f, i, false, a->in[i]);
	return print_counter(a, f, i, true, a->out[i]) && ok;
}

/* What a box's interfaces had to drop before it could be captured, as their own counters tell: there was no carrier. */
static uint64_t count_unsent(const struct audit *a, size_t node)
{
	const struct trace *t = a->trace;
	uint64_t counted, dropped, unsent = 0;

	for (size_t i = 0; i < t->scene.interface_count; i++) {
		const char *interface = interface_name(&t->scene.interfaces[i]);

		if (t->scene.interfaces[i].node == (int)node &&
		    find_counter(t, (int)node, interface, RECORD_TX, &counted) &&
		    find_counter(t, (int)node, interface, RECORD_TX_DROPPED, &dropped) && counted + dropped > a->out[i])
			unsent += counted + dropped - a->out[i];
	}
	return unsent;
}

/*
 * What rules dropped, by their own counters, against what ended at the box without being taken in, answered, or dropped
 * by its interfaces. A SYN that the box answers by a RST looks the same whether a rule did it or nobody listened there.
 */
static bool print_rules(const struct audit *a, FILE *f, size_t node)
{
	const struct audit_box *b = &a->boxes[node];
	uint64_t dropped, ended = b->ended - b->swallowed - b->pieces, unsent = count_unsent(a, node);
	const char *name = a->trace->scene.nodes[node].name;
	bool rebooted = a->trace->scene.nodes[node].rebooted;
	bool ok;

	if (!find_counter(a->trace, (int)node, "", RECORD_RULES_DROPPED, &dropped))
		return true;
	if (a->trace->scene.nodes[node].rules_changed) { /* a rule that was taken away took its counter along */
		fprintf(f, "?      %s: its rules were changed in mid-run, their counters do not tell\n", name);
		return true;
	}
	ok = dropped < ended ? ended - dropped <= b->answered + unsent || rebooted : dropped - ended <= b->reset;
	fprintf(f, "%-6s %s: %llu dropped by the capture, %llu by its rules' own counters", ok ? "ok" : "WRONG", name,
	        (ull)ended, (ull)dropped);
	if (b->swallowed > 0)
		fprintf(f, "; %llu more were for the box, or taken in by it", (ull)b->swallowed);
	if (ok && dropped < ended)
		fprintf(f, rebooted     ? "; the rest came while it was rebooted"
		           : unsent > 0 ? "; the rest it answered itself (ICMP), or found no carrier"
		                        : "; the rest it answered itself (ICMP)");
	fputc('\n', f);
	return ok;
}

/* Prints the balance, a line for each box and each counter. Returns true if everything agrees. */
static bool print(const struct audit *a, FILE *f)
{
	const struct scene *s = &a->trace->scene;
	bool ok = print_journeys(a, f);

	ok &= print_losses(a, f);
	for (size_t i = 0; i < s->node_count; i++) {
		if (s->nodes[i].kind != NODE_BOX)
			continue;
		ok &= print_box(a, f, i);
		ok &= print_rules(a, f, i);
	}
	for (size_t i = 0; i < s->interface_count; i++)
		ok &= print_interface(a, f, i);
	if (a->trace->events.counter_count == 0)
		fprintf(f, "?      the record has no counters to compare with\n");
	return ok;
}

/* What --why says goes nowhere: how many losses it told of is what counts. */
static int count_told(struct audit *a, const struct why *w, char error[TRACE_ERROR_SIZE])
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL) {
		snprintf(error, TRACE_ERROR_SIZE, "out of memory");
		return -1;
	}
	a->told = explain_all(f, w).losses;
	fclose(f);
	free(text);
	return 0;
}

int audit_trace(struct trace *t, FILE *f, bool *agrees, char error[TRACE_ERROR_SIZE])
{
	struct audit *a = calloc(1, sizeof *a);
	const struct why_visitor counter = { .context = a, .journey = count };
	struct why *w = why_read(t, NULL, error);
	int status = -1;

	if (a == NULL)
		snprintf(error, TRACE_ERROR_SIZE, "out of memory");
	else if (w != NULL) {
		a->trace = t;
		note_readings(a);
		status = count_told(a, w, error) == 0 ? why_read_again(w, &counter, error) : -1;
	}
	if (status == 0)
		*agrees = print(a, f);
	why_free(w);
	free(a);
	return status;
}

int audit_file(const char *path, char **report)
{
	char error[TRACE_ERROR_SIZE];
	struct trace *t = trace_open(path, error);
	bool agrees = false;
	size_t len;
	FILE *f;

	*report = NULL;
	f = open_memstream(report, &len);
	if (f != NULL) {
		if (t == NULL || audit_trace(t, f, &agrees, error) != 0)
			fprintf(f, "%s\n", error);
		fclose(f);
	}
	trace_free(t);
	if (!agrees)
		return -1;
	free(*report);
	*report = NULL;
	return 0;
}
