/* One way packets were lost, in a sentence or two: for explain.c. */
#ifndef EXPLAIN_LOSS_H
#define EXPLAIN_LOSS_H

#include "trace/verdict.h"

/* Reasons that were told already, so that none is told twice: a bit for each, by box. All zero to begin with. */
struct explain_told {
	uint16_t because[SCENE_NODES];
	uint64_t losses; /* packets that the sentences so far told of */
};

/* Writes the sentences, each led by a space. `d` is the direction the packets went. */
void explain_loss(FILE *f, const struct why *w, const struct direction *d, const struct flow_loss *loss,
                  struct explain_told *told);

/* The words that the sentences of cause_list.h may use. */
const struct sentence_words *explain_loss_words(void);

/* "1.5 ms", "31 s". Returns `text`. */
#define EXPLAIN_TIME_SIZE 32
const char *explain_time(uint64_t ns, char text[EXPLAIN_TIME_SIZE]);

#endif
