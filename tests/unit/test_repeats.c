/* Which requests are repeats: of the same session, with the same serial, for the same target; nothing else is. */
#include "chat/rendezvous/repeats.h"
#include "suite.h"

#include <string.h>

static const uint8_t key[REPEATS_KEY_SIZE] = { 7 };
static struct repeats r;

static struct wire_message request(void)
{
	struct wire_message m = { .serial = 5, .who = endpoint_ipv4(0x0a000001, 4000) };

	memset(m.session, 1, sizeof m.session);
	return m;
}

static void what_differs_is_no_repeat(void)
{
	struct wire_message first = request(), others[5];

	for (size_t i = 0; i < 5; i++)
		others[i] = first;
	others[0].session[0]++;
	others[1].serial++;
	others[2].who.port++;
	others[3].who.address.bytes[3]++;
	others[4].who.address.family = ADDRESS_IPV6;
	for (size_t i = 0; i < 5; i++) {
		r = (struct repeats){ { 0 } };
		CU_ASSERT_FALSE(repeats_note(&r, &first, key));
		CU_ASSERT_FALSE(repeats_note(&r, &others[i], key));
		CU_ASSERT_TRUE(repeats_note(&r, &first, key));
		CU_ASSERT_TRUE(repeats_note(&r, &others[i], key));
	}
}

/* By what ways its answer may come is no part of it. */
static void a_repeat_may_say_something_else(void)
{
	struct wire_message first = request(), again = first;

	r = (struct repeats){ { 0 } };
	again.passes = 1;
	CU_ASSERT_FALSE(repeats_note(&r, &first, key));
	CU_ASSERT_TRUE(repeats_note(&r, &again, key));
}

SUITE(repeats, TEST(what_differs_is_no_repeat), TEST(a_repeat_may_say_something_else))
