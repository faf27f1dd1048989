#include "nat_type/attempt.h"

static bool same_host(const struct attempt *a, const struct attempt *b)
{
	return endpoint_same_address(&a->server, &b->server);
}

/* Whether UDP was seen to get there and back, whatever came back. */
static bool udp_passed(const struct attempt *a)
{
	enum stun_outcome contact = a->findings.contact.outcome;

	return a->host == CONCLUSION_HOST_HEARS || a->findings.malformed > 0 ||
	       (contact != STUN_SILENT && contact != STUN_UNASKED);
}

/* Of how many other hosts nothing but TCP answered. */
static unsigned others_silent(const struct attempt attempts[], size_t count, const struct attempt *a)
{
	unsigned silent = 0;

	for (size_t i = 0; i < count; i++) {
		bool counts = attempts[i].host == CONCLUSION_HOST_ALIVE && !same_host(&attempts[i], a);

		for (size_t k = 0; k < i; k++)
			counts = counts && !same_host(&attempts[i], &attempts[k]);
		silent += counts;
	}
	return silent;
}

struct conclusion attempt_conclusion(const struct attempt attempts[], size_t count, size_t i)
{
	const struct attempt *a = &attempts[i];
	bool passes = false;

	for (size_t k = 0; k < count; k++)
		passes = passes || udp_passed(&attempts[k]);
	if (!passes)
		return conclusion_of(&a->findings, a->host, others_silent(attempts, count, a));
	/* Whoever forbids UDP to this host lets it pass to another. */
	return conclusion_of(&a->findings, a->host == CONCLUSION_HOST_PROHIBITED ? CONCLUSION_HOST_UNKNOWN : a->host,
	                     0);
}

static unsigned worth(const struct conclusion *v)
{
	unsigned known = v->complete ? NAT_KEY_COUNT : 0;

	for (enum nat_key key = 0; key < NAT_KEY_COUNT; key++)
		known += conclusion_knows(v, key);
	return known;
}

size_t attempt_best(const struct attempt attempts[], size_t count)
{
	unsigned most = 0;
	size_t best = 0;

	for (size_t i = 0; i < count; i++) {
		struct conclusion v = attempt_conclusion(attempts, count, i);

		if (worth(&v) <= most)
			continue;
		most = worth(&v);
		best = i;
	}
	return best;
}
