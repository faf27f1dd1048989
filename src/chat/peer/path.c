#include "chat/peer/path.h"

#include "chat/peer/path_probing.h"
#include "chat/peer/path_rivals.h"

#include <sodium.h>
#include <string.h>

#define TRIGGERED_PACE_US 20000u /* answers to a source's further probes; the first is answered at once */
#define UNANSWERED_MAX 3u
#define SILENT_US 300000u /* a checked path without an answer for so long gives way to one with */
#define RELAYED_PACE_US 2000000u
#define BYE_PACE_US 150000u
#define BYE_TIMEOUT_US 1000000u
#define TOO_FAST_PACE_US 10000000u

static bool is_mine(const struct path *p, const uint8_t nonce[WIRE_NONCE_SIZE])
{
	return memcmp(nonce, p->mine, WIRE_NONCE_SIZE) == 0;
}

static bool is_fresh(const struct path *p, const struct wire_message *m)
{
	return is_mine(p, m->to) && memcmp(m->from, p->theirs, WIRE_NONCE_SIZE) == 0;
}

void path_send(struct path *p, struct effects *fx, struct wire_message *m)
{
	memcpy(m->to, p->theirs, sizeof m->to);
	path_probing_send(p, fx, &p->via->route, m);
}

const uint8_t *path_shown_name(const struct path *p)
{
	return p->name[0] != 0 ? p->name : p->called;
}

static void tell(const struct path *p, struct effects *fx, struct event event)
{
	event.who = p->peer;
	memcpy(event.name, path_shown_name(p), sizeof event.name); /* the path may be gone when it is shown */
	effects_tell(fx, event);
}

/* What was dropped since the last telling. */
static void tell_too_much(struct path *p, struct effects *fx, uint64_t now_us)
{
	if (p->too_much == 0)
		return;
	tell(p, fx, (struct event){ .type = EVENT_TOO_FAST, .count = p->too_much });
	p->too_much = 0;
	p->told_next_us = now_us + TOO_FAST_PACE_US;
}

/* Its datagrams may come once more, its texts never: nobody is to find a key of theirs here. */
static void go_down(struct path *p)
{
	p->state = PATH_DOWN;
	sodium_memzero(p->secret, sizeof p->secret);
	sodium_memzero(&p->text_keys, sizeof p->text_keys);
}

void path_fail(struct path *p, struct effects *fx, enum reason reason, uint64_t now_us)
{
	uint64_t elapsed_us = p->started_us != 0 ? now_us - p->started_us : 0;

	if (p->state == PATH_OPEN || path_is_undecided(p)) /* one line a life, of those it has room for */
		tell_too_much(p, fx, now_us);
	if (p->state == PATH_OPEN)
		tell(p, fx, (struct event){ .type = EVENT_PATH_LOST, .reason = reason });
	else if (path_is_undecided(p))
		tell(p, fx,
		     (struct event){ .type = EVENT_PUNCH_FAILED,
		                     .reason = reason,
		                     .elapsed_us = elapsed_us,
		                     .asked_by_user = p->asked_by_user });
	go_down(p);
}

struct endpoint path_address(const struct path *p, const struct effects *fx)
{
	return p->via->route.relayed ? fx->server : p->via->route.where;
}

static void open_by(struct path *p, struct effects *fx, struct candidate *via, uint64_t now_us)
{
	p->state = PATH_OPEN;
	p->via = via;
	p->opened_us = now_us;
	p->anew_us = p->anew_until_us = 0;
	path_probing_linger(p, now_us + PATH_PROBING_QUICK_US);
	retry_at_once(&p->text_retry, now_us);
	tell(p, fx,
	     (struct event){ .type = EVENT_PUNCHED,
	                     .via = path_address(p, fx),
	                     .elapsed_us = now_us - p->started_us,
	                     .count = p->candidates.counter });
	tell(p, fx, (struct event){ .type = EVENT_WAY, .way = via->way });
}

static void move_to(struct path *p, struct effects *fx, struct candidate *via)
{
	p->via = via;
	tell(p, fx, (struct event){ .type = EVENT_PATH_MOVED, .via = path_address(p, fx) });
	tell(p, fx, (struct event){ .type = EVENT_WAY, .way = via->way });
}

/* Between two keepalives. A relayed path goes on looking for another, at no great cost. */
static uint64_t pause_of(const struct path *p, const struct path_times *times)
{
	return p->via->route.relayed ? retry_earlier(times->keepalive_us, RELAYED_PACE_US) : times->keepalive_us;
}

/* Back to keepalives. */
static void is_well(struct path *p, const struct path_times *times, uint64_t now_us)
{
	if (p->checking)
		p->next_us = now_us + pause_of(p, times);
	p->checking = false;
	p->unanswered = 0;
}

/*
 * To where the probe came from. Where nobody has answered one of ours yet, that may be a place of the sender's choice:
 * it gets only so many, of all paths. An honest peer sends 200 a second, and is heard all the same.
 */
static bool may_answer(struct effects *fx, const struct candidate *to, uint64_t now_us)
{
	static const struct allowance_rate rate = { .a_second = 1000, .at_once = 2000 };
	struct pace pace = pace_of(&rate);

	if (to->answered != 0 || bucket_takes(&fx->answered, &pace, 1, now_us))
		return true;
	effects_drop(fx, DROP_RATE);
	return false;
}

static void reply(struct path *p, struct effects *fx, const struct route *to, const struct wire_message *m)
{
	struct wire_message r = { .type = WIRE_REPLY, .serial = m->serial, .who = to->where };

	memcpy(r.to, m->from, sizeof r.to);
	path_probing_send(p, fx, to, &r);
}

/* The candidate of a source, a new one if need be. */
static struct candidate *candidate_of(struct path *p, const struct route *from)
{
	struct candidate *c = candidates_find(&p->candidates, from);

	return c != NULL ? c : candidates_add(&p->candidates, from, path_ways_of(p, from), p->via);
}

/*
 * While punching: who is heard is probed at once, since its filter is open now; then at a pace. The probes begin again,
 * quick: what is sent from now on gets through. Not so for ever: where both NATs give every destination a new port and
 * let in anybody, each probe comes from a new source, and answering each at once breeds thousands in a second.
 */
static void probe_back(struct path *p, struct effects *fx, struct candidate *c, uint64_t now_us)
{
	if (!c->heard && p->sources++ >= CANDIDATES_MAX)
		return;
	if (!c->heard) {
		p->step = 0;
		p->next_us = now_us + PATH_PROBING_QUICK_US;
	}
	if (!c->heard || now_us - c->sent_us >= TRIGGERED_PACE_US)
		path_probing_probe(p, fx, c, now_us);
}

/* An open path is checked when its peer turns up elsewhere, in another life, or where we stopped hearing from it. */
static bool is_news(const struct path *p, const struct candidate *c, const struct wire_message *m)
{
	bool elsewhere = c != p->via && (!c->heard || p->unanswered > 0);

	return elsewhere || memcmp(m->from, p->theirs, WIRE_NONCE_SIZE) != 0;
}

static void on_probe(struct path *p, struct effects *fx, const struct path_times *times, const struct route *from,
                     const struct wire_message *m, uint64_t now_us)
{
	struct candidate *c = candidate_of(p, from);

	p->heard = true;
	if (p->state == PATH_PUNCHING)
		memcpy(p->theirs, m->ephemeral, sizeof p->theirs);
	/* Our probe before the answer: the peer opens on the answer, and what it then says must find us open too. */
	if (p->state == PATH_PUNCHING)
		probe_back(p, fx, c, now_us);
	if (may_answer(fx, c, now_us))
		reply(p, fx, from, m);
	if (p->state == PATH_OPEN && is_news(p, c, m))
		path_probing_check(p, fx, times, now_us);
	c->heard = true;
}

/* The peer's nonce is sure: it came with the answer to a probe that was not answered before. */
static void adopt(struct path *p, const struct wire_message *m)
{
	if (m->serial <= p->last_answered)
		return;
	p->last_answered = m->serial;
	memcpy(p->theirs, m->ephemeral, sizeof p->theirs);
	text_keys_agree(&p->text_keys, p->key, p->secret, p->mine, p->theirs);
}

/* One that goes by the server gives way to every other. */
static bool gives_way(const struct path *p, const struct candidate *c, uint64_t now_us)
{
	return (p->via->route.relayed && !c->route.relayed) || p->unanswered > 0 ||
	       (p->checking && now_us - p->started_us >= SILENT_US);
}

static void on_reply(struct path *p, struct effects *fx, const struct path_times *times, const struct route *from,
                     const struct wire_message *m, uint64_t now_us)
{
	struct candidate *c = candidates_confirm(&p->candidates, m->serial, from);

	if (c == NULL) {
		effects_drop(fx, DROP_LATE);
		return;
	}
	candidates_time(&p->candidates, c, m->serial, now_us);
	adopt(p, m);
	if (p->state == PATH_PUNCHING) {
		open_by(p, fx, c, now_us);
	} else if (c == p->via) {
		is_well(p, times, now_us);
	} else if (gives_way(p, c, now_us) || path_rivals_win(p, c)) {
		p->chosen |= path_rivals_win(p, c);
		move_to(p, fx, c);
		is_well(p, times, now_us);
	}
}

static void send_bye(struct path *p, struct effects *fx, enum wire_type type, const struct route *to)
{
	struct wire_message m = { .type = type };

	memcpy(m.to, p->theirs, sizeof m.to);
	path_probing_send(p, fx, to, &m);
}

static void on_bye(struct path *p, struct effects *fx, const struct route *from, uint64_t now_us)
{
	send_bye(p, fx, WIRE_BYE_ACK, from);
	path_fail(p, fx, REASON_PEER_LEFT, now_us);
}

bool path_receive(struct path *p, struct effects *fx, const struct path_times *times, const struct route *from,
                  const struct wire_message *m, uint64_t now_us)
{
	bool alive = p->state == PATH_PUNCHING || p->state == PATH_OPEN;
	bool known_here = alive || p->state == PATH_CLOSING || p->state == PATH_DOWN;

	if (is_mine(p, m->from))
		effects_drop(fx, DROP_REFLECTED);
	else if (alive && m->type == WIRE_PROBE)
		on_probe(p, fx, times, from, m, now_us);
	else if (alive && m->type == WIRE_REPLY && is_mine(p, m->to))
		on_reply(p, fx, times, from, m, now_us);
	else if (known_here && m->type == WIRE_BYE && is_fresh(p, m))
		on_bye(p, fx, from, now_us);
	else if (p->state == PATH_CLOSING && m->type == WIRE_BYE_ACK && is_fresh(p, m))
		go_down(p);
	else if (p->state == PATH_OPEN && (m->type == WIRE_TEXT || m->type == WIRE_TEXT_ACK) && is_fresh(p, m))
		return true;
	else
		effects_drop(fx, DROP_LATE);
	return false;
}

bool path_hears_out(struct path *p, struct effects *fx, uint32_t lines, uint64_t now_us)
{
	static const struct allowance_rate rate = { .a_second = 100, .at_once = 1000 };
	struct pace pace = pace_of(&rate);

	if (bucket_takes(&p->said, &pace, lines, now_us))
		return true;
	effects_drop(fx, DROP_RATE);
	p->too_much++;
	if (now_us >= p->told_next_us)
		tell_too_much(p, fx, now_us);
	return false;
}

static struct candidate *heard_candidate(struct path *p)
{
	for (uint32_t i = 0; i < p->candidates.count; i++)
		if (p->candidates.list[i].heard)
			return &p->candidates.list[i];
	return NULL;
}

void path_close(struct path *p, struct effects *fx, uint64_t now_us)
{
	tell_too_much(p, fx, now_us);
	if (p->state == PATH_PUNCHING)
		p->via = heard_candidate(p);
	if ((p->state != PATH_PUNCHING && p->state != PATH_OPEN) || p->via == NULL) {
		go_down(p);
		return;
	}
	p->state = PATH_CLOSING;
	p->next_us = now_us + BYE_PACE_US;
	p->deadline_us = now_us + BYE_TIMEOUT_US;
	send_bye(p, fx, WIRE_BYE, &p->via->route);
}

static enum reason why_not_open(const struct path *p)
{
	if (p->state == PATH_ASKING)
		return p->refused ? REASON_PEER_NOT_LOGGED_IN : REASON_SERVER_SILENT;
	if (p->state == PATH_OPEN)
		return REASON_NO_RECHECK;
	if (p->heard)
		return REASON_ONE_WAY;
	return p->is_known_by_loopback ? REASON_LOOPBACK : REASON_NO_PROBE;
}

static void linger(struct path *p, struct effects *fx, const struct path_times *times, uint64_t now_us)
{
	path_probing_probe(p, fx, p->via, now_us);
	path_rivals_probe(p, fx, now_us);
	p->lingering--;
	p->next_us = now_us + (p->lingering > 0 ? PATH_PROBING_QUICK_US : pause_of(p, times));
}

static void look_further(struct path *p, struct effects *fx, uint64_t now_us)
{
	for (uint32_t i = 0; i < p->candidates.count; i++)
		if (&p->candidates.list[i] != p->via)
			path_probing_probe(p, fx, &p->candidates.list[i], now_us);
}

static void keep_alive(struct path *p, struct effects *fx, const struct path_times *times, uint64_t now_us)
{
	if (p->unanswered == UNANSWERED_MAX) {
		path_fail(p, fx, REASON_KEEPALIVES, now_us);
		return;
	}
	path_probing_probe(p, fx, p->via, now_us);
	if (p->unanswered > 0 && p->via != &p->candidates.list[0])
		path_probing_probe(p, fx, &p->candidates.list[0], now_us);
	p->unanswered++;
	if (p->via->route.relayed)
		look_further(p, fx, now_us);
	p->next_us = now_us + pause_of(p, times);
}

static bool has_deadline(const struct path *p)
{
	return path_is_undecided(p) || (p->state == PATH_OPEN && p->checking);
}

void path_tick(struct path *p, struct effects *fx, const struct path_times *times, uint64_t now_us)
{
	if (now_us >= p->told_next_us)
		tell_too_much(p, fx, now_us);
	if (has_deadline(p) && now_us >= p->deadline_us) {
		path_fail(p, fx, why_not_open(p), now_us);
	} else if (p->state == PATH_CLOSING && now_us >= p->deadline_us) {
		go_down(p);
	} else if (now_us < p->next_us) {
		return;
	} else if (p->state == PATH_PUNCHING || (p->state == PATH_OPEN && p->checking)) {
		path_probing_step(p, fx, now_us);
	} else if (p->state == PATH_OPEN && p->lingering > 0) {
		linger(p, fx, times, now_us);
	} else if (p->state == PATH_OPEN) {
		keep_alive(p, fx, times, now_us);
	} else if (p->state == PATH_CLOSING) {
		send_bye(p, fx, WIRE_BYE, &p->via->route);
		p->next_us = now_us + BYE_PACE_US;
	}
}

/* When it is to be moved on. */
static uint64_t step_deadline(const struct path *p, const struct effects *fx)
{
	uint64_t gated_us = p->next_us > fx->probe_gate_us ? p->next_us : fx->probe_gate_us;

	switch (p->state) {
	case PATH_FREE:
	case PATH_DOWN: break;
	case PATH_ASKING: return p->deadline_us;
	case PATH_PUNCHING: return retry_earlier(gated_us, p->deadline_us);
	case PATH_OPEN: return p->checking ? retry_earlier(gated_us, p->deadline_us) : p->next_us;
	case PATH_CLOSING: return retry_earlier(p->next_us, p->deadline_us);
	}
	return UINT64_MAX;
}

uint64_t path_deadline(const struct path *p, const struct effects *fx)
{
	uint64_t deadline_us = step_deadline(p, fx);

	return p->too_much > 0 ? retry_earlier(deadline_us, p->told_next_us) : deadline_us;
}

bool path_is_undecided(const struct path *p)
{
	return p->state == PATH_ASKING || p->state == PATH_PUNCHING;
}
