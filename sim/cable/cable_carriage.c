#include "cable/cable_carriage.h"

#include "cable/cable_event.h"
#include "cable/cable_rules.h"
#include "cable/cable_socket.h"
#include "cable/cable_turn.h"
#include "cable/frames.h"
#include "io/clock.h"
#include "model/fate.h"
#include "world/rtnetlink.h"
#include "world/sandbox.h"
#include "world/wiring.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINKS_MAX (TOPOLOGY_NODES * TOPOLOGY_LINKS)
/* How often a fence reads a socket that does not get empty: what it waits for came before that. */
#define DRAIN_ROUNDS 256

/* A carried link. Its way up is read at its end `in` and written at its end `out`; its way down the other way round. */
struct carried {
	struct cable_link place;
	char name[TOPOLOGY_LINK_NAME_SIZE];
	struct rtnetlink_interface ends[2]; /* by the way that is read there */
	struct weather weather;
	bool is_hole, is_disabled;
	struct cable_rules rules;
};

struct cable_way {
	struct carried *link;
	enum weather_direction direction;
	int in, out; /* packet sockets */
	struct fate_source fate;
};

struct carriage {
	struct record *record;
	uint64_t seed;
	struct rtnetlink netlink;
	int control, fence;
	struct carried links[LINKS_MAX];
	size_t link_count;
	struct cable_way ways[2 * LINKS_MAX];
	struct frames frames;
	uint64_t number;        /* of the newest frame */
	uint64_t barrier, left; /* frames up to that number are waited for; so many are still here */
	long news;              /* frames that came since the fence before */
	bool is_fenced;
	struct cable_turn turn;
	char problem[CABLE_ERROR_SIZE]; /* a frame was lost that should not have been; "" if none was */
};

static void fail(struct carriage *c, const struct cable_way *w, const char *what)
{
	if (c->problem[0] == '\0')
		snprintf(c->problem, sizeof c->problem,
		         "the cable lost a packet on the link %s that nothing asked it to: %s", w->link->name, what);
}

/* --- opening --------------------------------------------------------------------------------- */

static int open_link(struct carriage *c, const struct topology *t, int node, int link)
{
	struct carried *l = &c->links[c->link_count];
	struct cable_way *ways = &c->ways[2 * c->link_count];

	*l = (struct carried){ .place = { node, link }, .weather = t->nodes[node].links[link].weather };
	topology_link_name(t, node, link, l->name);
	for (enum weather_direction d = WEATHER_UP; d <= WEATHER_DOWN; d++) {
		l->ends[d] = wiring_cable_end(node, link, d);
		ways[d] = (struct cable_way){ .link = l, .direction = d, .in = cable_socket_open(&l->ends[d]) };
		if (ways[d].in < 0)
			return -1;
		fate_begin(&ways[d].fate, c->seed, l->name, d);
	}
	ways[WEATHER_UP].out = ways[WEATHER_DOWN].in;
	ways[WEATHER_DOWN].out = ways[WEATHER_UP].in;
	c->link_count++;
	cable_event_record_weather(c->record, l->name, &l->weather, c->seed);
	return 0;
}

static int open_links(struct carriage *c, const struct topology *t)
{
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->nodes[i].link_count; k++)
			if (weather_needs_cable(&t->nodes[i].links[k].weather) && open_link(c, t, (int)i, (int)k) != 0)
				return -1;
	return 0;
}

/* --- what becomes of a frame ----------------------------------------------------------------- */

static void record_delay(const struct carriage *c, const struct cable_way *w, enum record_fate fate, uint64_t n,
                         const struct frame *one, uint32_t delay_us)
{
	cable_event_record(c->record, &(struct cable_event){ .fate = fate,
	                                                     .delay_us = delay_us,
	                                                     .link = w->link->name,
	                                                     .direction = w->direction,
	                                                     .n = n,
	                                                     .frame = one->bytes + FRAME_HEADER,
	                                                     .len = one->len - FRAME_HEADER });
}

static void record_fate(const struct carriage *c, const struct cable_way *w, enum record_fate fate, uint64_t n,
                        const struct frame *one)
{
	record_delay(c, w, fate, n, one, 0);
}

static void keep(struct carriage *c, struct cable_way *w, struct frame *one, uint64_t n, uint64_t due_ns)
{
	one->due_ns = due_ns;
	one->n = n;
	one->number = ++c->number;
	one->way = (size_t)(w - c->ways);
	if (frames_add(&c->frames, one) == 0)
		return;
	fail(c, w, strerror(ENOMEM));
	frames_release(&c->frames, one);
}

static void keep_twice(struct carriage *c, struct cable_way *w, const struct frame *one, uint64_t n, uint64_t due_ns)
{
	struct frame *copy = frames_new(&c->frames);

	if (copy == NULL)
		return;
	memcpy(copy->bytes, one->bytes, one->len);
	copy->len = one->len;
	keep(c, w, copy, n, due_ns);
}

/* True for one that is lost: by what, in *fate. What a link is like goes before what was asked for of this one. */
static bool is_lost(const struct carried *l, const struct cable_rule *rule, enum fate_kind kind, enum record_fate *fate)
{
	if (l->is_disabled)
		*fate = RECORD_DISABLED;
	else if (l->is_hole)
		*fate = RECORD_SWALLOWED;
	else if (kind != FATE_ARRIVES)
		*fate = kind == FATE_LOST ? RECORD_LOST : RECORD_FULL;
	else if (rule != NULL && rule->kind == CABLE_DROP)
		*fate = RECORD_DROPPED;
	else
		return false;
	return true;
}

/* Lets a frame that has come in meet its fate. What neighbours say has none: it would make the n-th packet another. */
static void admit(struct carriage *c, struct cable_way *w, struct frame *one)
{
	bool is_of_neighbours = frame_is_of_neighbours(one);
	const struct cable_rule *rule = is_of_neighbours ? NULL : cable_rules_find(&w->link->rules, w->direction, one);
	enum record_fate lost;
	struct fate f;

	if ((is_of_neighbours || (rule != NULL && rule->kind == CABLE_PASS)) && !w->link->is_disabled) {
		keep(c, w, one, 0, one->came_ns);
		return;
	}
	f = fate_next(&w->fate, &w->link->weather.ways[w->direction], one->len - FRAME_HEADER, one->came_ns);
	if (is_lost(w->link, rule, f.kind, &lost)) {
		record_fate(c, w, lost, f.n, one);
		frames_release(&c->frames, one);
		return;
	}
	if (rule != NULL) {
		record_delay(c, w, RECORD_DELAYED, f.n, one, rule->delay_us);
		f.due_ns += (uint64_t)rule->delay_us * 1000;
	}
	if (f.overtakes)
		record_fate(c, w, RECORD_OVERTOOK, f.n, one);
	if (f.is_duplicated) {
		record_fate(c, w, RECORD_DUPLICATED, f.n, one);
		keep_twice(c, w, one, f.n, f.due_ns);
	}
	keep(c, w, one, f.n, f.due_ns);
}

/* --- in -------------------------------------------------------------------------------------- */

/* Takes at most a batch. Returns how many frames came. */
static int receive(struct carriage *c, struct cable_way *w)
{
	static struct frame *taken[CABLE_SOCKET_BATCH]; /* those not used wait for the next call */
	int n;

	for (size_t i = 0; i < CABLE_SOCKET_BATCH; i++)
		if (taken[i] == NULL && (taken[i] = frames_new(&c->frames)) == NULL) {
			fail(c, w, strerror(ENOMEM));
			return 0;
		}
	n = cable_socket_receive(w->in, taken);
	for (int i = 0; i < n; i++) {
		struct frame *one = taken[i];

		taken[i] = NULL;
		if (one->len > 0) {
			admit(c, w, one);
			continue;
		}
		fail(c, w, "it was longer than any frame");
		frames_release(&c->frames, one);
	}
	return n;
}

/* --- out ------------------------------------------------------------------------------------- */

static void gone(struct carriage *c, struct frame *one)
{
	c->left -= c->left > 0 && one->number <= c->barrier;
	frames_release(&c->frames, one);
}

/* What a program does to an interface by itself, the lab does not tell. */
static void refused(struct carriage *c, struct frame *one, enum cable_refusal why)
{
	const struct cable_way *w = &c->ways[one->way];

	switch (why) {
	case CABLE_UNPLUGGED: record_fate(c, w, RECORD_CUT, one->n, one); break;
	case CABLE_INTERFACE_DOWN: record_fate(c, w, RECORD_DISABLED, one->n, one); break;
	case CABLE_TAKES_IT_NOT: fail(c, w, "the interface at its end does not take it (is it too long?)"); break;
	}
}

/* They go the same way. */
static void send_batch(struct carriage *c, struct frame *const *batch, size_t count)
{
	for (size_t done = 0; done < count; done++) {
		enum cable_refusal why;

		done += cable_socket_send(c->ways[batch[0]->way].out, batch + done, count - done, &why);
		if (done < count)
			refused(c, batch[done], why);
	}
	for (size_t i = 0; i < count; i++)
		gone(c, batch[i]);
}

/* Gives on what is due, as many at once as go the same way. */
static void send_due(struct carriage *c)
{
	uint64_t now_ns = clock_now_ns();
	struct frame *batch[CABLE_SOCKET_BATCH];

	for (;;) {
		size_t count = 0;

		while (count < CABLE_SOCKET_BATCH && frames_first(&c->frames) != NULL &&
		       frames_first(&c->frames)->due_ns <= now_ns &&
		       (count == 0 || frames_first(&c->frames)->way == batch[0]->way))
			batch[count++] = frames_take(&c->frames);
		if (count == 0)
			return;
		send_batch(c, batch, count);
	}
}

/* --- orders ---------------------------------------------------------------------------------- */

static void answer(const struct carriage *c, int socket, long news)
{
	struct carriage_answer a = { .status = c->problem[0] != '\0' ? -1 : 0, .news = news };

	memcpy(a.message, c->problem, sizeof a.message);
	send(socket, &a, sizeof a, MSG_NOSIGNAL); /* whoever asked may be gone */
}

static void check_overruns(struct carriage *c)
{
	for (size_t i = 0; i < 2 * c->link_count; i++) {
		unsigned lost = cable_socket_overruns(c->ways[i].in);
		char what[80];

		snprintf(what, sizeof what, "%u came faster than it could carry them", lost);
		if (lost > 0)
			fail(c, &c->ways[i], what);
	}
}

static void answer_fence(struct carriage *c)
{
	if (!c->is_fenced || c->left > 0)
		return;
	c->is_fenced = false;
	check_overruns(c);
	answer(c, c->fence, c->news);
}

/* Takes all that came before. */
static void drain(struct carriage *c, struct cable_way *w)
{
	for (int round = 0; round < DRAIN_ROUNDS && receive(c, w) > 0; round++)
		continue;
}

static void begin_fence(struct carriage *c)
{
	for (size_t i = 0; i < 2 * c->link_count; i++)
		drain(c, &c->ways[i]);
	send_due(c);
	c->is_fenced = true;
	c->news = (long)(c->number - c->barrier);
	c->barrier = c->number;
	c->left = c->frames.count;
}

static struct carried *find_link(struct carriage *c, struct cable_link place)
{
	for (size_t i = 0; i < c->link_count; i++)
		if (c->links[i].place.node == place.node && c->links[i].place.link == place.link)
			return &c->links[i];
	return NULL;
}

/* What is under way on the link is lost. */
static void cut(struct carriage *c, const struct carried *l, enum record_fate fate)
{
	struct frames kept = { 0 };

	while (c->frames.count > 0) {
		struct frame *one = frames_take(&c->frames);
		const struct cable_way *w = &c->ways[one->way];

		if (w->link != l && frames_add(&kept, one) == 0)
			continue;
		record_fate(c, w, fate, one->n, one);
		gone(c, one);
	}
	free(c->frames.heap);
	kept.unused = c->frames.unused;
	c->frames = kept;
}

static int unplug(struct carriage *c, struct carried *l, bool off)
{
	int status = 0;

	for (size_t i = 0; i < 2; i++)
		status |=
		    off ? rtnetlink_set_down(&c->netlink, &l->ends[i]) : rtnetlink_set_up(&c->netlink, &l->ends[i]);
	if (!off)
		return status;
	for (size_t i = 0; i < 2 * c->link_count; i++)
		if (c->ways[i].link == l)
			drain(c, &c->ways[i]);
	cut(c, l, RECORD_CUT);
	return status;
}

static void disable(struct carriage *c, struct carried *l, bool on)
{
	l->is_disabled = on;
	if (on)
		cut(c, l, RECORD_DISABLED);
}

/* Returns why it could not be done, or NULL. */
static const char *obey(struct carriage *c, const struct carriage_request *q)
{
	struct carried *l = find_link(c, q->link);

	if (l == NULL)
		return "that link is a bare cable: made with weather, be it \"fair\", it can be changed";
	switch (q->order) {
	case CARRIAGE_WEATHER:
		memcpy(l->weather.ways, q->weather.ways, sizeof l->weather.ways);
		cable_event_record_weather(c->record, l->name, &l->weather, c->seed);
		return NULL;
	case CARRIAGE_BLACKHOLE: l->is_hole = q->on; return NULL;
	case CARRIAGE_UNPLUG: return unplug(c, l, q->on) == 0 ? NULL : "its carrier could not be changed";
	case CARRIAGE_DISABLE: disable(c, l, q->on); return NULL;
	case CARRIAGE_RULE: return cable_rules_add(&l->rules, &q->rule);
	case CARRIAGE_CLEAR: cable_rules_clear(&l->rules); return NULL;
	case CARRIAGE_FENCE: break;
	}
	return NULL;
}

/* Returns false when the lab is gone. */
static bool serve_control(struct carriage *c)
{
	static struct carriage_request q;
	ssize_t n = recv(c->control, &q, sizeof q, MSG_DONTWAIT);
	struct carriage_answer a = { 0 };
	const char *why;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n != sizeof q)
		return false;
	why = obey(c, &q);
	a.status = why == NULL ? 0 : -1;
	snprintf(a.message, sizeof a.message, "%s", why != NULL ? why : "");
	send(c->control, &a, sizeof a, MSG_NOSIGNAL);
	return true;
}

/* Whoever fences may end before the lab does. */
static void serve_fence(struct carriage *c, struct pollfd *p)
{
	static struct carriage_request q;

	ssize_t n = recv(c->fence, &q, sizeof q, MSG_DONTWAIT);

	if (n == sizeof q)
		begin_fence(c);
	else if (n >= 0 || (errno != EAGAIN && errno != EINTR))
		p->fd = -1;
}

/* --- the loop -------------------------------------------------------------------------------- */

static void run(struct carriage *c)
{
	static struct pollfd polled[2 + 2 * LINKS_MAX];
	nfds_t count = 2 + 2 * c->link_count;

	polled[0] = (struct pollfd){ .fd = c->control, .events = POLLIN };
	polled[1] = (struct pollfd){ .fd = c->fence, .events = POLLIN };
	for (size_t i = 0; i < 2 * c->link_count; i++)
		polled[2 + i] = (struct pollfd){ .fd = c->ways[i].in, .events = POLLIN };
	for (;;) {
		if (cable_turn_wait(&c->turn, frames_first(&c->frames), polled, count) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < 2 * c->link_count; i++)
			if (polled[2 + i].revents != 0)
				receive(c, &c->ways[i]);
		send_due(c);
		if (polled[1].fd >= 0 && polled[1].revents != 0)
			serve_fence(c, &polled[1]);
		answer_fence(c);
		if (polled[0].revents != 0 && !serve_control(c))
			return;
	}
}

int carriage_run(const struct world *w, struct record *record, uint64_t seed, int control, int fence)
{
	static struct carriage carriage; /* not on the stack: some 100 kB */
	struct carriage *c = &carriage;

	c->control = control;
	c->fence = fence;
	c->seed = seed;
	cable_turn_begin(&c->turn);
	c->record = record;
	if (sandbox_enter_netns(w->cable_netns_fd) != 0 || rtnetlink_open(&c->netlink, TOPOLOGY_CABLE_NAME) != 0 ||
	    open_links(c, &w->topology) != 0)
		snprintf(c->problem, sizeof c->problem, "it cannot carry: %s", strerror(errno));
	answer(c, control, 0);
	if (c->problem[0] == '\0')
		run(c);
	return c->problem[0] == '\0' ? 0 : 1;
}
