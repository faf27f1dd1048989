#include "nat/measurement_rows.h"

#include <limits.h>
#include <stdio.h>

static unsigned lesser(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* "20", "at least 160", "any number" */
static void say_limit(char text[MEASUREMENT_TEXT_SIZE], unsigned count, unsigned reach)
{
	snprintf(text, MEASUREMENT_TEXT_SIZE, count < reach ? "%u" : "at least %u", count);
}

static void add_limit(struct measurement *m, const struct observation *seen, enum measurement_part part, unsigned asked,
                      unsigned wanted, unsigned mapped, unsigned reach)
{
	char asked_text[MEASUREMENT_TEXT_SIZE] = "-", measured[MEASUREMENT_TEXT_SIZE];

	if (asked != 0)
		snprintf(asked_text, sizeof asked_text, "%u", asked);
	say_limit(measured, mapped, reach);
	measurement_add_row(m, seen, part, asked_text, measured, mapped != wanted);
}

/* So far the row is about a wider range, in which the rest was measured. */
static void narrow_range(struct measurement *m, const struct nat *asked, const struct observation *seen)
{
	bool within = seen->port_low >= asked->port_low && seen->port_high <= asked->port_high;

	for (size_t i = 0; i < m->count; i++) {
		struct measurement_row *row = &m->rows[i];

		if (row->part != measurement_part_of(seen, MEASURED_RANGE) || row->differs)
			continue;
		snprintf(row->asked, sizeof row->asked, "%u-%u", asked->port_low, asked->port_high);
		snprintf(row->measured, sizeof row->measured, "%u-%u (%u seen)", seen->port_low, seen->port_high,
		         seen->port_count);
		row->differs = !within;
		m->measured.port_low = within ? asked->port_low : seen->port_low;
		m->measured.port_high = within ? asked->port_high : seen->port_high;
	}
}

void measurement_add_limits(struct measurement *m, const struct nat *asked, const struct observation *seen)
{
	const struct nat_transport *udp = &asked->transport[NAT_UDP];
	unsigned reach = seen->limit_reach;
	unsigned ports = nat_narrow_range(asked);
	unsigned all = lesser(udp->limit != 0 ? udp->limit : UINT_MAX, ports != 0 ? ports : UINT_MAX);
	unsigned each = lesser(udp->limit_per_host != 0 ? udp->limit_per_host : UINT_MAX, reach);
	unsigned first = lesser(each, all), second = lesser(each, all - first);

	if (!seen->limit_seen)
		return;
	if (ports != 0)
		narrow_range(m, asked, seen);
	if (seen->protocol == NAT_TCP)
		return;
	add_limit(m, seen, MEASURED_LIMIT_PER_HOST, udp->limit_per_host, first, seen->mapped[0], reach);
	add_limit(m, seen, MEASURED_LIMIT, all != UINT_MAX ? all : 0, first + second, seen->mapped[0] + seen->mapped[1],
	          2 * reach);
}
