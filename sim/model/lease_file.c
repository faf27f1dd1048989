#include "model/lease_file.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE 160

static enum mapper_protocol asked_by(const char *name)
{
	if (strncmp(name, "NAT-PMP ", 8) == 0)
		return MAPPER_NAT_PMP;
	return strncmp(name, "PCP ", 4) == 0 ? MAPPER_PCP : MAPPER_UPNP;
}

/* The next field, up to a colon, ended in place; NULL: there is none. */
static char *next_field(char **line)
{
	char *field = *line;
	size_t len = field != NULL ? strcspn(field, ":") : 0;

	if (field != NULL)
		*line = field[len] == ':' ? field + len + 1 : NULL;
	if (field != NULL)
		field[len] = '\0';
	return field;
}

static uint32_t read_seconds(const char *text)
{
	uint32_t value = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		value = value * 10 + (uint32_t)(*text - '0');
	return value;
}

static bool read_line(char *line, struct lease *out)
{
	char *protocol = next_field(&line), *outside = next_field(&line), *address = next_field(&line);
	char *port = next_field(&line), *ends = next_field(&line);

	*out = (struct lease){ .protocol = IPPROTO_UDP };
	if (ends == NULL || endpoint_parse_port(outside, &out->outside) != 0 ||
	    endpoint_parse_port(port, &out->inside.port) != 0 ||
	    endpoint_parse_address(address, out->inside.port, &out->inside) != 0)
		return false;
	if (strcmp(protocol, "TCP") == 0)
		out->protocol = IPPROTO_TCP;
	else if (strcmp(protocol, "UDP") != 0)
		return false;
	out->ends_s = read_seconds(ends);
	out->by = asked_by(line != NULL ? line : "");
	return true;
}

size_t lease_file_read(const char *text, struct lease out[LEASE_FILE_MAX])
{
	size_t count = 0;

	while (*text != '\0' && count < LEASE_FILE_MAX) {
		size_t len = strcspn(text, "\n");
		char line[LINE_SIZE];

		snprintf(line, sizeof line, "%.*s", (int)len, text);
		count += read_line(line, &out[count]);
		text += len + (text[len] == '\n');
	}
	return count;
}

bool lease_same_port(const struct lease *a, const struct lease *b)
{
	return a->protocol == b->protocol && a->outside == b->outside;
}

bool lease_same(const struct lease *a, const struct lease *b)
{
	return lease_same_port(a, b) && endpoint_equal(&a->inside, &b->inside) && a->by == b->by;
}
