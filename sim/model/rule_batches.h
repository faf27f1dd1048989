/*
 * Text for iptables-restore, cut into parts that one netlink message each can carry: an ordinary user's socket sends
 * 416 KiB at most, some 600 rules. Pure.
 */
#ifndef RULE_BATCHES_H
#define RULE_BATCHES_H

#include <stdbool.h>
#include <stddef.h>

#define RULE_BATCH_LINES 300

struct rule_batches {
	const char *rest;  /* of the text */
	const char *table; /* "*mangle\n...", which the part before left open; NULL for none */
};

/* Begins at the start of `text`, which must outlive the parts. */
void rule_batches_begin(struct rule_batches *b, const char *text);

/*
 * Writes the next part into `out` of `size` bytes (that of the text is enough and some more): whole tables, the last of
 * them perhaps cut after RULE_BATCH_LINES lines, which the next part takes up (`iptables-restore --noflush`). Returns
 * how many tables are in it; 0: there is no more.
 */
unsigned rule_batches_next(struct rule_batches *b, char *out, size_t size);

#endif
