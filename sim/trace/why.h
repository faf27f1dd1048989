/*
 * Why a punch failed, or how it opened: what a whole trace says of two hosts, as facts. The sentences are explain.h's
 * business.
 */
#ifndef WHY_H
#define WHY_H

#include "trace/flow.h"
#include "trace/trace.h"

#define WHY_LOSSES 6
#define WHY_HELPS 6

/* Everything learned in one run through a trace. */
struct why {
	const struct trace *trace;
	const struct scene *stage;
	struct mappings mappings;
	struct flows flows;
	struct passed passed;
	bool failed; /* out of memory */
};

/* What one host sent the other, all flows together. */
struct direction {
	int from, to;
	uint64_t sent, delivered;
	uint64_t first_ns;                   /* sent; 0: nothing was */
	uint64_t arrived_last_ns;            /* the last arrival; 0: none */
	const struct flow *opened_by;        /* the flow whose packet arrived first, or NULL */
	struct flow_loss losses[WHY_LOSSES]; /* the most frequent first */
	unsigned loss_count;
};

enum outcome_of_pair {
	PAIR_UNTRIED, /* neither sent the other anything */
	PAIR_OPEN,    /* packets passed both ways */
	PAIR_BROKEN,  /* they passed, and later no more */
	PAIR_ONE_WAY,
	PAIR_UNANSWERED, /* all that one sent arrived; the other sent nothing */
	PAIR_SHUT,
};

enum ports_pattern {
	PORTS_UNKNOWN,
	PORTS_PRESERVED,
	PORTS_FIRST_PRESERVED, /* kept for a new socket's first destination, others for the next ones */
	PORTS_SEQUENTIAL,
	PORTS_RANDOM,
};

/* How a box gave out ports, as far as the trace shows. */
struct ports_seen {
	enum ports_pattern pattern;
	int step;
	unsigned samples;
	uint16_t last[3]; /* the newest, in order */
};

/* A box's range of ports, and how many of them were mapped at one time. */
struct pool_seen {
	unsigned size; /* 0: the box has no range, or it is not told */
	unsigned used;
};

enum help {
	HELP_PREDICTION,   /* ports look sequential: aim at the next ones */
	HELP_FRESH_SOCKET, /* ports are kept for a socket's first destination: make the peer that */
	HELP_BIRTHDAY,     /* one side opens many ports, the other tries many */
	HELP_RELAY,
	HELP_LEARN,          /* answer to where the peer's packets really came from */
	HELP_INPUT_DROP,     /* make the box drop strangers instead of taking them in */
	HELP_HAIRPIN,        /* turn hairpinning on */
	HELP_HOST_CANDIDATE, /* both are on one lan */
	HELP_KEEPALIVE,      /* more often than the mapping lives */
	HELP_PUNCH_AGAIN,
	HELP_TCP,         /* a relay reached by TCP */
	HELP_RETRY,       /* the loss may pass */
	HELP_RULE,        /* it does not: change the box's rule */
	HELP_POOL,        /* the box had no port left to give: a larger range, or fewer sockets */
	HELP_LISTEN,      /* start the program, or open the host's firewall */
	HELP_BOTH_SEND,   /* the other side must send too */
	HELP_FROM_INSIDE, /* TCP: the side behind the box has to connect */
	HELP_ADDRESS,     /* the address is wrong */
	HELP_TTL,         /* a larger hop limit */
	HELP_SMALLER,     /* smaller datagrams */
	HELPS,
};

struct pair_verdict {
	int a, b;
	enum outcome_of_pair outcome;
	struct direction ab, ba;
	uint64_t opened_ns;        /* when both ways had been passed */
	const struct cause *cause; /* the one that matters most, or NULL */
	bool passed_later;         /* what was sent the same way after it got through at least once */
	enum help helps[WHY_HELPS];
	unsigned help_count;
	int help_node;             /* the box that HELP_INPUT_DROP, HELP_HAIRPIN, HELP_KEEPALIVE are about */
	uint64_t idle_ns, life_ns; /* HELP_KEEPALIVE: how long it was idle; how long the box keeps it, 0: not known */
	struct ports_seen ports;   /* of the box whose port could not be known */
	struct pool_seen pool;     /* HELP_POOL */
};

/* Make an empty one; then why_journey() for each journey of trace_run(), in order; then why_settle(). 0, or -1 without
 * memory. */
int why_begin(struct why *w, const struct trace *t) __attribute__((warn_unused_result));
void why_journey(void *why, const struct journey *j);
void why_settle(struct why *w);
void why_free(struct why *w);

/*
 * For a second run through the same trace, which tells each journey's cause as it passes: the boxes' state begins anew,
 * what the whole trace told stays. why_rewind() returns 0, or -1 without memory.
 */
int why_rewind(struct why *w) __attribute__((warn_unused_result));
void why_cause(struct why *w, const struct journey *j, struct cause *out);

/* What became of two hosts. */
void why_pair(const struct why *w, int a, int b, struct pair_verdict *out);

/* True if the pair has any traffic worth a word. */
bool why_pair_has_traffic(const struct why *w, int a, int b);

/* Fills in what would help, from the cause; why_pair() does it. */
void why_help(const struct why *w, struct pair_verdict *v);

/* Where packets did pass at first, only what was lost after the last arrival counts. */
bool direction_counts(const struct direction *d, const struct flow_loss *l);

struct ports_seen why_ports(const struct why *w, int box, uint8_t protocol);

/* By the spec the box was built from: for words, never for verdicts. */
struct pool_seen why_pool(const struct why *w, int box, uint8_t protocol, uint64_t time_ns);

const char *why_outcome_name(enum outcome_of_pair outcome);
const char *why_help_name(enum help help);

#endif
