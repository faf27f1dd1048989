/* Lists of peers: page by page, each once, whatever comes late or twice. */
#include "chat.h"
#include "suite.h"

#include <string.h>

/* A page of the list, from the server, as it may come late or twice. */
static void page_comes(struct network *n, uint32_t serial, uint32_t begin, uint32_t next, unsigned peers)
{
	struct wire_message m = { .type = WIRE_PEERS, .serial = serial, .start = begin, .next = next };
	struct endpoint a = network_address(n, 0);
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	memcpy(m.session, n->hosts[0].peer.login.session, sizeof m.session);
	m.peer_count = (uint8_t)peers;
	for (unsigned i = 0; i < peers; i++)
		m.peers[i] = endpoint_ipv4(0xc6336400 + begin + i, 1000);
	network_inject(n, &n->server_at, &a, bytes, wire_encode(&m, bytes, sizeof bytes));
	network_run(n, 1);
}

static void each_page_of_a_list_is_shown_once(void)
{
	struct network *n = network_new(CHAT_LATENCY);

	network_start(n, 0, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_login(n, 0);
	CU_ASSERT_TRUE(chat_sees(n, 0, "logged in", SECOND));
	n->fate = chat_nothing_arrives; /* the test is the server */
	peer_list(chat_peer(n, 0), "", n->now_us);
	network_carry_out(n);
	page_comes(n, 7, 0, 0, 3); /* of another list */
	page_comes(n, 1, 0, 0, 0);
	CU_ASSERT_EQUAL(network_count(n, 0, "0 peers"), 1);
	peer_list(chat_peer(n, 0), "", n->now_us);
	network_carry_out(n);
	page_comes(n, 1, 0, 0, 3); /* of the list before */
	page_comes(n, 2, 0, 60, 60);
	page_comes(n, 2, 0, 60, 60); /* twice */
	page_comes(n, 2, 60, 60, 1); /* leads nowhere */
	page_comes(n, 2, 60, 20, 1); /* leads back */
	page_comes(n, 2, 60, 90, 0); /* nobody is on it, but there are more */
	page_comes(n, 2, 90, 0, 2);
	CU_ASSERT_EQUAL(network_count(n, 0, "peer "), 62);
	CU_ASSERT_EQUAL(network_count(n, 0, "62 peers"), 1);
	CU_ASSERT_EQUAL(n->hosts[0].peer.fx.drops.count[DROP_LATE], 5);
	chat_end(n);
}

static void only_so_many_lists_wait(void)
{
	struct network *n = chat_pair(chat_open, chat_open);

	n->fate = chat_nothing_arrives;
	for (unsigned i = 0; i <= LISTING_WAITING_MAX; i++)
		peer_list(chat_peer(n, 0), "", n->now_us);
	network_carry_out(n);
	CU_ASSERT_EQUAL(network_count(n, 0, "list failed: too many lists waiting"), 1);
	chat_end(n);
}

SUITE(listing, TEST(each_page_of_a_list_is_shown_once), TEST(only_so_many_lists_wait))
