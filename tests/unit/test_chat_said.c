/*
 * Whole chats, word for word (said.h): tests/unit/chats/NAME has every datagram of a story, when it was sent and what
 * it was, every line that the users saw, and what was dropped for which reason.
 */
#include "chat.h"
#include "chat/drops.h"
#include "said.h"
#include "suite.h"

#define DATAGRAMS 400 /* of a story that are told */

static struct said said;
static unsigned told;

static const struct nat_kind random_ports = { "random", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ADDRESS_AND_PORT_IN,
	                                      PORTS_BY_CHANCE };

/* "server", "b", "b:40003". */
static const char *who(const struct network *n, const struct endpoint *e, char text[ENDPOINT_TEXT_SIZE])
{
	if (endpoint_equal(e, &n->server_at))
		return "server";
	if (endpoint_equal(e, &n->server_second))
		return "server-2";
	for (unsigned i = 0; i < NETWORK_PEERS; i++)
		if (endpoint_same_address(e, &n->hosts[i].outside)) {
			snprintf(text, ENDPOINT_TEXT_SIZE, e->port == 5000 ? "%c" : "%c:%u", (char)('a' + i), e->port);
			return text;
		}
	return endpoint_format(e, text);
}

static void note(struct network *n, const struct flight *f)
{
	char from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE];
	struct wire_message m = { .serial = 0 };

	if (told++ >= DATAGRAMS)
		return;
	fprintf(said.f, "%9.3f %s > %s ", (double)(n->now_us - 1000 * SECOND) / 1e6, who(n, &f->from, from),
	        who(n, &f->to, to));
	if (wire_decode(f->bytes, f->len, &m) != WIRE_OK)
		fprintf(said.f, "?");
	else
		fprintf(said.f, "%s", wire_type_name(m.type));
	fprintf(said.f, " %u, %zu bytes\n", m.serial, f->len);
}

static struct network *begin(uint64_t latency_us, unsigned strategies)
{
	struct network *n = network_new(latency_us);

	n->strategies = strategies;
	n->watch = note;
	said_begin(&said);
	told = 0;
	return n;
}

/* Hosts from `first` on come up behind those NATs and log in. */
static void join(struct network *n, unsigned first, unsigned count, struct nat_kind nat)
{
	for (unsigned i = first; i < first + count; i++) {
		network_start(n, i, nat, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
		chat_login(n, i);
	}
	network_run(n, SECOND);
	for (unsigned i = first; i < first + count; i++)
		n->hosts[i].outside = n->hosts[i].peer.login.you; /* what the others call it */
}

static void tell_drops(const char *whose, const struct drops *d)
{
	for (enum drop i = 0; i < DROPS; i++)
		if (d->count[i] > 0)
			fprintf(said.f, "%s dropped %llu: %s\n", whose, (unsigned long long)d->count[i], drop_name(i));
}

static void end(struct network *n, const char *path)
{
	n->watch = NULL;
	if (told > DATAGRAMS)
		fprintf(said.f, "and %u more\n", told - DATAGRAMS);
	for (unsigned i = 0; i < NETWORK_PEERS; i++) {
		char name[] = { (char)('a' + i), '\0' };

		if (n->hosts[i].log_len > 0)
			fprintf(said.f, "-- %s\n%.*s", name, (int)n->hosts[i].log_len, n->hosts[i].log);
		tell_drops(name, &n->hosts[i].peer.fx.drops);
	}
	tell_drops("server", &n->server.drops);
	said_end(&said, path);
	chat_end(n);
}

static void two_cones(void)
{
	struct network *n = begin(CHAT_LATENCY, STRATEGY_AUTO);

	join(n, 0, 2, chat_port_restricted);
	peer_list(chat_peer(n, 0), "", n->now_us);
	network_run(n, SECOND);
	chat_punch(n, 0, 1);
	network_run(n, 2 * SECOND);
	chat_say(n, 0, 1, "one");
	chat_say(n, 1, 0, "two");
	network_run(n, 40 * SECOND);
	peer_status(chat_peer(n, 0), n->now_us);
	peer_logout(chat_peer(n, 0), n->now_us);
	network_run(n, 20 * SECOND);
	chat_say(n, 1, 0, "too late");
	network_run(n, 20 * SECOND);
	end(n, "tests/unit/chats/two-cones");
}

static void every_strategy(void)
{
	static const struct {
		const struct nat_kind *a, *b;
		unsigned strategies;
		const char *path;
	} stories[] = {
		{ &chat_port_restricted, &random_ports, STRATEGY_PLAIN | STRATEGY_BIRTHDAY,
		  "tests/unit/chats/birthday" },
		{ &chat_port_restricted, &chat_symmetric, STRATEGY_PLAIN | STRATEGY_PREDICT,
		  "tests/unit/chats/predicted" },
		{ &chat_symmetric, &chat_symmetric, STRATEGY_AUTO, "tests/unit/chats/both-symmetric" },
		{ &random_ports, &random_ports, STRATEGY_AUTO, "tests/unit/chats/relayed" },
		{ &chat_symmetric, &chat_port_restricted, STRATEGY_BASIC, "tests/unit/chats/shut" },
	};

	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
		struct network *n = begin(CHAT_LATENCY, stories[i].strategies);

		join(n, 0, 1, *stories[i].a);
		join(n, 1, 1, *stories[i].b);
		chat_punch(n, 0, 1);
		network_run(n, 5 * SECOND);
		chat_say(n, 1, 0, "are you there?");
		network_run(n, 30 * SECOND);
		end(n, stories[i].path);
	}
}

static void a_server_that_stumbles(void)
{
	struct network *n = begin(CHAT_LATENCY, STRATEGY_AUTO);

	peer_list(chat_peer(n, 0), "", n->now_us); /* nobody is up yet */
	join(n, 0, 3, chat_open);
	network_kill_server(n);
	network_run(n, 10 * SECOND);
	network_start_server(n);
	network_run(n, 30 * SECOND);
	peer_list(chat_peer(n, 2), "", n->now_us);
	network_run(n, SECOND);
	rendezvous_stop(&n->server);
	network_carry_out(n);
	network_run(n, SECOND);
	network_kill_server(n);
	chat_punch(n, 0, 1);
	network_run(n, 90 * SECOND);
	end(n, "tests/unit/chats/server");
}

static void a_peer_that_vanishes(void)
{
	struct network *n = begin(CHAT_LATENCY, STRATEGY_AUTO);

	join(n, 0, 3, chat_port_restricted);
	chat_punch(n, 0, 1);
	chat_punch(n, 2, 0);
	network_run(n, 2 * SECOND);
	n->hosts[1].up = false;
	chat_say(n, 0, 1, "anybody?");
	chat_say(n, 0, 1, "hello?");
	network_run(n, 100 * SECOND);
	chat_punch(n, 0, 1);
	network_run(n, 20 * SECOND);
	end(n, "tests/unit/chats/vanished");
}

static void a_bad_network(void)
{
	struct network *n = begin(150 * MS, STRATEGY_AUTO);

	n->fate = fate_by_dice;
	n->chosen = 4;
	n->chosen_fate = LOST;
	join(n, 0, 2, chat_port_restricted);
	network_run(n, 8 * SECOND);
	chat_punch(n, 0, 1);
	for (unsigned i = 0; i < 6; i++)
		chat_say(n, i % 2, 1 - i % 2, "again");
	network_run(n, 30 * SECOND);
	end(n, "tests/unit/chats/bad");
}

SUITE(chat_said, TEST(two_cones), TEST(every_strategy), TEST(a_server_that_stumbles), TEST(a_peer_that_vanishes),
      TEST(a_bad_network))
