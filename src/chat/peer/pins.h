/*
 * Whose names are known: the key that each belonged to when the user first had to do with it. A name that comes with
 * another key is refused until the user accepts that. Pure; the program keeps them in a file, which is one for all the
 * clients of a user: what it holds counts, and what one of them has noted is added to it.
 */
#ifndef PINS_H
#define PINS_H

#include "chat/card.h"

#include <stddef.h>

#define PINS_MAX 1024 /* who has had to do with more removes some from the file */
#define PINS_LINE_SIZE (2 * CARD_KEY_SIZE + 1 + NAME_SIZE + 1)

/* How one is to the file. */
enum pin_state {
	PIN_KEPT,     /* in the file */
	PIN_NOTED,    /* not yet: we were the first to have to do with that name */
	PIN_ACCEPTED, /* nor this: the user has accepted the key */
};

struct pin {
	uint8_t name[NAME_SIZE];
	uint8_t look[NAME_SIZE]; /* of the name */
	uint8_t key[CARD_KEY_SIZE];
	uint8_t offered[CARD_KEY_SIZE]; /* another one that was refused last; zero for none */
	enum pin_state state;
	bool contradicted; /* we had noted the key that is offered: to be told */
};

struct pins {
	struct pin list[PINS_MAX];
	size_t count;
	bool changed;                /* not all are kept */
	uint8_t left_out[NAME_SIZE]; /* the last name for which there was no room; zero for none */
};

/* True if that name, or if it is not known one that looks like it, is known to belong to another key. */
bool pins_contradict(const struct pins *p, const uint8_t name[NAME_SIZE], const uint8_t key[CARD_KEY_SIZE]);

/* Notes the name's key, unless one is known. Returns false if there is no room. */
bool pins_note(struct pins *p, const uint8_t name[NAME_SIZE], const uint8_t key[CARD_KEY_SIZE]);

/* The name came with that other key, which is refused. Returns true for the first time. */
bool pins_refuse(struct pins *p, const uint8_t name[NAME_SIZE], const uint8_t key[CARD_KEY_SIZE]);

/* The key refused last is the name's from now on. Returns false if there is none. */
bool pins_accept(struct pins *p, const uint8_t name[NAME_SIZE]);

/*
 * The file holds those of `file` now, by another client of the user's, or his own hand: they are ours from now on, and
 * beside them what we have noted of names that are not there, and what was accepted here and is not kept yet. `file`
 * then holds the same.
 */
void pins_merge(struct pins *p, struct pins *file);

/* The file holds all of them now. */
void pins_are_kept(struct pins *p);

/* The i-th as a line of the file: 64 hexadecimal digits, a blank, the name. Without a line end. Returns `line`. */
const char *pins_line(const struct pins *p, size_t i, char line[PINS_LINE_SIZE + 1]);

enum pins_line {
	PINS_LINE_IS_GOOD,
	PINS_LINE_IS_NONE,
	PINS_LINE_CONTRADICTS, /* another line, which has the very same name with another key */
	PINS_LINE_IS_TOO_MANY,
};

/*
 * Reads such a line of `len` bytes, and takes what it says if it is good: any name that can be shown, as one that was
 * taken by earlier rules is still known, and so are two that look alike.
 */
enum pins_line pins_read_line(struct pins *p, const char *line, size_t len) __attribute__((warn_unused_result));

#endif
