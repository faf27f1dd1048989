#include "chat/peer/peer.h"

#include "chat/peer/peer_login.h"
#include "chat/peer/peer_paths.h"
#include "chat/peer/peer_search.h"

#include <string.h>

void peer_init(struct peer *p, const struct peer_config *config)
{
	memcpy(p->fx.seed, config->seed, sizeof p->fx.seed);
	p->times =
	    (struct path_times){ .punch_timeout_us = config->punch_timeout_us, .keepalive_us = config->keepalive_us };
	p->means = (struct means){ .strategies = config->strategies, .host_count = config->host_count };
	memcpy(p->means.hosts, config->hosts, sizeof p->means.hosts);
	p->fx.server = config->server;
	p->other.server = config->other_server;
	p->keeps_port = config->keeps_port;
	login_init(&p->login, &config->server, config->identity, config->keepalive_us);
}

bool peer_is_idle(const struct peer *p)
{
	bool waiting =
	    p->listing.wanted > 0 || p->outbox.waiting > 0 || (p->login.state == LOGIN_ENTERING && !p->login.automatic);

	for (size_t i = 0; i < p->paths.end && !waiting; i++)
		waiting = p->paths.list[i].asked_by_user && path_is_undecided(&p->paths.list[i]);
	return !waiting;
}

void peer_list(struct peer *p, const char *pattern, uint64_t now_us)
{
	if (!login_may_ask(&p->login))
		effects_tell(&p->fx, (struct event){ .type = EVENT_LIST_FAILED, .reason = REASON_NOT_LOGGED_IN });
	else if (!listing_ask(&p->listing, pattern, login_clocks_run(&p->login), now_us))
		effects_tell(&p->fx, (struct event){ .type = EVENT_LIST_FAILED, .reason = REASON_TOO_MANY_LISTS });
	listing_tick(&p->listing, &p->fx, &p->login, now_us);
}

bool peer_find(struct peer *p, const uint8_t name[NAME_SIZE], struct endpoint *who, enum reason *reason,
               uint64_t now_us)
{
	const struct path *path = paths_called(&p->paths, name);
	bool asked = memcmp(p->lookup.name, name, NAME_SIZE) == 0 && p->lookup.state != LOOKUP_NONE;

	*reason = REASON_NONE;
	if (path != NULL) {
		*who = path->peer;
		return true;
	}
	if (!asked) {
		lookup_ask(&p->lookup, name, ++p->serial, login_clocks_run(&p->login), now_us);
		if (!login_may_ask(&p->login))
			lookup_fail(&p->lookup, REASON_NOT_LOGGED_IN);
		lookup_tick(&p->lookup, &p->fx, &p->login, now_us);
	}
	if (p->lookup.state == LOOKUP_ASKING)
		return false;
	*who = p->lookup.who;
	*reason = p->lookup.reason;
	p->lookup.state = LOOKUP_NONE; /* it may be another the next time */
	return true;
}

bool peer_is_finding(const struct peer *p)
{
	return p->lookup.state == LOOKUP_ASKING;
}

bool peer_wants_socket(const struct peer *p, uint16_t number)
{
	return socket_set_wants(&p->means.sockets, number);
}

uint16_t peer_sockets_end(const struct peer *p)
{
	return p->means.sockets.end;
}

void peer_socket_opened(struct peer *p, uint16_t number, uint16_t port)
{
	socket_set_opened(&p->means.sockets, number, port);
}

bool peer_wants_fresh_socket(const struct peer *p)
{
	return p->wants_fresh;
}

void peer_fresh_socket_opened(struct peer *p, uint16_t port, uint64_t now_us)
{
	p->wants_fresh = false;
	for (unsigned i = 0; port != 0 && i < p->means.host_count; i++)
		if (p->means.hosts[i].address.family == p->fx.server.address.family)
			p->means.hosts[i].port = port;
	login_begin_anew(&p->login, &p->fx, now_us);
}

bool peer_wants_other_family(const struct peer *p, uint64_t now_us)
{
	return other_family_wins(&p->other, now_us);
}

void peer_other_family_taken(struct peer *p, uint64_t now_us)
{
	struct endpoint before = p->login.server;

	login_take_server(&p->login, &p->other.server);
	p->fx.server = p->other.server;
	p->other = (struct other_family){ .server = before };
	peer_paths_swap_sockets(p);
	login_begin_anew(&p->login, &p->fx, now_us);
}

void peer_tick(struct peer *p, uint64_t now_us)
{
	enum login_state before = p->login.state;

	login_tick(&p->login, &p->fx, now_us);
	if (login_doubts_socket(&p->login, now_us))
		p->wants_fresh = !p->keeps_port && !peer_paths_hear(p);
	peer_login_follow(p, before, now_us);
	other_family_tick(&p->other, &p->fx, &p->login, now_us);
	listing_tick(&p->listing, &p->fx, &p->login, now_us);
	lookup_tick(&p->lookup, &p->fx, &p->login, now_us);
	own_mapping_tick(&p->means.mapping, &p->means.sockets, &p->fx, now_us);
	peer_search_tick(p, now_us); /* of paths that this very tick may end, the next one hears */
	peer_paths_tick(p, now_us);
}

uint64_t peer_deadline(const struct peer *p)
{
	uint64_t deadline_us = retry_earlier(login_deadline(&p->login), listing_deadline(&p->listing, &p->login));

	deadline_us = retry_earlier(deadline_us, lookup_deadline(&p->lookup, &p->login));
	deadline_us = retry_earlier(deadline_us, other_family_deadline(&p->other, &p->login));
	deadline_us = retry_earlier(deadline_us, peer_search_deadline(p));
	deadline_us = retry_earlier(deadline_us, own_mapping_deadline(&p->means.mapping));
	return retry_earlier(deadline_us, peer_paths_deadline(p));
}

bool peer_next_datagram(struct peer *p, struct datagram *out)
{
	return send_queue_take(&p->fx.out, out);
}

bool peer_next_event(struct peer *p, struct event *out)
{
	const struct path *path;

	if (!eventq_take(&p->fx.events, out))
		return false;
	path = paths_to(&p->paths, &out->who);
	if (path != NULL && out->name[0] == 0)
		memcpy(out->name, path_shown_name(path), sizeof out->name);
	return true;
}
