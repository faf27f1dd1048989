/*
 * What a server tells of itself: what it dropped and why, as lines of the log, at once under a flood; and all its
 * counters as text for Prometheus.
 */
#ifndef SERVER_REPORT_H
#define SERVER_REPORT_H

#include "chat/rendezvous/rendezvous.h"
#include "io/log.h"
#include "stun/stun_service.h"

/* What is counted, and by whom. */
struct server_counts {
	const struct rendezvous *rendezvous;
	const struct stun_service *stun;
	uint64_t unsent;   /* datagrams the kernel did not take */
	uint64_t overruns; /* that came faster than they could be taken */
};

/* Three lines: all that was dropped, or not told, since the start. */
void server_report(const struct server_counts *c, enum log_level level);

/* How many were dropped when it was looked last. */
struct flood_watch {
	struct drops drops;
	uint64_t stun;
	uint64_t overruns;
	uint64_t untold; /* who came or went */
	uint64_t since_us;
	bool is_told; /* there was a flood then */
};

/* True when server_watch_for_floods() is to be called. */
bool server_flood_watch_is_due(const struct flood_watch *w, uint64_t now_us);

/*
 * Says in a line what is dropped, when it is 1,000 a second and more; the first time after a
 * second, and then every ten.
 */
void server_watch_for_floods(struct flood_watch *w, const struct server_counts *c, uint64_t now_us);

/* The counters in Prometheus' text format 0.0.4. Returns the length of the text, below `room`. */
size_t server_metrics(const struct server_counts *c, char *text, size_t room);

#endif
