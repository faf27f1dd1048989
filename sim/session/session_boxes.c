#include "session/session_boxes.h"

#include "io/log.h"

#include <stdlib.h>
#include <string.h>

static struct box_kind *current(const struct session_boxes *b)
{
	return b->at < b->kinds.count ? b->kinds.kinds[b->at] : NULL;
}

/* Starts the next kind that can be measured. */
static void go_on(struct session_boxes *b)
{
	for (; current(b) != NULL; b->at++) {
		measured_boxes_start(&b->kinds, current(b));
		if (current(b)->state == BOX_IS_MEASURED)
			return;
	}
}

static int kind_of(struct session_boxes *b, const json_t *box)
{
	const char *sabotage = json_string_value(json_object_get(box, "sabotage"));

	return measured_boxes_add(&b->kinds, json_string_value(json_object_get(box, "spec")),
	                          sabotage != NULL ? sabotage : "", CHECK_QUICK);
}

/* Says what came of it, and where it is not as claimed, why. */
static void tell(struct session_boxes *b, json_t *about)
{
	struct box_totals totals = measured_boxes_totals(&b->kinds);
	json_t *box;
	size_t i;

	json_array_foreach (json_object_get(about, "boxes"), i, box) {
		int at = kind_of(b, box);
		const struct box_kind *k = at >= 0 ? b->kinds.kinds[at] : NULL;
		bool agrees = k != NULL && k->state == BOX_AGREES;
		char *complaint = agrees || k == NULL
		                      ? NULL
		                      : measured_boxes_complaint(k, json_string_value(json_object_get(box, "name")));

		json_object_set_new(box, "measured",
		                    json_string(agrees                                 ? "agrees"
		                                : k != NULL && k->state == BOX_DIFFERS ? "differs"
		                                                                       : "unknown"));
		if (complaint != NULL)
			log_error("%s", complaint);
		free(complaint);
	}
	if (totals.agree == b->kinds.count)
		log_info("boxes: %zu %s measured, all as claimed", b->kinds.count,
		         b->kinds.count == 1 ? "kind" : "kinds");
}

void session_boxes_begin(struct session_boxes *b, const json_t *about)
{
	const json_t *box;
	size_t i;

	json_array_foreach (json_object_get(about, "boxes"), i, box)
		kind_of(b, box);
	go_on(b);
}

int session_boxes_fd(const struct session_boxes *b)
{
	return current(b) != NULL ? current(b)->child.fd : -1;
}

void session_boxes_read(struct session_boxes *b, bool ready, json_t *about)
{
	if (current(b) == NULL || !measured_boxes_read(current(b), ready))
		return;
	b->at++;
	go_on(b);
	if (current(b) == NULL)
		tell(b, about);
}

void session_boxes_clear(struct session_boxes *b)
{
	measured_boxes_clear(&b->kinds);
}
