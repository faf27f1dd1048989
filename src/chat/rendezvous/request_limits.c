#include "chat/rendezvous/request_limits.h"

#define UNLIMITED 100000000 /* what addresses and networks may have is enough */
#define KIB 1024u

/* A list of all 65,536 is 1,093 pages. */
static const struct allowance_rate peer_requests = { 100, 200 };
static const struct allowance_rate peer_relayed = { 32 * KIB, 64 * KIB };

/*
 * Behind one address may stand all of an office, or of a carrier's customers: it may log in at once with as many as can
 * have places there, and of the rest have what four busy peers would.
 */
static const struct allowance_rates rates[LIMITS_KINDS] = {
	[LIMITS_LOGIN] = { { { 50, 512 }, { 200, 2048 } }, { UNLIMITED, UNLIMITED } },
	[LIMITS_LIST] = { { { 400, 1200 }, { 1600, 4800 } }, { UNLIMITED, UNLIMITED } },
	[LIMITS_INTRODUCTION] = { { { 100, 400 }, { 400, 1600 } }, { UNLIMITED, UNLIMITED } },
	[LIMITS_RELAY] = { { { 128 * KIB, 256 * KIB }, { 512 * KIB, 1024 * KIB } }, { 4096 * KIB, 8192 * KIB } },
};

void limits_init(struct limits *l, const uint8_t key[CROWD_KEY_SIZE])
{
	for (unsigned i = 0; i < LIMITS_KINDS; i++)
		allowance_init(&l->of[i], &rates[i], key);
	l->peer_requests = pace_of(&peer_requests);
	l->peer_relayed = pace_of(&peer_relayed);
}

/*
 * There are as many buckets of peers as peers, so each is kept in 32 bits of 50 us: they tell a time that is not
 * further ahead than a full bucket; every other one is past. (Once in 59 hours an old one may seem full for two
 * seconds.)
 */
#define KEPT_UNIT_NS UINT64_C(50000)

static bool takes(uint32_t *kept, const struct pace *pace, uint32_t amount, uint64_t now_us)
{
	uint64_t now = now_us * 1000 / KEPT_UNIT_NS;
	uint32_t ahead = *kept - (uint32_t)now;
	struct bucket b = { .empty_ns = ahead <= pace->room_ns / KEPT_UNIT_NS ? (now + ahead) * KEPT_UNIT_NS : 0 };
	bool well = bucket_takes(&b, pace, amount, now_us);

	if (well)
		*kept = (uint32_t)((b.empty_ns + KEPT_UNIT_NS - 1) / KEPT_UNIT_NS);
	return well;
}

bool limits_allow_request(const struct limits *l, struct limits_peer *peer, uint64_t now_us)
{
	return takes(&peer->requests, &l->peer_requests, 1, now_us);
}

bool limits_allow(struct limits *l, enum limits_kind kind, const struct address *who, uint64_t now_us)
{
	return allowance_takes(&l->of[kind], who, 1, now_us);
}

bool limits_allow_relay(struct limits *l, struct limits_peer *peer, const struct address *who, size_t bytes,
                        uint64_t now_us)
{
	return takes(&peer->relayed, &l->peer_relayed, (uint32_t)bytes, now_us) &&
	       allowance_takes(&l->of[LIMITS_RELAY], who, (uint32_t)bytes, now_us);
}
