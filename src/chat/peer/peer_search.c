#include "chat/peer/peer_search.h"

#include "chat/peer/peer_paths.h"

#include <string.h>

#define PACE_US 1000000u

/* The path was lost, and is not found again: for so long texts wait, too. */
static bool is_missed(const struct path *path, uint64_t now_us)
{
	bool is_down = path_is_undecided(path) || path->state == PATH_DOWN;

	return is_down && now_us < path->anew_until_us;
}

/* Each is given its turn. */
static const struct path *next_missed(struct peer *p, uint64_t now_us)
{
	for (size_t i = 0; i < p->paths.end; i++) {
		p->search_turn = (p->search_turn + 1) % p->paths.end;
		if (is_missed(&p->paths.list[p->search_turn], now_us))
			return &p->paths.list[p->search_turn];
	}
	return NULL;
}

void peer_search_begin(struct peer *p, uint64_t now_us)
{
	p->search_next_us = now_us;
}

/* Of a stranger it takes no more than one who asks by himself. */
static struct path *place_for(struct peer *p, const struct endpoint *who, bool wanted, uint64_t now_us)
{
	return wanted ? paths_place_for_user(&p->paths, &p->fx, who, now_us) : paths_place_for_asker(&p->paths, who);
}

/* Another path to the same peer, beside the old one, whose texts it takes over when it opens. */
static void ask_there(struct peer *p, const struct endpoint *who, bool wanted, uint64_t now_us)
{
	struct path *path = paths_to(&p->paths, who);

	if (path != NULL && (path->state == PATH_OPEN || path_is_undecided(path) || now_us < path->another_until_us))
		return;
	path = place_for(p, who, wanted, now_us);
	if (path == NULL)
		return;
	path->wanted |= wanted;
	memcpy(path->called, p->search.name, sizeof path->called);
	memcpy(path->sought, p->search.key, sizeof path->sought);
	peer_paths_ask(p, path, who, false, now_us);
}

/* That path's peer is whom the search is for. */
static bool is_searched(const struct lookup *search, const struct path *path)
{
	if (path->name[0] != 0)
		return name_looks_like(path->name, search->name);
	return memcmp(path->run, search->key, sizeof path->run) == 0;
}

/* NULL if it is found already, or has been missed for too long. */
static const struct path *searched(const struct peer *p, uint64_t now_us)
{
	for (size_t i = 0; i < p->paths.end; i++) {
		const struct path *path = &p->paths.list[i];

		if (is_missed(path, now_us) && is_searched(&p->search, path))
			return path;
	}
	return NULL;
}

bool peer_search_receive(struct peer *p, const struct wire_message *m, uint64_t now_us)
{
	const struct path *path;

	if (p->search.state != LOOKUP_ASKING || p->search.serial != m->serial)
		return false;
	lookup_receive(&p->search, &p->fx, m);
	path = searched(p, now_us);
	/* where it was it is asked for already, as long as that is worth it */
	if (p->search.state == LOOKUP_FOUND && path != NULL && !endpoint_equal(&p->search.who, &path->peer))
		ask_there(p, &p->search.who, path->wanted, now_us);
	return true;
}

void peer_search_tick(struct peer *p, uint64_t now_us)
{
	const struct path *path;

	lookup_tick(&p->search, &p->fx, &p->login, now_us);
	if (p->search.state == LOOKUP_ASKING || p->login.state != LOGIN_IN || now_us < p->search_next_us)
		return;
	path = next_missed(p, now_us);
	p->search_next_us = path != NULL ? now_us + PACE_US : UINT64_MAX;
	if (path == NULL)
		return;
	if (path->name[0] != 0)
		lookup_ask(&p->search, path->name, ++p->serial, true, now_us);
	else
		lookup_ask_key(&p->search, path->run, ++p->serial, true, now_us);
	lookup_tick(&p->search, &p->fx, &p->login, now_us);
}

uint64_t peer_search_deadline(const struct peer *p)
{
	if (p->search.state == LOOKUP_ASKING)
		return lookup_deadline(&p->search, &p->login);
	return p->login.state == LOGIN_IN ? p->search_next_us : UINT64_MAX;
}
