/*
 * STUN over TCP (RFC 8489 §6.2.2): connections to the server's addresses and ports, on which requests are told apart by
 * their length. A part of the server's loop: nothing here waits. Everybody gets few connections and little time, and
 * where all places are taken the one that was silent for longest gives way.
 */
#ifndef STUN_STREAMS_H
#define STUN_STREAMS_H

#include "listeners.h"
#include "stun/stun_service.h"

#include <poll.h>

#define STUN_STREAMS_CLIENTS 64
#define STUN_STREAMS_EACH 8        /* connections of one address; who comes after them is sent away */
#define STUN_STREAMS_IDLE_MS 10000 /* without a whole request */
#define STUN_STREAMS_ROOM 600      /* bytes of a request; a longer one ends its connection */
#define STUN_STREAMS_FDS (LISTENERS_MAX + STUN_STREAMS_CLIENTS)

struct stun_streams {
	struct stun_stream_listener {
		int fd;
		unsigned stun; /* its number for stun_service */
	} listeners[LISTENERS_MAX];
	unsigned listener_count;
	struct stun_stream_client {
		int fd; /* -1: none */
		unsigned stun;
		struct endpoint peer;
		uint64_t heard_ms;
		size_t len;
		uint8_t bytes[STUN_STREAMS_ROOM];
	} clients[STUN_STREAMS_CLIENTS];
	unsigned client_count;
	unsigned places_used; /* clients[] from here on never were */
};

/* Listens where these do. Where that is not possible it says so on the log, and goes without. */
void stun_streams_open(struct stun_streams *s, const struct listeners *where);

/* What to wait for: fills in at most STUN_STREAMS_FDS places. Returns how many. */
unsigned stun_streams_wait_for(const struct stun_streams *s, struct pollfd *fds);

/* When stun_streams_serve() is to be called at the latest (clock_now_ms()); UINT64_MAX: never. */
uint64_t stun_streams_deadline_ms(const struct stun_streams *s);

/* Does what these have come to, as many as stun_streams_wait_for() filled in, and ends who was silent too long. */
void stun_streams_serve(struct stun_streams *s, const struct pollfd *fds, struct stun_service *service,
                        uint64_t now_ms);

void stun_streams_close(struct stun_streams *s);

#endif
