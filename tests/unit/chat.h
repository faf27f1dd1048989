/*
 * Users on the made-up internet of network.h: what they type, what they see, and the two of them with whom most tests
 * begin, hosts 0 and 1, 203.0.113.10:5000 and 203.0.113.11:5000.
 */
#ifndef CHAT_H
#define CHAT_H

#include "network.h"

#define CHAT_PUNCH_TIMEOUT (10 * SECOND)
#define CHAT_KEEPALIVE (15 * SECOND)
#define CHAT_LATENCY (10 * MS)

extern const struct nat_kind chat_open, chat_port_restricted, chat_symmetric, chat_full_cone;

/* Two peers that are logged in; and two with a path that is open. */
struct network *chat_pair(struct nat_kind a, struct nat_kind b);
struct network *chat_punched_pair(struct nat_kind a, struct nat_kind b);

/* The card of a stranger whom the tests play, and the key of a path with that token between it and host `i`. */
struct card chat_stranger_card(uint8_t stranger);
void chat_stranger_key(struct network *n, unsigned i, uint8_t stranger, const uint8_t token[WIRE_TOKEN_SIZE],
                       uint8_t key[SECRETS_KEY_SIZE]);

/* Frees the network; fails the test if anybody broke a promise. */
void chat_end(struct network *n);

struct peer *chat_peer(struct network *n, unsigned i);

/* Host `i` types a command; `other` is a host. */
void chat_login(struct network *n, unsigned i);
void chat_punch(struct network *n, unsigned i, unsigned other);
void chat_say(struct network *n, unsigned i, unsigned other, const char *text);

/* True if host `i` has shown a line that begins with `start`, or does so before that time is over. */
bool chat_sees(struct network *n, unsigned i, const char *start, uint64_t us);

/* Fates: everything is lost; what host 1 sends to peers is lost. */
enum fate chat_nothing_arrives(struct network *n, const struct flight *f);
enum fate chat_second_host_unheard(struct network *n, const struct flight *f);

#endif
