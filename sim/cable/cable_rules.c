#include "cable/cable_rules.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

const char *cable_rules_add(struct cable_rules *r, const struct carriage_rule *rule)
{
	struct carriage_rule *copy;

	if (r->count == CABLE_RULES_MAX)
		return "too many rules on one link: clear them";
	copy = malloc(sizeof *copy);
	if (copy == NULL)
		return strerror(ENOMEM);
	*copy = *rule;
	r->list[r->count].seen = 0;
	r->list[r->count++].asked = copy;
	return NULL;
}

void cable_rules_clear(struct cable_rules *r)
{
	while (r->count > 0)
		free(r->list[--r->count].asked);
}

static bool matches(const struct carriage_rule *r, enum weather_direction direction, const struct frame *one)
{
	unsigned len = (unsigned)one->len - FRAME_HEADER;

	return r->rule.ways[direction] && bpf_filter(r->instructions, one->bytes + FRAME_HEADER, len, len) != 0;
}

const struct cable_rule *cable_rules_find(struct cable_rules *r, enum weather_direction direction,
                                          const struct frame *one)
{
	const struct cable_rule *found = NULL;

	for (size_t i = 0; i < r->count; i++) {
		const struct cable_rule *rule = &r->list[i].asked->rule;
		unsigned seen;

		if (!matches(r->list[i].asked, direction, one))
			continue;
		if (rule->kind == CABLE_PASS)
			return rule;
		seen = ++r->list[i].seen;
		if (found == NULL && seen >= rule->from && (rule->count == 0 || seen - rule->from < rule->count))
			found = rule;
	}
	return found;
}
