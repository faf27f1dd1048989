#include "chat/rendezvous/notices.h"

#include <string.h>

/*
 * Behind one address may stand all of an office: of it twelve are told to have come at once, and then one a second. A
 * notice costs as many datagrams as are logged in, so there are few in all, and nobody reads more.
 */
static const struct allowance_rates rates = { { { 2, 24 }, { 4, 48 } }, { 10, 100 } };

void notices_init(struct notices *n, const uint8_t key[CROWD_KEY_SIZE])
{
	allowance_init(&n->allowance, &rates, key);
}

const char *notices_untold_name(enum notices_untold reason)
{
	switch (reason) {
	case NOTICES_OVER_THE_RATE: return "over the rate";
	case NOTICES_NO_ROOM: return "no room";
	case NOTICES_CROWDED: return "too many logged in";
	case NOTICES_REASONS: break;
	}
	return "?";
}

static const struct notice *nth(const struct notices *n, uint32_t i)
{
	return &n->waiting[(n->first + i) % NOTICES_WAITING];
}

/* How many wait that are about somebody of the same network. */
static uint32_t count_of_network(const struct notices *n, const struct address *who)
{
	struct address network = crowd_of(who, CROWD_NETWORK);
	uint32_t count = 0;

	for (uint32_t i = 0; i < n->count; i++) {
		struct address its = crowd_of(&nth(n, i)->who.address, CROWD_NETWORK);

		count += address_equal(&its, &network);
	}
	return count;
}

/* In datagrams: where hardly anybody is left of very many, those that could be sent while all places are looked at. */
static uint32_t cost_of_one(const struct roster *roster)
{
	uint32_t peers = roster_count(roster), looks = roster_places(roster) / (NOTICES_PLACES / NOTICES_AT_ONCE);

	return peers > looks ? peers : looks;
}

/* Or whoever comes and goes all the time takes the room of all others, and of those whose notice is paid. */
static bool has_room(const struct notices *n, const struct roster *roster, const struct roster_peer *about)
{
	uint32_t kept = about->leave_is_paid ? 0 : NOTICES_KEPT, cost = cost_of_one(roster);

	if (n->count == 0)
		return true;
	return n->count < NOTICES_WAITING && (n->count + 1) * cost + kept <= NOTICES_UNSENT &&
	       (count_of_network(n, &about->where.address) + 1) * cost + kept <= NOTICES_OF_A_NETWORK;
}

/* A login pays for its logout too, so that of whom is told to be there is told that it goes. */
static bool is_paid(struct notices *n, struct roster_peer *about, enum wire_presence presence, uint64_t now_us)
{
	bool comes = presence == WIRE_HAS_COME;
	bool paid =
	    about->leave_is_paid || allowance_takes(&n->allowance, &about->where.address, comes ? 2 : 1, now_us);

	about->leave_is_paid = comes && paid;
	return paid;
}

/* There has to be room. */
static struct notice *put(struct notices *n, struct notice notice)
{
	struct notice *place = &n->waiting[(n->first + n->count++) % NOTICES_WAITING];

	*place = notice;
	return place;
}

static void put_presence(struct notices *n, const struct roster_peer *about, enum wire_presence presence)
{
	struct notice *notice = put(n, (struct notice){ .who = about->where, .presence = (uint8_t)presence });

	memcpy(notice->name, about->card.name, sizeof notice->name);
}

void notices_tell(struct notices *n, const struct roster *roster, struct roster_peer *about,
                  enum wire_presence presence, uint64_t now_us)
{
	uint32_t peers = roster_count(roster);

	if (about->card.name[0] == 0 || peers < 2 || roster_has_namesake(roster, about))
		return;
	if (n->crowded || peers > NOTICES_PEERS)
		n->untold[NOTICES_CROWDED]++;
	else if (!has_room(n, roster, about))
		n->untold[NOTICES_NO_ROOM]++;
	else if (!is_paid(n, about, presence, now_us))
		n->untold[NOTICES_OVER_THE_RATE]++;
	else
		put_presence(n, about, presence);
}

/* When that changes; UINT64_MAX for as long as nobody comes or goes, or nobody can be told. */
static uint64_t crowd_due(const struct notices *n, const struct roster *roster)
{
	uint32_t peers = roster_count(roster);

	if (n->count == NOTICES_WAITING)
		return UINT64_MAX;
	if (!n->crowded)
		return peers > NOTICES_PEERS ? 0 : UINT64_MAX;
	return peers <= NOTICES_PEERS_AGAIN ? n->crowded_us + NOTICES_CROWD_US : UINT64_MAX;
}

bool notices_look_around(struct notices *n, const struct roster *roster, uint64_t now_us)
{
	if (crowd_due(n, roster) > now_us)
		return false;
	n->crowded = !n->crowded;
	n->crowded_us = now_us;
	put(n, (struct notice){ .is_of_the_crowd = true, .crowded = n->crowded });
	return true;
}

void notices_tick(struct notices *n, uint64_t now_us)
{
	if (n->count == 0 || now_us < n->next_us)
		return;
	n->datagrams = NOTICES_AT_ONCE;
	n->places = NOTICES_PLACES;
	n->next_us = now_us + NOTICES_PACE_US;
}

uint64_t notices_deadline(const struct notices *n, const struct roster *roster)
{
	uint64_t send_us = n->count > 0 ? n->next_us : UINT64_MAX, crowd_us = crowd_due(n, roster);

	return send_us < crowd_us ? send_us : crowd_us;
}

static void send(const struct notice *notice, const struct roster *roster, const struct roster_peer *to,
                 struct send_queue *out)
{
	struct wire_message m = { .type = notice->is_of_the_crowd ? WIRE_CROWDED : WIRE_NOTICE,
		                  .crowded = notice->crowded,
		                  .presence = notice->presence,
		                  .who = notice->who };

	memcpy(m.name, notice->name, sizeof m.name);
	memcpy(m.session, to->session, sizeof m.session);
	send_queue_put(out, &roster->doors.list[to->door], &to->where, &m);
}

static void drop_first(struct notices *n)
{
	n->at = 0;
	n->told += !nth(n, 0)->is_of_the_crowd;
	n->first = (n->first + 1) % NOTICES_WAITING;
	if (--n->count == 0)
		n->datagrams = 0; /* the next one waits for its tick, behind the answer to what it tells of */
}

bool notices_send(struct notices *n, const struct roster *roster, struct send_queue *out)
{
	while (n->count > 0 && n->datagrams > 0 && n->places > 0) {
		const struct notice *notice = nth(n, 0);
		const struct roster_peer *to = roster_walk_some(roster, &n->at, &n->places);

		if (to == NULL && n->places > 0)
			drop_first(n);
		if (to == NULL || endpoint_equal(&to->where, &notice->who))
			continue;
		n->datagrams--;
		send(notice, roster, to, out);
		return true;
	}
	return false;
}
