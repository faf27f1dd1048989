/* A login lives on: what goes to the server again and again. */
#include "chat.h"
#include "suite.h"

#include <string.h>

static uint32_t pings;
static bool in_order;

static void note_pings(struct network *n, const struct flight *f)
{
	struct wire_message m;

	(void)n;
	if (wire_decode(f->bytes, f->len, &m) == WIRE_OK && m.type == WIRE_PING)
		in_order &= m.serial == ++pings;
}

static void pings_are_numbered_from_one(void)
{
	struct network *n = chat_pair(chat_open, chat_open);

	n->hosts[1].up = false;
	pings = 0;
	in_order = true;
	n->watch = note_pings;
	network_run(n, 10 * CHAT_KEEPALIVE + SECOND);
	CU_ASSERT_EQUAL(pings, 10);
	CU_ASSERT_TRUE(in_order);
	chat_end(n);
}

/* Every login shows another exchange key, of the same identity. */
static void every_login_has_a_card_of_its_own(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	struct card first = chat_peer(n, 0)->fx.card, second;

	CU_ASSERT_TRUE(card_holds(&first));
	peer_logout(chat_peer(n, 0), n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 0, "logged out", SECOND));
	chat_login(n, 0);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in"), 2);
	second = chat_peer(n, 0)->fx.card;
	CU_ASSERT_TRUE(card_holds(&second));
	CU_ASSERT_EQUAL(memcmp(first.identity, second.identity, sizeof first.identity), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(first.exchange, second.exchange, sizeof first.exchange), 0);
	chat_end(n);
}

SUITE(login, TEST(pings_are_numbered_from_one), TEST(every_login_has_a_card_of_its_own))
