/* Of IPv6: a prefix that was chosen, and prefixes that are translated. */
#include "nat/measurement_rows.h"

/* Bits of a prefix behind which the subnet makes sums equal, not the identifier (RFC 6296 §3.4). */
#define SUBNET_LAST 48

void measurement_add_place(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	const struct subnet *home = nat_prefix(asked, NAT_KEY_IPV6_PREFIX);
	const struct subnet *wanted = home->prefix != 0 ? home : nat_prefix(asked, NAT_KEY_IPV6_OUTSIDE);
	struct subnet measured = { address_network(&seen->place, wanted->prefix), wanted->prefix };
	char a[SUBNET_TEXT_SIZE], b[SUBNET_TEXT_SIZE];

	if (wanted->prefix != 0)
		measurement_add_row(m, seen, MEASURED_PREFIX, subnet_format(wanted, a), subnet_format(&measured, b),
		                    !subnet_equal(wanted, &measured));
}

void measurement_add_prefix(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	bool kept = nat_prefix(asked, NAT_KEY_IPV6_OUTSIDE)->prefix <= SUBNET_LAST;

	measurement_add_row(m, seen, MEASURED_CHECKSUM, "neutral", seen->checksum_neutral ? "neutral" : "changed",
	                    !seen->checksum_neutral);
	measurement_add_row(m, seen, MEASURED_INTERFACE_ID, kept ? "kept" : "changed",
	                    seen->interface_id_kept ? "kept" : "changed", seen->interface_id_kept != kept);
}
