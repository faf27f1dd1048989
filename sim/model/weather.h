/*
 * The weather of a link: what happens to packets on it, in each direction. Text <-> struct. Pure.
 *
 *     lte
 *     delay=40ms,jitter=10ms,loss=1%,burst=3,rate=20mbit,queue=100ms,duplicate=0.1%,reorder=1%,mtu=1400
 *     dsl,up:rate=1mbit,down:rate=16mbit
 *
 * Up is from the host or box whose link it is towards the internet, down the other way.
 */
#ifndef WEATHER_H
#define WEATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEATHER_TEXT_SIZE 256
#define WEATHER_ERROR_SIZE 256

/* Shares are in millionths. Plain data; zero-initialised it is fair: nothing happens. */
struct weather_way {
	uint32_t delay_us;
	uint32_t jitter_us; /* at most so much more delay; order is kept */
	uint32_t loss;      /* share of packets */
	uint32_t burst;     /* losses come so many in a row, on average; 0: each by itself */
	uint64_t rate_bps;  /* bits a second; 0: no limit */
	uint32_t queue_us;  /* a packet that would wait longer for its turn is dropped; 0: WEATHER_QUEUE_US */
	uint32_t duplicate; /* share of packets */
	uint32_t reorder;   /* share of packets that are not delayed and so overtake */
};

#define WEATHER_QUEUE_US 200000

enum weather_direction { WEATHER_UP, WEATHER_DOWN };

struct weather {
	struct weather_way ways[2]; /* by enum weather_direction */
	unsigned mtu;               /* bytes of an IP packet; 0: the usual 1500 */
	bool is_changeable;         /* said to be fair: nothing happens yet, but it may change while the world stands */
};

/* Reads it. Returns 0, or -1 with a one-line message that says what is allowed; *out is then untouched. */
int weather_parse(const char *text, struct weather *out, char error[WEATHER_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Writes a text that weather_parse() reads back to the same: "fair" where nothing happens. Returns `text`. */
const char *weather_format(const struct weather *w, char text[WEATHER_TEXT_SIZE]);

/* True if something may happen to a packet, now or later: a bare cable cannot do that. */
bool weather_needs_cable(const struct weather *w);

/* Named weathers; a NULL name ends. */
struct weather_preset {
	const char *name;
	const char *text;
};
extern const struct weather_preset weather_presets[];

#endif
