/* What was asked for of certain packets of one link. For the files of the cable alone. */
#ifndef CABLE_RULES_H
#define CABLE_RULES_H

#include "cable/cable_carriage.h"
#include "cable/frames.h"

#define CABLE_RULES_MAX 16

struct cable_rules {
	struct {
		struct carriage_rule *asked;
		unsigned seen; /* packets that matched */
	} list[CABLE_RULES_MAX];
	size_t count;
};

/* Adds a copy. Returns why it could not, or NULL. */
const char *cable_rules_add(struct cable_rules *r, const struct carriage_rule *rule);
void cable_rules_clear(struct cable_rules *r);

/* The first rule that has its say in this frame, or NULL; each counts what matches it, the passed ones apart. */
const struct cable_rule *cable_rules_find(struct cable_rules *r, enum weather_direction direction,
                                          const struct frame *one);

#endif
