#include "result/json_line.h"

int json_line_print(FILE *f, const json_t *value)
{
	if (value == NULL || json_dumpf(value, f, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		return -1;
	return putc('\n', f) != EOF ? 0 : -1;
}
