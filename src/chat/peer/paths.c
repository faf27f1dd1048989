#include "chat/peer/paths.h"

#include "base/crowd.h"

#include <sodium.h>
#include <string.h>

struct path *paths_to(struct paths *paths, const struct endpoint *who)
{
	for (size_t i = 0; i < paths->end; i++)
		if (paths->list[i].state != PATH_FREE && endpoint_equal(&paths->list[i].peer, who))
			return &paths->list[i];
	return NULL;
}

struct path *paths_to_same_run(struct paths *paths, const struct path *path)
{
	for (size_t i = 0; i < paths->end; i++)
		if (&paths->list[i] != path && paths->list[i].introduced &&
		    memcmp(paths->list[i].run, path->run, sizeof path->run) == 0 &&
		    memcmp(paths->list[i].identity, path->identity, sizeof path->identity) == 0)
			return &paths->list[i];
	return NULL;
}

struct path *paths_called(struct paths *paths, const uint8_t name[NAME_SIZE])
{
	for (size_t i = 0; i < paths->end; i++) {
		struct path *p = &paths->list[i];
		bool alive = p->state == PATH_OPEN || path_is_undecided(p);

		if (alive && (name_looks_like(p->name, name) || name_looks_like(p->called, name)))
			return p;
	}
	return NULL;
}

struct path *paths_named(struct paths *paths, const uint8_t token[WIRE_TOKEN_SIZE])
{
	for (size_t i = 0; i < paths->end; i++)
		if (paths->list[i].introduced && sodium_memcmp(paths->list[i].token, token, WIRE_TOKEN_SIZE) == 0)
			return &paths->list[i];
	return NULL;
}

struct path *paths_place(struct paths *paths, const struct endpoint *who)
{
	struct path *found = paths_to(paths, who);

	for (size_t i = 0; i < paths->end && found == NULL; i++)
		if (paths->list[i].state == PATH_FREE)
			found = &paths->list[i];
	if (found == NULL && paths->end < PATHS_MAX)
		found = &paths->list[paths->end++];
	if (found != NULL)
		return found;
	for (size_t i = 0; i < paths->end; i++) {
		struct path *down = &paths->list[i];

		if (down->state == PATH_DOWN && down->texts_waiting == 0 &&
		    (found == NULL || down->started_us < found->started_us))
			found = down;
	}
	if (found != NULL)
		memset(found, 0, sizeof *found);
	return found;
}

static bool is_neighbour(const struct path *p, const struct endpoint *who)
{
	struct address a = crowd_of(&p->peer.address, CROWD_ADDRESS), b = crowd_of(&who->address, CROWD_ADDRESS);

	return address_equal(&a, &b);
}

static bool was_only_asked_for(const struct path *p)
{
	return path_is_undecided(p) && !p->wanted;
}

static bool is_silent(const struct path *p)
{
	return p->state == PATH_OPEN && !p->wanted && p->text_heard == 0;
}

struct path *paths_place_for_asker(struct paths *paths, const struct endpoint *who)
{
	struct path *found = paths_to(paths, who);
	unsigned idle = 0; /* of that address: the user has no part in them, and nobody has said anything */

	if (found != NULL && (found->state != PATH_DOWN || found->wanted))
		return found;
	for (size_t i = 0; i < paths->end; i++)
		idle += (was_only_asked_for(&paths->list[i]) || is_silent(&paths->list[i])) &&
		        is_neighbour(&paths->list[i], who);
	return idle < PATHS_PER_ADDRESS ? paths_place(paths, who) : NULL;
}

static struct path *oldest(struct paths *paths, bool (*is_meant)(const struct path *p))
{
	struct path *found = NULL;

	for (size_t i = 0; i < paths->end; i++)
		if (is_meant(&paths->list[i]) && (found == NULL || paths->list[i].begun_us < found->begun_us))
			found = &paths->list[i];
	return found;
}

static struct path *unwanted(struct paths *paths)
{
	struct path *found = oldest(paths, was_only_asked_for);

	return found != NULL ? found : oldest(paths, is_silent);
}

/* Its goodbye may get lost: the peer then notices by its keepalives. No text waits there, or the user would want it. */
static void end(struct path *p, struct effects *fx, uint64_t now_us)
{
	struct event lost = { .type = EVENT_PATH_LOST, .who = p->peer, .reason = REASON_TOO_MANY_PATHS };

	if (p->state == PATH_OPEN) {
		memcpy(lost.name, p->name, sizeof lost.name);
		effects_tell(fx, lost);
		path_close(p, fx, now_us);
	} else {
		path_fail(p, fx, REASON_TOO_MANY_PATHS, now_us);
	}
	memset(p, 0, sizeof *p);
}

struct path *paths_place_for_user(struct paths *paths, struct effects *fx, const struct endpoint *who, uint64_t now_us)
{
	struct path *found = paths_place(paths, who);

	if (found == NULL && (found = unwanted(paths)) != NULL)
		end(found, fx, now_us);
	return found;
}
