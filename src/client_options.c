#include "client_options.h"

#include "client_family.h"
#include "io/options.h"
#include "io/udp.h"

#include <getopt.h>
#include <string.h>

#define DEFAULT_PUNCH_TIMEOUT_US 10000000u
#define DEFAULT_KEEPALIVE_US 15000000u

enum { OPTION_PUNCH_TIMEOUT = 256, OPTION_KEEPALIVE, OPTION_STRATEGY, OPTION_IDENTITY, OPTION_NAME };

static const struct option_row rows[] = {
	{ 'b', "bind", "ADDRESS:PORT", "use this local address and port (default: any)" },
	{ OPTION_NAME, "name", "NAME", "log in at the start, and be called that" },
	{ OPTION_PUNCH_TIMEOUT, "punch-timeout", "SECONDS", "give a punch up after so long (default 10)" },
	{ OPTION_IDENTITY, "identity", "FILE",
	  "who you are is in FILE, which is made (default: ~/.local/share/p2pchat/identity; none: only this once)" },
	{ OPTION_STRATEGY, "strategy", "NAME,...",
	  "how to find a path: auto (all), basic (host,plain), or some of host, plain, fresh, predict, birthday, "
	  "low-ttl, relay" },
	{ OPTION_KEEPALIVE, "keepalive", "SECONDS", "keep NAT mappings alive that often (default 15)" },
	{ 'v', "verbose", NULL, "say more, on standard error" },
	{ 'q', "quiet", NULL, "say only what is wrong" },
	{ 0, NULL, NULL, NULL },
};

static const struct options options = {
	.usage = "[OPTIONS] HOST:PORT",
	.purpose = "Client of p2pchat: chats with peers behind NATs directly, introduced by the server at HOST:PORT.",
	.rows = rows,
};

static uint64_t read_seconds(const char *option, const char *text)
{
	uint64_t us = options_seconds(text);

	if (us == 0)
		options_refuse("%s: \"%s\" is not a number of seconds", option, text);
	return us;
}

static void read_option(struct client_options *o, int letter, const char *argument)
{
	char words[NAME_FAULT_SIZE];

	switch (letter) {
	case 'b':
		if (endpoint_parse(argument, &o->bind) != 0)
			options_refuse("-b: \"%s\" is not ADDRESS:PORT", argument);
		break;
	case OPTION_PUNCH_TIMEOUT: o->config.punch_timeout_us = read_seconds("--punch-timeout", argument); break;
	case OPTION_NAME:
		if (name_check((const uint8_t *)argument, strlen(argument), NULL) != NAME_IS_GOOD)
			options_refuse("--name: \"%s\" %s", argument, name_fault_words(argument, words));
		o->name = argument;
		break;
	case OPTION_IDENTITY: o->identity = argument; break;
	case OPTION_STRATEGY:
		if (strategy_parse(argument, &o->config.strategies) != 0)
			options_refuse("--strategy: \"%s\" is not auto, basic, or some of host, plain, fresh, predict, "
			               "birthday, low-ttl, relay",
			               argument);
		break;
	case OPTION_KEEPALIVE: o->config.keepalive_us = read_seconds("--keepalive", argument); break;
	case 'v': o->level = LOG_DEBUG; break;
	case 'q': o->level = LOG_WARNING; break;
	default: break;
	}
}

/* The family of the client's sockets. */
static uint8_t choose_family(struct client_options *o, bool by_name)
{
	if (by_name && client_family_take_nat64(o->server, &o->config.server, &o->nat64))
		return ADDRESS_IPV6;
	if (o->bind.address.family == ADDRESS_NONE)
		client_family_choose(o->server, &o->config.server, &o->config.other_server);
	if (!udp_find_nat64(&o->config.server, by_name, &o->nat64))
		return o->config.server.address.family;
	o->config.other_server = (struct endpoint){ 0 }; /* it would be IPv6 again: all there is */
	return ADDRESS_IPV6;
}

static void find_server(struct client_options *o)
{
	bool by_name = endpoint_parse(o->server, &o->config.server) != 0;
	char problem[UDP_ERROR_SIZE];
	uint8_t family;

	if (by_name && udp_resolve(o->server, 0, o->bind.address.family, &o->config.server, problem) != 0)
		options_refuse("server \"%s\": %s", o->server, problem);
	if (!udp_can_reach(&o->config.server, problem))
		options_refuse("server \"%s\": %s", o->server, problem);
	family = choose_family(o, by_name);
	if (o->bind.address.family != ADDRESS_NONE && o->bind.address.family != family)
		options_refuse("-b and the server are of different address families");
	o->bind.address.family = family;
}

void client_options_read(struct client_options *o, int argc, char **argv)
{
	const char *argument;
	int letter;

	*o = (struct client_options){
		.config = { .punch_timeout_us = DEFAULT_PUNCH_TIMEOUT_US,
		            .keepalive_us = DEFAULT_KEEPALIVE_US,
		            .strategies = STRATEGY_AUTO },
		.level = LOG_INFO,
	};
	while ((letter = options_next(&options, argc, argv, &argument)) != -1)
		read_option(o, letter, argument);
	if (optind + 1 != argc)
		options_refuse(optind == argc ? "which server? HOST:PORT" : "one HOST:PORT, and nothing behind it");
	o->server = argv[optind];
	find_server(o);
}
