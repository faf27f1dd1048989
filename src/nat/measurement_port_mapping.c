#include "nat/measurement_rows.h"

#include <stdio.h>
#include <string.h>

/* "upnp=conflict, nat-pmp" */
static const char *mapper_words(const struct nat *n, char text[MEASUREMENT_TEXT_SIZE])
{
	size_t len = 0;

	text[0] = '\0';
	if (n->upnp != NAT_MAPPER_NONE)
		len +=
		    (size_t)snprintf(text, MEASUREMENT_TEXT_SIZE, ", upnp%s%s", n->upnp != NAT_MAPPER_WORKS ? "=" : "",
		                     n->upnp != NAT_MAPPER_WORKS ? nat_word(n, NAT_KEY_UPNP) : "");
	snprintf(text + len, MEASUREMENT_TEXT_SIZE - len, "%s%s", n->nat_pmp ? ", nat-pmp" : "", n->pcp ? ", pcp" : "");
	if (text[0] == '\0')
		snprintf(text, MEASUREMENT_TEXT_SIZE, "  none");
	return text + strlen(", ");
}

/* One that does not answer is seen as silent only where that was asked: else there is none. */
static enum nat_port_mapper mapper_of(const struct nat *asked, const struct observation *seen)
{
	bool answers = seen->mapper_answers[0] || seen->mapper_answers[1] || seen->mapper_answers[2];
	bool opens = seen->mapper_opens[0] || seen->mapper_opens[1] || seen->mapper_opens[2];

	if (!answers)
		return asked->upnp == NAT_MAPPER_SILENT ? NAT_MAPPER_SILENT : NAT_MAPPER_NONE;
	if (!opens)
		return seen->mapper_is_public ? NAT_MAPPER_NONE : NAT_MAPPER_PRIVATE_ADDRESS;
	if (!seen->mapper_gives_usual)
		return NAT_MAPPER_CONFLICT;
	if (!seen->mapper_outlives)
		return NAT_MAPPER_SHORT_LEASE;
	return seen->mapper_survives_reboot ? NAT_MAPPER_WORKS : NAT_MAPPER_LOST_ON_REBOOT;
}

void measurement_add_port_mapping(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	char wanted[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];
	enum nat_port_mapper all = mapper_of(asked, seen);
	bool in_vain = all == NAT_MAPPER_SILENT || all == NAT_MAPPER_PRIVATE_ADDRESS;
	struct nat *n = &m->measured;

	if (!seen->mapper_seen)
		return;
	n->nat_pmp = seen->mapper_opens[1] || (in_vain && asked->nat_pmp);
	n->pcp = seen->mapper_opens[2] || (in_vain && asked->pcp);
	n->upnp = all;
	/* Of a box without UPnP only what is not as it should be is to be told. */
	if (!seen->mapper_answers[0] && all == NAT_MAPPER_WORKS)
		n->upnp = NAT_MAPPER_NONE;
	if (seen->mapper_answers[0] && !seen->mapper_opens[0] && !in_vain)
		n->upnp = NAT_MAPPER_NONE;
	measurement_add_row(m, seen, MEASURED_PORT_MAPPING, mapper_words(asked, wanted), mapper_words(n, measured),
	                    n->upnp != asked->upnp || n->nat_pmp != asked->nat_pmp || n->pcp != asked->pcp);
}
