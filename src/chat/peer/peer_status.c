#include "chat/peer/peer.h"

#include <stdio.h>
#include <string.h>

#define STATUS_KEY_SIZE 8 /* bytes of a key that are shown; `verify` is what compares keys */

static const char *state_words(const struct path *path)
{
	switch (path->state) {
	case PATH_FREE:
	case PATH_DOWN: break;
	case PATH_ASKING: return "asking the server";
	case PATH_PUNCHING: return "punching";
	case PATH_OPEN: return path->checking || path->unanswered > 1 ? "open, but silent" : "open";
	case PATH_CLOSING: return "leaving";
	}
	return "lost, to be asked for again";
}

static void tell_status(struct peer *p, const struct path *path, uint64_t now_us)
{
	struct event e = { .type = EVENT_STATUS, .who = path->peer, .waiting = path->texts_waiting };
	char key[2 * STATUS_KEY_SIZE + 1] = "";

	e.state = state_words(path);
	memcpy(e.name, path_shown_name(path), sizeof e.name);
	if (path->state == PATH_OPEN) {
		e.via = path_address(path, &p->fx);
		e.way = path->via->way;
		e.elapsed_us = path->via->round_trip_us;
		e.count = (uint32_t)((now_us - path->opened_us) / 1000000);
		for (size_t i = 0; i < STATUS_KEY_SIZE; i++)
			snprintf(key + 2 * i, 3, "%02x", path->identity[i]);
	}
	eventq_put(&p->fx.events, e, (const uint8_t *)key, strlen(key));
}

void peer_status(struct peer *p, uint64_t now_us)
{
	static const char *const words[] = {
		[LOGIN_OUT] = "not logged in",
		[LOGIN_ENTERING] = "logging in",
		[LOGIN_IN] = "logged in",
		[LOGIN_LEAVING] = "logging out",
	};
	struct event you = { .type = EVENT_STATUS, .who = p->login.you, .state = "you" };

	effects_tell(&p->fx,
	             (struct event){ .type = EVENT_STATUS, .who = p->login.server, .state = words[p->login.state] });
	name_pad(p->login.name, you.name);
	if (p->login.state == LOGIN_IN)
		effects_tell(&p->fx, you);
	for (size_t i = 0; i < p->paths.end; i++) {
		const struct path *path = &p->paths.list[i];

		if (path->state != PATH_FREE && (path->state != PATH_DOWN || path->anew_us != 0))
			tell_status(p, path, now_us);
	}
}

bool peer_verify(struct peer *p, const struct endpoint *who)
{
	const struct path *path = paths_to(&p->paths, who);
	char code[CARD_CODE_SIZE];

	if (path == NULL || path->state != PATH_OPEN)
		return false;
	card_code(p->fx.card.identity, path->identity, code);
	eventq_put(&p->fx.events, (struct event){ .type = EVENT_CODE, .who = *who }, (const uint8_t *)code,
	           strlen(code));
	return true;
}
