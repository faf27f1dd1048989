/*
 * One line of cells to draw on, printed with colours and line characters or without. Takes only text that is safe to
 * print.
 */
#ifndef CANVAS_H
#define CANVAS_H

#include <stdbool.h>
#include <stdio.h>

#define CANVAS_WIDTH 512

enum glyph {
	GLYPH_SPACE,
	GLYPH_LIFE,     /* a column's line */
	GLYPH_WAY,      /* a packet's */
	GLYPH_CROSSING, /* a packet passes a column that is not on its way */
	GLYPH_ORIGIN,
	GLYPH_PASSED,  /* through a box, unchanged */
	GLYPH_CHANGED, /* through a box, translated */
	GLYPH_RIGHT,
	GLYPH_LEFT,
	GLYPH_DEATH,
	GLYPH_CUT,      /* nobody knows how it went on */
	GLYPH_TO_RIGHT, /* inside a label: became */
	GLYPH_TO_LEFT,
	GLYPHS
};

enum tone { TONE_PLAIN, TONE_DIM, TONE_NAME, TONE_PORT, TONE_WAY, TONE_BAD, TONES };

struct style {
	unsigned width; /* columns of the terminal */
	bool colour;
	bool unicode;
};

/* A line; a cell is a glyph, or a character above GLYPHS. */
struct canvas {
	unsigned char cells[CANVAS_WIDTH];
	unsigned char tones[CANVAS_WIDTH];
	unsigned end; /* cells in use */
};

void canvas_clear(struct canvas *c);

/* Both do nothing for what lies outside. canvas_text() writes at most `room` characters; returns how many. */
void canvas_put(struct canvas *c, int x, enum glyph g, enum tone tone);
unsigned canvas_text(struct canvas *c, int x, const char *text, unsigned room, enum tone tone);

/* Prints the line without spaces at its end. */
void canvas_print(const struct canvas *c, FILE *f, const struct style *style);

/* How the standard output is to be drawn on: COLUMNS or the terminal's width, NO_COLOR, the locale's characters. */
struct style style_of(FILE *f);

#endif
