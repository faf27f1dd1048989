#include "nat/nat.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any text: refused with a one-line reason, or read; and what was read is written and read back the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nat nat, again;
	char error[NAT_ERROR_SIZE], text[NAT_TEXT_SIZE];
	char *spec = malloc(size + 1);

	if (spec == NULL)
		return 0;
	memcpy(spec, data, size);
	spec[size] = '\0';
	if (nat_parse(spec, &nat, error) != 0) {
		if (error[0] == '\0')
			abort();
	} else if (nat_parse(nat_format(&nat, text), &again, error) != 0 || !nat_equal(&nat, &again)) {
		abort();
	}
	free(spec);
	return 0;
}
