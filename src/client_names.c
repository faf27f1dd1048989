#include "client_names.h"

#include <stdio.h>
#include <string.h>

void client_names_note(struct client_names *n, const uint8_t name[NAME_SIZE])
{
	char text[NAME_TEXT_SIZE] = "";

	memcpy(text, name, NAME_SIZE);
	if (text[0] == '\0')
		return;
	for (unsigned i = 0; i < CLIENT_NAMES_MAX; i++)
		if (strcmp(n->list[i], text) == 0)
			return;
	memcpy(n->list[n->next], text, sizeof text);
	n->next = (n->next + 1) % CLIENT_NAMES_MAX;
}

const char *client_names_at(const struct client_names *n, unsigned i)
{
	return i < CLIENT_NAMES_MAX ? n->list[i] : NULL;
}
