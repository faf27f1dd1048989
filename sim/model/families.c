#include "model/families.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = { [FAMILIES_4] = "4", [FAMILIES_6] = "6", [FAMILIES_46] = "46" };

int families_parse(const char *text, enum families *out, char error[FAMILIES_ERROR_SIZE])
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(text, names[i]) != 0)
			continue;
		*out = (enum families)i;
		return 0;
	}
	snprintf(error, FAMILIES_ERROR_SIZE, "there are no families '%.40s'; there are: 4, 6, 46", text);
	return -1;
}

bool families_have_ipv4(enum families f)
{
	return f != FAMILIES_6;
}

bool families_have_ipv6(enum families f)
{
	return f != FAMILIES_4;
}
