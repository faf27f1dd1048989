#include "trace/mapping_words.h"

const struct mapping_words mapping_kinds[] = {
	[MAPPING_OUT] = { "out", "opened from inside" },
	[MAPPING_IN] = { "in", "opened by a stranger who was let in" },
	[MAPPING_HAIRPIN] = { "hairpin", "hairpin" },
	[MAPPING_LOCAL] = { "local", "of the box itself" },
};
_Static_assert(sizeof mapping_kinds / sizeof *mapping_kinds == MAPPING_LOCAL + 1, "one for each kind");

const struct mapping_words mapping_ends[] = {
	[MAPPING_ALIVE] = { "alive", NULL },          [MAPPING_EXPIRED] = { "expired", "its time ran out" },
	[MAPPING_OLD] = { "too-old", "too old" },     [MAPPING_RESET] = { "reset", "reset" },
	[MAPPING_DELETED] = { "deleted", "removed" },
};
_Static_assert(sizeof mapping_ends / sizeof *mapping_ends == MAPPING_DELETED + 1, "one for each end");
