#include "chat/peer/login.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ENTER_TIMEOUT_US 10000000u
#define LEAVE_TIMEOUT_US 1000000u /* who leaves does not wait longer; the server forgets us anyway */
#define UNANSWERED_MAX 3u
#define DOUBTS_MAX 12u /* pings of who doubts, 4 s: where every fifth packet is lost, all are once in 500 times */
#define FRESH_AFTER_US UINT64_C(2000000)      /* a server that is there answers one of eight */
#define FRESH_PAUSE_MAX_US UINT64_C(64000000) /* between two sockets; it begins with the time above, and doubles */

void login_init(struct login *l, const struct endpoint *server, const uint8_t identity[CARD_SEED_SIZE],
                uint64_t keepalive_us)
{
	*l = (struct login){ .state = LOGIN_OUT, .server = *server, .keepalive_us = keepalive_us };
	memcpy(l->identity, identity, sizeof l->identity);
}

/* A name belongs to a key: that it is ours is shown to the server by a signature over what it has just told us. */
static void prove(const struct login *l, struct wire_message *m)
{
	uint8_t challenge[WIRE_COOKIE_SIZE + WIRE_NONCE_SIZE];

	memcpy(challenge, l->cookie, WIRE_COOKIE_SIZE);
	memcpy(challenge + WIRE_COOKIE_SIZE, l->nonce, WIRE_NONCE_SIZE);
	card_prove(l->identity, challenge, sizeof challenge, m->proof);
}

static void send_login(const struct login *l, struct effects *fx)
{
	struct wire_message m = { .type = WIRE_LOGIN };

	memcpy(m.nonce, l->nonce, sizeof m.nonce);
	memcpy(m.cookie, l->cookie, sizeof m.cookie);
	m.card = fx->card;
	if (l->name[0] != '\0' && !sodium_is_zero(l->cookie, sizeof l->cookie))
		prove(l, &m);
	send_queue_put(&fx->out, NULL, &l->server, &m);
}

static void begin(struct login *l, struct effects *fx, uint64_t now_us)
{
	l->state = LOGIN_ENTERING;
	l->started_us = now_us;
	effects_nonce(fx, l->nonce);
	memset(l->cookie, 0, sizeof l->cookie);
	l->is_other_version = false;
	retry_start(&l->retry, now_us);
}

void login_enter(struct login *l, struct effects *fx, const char *name, uint64_t now_us)
{
	if (l->state == LOGIN_OUT)
		effects_secret(fx, fx->exchange);
	l->automatic = l->unheard = false;
	snprintf(l->name, sizeof l->name, "%s", name);
	card_make(&fx->card, l->identity, fx->exchange, l->name);
	begin(l, fx, now_us);
	send_login(l, fx);
}

static void is_out(struct login *l, struct effects *fx)
{
	l->state = LOGIN_OUT;
	if (l->told)
		effects_tell(fx, (struct event){ .type = EVENT_LOGGED_OUT });
	l->told = false;
	sodium_memzero(fx->exchange, sizeof fx->exchange);
}

void login_send(const struct login *l, struct effects *fx, struct wire_message *m)
{
	memcpy(m->session, l->session, sizeof m->session);
	send_queue_put(&fx->out, NULL, &l->server, m);
}

static void send_logout(const struct login *l, struct effects *fx)
{
	struct wire_message m = { .type = WIRE_LOGOUT };

	login_send(l, fx, &m);
}

void login_leave(struct login *l, struct effects *fx, uint64_t now_us)
{
	if (l->state != LOGIN_IN) {
		is_out(l, fx);
		return;
	}
	l->state = LOGIN_LEAVING;
	l->started_us = now_us;
	retry_start(&l->retry, now_us);
	send_logout(l, fx);
}

/* The next login waits for the first retry: a server that is stopping has no use for one now. */
static void lose(struct login *l, struct effects *fx, enum reason reason, uint64_t now_us)
{
	effects_tell(fx, (struct event){ .type = EVENT_SERVER_LOST, .who = l->server, .reason = reason });
	l->automatic = true;
	l->unheard = reason == REASON_KEEPALIVES;
	l->fresh_pause_us = FRESH_AFTER_US;
	l->fresh_us = now_us + FRESH_AFTER_US;
	begin(l, fx, now_us);
	if (reason != REASON_STOPPING)
		send_login(l, fx);
}

static void fail(struct login *l, struct effects *fx, enum reason reason)
{
	l->state = LOGIN_OUT;
	effects_tell(fx, (struct event){ .type = EVENT_LOGIN_FAILED, .who = l->server, .reason = reason });
}

bool login_owns(const struct login *l, const struct wire_message *m)
{
	return (l->state == LOGIN_IN || l->state == LOGIN_LEAVING) &&
	       sodium_memcmp(l->session, m->session, sizeof l->session) == 0;
}

void login_heard(struct login *l)
{
	l->unanswered = 0;
	l->doubted = false;
	l->is_other_version = false;
}

void login_note_other_version(struct login *l)
{
	l->is_other_version = true;
}

/* Why nothing else is heard. */
static enum reason why_silent(const struct login *l, enum reason otherwise)
{
	return l->is_other_version ? REASON_OTHER_VERSION : otherwise;
}

static bool is_our_handshake(const struct login *l, const struct wire_message *m)
{
	return l->state == LOGIN_ENTERING && memcmp(l->nonce, m->nonce, sizeof l->nonce) == 0;
}

static void on_challenge(struct login *l, struct effects *fx, const struct wire_message *m, uint64_t now_us)
{
	if (memcmp(l->cookie, m->cookie, sizeof l->cookie) == 0)
		return; /* the retry will repeat it */
	memcpy(l->cookie, m->cookie, sizeof l->cookie);
	retry_start(&l->retry, now_us);
	send_login(l, fx);
}

void login_tell(const struct login *l, struct effects *fx)
{
	struct event in = { .type = EVENT_LOGGED_IN, .who = l->you }, named = { .type = EVENT_NAMED, .who = l->you };

	name_pad(l->name, in.name);
	name_pad(l->name, named.name);
	effects_tell(fx, in);
	if (l->name[0] != '\0')
		effects_tell(fx, named);
}

static void on_welcome(struct login *l, struct effects *fx, const struct wire_message *m, uint64_t now_us)
{
	l->state = LOGIN_IN;
	l->since_us = now_us;
	l->crowded = false;
	l->you = m->who;
	memcpy(l->session, m->session, sizeof l->session);
	memcpy(fx->session, m->session, sizeof fx->session);
	l->unanswered = 0;
	l->doubted = false;
	l->next_ping_us = now_us; /* a full server takes who has never done anything for one who is not there */
	l->told = true;
	login_tell(l, fx);
}

/* An automatic login goes on: there may be room later, and who has taken the name may leave. */
static void on_denied(struct login *l, struct effects *fx, const struct wire_message *m)
{
	if (l->automatic)
		return;
	switch (m->reason) {
	case WIRE_NAME_TAKEN: fail(l, fx, REASON_NAME_TAKEN); break;
	case WIRE_NAME_REFUSED: fail(l, fx, REASON_NAME_REFUSED); break;
	default: fail(l, fx, REASON_SERVER_FULL); break;
	}
}

static void on_handshake(struct login *l, struct effects *fx, const struct wire_message *m, uint64_t now_us)
{
	if (!is_our_handshake(l, m)) {
		effects_drop(fx, DROP_LATE);
		return;
	}
	l->unheard = false;
	if (m->type == WIRE_CHALLENGE)
		on_challenge(l, fx, m, now_us);
	else if (m->type == WIRE_WELCOME)
		on_welcome(l, fx, m, now_us);
	else
		on_denied(l, fx, m);
}

static void on_session(struct login *l, struct effects *fx, const struct wire_message *m, uint64_t now_us)
{
	login_heard(l);
	if (m->type == WIRE_PONG)
		return;
	if (l->state == LOGIN_LEAVING)
		is_out(l, fx); /* whatever it says, we are not logged in there any more */
	else if (m->type == WIRE_UNKNOWN)
		lose(l, fx, REASON_UNKNOWN_THERE, now_us);
	else if (m->type == WIRE_SHUTDOWN)
		lose(l, fx, REASON_STOPPING, now_us);
	else
		effects_drop(fx, DROP_LATE); /* logged out, without having asked for it */
}

bool login_may_ask(const struct login *l)
{
	return l->state == LOGIN_IN || l->state == LOGIN_ENTERING;
}

bool login_clocks_run(const struct login *l)
{
	return l->state == LOGIN_IN || (l->state == LOGIN_ENTERING && l->automatic);
}

void login_receive(struct login *l, struct effects *fx, const struct wire_message *m, uint64_t now_us)
{
	if (m->type == WIRE_CHALLENGE || m->type == WIRE_WELCOME || m->type == WIRE_DENIED)
		on_handshake(l, fx, m, now_us);
	else if (login_owns(l, m))
		on_session(l, fx, m, now_us);
	else
		effects_drop(fx, DROP_SESSION);
}

static void ping(struct login *l, struct effects *fx, uint64_t now_us)
{
	struct wire_message m = { .type = WIRE_PING, .serial = ++l->pings };

	if (l->unanswered == UNANSWERED_MAX) {
		lose(l, fx, why_silent(l, REASON_KEEPALIVES), now_us);
		return;
	}
	login_send(l, fx, &m);
	l->unanswered++;
	l->next_ping_us = now_us + l->keepalive_us;
}

/* Not counted as keepalives are, of which there is one now and then. */
static void ping_in_doubt(struct login *l, struct effects *fx, uint64_t now_us)
{
	struct wire_message m = { .type = WIRE_PING, .serial = ++l->pings };

	if (l->retry.tries > DOUBTS_MAX)
		lose(l, fx, why_silent(l, REASON_KEEPALIVES), now_us);
	else
		login_send(l, fx, &m);
}

void login_doubt(struct login *l, uint64_t now_us)
{
	if (l->state != LOGIN_IN || l->doubted)
		return;
	l->doubted = true;
	retry_at_once(&l->retry, now_us);
}

bool login_is_in_vain(const struct login *l)
{
	return l->state == LOGIN_ENTERING && l->unheard;
}

void login_take_server(struct login *l, const struct endpoint *server)
{
	l->server = *server;
}

bool login_doubts_socket(struct login *l, uint64_t now_us)
{
	if (!login_is_in_vain(l) || now_us < l->fresh_us)
		return false;
	l->fresh_pause_us = retry_earlier(2 * l->fresh_pause_us, FRESH_PAUSE_MAX_US);
	l->fresh_us = now_us + l->fresh_pause_us;
	return true;
}

void login_begin_anew(struct login *l, struct effects *fx, uint64_t now_us)
{
	if (l->state != LOGIN_ENTERING)
		return;
	begin(l, fx, now_us);
	send_login(l, fx);
}

void login_tick(struct login *l, struct effects *fx, uint64_t now_us)
{
	switch (l->state) {
	case LOGIN_OUT: break;
	case LOGIN_ENTERING:
		if (!l->automatic && now_us >= l->started_us + ENTER_TIMEOUT_US)
			fail(l, fx, why_silent(l, REASON_NO_ANSWER));
		else if (retry_due(&l->retry, now_us))
			send_login(l, fx);
		break;
	case LOGIN_IN:
		if (l->doubted && retry_due(&l->retry, now_us))
			ping_in_doubt(l, fx, now_us);
		else if (!l->doubted && now_us >= l->next_ping_us)
			ping(l, fx, now_us);
		break;
	case LOGIN_LEAVING:
		if (now_us >= l->started_us + LEAVE_TIMEOUT_US)
			is_out(l, fx);
		else if (retry_due(&l->retry, now_us))
			send_logout(l, fx);
		break;
	}
}

uint64_t login_deadline(const struct login *l)
{
	switch (l->state) {
	case LOGIN_OUT: break;
	case LOGIN_ENTERING:
		return l->automatic ? l->retry.next_us
		                    : retry_earlier(l->retry.next_us, l->started_us + ENTER_TIMEOUT_US);
	case LOGIN_IN: return l->doubted ? l->retry.next_us : l->next_ping_us;
	case LOGIN_LEAVING: return retry_earlier(l->retry.next_us, l->started_us + LEAVE_TIMEOUT_US);
	}
	return UINT64_MAX;
}
