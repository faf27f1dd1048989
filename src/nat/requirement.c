#include "nat/requirement.h"

#include "base/text.h"

const struct requirement requirements[] = {
	{ 1, "endpoint-independent mapping" },
	{ 2, "one external address for a host" },
	{ 3, "no port shared by two hosts" },
	{ 4, "port parity kept (recommended)" },
	{ 5, "mappings live two minutes or more" },
	{ 6, "outbound packets refresh" },
	{ 8, "filtering endpoint-independent or address-dependent" },
	{ 9, "hairpins, with the external source" },
	{ 10, "payloads unchanged" },
	{ 11, "the same behaviour always" },
	{ 12, "an ICMP error ends no mapping" },
	{ 14, "fragments pass" },
	{ 0 },
};

enum requirement_state requirement_state(const struct measurement *m, const struct requirement *r)
{
	enum requirement_state state = REQUIREMENT_UNSEEN;

	for (size_t i = 0; i < m->count; i++) {
		const struct measurement_row *row = &m->rows[i];

		if (measurement_part_is_tcp(row->part) || measurement_part_requirement(row->part) != r->number)
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

	for (const struct requirement *r = requirements; r->number != 0; r++)
		text_add(&t, "%3u ", r->number);
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

	for (const struct requirement *r = requirements; r->number != 0; r++)
		text_add(&t, "%3s ", words[requirement_state(m, r)]);
	text_add(&t, " %s\n", spec);
	return t.len;
}

size_t requirement_legend(char *text, size_t size)
{
	struct text t = text_in(text, size);

	for (const struct requirement *r = requirements; r->number != 0; r++)
		text_add(&t, "  REQ-%-2u  %s\n", r->number, r->about);
	text_add(&t, "  .       not looked at\n");
	return t.len;
}
