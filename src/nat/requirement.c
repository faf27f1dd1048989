#include "nat/requirement.h"

#include "base/text.h"

#include <string.h>

const struct requirement requirements[] = {
	{ "REQ-1", "endpoint-independent mapping" },
	{ "REQ-2", "one external address for a host" },
	{ "REQ-3", "no port shared by two hosts" },
	{ "REQ-4", "port parity kept (recommended)" },
	{ "REQ-5", "mappings live two minutes or more" },
	{ "REQ-6", "outbound packets refresh" },
	{ "REQ-8", "filtering endpoint-independent or address-dependent" },
	{ "REQ-9", "hairpins, with the external source" },
	{ "REQ-10", "payloads unchanged" },
	{ "REQ-11", "the same behaviour always" },
	{ "REQ-12", "an ICMP error ends no mapping" },
	{ "REQ-14", "fragments pass" },
	{ 0 },
};

enum requirement_state requirement_state(const struct measurement *m, const struct requirement *r)
{
	enum requirement_state state = REQUIREMENT_UNSEEN;

	for (size_t i = 0; i < m->count; i++) {
		const struct measurement_row *row = &m->rows[i];

		if (row->requirement == NULL || strcmp(row->requirement, r->name) != 0)
			continue;
		if (!row->requirement_met)
			return REQUIREMENT_NOT_MET;
		state = REQUIREMENT_MET;
	}
	return state;
}

size_t requirement_head(char *text, size_t size)
{
	struct text t = text_in(text, size);

	for (const struct requirement *r = requirements; r->name != NULL; r++)
		text_add(&t, "%3s ", r->name + strlen("REQ-"));
	text_add(&t, " RFC 4787 REQ-\n");
	return t.len;
}

size_t requirement_line(const char *spec, const struct measurement *m, char *text, size_t size)
{
	static const char *const words[] = {
		[REQUIREMENT_UNSEEN] = ".",
		[REQUIREMENT_MET] = "yes",
		[REQUIREMENT_NOT_MET] = "no",
	};
	struct text t = text_in(text, size);

	for (const struct requirement *r = requirements; r->name != NULL; r++)
		text_add(&t, "%3s ", words[requirement_state(m, r)]);
	text_add(&t, " %s\n", spec);
	return t.len;
}

size_t requirement_legend(char *text, size_t size)
{
	struct text t = text_in(text, size);

	for (const struct requirement *r = requirements; r->name != NULL; r++)
		text_add(&t, "  %-6s  %s\n", r->name, r->about);
	text_add(&t, "  .       not looked at\n");
	return t.len;
}
