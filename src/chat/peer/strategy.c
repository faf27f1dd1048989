#include "chat/peer/strategy.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	unsigned strategies;
} names[] = {
	{ "auto", STRATEGY_AUTO },         { "basic", STRATEGY_BASIC },     { "host", STRATEGY_HOST },
	{ "plain", STRATEGY_PLAIN },       { "fresh", STRATEGY_FRESH },     { "predict", STRATEGY_PREDICT },
	{ "birthday", STRATEGY_BIRTHDAY }, { "low-ttl", STRATEGY_LOW_TTL }, { "relay", STRATEGY_RELAY },
};

static unsigned named(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i].name) == len && memcmp(names[i].name, word, len) == 0)
			return names[i].strategies;
	return 0;
}

int strategy_parse(const char *text, unsigned *out)
{
	unsigned all = 0;

	for (;;) {
		size_t len = strcspn(text, ",");
		unsigned one = named(text, len);

		if (one == 0)
			return -1;
		all |= one;
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	*out = all;
	return 0;
}

const char *way_name(enum way way)
{
	static const char *const ways[WAYS] = { "host",      "server-reflexive", "peer-reflexive", "fresh socket",
		                                "predicted", "birthday",         "low-ttl",        "relayed" };

	return (unsigned)way < (unsigned)WAYS ? ways[way] : "?";
}
