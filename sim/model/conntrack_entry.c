#include "model/conntrack_entry.h"

#include <stdio.h>
#include <string.h>

/* The value of the next " name=" from *text on, which moves behind it; NULL where there is none. */
static const char *next_value(const char **text, const char *name, char value[ADDRESS_TEXT_SIZE])
{
	const char *found = strstr(*text, name);
	size_t len = found != NULL ? strcspn(found + strlen(name), " ") : 0;

	if (found == NULL || len == 0 || len >= ADDRESS_TEXT_SIZE)
		return NULL;
	memcpy(value, found + strlen(name), len);
	value[len] = '\0';
	*text = found + strlen(name) + len;
	return value;
}

static int make(const char *address, const char *port, struct endpoint *out)
{
	char text[2 * ADDRESS_TEXT_SIZE];

	snprintf(text, sizeof text, "%s:%s", address, port);
	return endpoint_parse(text, out) == 0 && out->port != 0 ? 0 : -1;
}

static int read_way(const char **text, struct endpoint *src, struct endpoint *dst)
{
	char from[ADDRESS_TEXT_SIZE], to[ADDRESS_TEXT_SIZE], from_port[ADDRESS_TEXT_SIZE], to_port[ADDRESS_TEXT_SIZE];

	if (next_value(text, " src=", from) == NULL || next_value(text, " dst=", to) == NULL ||
	    next_value(text, " sport=", from_port) == NULL || next_value(text, " dport=", to_port) == NULL)
		return -1;
	return make(from, from_port, src) == 0 ? make(to, to_port, dst) : -1;
}

/* "udp 17 29 src=10.0.1.2 dst=22.22.22.1 sport=4000 dport=5000 src=22.22.22.1 dst=33.33.33.1 sport=5000 dport=4000" */
int conntrack_entry_parse(const char *line, struct conntrack_entry *out)
{
	*out = (struct conntrack_entry){ .src.port = 0 };
	return read_way(&line, &out->src, &out->dst) == 0 ? read_way(&line, &out->reply_src, &out->reply_dst) : -1;
}
