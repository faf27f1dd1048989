#include "model/fate.h"

#define MILLION 1000000u
#define NS_PER_US 1000u

/* What is drawn for each packet; each has a number of its own, so that one more question changes no other's answer. */
enum draw { DRAW_LOSS, DRAW_BURST, DRAW_JITTER, DRAW_DUPLICATE, DRAW_REORDER, DRAWS };

/* A bijection that spreads every bit of its argument over all others (the finish of SplitMix64). */
static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

void fate_begin(struct fate_source *s, uint64_t seed, const char *link, enum weather_direction direction)
{
	*s = (struct fate_source){ .key = mix(seed ^ mix((uint64_t)direction + 1)) };
	for (; *link != '\0'; link++)
		s->key = mix(s->key ^ (uint8_t)*link);
}

/* A number from 0 to 999,999, each as likely as any other. */
static uint32_t draw(const struct fate_source *s, enum draw which)
{
	uint64_t number = mix(s->key ^ mix(s->n * DRAWS + which));

	return (uint32_t)((number >> 32) * MILLION >> 32);
}

/*
 * By itself, or in bursts (Gilbert's two states): a burst ends with the chance that makes it `burst` long on average,
 * and begins with the one that makes the share right.
 */
static bool is_lost(struct fate_source *s, const struct weather_way *w)
{
	uint64_t begins;

	if (w->burst <= 1 || w->loss >= MILLION)
		return draw(s, DRAW_LOSS) < w->loss;
	begins = (uint64_t)w->loss * MILLION / ((uint64_t)w->burst * (MILLION - w->loss));
	s->in_burst = s->in_burst ? draw(s, DRAW_BURST) >= MILLION / w->burst : draw(s, DRAW_LOSS) < begins;
	return s->in_burst;
}

/* When the packet's last bit is sent, in *sent_ns. False if it would have to wait too long for its turn. */
static bool take_turn(struct fate_source *s, const struct weather_way *w, size_t len, uint64_t now_ns,
                      uint64_t *sent_ns)
{
	uint64_t queue_ns = (uint64_t)(w->queue_us != 0 ? w->queue_us : WEATHER_QUEUE_US) * NS_PER_US;
	uint64_t turn_ns = s->free_ns > now_ns ? s->free_ns : now_ns;

	*sent_ns = now_ns;
	if (w->rate_bps == 0)
		return true;
	if (turn_ns - now_ns > queue_ns)
		return false;
	s->free_ns = turn_ns + len * 8 * UINT64_C(1000000000) / w->rate_bps;
	*sent_ns = s->free_ns;
	return true;
}

struct fate fate_next(struct fate_source *s, const struct weather_way *w, size_t len, uint64_t now_ns)
{
	struct fate f = { .kind = FATE_LOST, .n = ++s->n };
	uint64_t jitter_ns = (uint64_t)w->jitter_us * draw(s, DRAW_JITTER) / MILLION * NS_PER_US;

	if (is_lost(s, w))
		return f;
	f.kind = take_turn(s, w, len, now_ns, &f.due_ns) ? FATE_ARRIVES : FATE_FULL;
	if (f.kind == FATE_FULL)
		return f;
	f.is_duplicated = draw(s, DRAW_DUPLICATE) < w->duplicate;
	f.overtakes = draw(s, DRAW_REORDER) < w->reorder;
	if (f.overtakes)
		return f;
	f.due_ns += (uint64_t)w->delay_us * NS_PER_US + jitter_ns;
	if (f.due_ns < s->arrived_ns)
		f.due_ns = s->arrived_ns; /* jitter alone does not reorder */
	s->arrived_ns = f.due_ns;
	return f;
}
