#include "chat/drops.h"

static const char *const names[DROPS] = {
	[DROP_SOURCE] = "bad source",     [DROP_NOT_FOR_US] = "not for us",   [DROP_COOKIE] = "wrong cookie",
	[DROP_SESSION] = "wrong session", [DROP_TOKEN] = "wrong token",       [DROP_MAC] = "wrong mac",
	[DROP_REFLECTED] = "reflected",   [DROP_RATE] = "over the rate",      [DROP_LATE] = "late",
	[DROP_FULL] = "no room",          [DROP_CANDIDATE] = "bad candidate", [DROP_CARD] = "bad card",
};

const char *drop_name(enum drop reason)
{
	if ((unsigned)reason < (unsigned)WIRE_ERRORS)
		return wire_error_name((enum wire_error)reason);
	return (unsigned)reason < (unsigned)DROPS && names[reason] != NULL ? names[reason] : "?";
}

uint64_t drops_total(const struct drops *d)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < DROPS; i++)
		total += d->count[i];
	return total;
}
