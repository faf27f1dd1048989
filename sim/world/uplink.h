/*
 * A world's way out, for a session that asks for one: pasta (Debian's passt) runs outside, where the machine's network
 * is, and carries what leaves the world's router by an interface of its own, which it makes through /dev/net/tun. The
 * router translates: the machine's network sees nothing of the world's addresses, and nobody out there can begin
 * anything. Nothing of it is captured or measured.
 *
 * What it must not: be there unasked. A world without one has no route to anywhere.
 */
#ifndef UPLINK_H
#define UPLINK_H

#include <sys/types.h>

/* Whether there can be one. Returns 0, or -1: `what` is one line that says why not, `fix` the command that mends it. */
#define UPLINK_TEXT_SIZE 240
int uplink_try(char what[UPLINK_TEXT_SIZE], char fix[UPLINK_TEXT_SIZE]) __attribute__((warn_unused_result));

/*
 * Outside: starts pasta for the world of that init, once the world's network stands. It dies with the caller. Returns
 * its pid, a child's, or -1 (logged).
 */
pid_t uplink_start(pid_t init) __attribute__((warn_unused_result));

/* Inside, in the router's network namespace: translates what leaves, and names the machine's resolver in
 * /etc/resolv.conf. Returns 0, or -1 (logged). */
int uplink_prepare(void) __attribute__((warn_unused_result));

/* Inside, there: waits until it carries packets. Returns 0, or -1 (logged). */
int uplink_await(void) __attribute__((warn_unused_result));

#endif
