#include "client_pins.h"

#include <stdio.h>
#include <string.h>

#define ROOM ((size_t)PINS_MAX * PINS_LINE_SIZE)

int client_pins_read(struct client_pins *c, struct pins *pins, const char *identity,
                     char error[PRIVATE_FILE_ERROR_SIZE])
{
	static char text[ROOM];
	char what[96];
	unsigned number = 1;
	size_t len = 0;

	snprintf(c->path, sizeof c->path, "%s.peers", identity);
	switch (private_file_read(c->path, text, sizeof text, &len, error)) {
	case 1: return 0;
	case 0: break;
	default: return -1;
	}
	for (const char *line = text, *end; line < text + len; line = end + 1, number++) {
		size_t left = (size_t)(text + len - line);

		end = memchr(line, '\n', left);
		if (end == NULL || pins_read_line(pins, line, (size_t)(end - line)) != 0) {
			snprintf(what, sizeof what, "is damaged: line %u is no key and name; remove that line", number);
			return private_file_fail(c->path, what, error);
		}
	}
	return 0;
}

int client_pins_keep(const struct client_pins *c, struct pins *pins, char error[PRIVATE_FILE_ERROR_SIZE])
{
	static char text[ROOM + 1];
	char line[PINS_LINE_SIZE + 1];
	size_t len = 0;

	if (!pins->changed)
		return 0;
	pins->changed = false;
	if (c->path[0] == '\0')
		return 0;
	for (size_t i = 0; i < pins->count; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", pins_line(pins, i, line));
	return private_file_write(c->path, text, len, false, error);
}
