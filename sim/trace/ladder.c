#include "trace/ladder.h"

#include "trace/hash.h"

#include <stdio.h>
#include <string.h>

#define TIME_SIZE 32                    /* of a time as text */
#define LABEL_SIZE 16                   /* of two ports */
#define TIME_WIDTH 13                   /* "12:34:56.789" and a space */
#define SILENCE_NS (60 * 1000000000ull) /* a longer one has a line of its own */
#define GAP_MIN 6                       /* between two columns: an arrow and a port still fit */
#define GAP_MAX 20
#define WHAT_MIN 12 /* what a message says */
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

static const char *column_name(const struct ladder *l, int column)
{
	return l->scene->nodes[l->columns.nodes[column]].name;
}

/* How far apart a column and the one before it must be for both names to be whole. */
static int names_need(const struct ladder *l, int column)
{
	return (int)(strlen(column_name(l, column - 1)) + strlen(column_name(l, column)) + 1) / 2 + 1;
}

static int gap_before(const struct ladder *l, int column, int least, bool whole)
{
	int need = whole ? names_need(l, column) : 0;

	return need > least ? need : least;
}

static int all_gaps(const struct ladder *l, int least, bool whole)
{
	int sum = 0;

	for (int i = 1; i < (int)l->columns.count; i++)
		sum += gap_before(l, i, least, whole);
	return sum;
}

/* As far apart as there is room behind what a message says, names whole; where that cannot be, evenly. */
static void lay_out(struct ladder *l)
{
	int count = (int)l->columns.count;
	int what = clamp((int)l->what_width + 1, WHAT_MIN, WHAT_MAX);
	int half = count > 0 ? (int)strlen(column_name(l, 0)) / 2 : 0;
	int free_cells = (int)l->style.width - l->left - half - what - 2;
	bool whole = all_gaps(l, GAP_MIN, true) <= free_cells;
	int least = GAP_MAX, x = l->left + half;

	while (least > GAP_MIN && all_gaps(l, least, whole) > free_cells)
		least--;
	for (int i = 0; i < count; i++) {
		x += i > 0 ? gap_before(l, i, least, whole) : 0;
		l->at[i] = x;
	}
	l->drawing_end = count > 0 ? l->at[count - 1] + 2 : l->left;
}

/* How much of a name there is room for, half way to each neighbour. */
static int name_room(const struct ladder *l, int column)
{
	int len = (int)strlen(column_name(l, column)), count = (int)l->columns.count;
	/* cppcheck-suppress arrayIndexOutOfBoundsCond */
	int before = column > 0 ? l->at[column] - l->at[column - 1] : GAP_MAX;
	int after = column + 1 < count ? l->at[column + 1] - l->at[column] : GAP_MAX;
	bool fits = (column == 0 || names_need(l, column) <= before) &&
	            (column + 1 == count || names_need(l, column + 1) <= after);

	return fits ? len : clamp(len, 1, (before < after ? before : after) - 1);
}

/* A name that is cut shows it. */
static void draw_name(const struct ladder *l, struct canvas *c, int column)
{
	const char *name = column_name(l, column);
	int len = (int)strlen(name), shown = name_room(l, column), x = l->at[column] - shown / 2;

	canvas_text(c, x, name, (unsigned)shown, TONE_NAME);
	if (shown < len)
		canvas_put(c, x + shown - 1, GLYPH_CUT, TONE_NAME);
}

static void draw_names(const struct ladder *l)
{
	struct canvas c;
	int count = (int)l->columns.count;

	canvas_clear(&c);
	canvas_text(&c, l->number_width - 1, "#", 1, TONE_DIM);
	canvas_text(&c, l->left - 3, "ms", 2, TONE_DIM);
	for (int i = 0; i < count; i++)
		draw_name(l, &c, i);
	canvas_print(&c, l->f, &l->style);
}

void ladder_begin(struct ladder *l, FILE *f, const struct style *style, const struct scene *s,
                  const struct columns *columns, size_t what_width, uint64_t journeys, uint64_t start_ns)
{
	int digits = snprintf(NULL, 0, "%llu", (unsigned long long)journeys);

	*l = (struct ladder){
		.f = f, .style = *style, .scene = s, .columns = *columns, .what_width = what_width, .start_ns = start_ns
	};
	l->number_width = digits;
	l->left = digits + 1 + TIME_WIDTH;
	lay_out(l);
	draw_names(l);
}

static void draw_lines(const struct ladder *l, struct canvas *c)
{
	canvas_clear(c);
	for (size_t i = 0; i < l->columns.count; i++)
		canvas_put(c, l->at[i], GLYPH_LIFE, TONE_DIM);
}

/* In ms up to a thousand seconds; then in hours, then in days. */
static void format_time(double ms, char text[TIME_SIZE])
{
	double s = ms / 1000;
	unsigned long long whole = (unsigned long long)(s < 0 ? -s : s);
	unsigned days = (unsigned)(whole / 86400), hours = (unsigned)(whole / 3600 % 24),
		 minutes = (unsigned)(whole / 60 % 60);
	const char *sign = s < 0 ? "-" : "";

	if (whole < 1000)
		snprintf(text, TIME_SIZE, "%*.3f", TIME_WIDTH - 2, ms);
	else if (days == 0)
		snprintf(text, TIME_SIZE, "%s%02u:%02u:%06.3f", sign, hours, minutes,
		         (s < 0 ? -s : s) - (double)(whole - whole % 60));
	else if (days < 100)
		snprintf(text, TIME_SIZE, "%s%ud %02u:%02u:%02u", sign, days, hours, minutes, (unsigned)(whole % 60));
	else
		snprintf(text, TIME_SIZE, "%s%ud %02u:%02u", sign, days, hours, minutes);
}

static void draw_time(const struct ladder *l, struct canvas *c, uint64_t time_ns)
{
	double ms =
	    time_ns >= l->start_ns ? (double)(time_ns - l->start_ns) / 1e6 : -(double)(l->start_ns - time_ns) / 1e6;
	char text[TIME_SIZE];
	int len;

	format_time(ms, text);
	len = (int)strlen(text);
	canvas_text(c, l->left - 1 - len, text, (unsigned)len, TONE_DIM);
}

static void draw_number(const struct ladder *l, struct canvas *c, uint64_t id)
{
	char text[TIME_SIZE];
	int len = snprintf(text, sizeof text, "%llu", (unsigned long long)id);

	canvas_text(c, l->number_width - len, text, (unsigned)len, TONE_DIM);
}

static unsigned long long count_of(uint64_t silence_ns, uint64_t unit_s)
{
	return (unsigned long long)(silence_ns / 1000000000 / unit_s);
}

/* A long silence before a row is a line of its own. */
static void draw_silence(struct ladder *l, uint64_t time_ns)
{
	uint64_t silence = l->last_ns != 0 && time_ns > l->last_ns ? time_ns - l->last_ns : 0;
	struct canvas c;
	char text[64];

	if (time_ns > l->last_ns)
		l->last_ns = time_ns;
	if (silence < SILENCE_NS)
		return;
	if (count_of(silence, 86400) >= 2)
		snprintf(text, sizeof text, "%llu days %llu h later", count_of(silence, 86400),
		         count_of(silence, 3600) % 24);
	else if (count_of(silence, 3600) >= 1)
		snprintf(text, sizeof text, "%llu h %llu min later", count_of(silence, 3600),
		         count_of(silence, 60) % 60);
	else
		snprintf(text, sizeof text, "%llu min %llu s later", count_of(silence, 60), count_of(silence, 1) % 60);
	canvas_clear(&c);
	canvas_text(&c, l->left, text, CANVAS_WIDTH, TONE_DIM);
	canvas_print(&c, l->f, &l->style);
}

static unsigned find_stops(const struct ladder *l, const struct journey *j, struct stop stops[JOURNEY_LEGS])
{
	unsigned count = 0;

	for (unsigned i = 0; i < j->leg_count; i++) {
		int node = l->scene->interfaces[j->legs[i].interface].node;
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
static int write_label(char text[LABEL_SIZE], unsigned before, unsigned after, bool rightward)
{
	return snprintf(text, LABEL_SIZE, ":%u%c:%u", rightward ? before : after,
	                (char)(rightward ? GLYPH_TO_RIGHT : GLYPH_TO_LEFT), rightward ? after : before);
}

/* Writes the translation over the box, or where that is too narrow the new port on the way from there. */
static void draw_label(struct canvas *c, const struct journey *j, const struct stop *s, int previous, int next)
{
	unsigned before, after;
	bool rightward = next > previous;
	int room = rightward ? next - s->at : s->at - next, left;
	char text[LABEL_SIZE];
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

/* True if it went on from where it was seen last, and was given up on the way. */
static bool went_on(const struct journey *j)
{
	return j->fate == FATE_LOST || j->fate == FATE_MOVING;
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
	case FATE_REFUSED:
	case FATE_DROPPED: canvas_put(c, last->at, GLYPH_DEATH, TONE_BAD); break;
	case FATE_LOST:
	case FATE_MOVING:
		x = lost_at(l, j, last, rightward);
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
		if (went_on(j))
			draw_way(l, c, s->at, lost_at(l, j, s, rightward));
		canvas_put(c, s->at, GLYPH_ORIGIN, TONE_PLAIN);
	} else {
		draw_way(l, c, rightward && s->column > 0 ? s->at - STUB : s->at + STUB, s->at);
		rightward = rightward && s->column > 0;
	}
	draw_end(l, c, j, s, rightward);
}

/* First the whole way, to where it is given up; then signs; then labels, which nothing overwrites but the end. */
static void draw_run(const struct ladder *l, struct canvas *c, const struct journey *j, const struct stop *stops,
                     unsigned from, unsigned to, unsigned count)
{
	bool rightward = stops[to].at > stops[from].at, ends = to + 1 == count;
	int end = ends && went_on(j) ? lost_at(l, j, &stops[to], rightward) : stops[to].at;

	draw_way(l, c, stops[from].at, stops[to].at);
	if (end != stops[to].at)
		draw_way(l, c, stops[to].at, end);
	canvas_put(c, stops[from].at, from == 0 ? GLYPH_ORIGIN : glyph_of_box(j, &stops[from]), TONE_PLAIN);
	for (unsigned i = from + 1; i < to; i++)
		canvas_put(c, stops[i].at, glyph_of_box(j, &stops[i]), TONE_PORT);
	if (!ends || end != stops[to].at)
		canvas_put(c, stops[to].at, glyph_of_box(j, &stops[to]), TONE_PORT);
	for (unsigned i = from + 1; i < to; i++)
		draw_label(c, j, &stops[i], stops[i - 1].at, stops[i + 1].at);
	if (end != stops[to].at && (end > stops[to].at) == rightward)
		draw_label(c, j, &stops[to], stops[to - 1].at, end);
	if (ends)
		draw_end(l, c, j, &stops[to], rightward);
}

/* Behind all that was drawn. What does not fit is marked as cut: half a port looks like another one. */
static void draw_what(const struct ladder *l, struct canvas *c, const struct journey *j, const char *what)
{
	int x = (int)c->end + 1 > l->drawing_end ? (int)c->end + 1 : l->drawing_end;
	int room = (int)l->style.width - x;
	bool bad = j->fate == FATE_DROPPED || j->fate == FATE_LOST || j->fate == FATE_REFUSED;
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
	int x = l->left + 2;

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

	draw_silence(l, journey_first(j)->time_ns);
	do {
		draw_lines(l, &c);
		if (from == 0) {
			draw_number(l, &c, j->id);
			draw_time(l, &c, journey_first(j)->time_ns);
		}
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

	draw_silence(l, time_ns);
	canvas_clear(&c);
	draw_time(l, &c, time_ns);
	canvas_text(&c, l->left, text, CANVAS_WIDTH, TONE_DIM);
	canvas_print(&c, l->f, &l->style);
}

/* Beside the column, on the side where there is more room. */
void ladder_say(struct ladder *l, uint64_t time_ns, int node, const char *text)
{
	int column = node >= 0 ? l->columns.of_node[node] : -1, len = (int)strlen(text), x;
	struct canvas c;

	if (column < 0)
		return;
	draw_silence(l, time_ns);
	draw_lines(l, &c);
	draw_time(l, &c, time_ns);
	x = l->at[column] + 2;
	if (x + len > (int)l->style.width && l->at[column] - 1 - len > l->left)
		x = l->at[column] - 1 - len;
	canvas_text(&c, x, text, CANVAS_WIDTH, TONE_NAME);
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
