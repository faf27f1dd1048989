/* A world's record, line by line: nodes, mappings, counters, steps; then the mappings made of it. */
#include "trace/recorded_events.h"
#include "trace/mapping.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scene scene; /* large: only its counts are cleared */
	struct scene *s = &scene;
	struct recorded_events r = { 0 };
	struct mappings m;

	s->node_count = 0;
	while (size > 0) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t len = end != NULL ? (size_t)(end - data) : size;
		int status = recorded_events_take_line((const char *)data, len, s, &r);

		(void)status; /* bad lines are skipped */
		data += len + (end != NULL);
		size -= len + (end != NULL);
	}
	recorded_events_sort(&r);
	if (mappings_begin(&m, s, &r) == 0) {
		for (size_t i = 0; i < m.count; i++)
			if (mapping_is_alive(&m.list[i], m.list[i].born_ns) && m.list[i].box >= (int)s->node_count)
				abort();
		mappings_free(&m);
	}
	recorded_events_free(&r);
	return 0;
}
