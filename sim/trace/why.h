/*
 * Everything one reading of a trace teaches: what each flow came to, the boxes' mappings, and so each journey's cause.
 * Whoever wants to know why reads a trace by why_read(), and reads it again by why_read_again() where he wants to hear
 * of each journey with its cause, which depends on the whole.
 */
#ifndef WHY_H
#define WHY_H

#include "trace/flow.h"
#include "trace/relay.h"
#include "trace/outside.h"
#include "trace/trace.h"

struct why {
	struct trace *trace;
	const struct scene *scene;
	struct mappings mappings;
	struct flows flows;
	struct passed passed;
	struct relays relays;
	struct outside outside; /* without a record */
	bool spoke[SCENE_NODES + 1]
		  [SCENE_NODES + 1]; /* [origin + 1][target + 1]: there is a flow; once it is settled */
};

/* Who else is told as a trace is read; each may be NULL. */
struct why_visitor {
	void *context;
	void (*packet)(void *context, const struct pcapng_packet *raw, const struct packet *p, struct journey *j);
	mapping_touched *touched;
	/* Each journey in the order of their ids, with its cause. */
	void (*journey)(void *context, const struct journey *j, const struct cause *c);
};

/*
 * Reads the whole trace, and settles what only the whole tells. `v`, unless NULL, is told besides; a cause it is told
 * is not settled yet: why_settle_cause(). NULL with a one-line message in `error`; free it with why_free(), before the
 * trace.
 */
struct why *why_read(struct trace *t, const struct why_visitor *v, char error[TRACE_ERROR_SIZE])
    __attribute__((warn_unused_result));
void why_free(struct why *w);

/* Reads it once more, from the boxes' first state on; causes are settled. 0, or -1 with a message. */
int why_read_again(struct why *w, const struct why_visitor *v, char error[TRACE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* The last word on a cause that why_read() told of. */
void why_settle_cause(const struct why *w, struct cause *c);

/* The parts of why_read(), for journeys from elsewhere: an empty one (NULL without memory); each journey, in order. */
struct why *why_new(const struct scene *s, const struct recorded_events *events) __attribute__((warn_unused_result));
void why_journey(struct why *w, const struct journey *j);
void why_settle(struct why *w);

#endif
