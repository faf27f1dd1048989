#include "chat/peer/peer.h"

#include <string.h>

bool peer_accept(struct peer *p, const uint8_t name[NAME_SIZE])
{
	return pins_accept(&p->pins, name);
}

static void tell_changed(struct peer *p, struct endpoint who, const uint8_t name[NAME_SIZE])
{
	struct event changed = { .type = EVENT_KEY_CHANGED, .who = who };

	memcpy(changed.name, name, sizeof changed.name);
	effects_tell(&p->fx, changed);
}

/* It leads to somebody whom its name does not belong to. */
static bool leads_to_another(const struct peer *p, const struct path *path)
{
	bool leads = path->state == PATH_PUNCHING || path->state == PATH_OPEN;

	return leads && path->name[0] != 0 && pins_contradict(&p->pins, path->name, path->identity);
}

static void end_path(struct peer *p, struct path *path, uint64_t now_us)
{
	enum reason reason = path->state == PATH_OPEN ? REASON_PATH_LOST : REASON_PUNCH_FAILED;

	tell_changed(p, path->peer, path->name);
	(void)pins_refuse(&p->pins, path->name, path->identity);
	path_fail(path, &p->fx, REASON_KEY_CHANGED, now_us);
	outbox_fail(&p->outbox, &p->fx, path, reason);
}

/* Where he was whom we took for the bearer of that name: nowhere, if no path to him is left. */
static struct endpoint whereabouts(const struct peer *p, const struct pin *pin)
{
	for (size_t i = 0; i < p->paths.end; i++) {
		const struct path *path = &p->paths.list[i];

		if (path->introduced && memcmp(path->identity, pin->offered, sizeof path->identity) == 0)
			return path->peer;
	}
	return (struct endpoint){ .port = 0 };
}

void peer_take_pins(struct peer *p, struct pins *file, uint64_t now_us)
{
	pins_merge(&p->pins, file);
	for (size_t i = 0; i < p->paths.end; i++)
		if (leads_to_another(p, &p->paths.list[i]))
			end_path(p, &p->paths.list[i], now_us);
	for (size_t i = 0; i < p->pins.count; i++) {
		struct pin *pin = &p->pins.list[i];

		if (pin->contradicted)
			tell_changed(p, whereabouts(p, pin), pin->name);
		pin->contradicted = false;
	}
}
