#include "trace/ladder.h"

#include "trace/hash.h"

#include <stdio.h>
#include <string.h>

#define TIME_WIDTH 11 /* "12345.678 " and a space */
#define GAP_MIN 6     /* between two columns: an arrow and a port still fit */
#define GAP_MAX 20
#define WHAT_MIN 24 /* what a message says */
#define WHAT_MAX 64
#define STUB 4 /* a way whose other end is not drawn */

/* A node on the journey's way: the legs it was seen on there. */
struct stop {
	int column, at;
	unsigned first, last; /* legs */
};

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

/* Names that do not fit between two columns are cut by the caller of canvas_text(). */
static void lay_out(struct ladder *l)
{
	int count = (int)l->columns.count;
	int what = clamp((int)l->what_width + 1, WHAT_MIN, WHAT_MAX);
	int free_cells = (int)l->style.width - TIME_WIDTH - what;
	int gap = count > 1 ? clamp(free_cells / (count - 1), GAP_MIN, GAP_MAX) : GAP_MAX;
	int x = TIME_WIDTH;

	if (count > 0)
		x += (int)strlen(l->stage->nodes[l->columns.nodes[0]].name) / 2;
	for (int i = 0; i < count; i++, x += gap)
		l->at[i] = x;
	l->drawing_end = count > 0 ? l->at[count - 1] + 2 : TIME_WIDTH;
}

static void draw_names(const struct ladder *l)
{
	struct canvas c;
	int count = (int)l->columns.count;

	canvas_clear(&c);
	canvas_text(&c, TIME_WIDTH - 4, "ms", 2, TONE_DIM);
	for (int i = 0; i < count; i++) {
		const char *name = l->stage->nodes[l->columns.nodes[i]].name;
		int gap = count > 1 ? l->at[1] - l->at[0] : GAP_MAX;
		int len = clamp((int)strlen(name), 1, gap - 1);

		canvas_text(&c, l->at[i] - len / 2, name, (unsigned)len, TONE_NAME);
	}
	canvas_print(&c, l->f, &l->style);
}

void ladder_begin(struct ladder *l, FILE *f, const struct style *style, const struct scene *s,
                  const struct columns *columns, size_t what_width, uint64_t start_ns)
{
	*l = (struct ladder){
		.f = f, .style = *style, .stage = s, .columns = *columns, .what_width = what_width, .start_ns = start_ns
	};
	lay_out(l);
	draw_names(l);
}

static void draw_lines(const struct ladder *l, struct canvas *c)
{
	canvas_clear(c);
	for (size_t i = 0; i < l->columns.count; i++)
		canvas_put(c, l->at[i], GLYPH_LIFE, TONE_DIM);
}

static void draw_time(const struct ladder *l, struct canvas *c, uint64_t time_ns)
{
	double ms =
	    time_ns >= l->start_ns ? (double)(time_ns - l->start_ns) / 1e6 : -(double)(l->start_ns - time_ns) / 1e6;
	char text[32];

	snprintf(text, sizeof text, "%9.3f", ms);
	canvas_text(c, 0, text, TIME_WIDTH, TONE_DIM);
}

static unsigned find_stops(const struct ladder *l, const struct journey *j, struct stop stops[JOURNEY_LEGS])
{
	unsigned count = 0;

	for (unsigned i = 0; i < j->leg_count; i++) {
		int node = l->stage->interfaces[j->legs[i].interface].node;
		int column = node >= 0 ? l->columns.of_node[node] : -1;

		if (column < 0)
			continue;
		if (count > 0 && stops[count - 1].column == column)
			stops[count - 1].last = i;
		else
			stops[count++] = (struct stop){ .column = column, .at = l->at[column], .first = i, .last = i };
	}
	return count;
}

static bool changed_at(const struct journey *j, const struct stop *s)
{
	for (unsigned i = s->first + 1; i <= s->last; i++)
		if (journey_source_changed(j, i) || journey_target_changed(j, i))
			return true;
	return false;
}

static void draw_way(const struct ladder *l, struct canvas *c, int from, int to)
{
	int step = from < to ? 1 : -1;

	for (int x = from; x != to; x += step)
		canvas_put(c, x, GLYPH_WAY, TONE_PLAIN);
	for (size_t i = 0; i < l->columns.count; i++)
		if ((l->at[i] - from) * step > 0 && (to - l->at[i]) * step > 0)
			canvas_put(c, l->at[i], GLYPH_CROSSING, TONE_DIM);
}

/* The port before and after; the source's where that changed, else the destination's. */
static bool changed_port(const struct journey *j, const struct stop *s, unsigned *before, unsigned *after)
{
	const struct leg *a = &j->legs[s->first], *b = &j->legs[s->last];
	bool source = a->src.port != b->src.port;

	*before = source ? a->src.port : a->dst.port;
	*after = source ? b->src.port : b->dst.port;
	return *before != *after;
}

/* ":40000→:51234" in the reading direction, the arrow in the packet's. Returns its length. */
static int write_label(char text[16], unsigned before, unsigned after, bool rightward)
{
	return snprintf(text, 16, ":%u%c:%u", rightward ? before : after,
	                (char)(rightward ? GLYPH_TO_RIGHT : GLYPH_TO_LEFT), rightward ? after : before);
}

/* Writes the translation over the box, or where that is too narrow the new port on the way from there. */
static void draw_label(struct canvas *c, const struct journey *j, const struct stop *s, int previous, int next)
{
	unsigned before, after;
	bool rightward = next > previous;
	int room = rightward ? next - s->at : s->at - next, left;
	char text[16];
	int len;

	if (!changed_port(j, s, &before, &after))
		return;
	len = write_label(text, before, after, rightward);
	left = rightward ? s->at - previous : previous - s->at;
	if (len / 2 + 2 <= (left < room ? left : room)) {
		canvas_text(c, s->at - len / 2, text, (unsigned)len, TONE_PORT);
		return;
	}
	len = snprintf(text, sizeof text, ":%u", after);
	if (len + 2 < room)
		canvas_text(c, rightward ? s->at + (room - len) / 2 : s->at - (room + len) / 2, text, (unsigned)len,
		            TONE_PORT);
}

/* The place where a packet that was lost on a wire is given up: half way to where it should have come in. */
static int lost_at(const struct ladder *l, const struct journey *j, const struct stop *last, bool rightward)
{
	int column = j->next_node >= 0 ? l->columns.of_node[j->next_node] : -1;

	if (column >= 0 && column != last->column)
		return (last->at + l->at[column]) / 2;
	return last->at + (rightward ? STUB : -STUB);
}

static void draw_end(const struct ladder *l, struct canvas *c, const struct journey *j, const struct stop *last,
                     bool rightward)
{
	int x;

	switch (j->fate) {
	case FATE_DROPPED: canvas_put(c, last->at, GLYPH_DEATH, TONE_BAD); break;
	case FATE_LOST:
	case FATE_MOVING:
		x = lost_at(l, j, last, rightward);
		draw_way(l, c, x > last->at ? last->at + 1 : last->at - 1, x);
		canvas_put(c, x, j->fate == FATE_LOST ? GLYPH_DEATH : GLYPH_CUT, TONE_BAD);
		break;
	case FATE_DELIVERED:
	case FATE_FOR_BOX:
	case FATE_UNKNOWN:
	case FATE_LINK_ONLY:
	case FATES:
		canvas_put(c, rightward ? last->at - 1 : last->at + 1, rightward ? GLYPH_RIGHT : GLYPH_LEFT, TONE_WAY);
		break;
	}
}

/* Where the way turns back a row ends: stops[from] to the returned index go one way. */
static unsigned straight_run(const struct stop *stops, unsigned from, unsigned count)
{
	unsigned end = from + 1;
	bool rightward = end < count && stops[end].at > stops[from].at;

	while (end + 1 < count && (stops[end + 1].at > stops[end].at) == rightward)
		end++;
	return end < count ? end : count - 1;
}

static enum glyph glyph_of_box(const struct journey *j, const struct stop *s)
{
	return changed_at(j, s) ? GLYPH_CHANGED : GLYPH_PASSED;
}

/* A journey seen at one node only: a stub out of it or into it. */
static void draw_single(const struct ladder *l, struct canvas *c, const struct journey *j, const struct stop *s)
{
	bool rightward = s->column == 0 || s->column + 1 < (int)l->columns.count;

	if (j->fate == FATE_LINK_ONLY || j->fate == FATE_UNKNOWN) {
		canvas_put(c, s->at, GLYPH_ORIGIN, TONE_DIM);
		return;
	}
	if (journey_first(j)->direction == PCAPNG_OUTBOUND) {
		rightward = lost_at(l, j, s, rightward) > s->at;
		canvas_put(c, s->at, GLYPH_ORIGIN, TONE_PLAIN);
	} else {
		draw_way(l, c, rightward && s->column > 0 ? s->at - STUB : s->at + STUB, s->at);
		rightward = rightward && s->column > 0;
	}
	draw_end(l, c, j, s, rightward);
}

static void draw_run(const struct ladder *l, struct canvas *c, const struct journey *j, const struct stop *stops,
                     unsigned from, unsigned to, unsigned count)
{
	bool rightward = stops[to].at > stops[from].at;

	draw_way(l, c, stops[from].at, stops[to].at);
	canvas_put(c, stops[from].at, from == 0 ? GLYPH_ORIGIN : glyph_of_box(j, &stops[from]), TONE_PLAIN);
	for (unsigned i = from + 1; i < to; i++)
		canvas_put(c, stops[i].at, glyph_of_box(j, &stops[i]), TONE_PORT);
	for (unsigned i = from + 1; i < to; i++)
		draw_label(c, j, &stops[i], stops[i - 1].at, stops[i + 1].at);
	if (to + 1 < count)
		canvas_put(c, stops[to].at, glyph_of_box(j, &stops[to]), TONE_PORT);
	else
		draw_end(l, c, j, &stops[to], rightward);
}

/* Behind all that was drawn. What does not fit is marked as cut: half a port looks like another one. */
static void draw_what(const struct ladder *l, struct canvas *c, const struct journey *j, const char *what)
{
	int x = (int)c->end + 1 > l->drawing_end ? (int)c->end + 1 : l->drawing_end;
	int room = (int)l->style.width - x;
	bool bad = j->fate == FATE_DROPPED || j->fate == FATE_LOST;
	enum tone tone = bad ? TONE_BAD : TONE_PLAIN;

	if (room <= 0)
		return;
	canvas_text(c, x, what, (unsigned)room, tone);
	if (strlen(what) > (size_t)room)
		canvas_put(c, x + room - 1, GLYPH_CUT, tone);
}

/* Every retry dies of the same: one note is enough. */
static bool was_said(struct ladder *l, const char *note)
{
	uint64_t hash = hash_bytes(1, (const uint8_t *)note, strlen(note));
	uint64_t *place = &l->said[hash % (sizeof l->said / sizeof l->said[0])];
	bool said = *place == hash;

	*place = hash;
	return said;
}

static void draw_note(struct ladder *l, const char *note)
{
	struct canvas c;
	int x = TIME_WIDTH + 2;

	if (note == NULL || was_said(l, note))
		return;
	canvas_clear(&c);
	canvas_put(&c, x, GLYPH_DEATH, TONE_BAD);
	canvas_text(&c, x + 2, note, CANVAS_WIDTH, TONE_DIM);
	canvas_print(&c, l->f, &l->style);
}

void ladder_draw(struct ladder *l, const struct journey *j, const char *what, const char *note)
{
	struct stop stops[JOURNEY_LEGS];
	unsigned count = find_stops(l, j, stops), from = 0, to;
	struct canvas c;

	do {
		draw_lines(l, &c);
		if (from == 0)
			draw_time(l, &c, journey_first(j)->time_ns);
		to = count > 1 ? straight_run(stops, from, count) : 0;
		if (count > 1)
			draw_run(l, &c, j, stops, from, to, count);
		else if (count == 1)
			draw_single(l, &c, j, &stops[0]);
		if (from == 0)
			draw_what(l, &c, j, what);
		canvas_print(&c, l->f, &l->style);
		from = to;
	} while (from + 1 < count);
	draw_note(l, note);
}

void ladder_mark(struct ladder *l, uint64_t time_ns, const char *text)
{
	struct canvas c;

	canvas_clear(&c);
	draw_time(l, &c, time_ns);
	canvas_text(&c, TIME_WIDTH, text, CANVAS_WIDTH, TONE_DIM);
	canvas_print(&c, l->f, &l->style);
}

static void print_sign(const struct ladder *l, enum glyph g, enum tone tone, const char *text)
{
	struct canvas c;

	canvas_clear(&c);
	canvas_put(&c, 0, g, tone);
	canvas_text(&c, 2, text, CANVAS_WIDTH, TONE_DIM);
	canvas_print(&c, l->f, &l->style);
}

void ladder_legend(const struct ladder *l)
{
	print_sign(l, GLYPH_CHANGED, TONE_PORT, "translated by the box (its ports, where they changed)");
	print_sign(l, GLYPH_DEATH, TONE_BAD, "went no further");
}
