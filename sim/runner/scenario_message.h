/*
 * What a scenario's process tells the runner, through the descriptor of child.h: each of its boxes before the world is
 * built, and its outcome at the end. Written and read here alone.
 */
#ifndef SCENARIO_MESSAGE_H
#define SCENARIO_MESSAGE_H

#include "result/outcome.h"

/* A box of its world. */
struct scenario_message_box {
	const char *name, *spec;
	const char *sabotage; /* "": none */
};

/* Writes one message. A box that cannot be told of would not be measured: -1. An outcome is never lost: what cannot be
 * written in full is told without its texts. */
int scenario_message_box(int fd, const struct scenario_message_box *b) __attribute__((warn_unused_result));
void scenario_message_outcome(int fd, const struct outcome *o);

/* Who reads them. The box's texts last as long as the call; the outcome is the receiver's to clear. */
struct scenario_message_receiver {
	void *context;
	void (*box)(void *context, const struct scenario_message_box *b);
	void (*outcome)(void *context, struct outcome *o);
};

/* Reads the whole messages at the beginning of `len` bytes and tells of each. Returns how many bytes these have. */
size_t scenario_message_read(const char *bytes, size_t len, const struct scenario_message_receiver *r);

#endif
