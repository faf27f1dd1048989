/*
 * Why a punch failed, or how it opened: what a whole trace says of two hosts and one transport protocol, as facts. The
 * sentences are explain.h's business.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "trace/help_list.h"
#include "trace/ports.h"
#include "trace/why.h"

#define VERDICT_LOSSES 12
#define VERDICT_HELPS 6

/* What one host sent the other, all flows together. */
struct direction {
	int from, to;
	uint64_t sent, delivered, lost;
	uint64_t vanished;                       /* came in at the box `vanished_at` and were not seen to leave it */
	int vanished_at;                         /* -1: none */
	uint64_t other_losses;                   /* of further kinds */
	uint64_t first_ns;                       /* sent; 0: nothing was */
	uint64_t arrived_last_ns;                /* the last arrival; 0: none */
	uint32_t largest;                        /* bytes of the largest that arrived */
	const struct flow *opened_by;            /* the flow whose packet arrived first, or NULL */
	struct flow_loss losses[VERDICT_LOSSES]; /* the most frequent first */
	unsigned loss_count;
	struct link_changes changes; /* what links did to those that arrived */
	uint64_t clobbered;          /* of those, in which the box `clobberer` rewrote the payload */
	int clobberer;
	bool acknowledged; /* TCP: what came back says that it arrived */
};

enum outcome_of_pair {
	PAIR_UNTRIED, /* neither sent the other anything */
	PAIR_OPEN,    /* packets passed both ways */
	PAIR_BROKEN,  /* they passed, and later no more */
	PAIR_ONE_WAY,
	PAIR_UNANSWERED, /* all that one sent arrived; the other sent nothing */
	PAIR_SHUT,
	PAIR_ANSWERED,  /* what one sent arrived, and acknowledges what the other sent, which left our view (TCP) */
	PAIR_HALF_SEEN, /* what one sent arrived; what the other sent left our view */
	PAIR_UNSEEN,    /* what they sent left our view, or was seen in passing only */
};

#define HELP_CONSTANT(kind, ...) HELP_##kind,
enum help { HELP_LIST(HELP_CONSTANT) HELPS };

struct help_row {
	const char *name, *sentence;
};

extern const struct help_row help_table[HELPS];

struct pair_verdict {
	int a, b; /* b: -1 for addresses that no host has */
	uint8_t protocol;
	enum outcome_of_pair outcome;
	struct direction ab, ba;
	uint64_t opened_ns;        /* when both ways had been passed */
	const struct cause *cause; /* the one that matters most, or NULL */
	bool passed_later;         /* what was sent the same way after it got through at least once */
	enum help helps[VERDICT_HELPS];
	unsigned help_count;
	int help_node;             /* the box that HELP_INPUT_DROP, HELP_HAIRPIN, HELP_KEEPALIVE are about */
	uint64_t idle_ns, life_ns; /* HELP_KEEPALIVE: how long it was idle; how long the box keeps it, 0: not known */
	struct ports_seen ports;   /* of the box whose port could not be known */
	int relay;                 /* the host through which they talk, or -1 */
	const char *said[2];       /* by programs of a and b: that they failed, though packets passed; or NULL */
};

/* What became of two nodes, in one transport protocol. `b` may be -1: addresses that no host has. */
void verdict_of_pair(const struct why *w, int a, int b, uint8_t protocol, struct pair_verdict *out);

/*
 * The protocols in which the two sent each other anything, UDP first, as numbers of IP; UDP also where they talk
 * through a relay alone. Returns how many; 0: nothing was sent.
 */
#define VERDICT_PROTOCOLS 256 /* as many as IP has: none of them goes untold */
unsigned verdict_protocols(const struct why *w, int a, int b, uint8_t out[VERDICT_PROTOCOLS]);

/* Fills in what would help, from the cause; verdict_of_pair() does it. */
void verdict_help(const struct why *w, struct pair_verdict *v);

/* Where packets did pass at first, only what was lost after the last arrival counts. */
bool direction_counts(const struct direction *d, const struct flow_loss *l);

/* Something was wanted and failed, or may have. */
bool verdict_is_trouble(const struct pair_verdict *v);

const char *verdict_outcome_name(enum outcome_of_pair outcome);

#endif
