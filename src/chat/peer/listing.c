#include "chat/peer/listing.h"

#include "base/utf8.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static_assert(ENDPOINT_TEXT_SIZE <= LISTING_PATTERN_SIZE && NAME_TEXT_SIZE <= LISTING_PATTERN_SIZE, "looks fit");

#define PAGE_TIMEOUT_US 10000000u

static void request_page(const struct listing *l, struct effects *fx, const struct login *login)
{
	struct wire_message m = { .type = WIRE_LIST, .serial = l->serial, .start = l->start };

	login_send(login, fx, &m);
}

static void begin(struct listing *l, uint64_t now_us)
{
	l->serial++;
	l->start = 0;
	l->count = 0;
	l->deadline_us = now_us + PAGE_TIMEOUT_US;
	retry_at_once(&l->retry, now_us);
}

bool listing_ask(struct listing *l, const char *pattern, bool clock_runs, uint64_t now_us)
{
	if (l->wanted == LISTING_WAITING_MAX)
		return false;
	snprintf(l->patterns[l->wanted], LISTING_PATTERN_SIZE, "%s", pattern);
	l->wanted++;
	if (l->wanted == 1) {
		begin(l, now_us);
		l->deadline_us = clock_runs ? l->deadline_us : UINT64_MAX;
	}
	return true;
}

void listing_start_clock(struct listing *l, uint64_t now_us)
{
	if (l->wanted > 0 && l->deadline_us == UINT64_MAX)
		begin(l, now_us);
}

static void finish(struct listing *l, struct effects *fx, struct event answer, uint64_t now_us)
{
	effects_tell(fx, answer);
	l->wanted--;
	memmove(l->patterns[0], l->patterns[1], sizeof l->patterns - sizeof l->patterns[0]);
	if (l->wanted > 0)
		begin(l, now_us);
}

void listing_fail(struct listing *l, struct effects *fx, enum reason reason)
{
	while (l->wanted > 0)
		finish(l, fx, (struct event){ .type = EVENT_LIST_FAILED, .reason = reason }, 0);
}

/* A page of this list, that leads on or ends it. */
static bool is_awaited(const struct listing *l, const struct wire_message *m)
{
	return l->wanted > 0 && m->serial == l->serial && m->start == l->start && (m->next == 0 || m->next > m->start);
}

/* How many bytes the character here has; of what is no UTF-8 each byte is one. */
static size_t character(const char *text)
{
	size_t len = utf8_length((const uint8_t *)text, strlen(text));

	return len > 0 ? len : 1;
}

/* Goes on behind the last star when the rest does not fit, so the time is bounded by the product of both lengths. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
		} else if (*pattern == '?') {
			pattern++;
			text += character(text);
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star;
			text = retry += character(retry);
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

/* By what both look like, as names are one by that. */
static bool looks_match(const char *pattern, const char *text)
{
	char looks[2][LISTING_PATTERN_SIZE];
	size_t lens[] = { strlen(pattern), strlen(text) };

	looks[0][name_look_of_text((const uint8_t *)pattern, lens[0], (uint8_t *)looks[0])] = '\0';
	looks[1][name_look_of_text((const uint8_t *)text, lens[1], (uint8_t *)looks[1])] = '\0';
	return matches(looks[0], looks[1]);
}

static bool is_wanted(const struct listing *l, const struct event *e)
{
	const char *pattern = l->patterns[0];
	char address[ENDPOINT_TEXT_SIZE], name[NAME_TEXT_SIZE] = "";

	memcpy(name, e->name, NAME_SIZE);
	return pattern[0] == '\0' || looks_match(pattern, endpoint_format(&e->who, address)) ||
	       looks_match(pattern, name);
}

/* A name that is none by our rules is not shown: it could look like another's. */
static void take_name(struct event *e, const struct wire_message *m, uint32_t i)
{
	if (name_check(m->names[i], m->name_lens[i], NULL) == NAME_IS_GOOD)
		memcpy(e->name, m->names[i], m->name_lens[i]);
}

static void show(struct listing *l, struct effects *fx, const struct login *login, const struct wire_message *m)
{
	for (uint32_t i = 0; i < m->peer_count; i++) {
		struct event e = { .type = EVENT_LISTED, .who = m->peers[i] };

		e.is_you = endpoint_equal(&e.who, &login->you);
		take_name(&e, m, i);
		if (!is_wanted(l, &e))
			continue;
		effects_tell(fx, e);
		e.type = EVENT_NAMED;
		if (e.name[0] != 0)
			effects_tell(fx, e);
		l->count++;
	}
}

void listing_receive(struct listing *l, struct effects *fx, const struct login *login, const struct wire_message *m,
                     uint64_t now_us)
{
	if (!is_awaited(l, m)) {
		effects_drop(fx, DROP_LATE);
		return;
	}
	show(l, fx, login, m);
	if (m->next == 0) {
		finish(l, fx, (struct event){ .type = EVENT_LIST_END, .count = l->count }, now_us);
		return;
	}
	l->start = m->next;
	l->deadline_us = now_us + PAGE_TIMEOUT_US;
	retry_start(&l->retry, now_us);
	request_page(l, fx, login);
}

void listing_tick(struct listing *l, struct effects *fx, const struct login *login, uint64_t now_us)
{
	if (l->wanted > 0 && now_us >= l->deadline_us)
		finish(l, fx, (struct event){ .type = EVENT_LIST_FAILED, .reason = REASON_NO_ANSWER }, now_us);
	if (l->wanted > 0 && login->state == LOGIN_IN && retry_due(&l->retry, now_us))
		request_page(l, fx, login);
}

uint64_t listing_deadline(const struct listing *l, const struct login *login)
{
	if (l->wanted == 0)
		return UINT64_MAX;
	return login->state == LOGIN_IN ? retry_earlier(l->retry.next_us, l->deadline_us) : l->deadline_us;
}
