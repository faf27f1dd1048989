#include "chat/rendezvous/notices.h"

#include <string.h>

static const struct allowance_rate rate = { 10, 50 };

/* There is room for all, or nobody is told. */
static bool may_tell(struct notices *n, const struct roster *roster, const struct send_queue *out, uint64_t now_us)
{
	const struct pace pace = pace_of(&rate);
	uint32_t count = roster_count(roster);

	return count <= NOTICES_PEERS && count + out->count <= SEND_QUEUE_SLOTS &&
	       bucket_takes(&n->told, &pace, 1, now_us);
}

void notices_tell(struct notices *n, const struct roster *roster, struct send_queue *out,
                  const struct roster_peer *about, enum wire_presence presence, uint64_t now_us)
{
	struct wire_message m = { .type = WIRE_NOTICE, .presence = (uint8_t)presence, .who = about->where };
	const struct roster_peer *p;
	uint32_t at = 0;

	if (about->card.name[0] == 0 || !may_tell(n, roster, out, now_us) || roster_has_namesake(roster, about))
		return;
	memcpy(m.name, about->card.name, sizeof m.name);
	while ((p = roster_walk(roster, &at)) != NULL) {
		if (p == about)
			continue;
		memcpy(m.session, p->session, sizeof m.session);
		send_queue_put(out, &roster->doors.list[p->door], &p->where, &m);
	}
}
