#include "check/check_all.h"
#include "nat/requirement.h"
#include "suite.h"

#include <string.h>

static struct measurement with_rows(const struct measurement_row *rows, size_t count)
{
	struct measurement m = { .count = count };

	memcpy(m.rows, rows, count * sizeof *rows);
	return m;
}

static const struct requirement *numbered(unsigned number)
{
	const struct requirement *r = requirements;

	while (r->number != 0 && r->number != number)
		r++;
	CU_ASSERT_NOT_EQUAL_FATAL(r->number, 0);
	return r;
}

static void all_rows_about_it_must_say_so(void)
{
	const struct measurement_row rows[] = {
		{ .part = MEASURED_TIMEOUT, .requirement_met = false },
		{ .part = MEASURED_STREAM_TIMEOUT, .requirement_met = true },
		{ .part = MEASURED_MAPPING, .requirement_met = true },
		{ .part = MEASURED_RANGE },
	};
	struct measurement m = with_rows(rows, 4);

	CU_ASSERT_EQUAL(requirement_state(&m, numbered(5)), REQUIREMENT_NOT_MET);
	CU_ASSERT_EQUAL(requirement_state(&m, numbered(1)), REQUIREMENT_MET);
	CU_ASSERT_EQUAL(requirement_state(&m, numbered(9)), REQUIREMENT_UNSEEN);
}

static void the_table_has_a_column_for_each(void)
{
	const struct measurement_row row = { .part = MEASURED_MAPPING, .requirement_met = true };
	struct measurement m = with_rows(&row, 1);
	char head[256], line[256], legend[2048];

	requirement_head(head, sizeof head);
	requirement_line("full-cone", &m, line, sizeof line);
	requirement_legend(legend, sizeof legend);
	CU_ASSERT_STRING_EQUAL(line, "yes   .   .   .   .   .   .   .   .   .   .   .  full-cone\n");
	CU_ASSERT_EQUAL(strchr(head, 'R') - head, strchr(line, 'f') - line);
	for (const struct requirement *r = requirements; r->number != 0; r++)
		CU_ASSERT_PTR_NOT_NULL(strstr(legend, r->about));
	CU_ASSERT_PTR_NOT_NULL(strstr(legend, "  REQ-1   endpoint"));
}

/* The whole space: nine by three with lifetimes, every preset, and no spec that could not be built. */
static void check_all_names_the_whole_space(void)
{
	char spec[NAT_TEXT_SIZE], error[NAT_ERROR_SIZE];
	bool grid[3][3][3] = { 0 };
	size_t presets = 0, cells = 0;
	int depth;

	for (size_t i = 0; (depth = check_all_spec(i, spec)) >= 0; i++) {
		const struct nat_transport *udp;
		struct nat nat;

		CU_ASSERT_EQUAL_FATAL(nat_parse(spec, &nat, error), 0);
		udp = &nat.transport[NAT_UDP];
		if (nat.kind == NAT_TRANSLATE && depth == CHECK_FULL && udp->ports != NAT_PORTS_OVERLOAD)
			grid[udp->mapping][udp->filtering][udp->ports] = true;
		for (const struct nat_preset *p = nat_presets; p->name != NULL; p++)
			presets += strcmp(p->name, spec) == 0;
	}
	for (size_t i = 0; i < 27; i++)
		cells += grid[i / 9][i / 3 % 3][i % 3];
	CU_ASSERT_EQUAL(cells, 27);
	for (const struct nat_preset *p = nat_presets; p->name != NULL; p++)
		presets--;
	CU_ASSERT_EQUAL(presets, 0);
}

SUITE(requirement, TEST(all_rows_about_it_must_say_so), TEST(the_table_has_a_column_for_each),
      TEST(check_all_names_the_whole_space))
