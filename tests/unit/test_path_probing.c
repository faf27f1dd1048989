/* The sequences of probes, all together. */
#include "chat.h"
#include "suite.h"

#include <string.h>

static uint64_t last_us, closest_us;
static unsigned probes;

static void measure_pace(struct network *n, const struct flight *f)
{
	if (f->bytes[5] != WIRE_PROBE)
		return;
	if (probes++ > 0)
		closest_us = retry_earlier(closest_us, n->now_us - last_us);
	last_us = n->now_us;
}

/* RFC 8445 section 14.2 has 5 ms; many paths must not send faster than one. */
static void probes_keep_their_pace_over_all_paths(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	struct endpoint a = network_address(n, 0);
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	probes = 0;
	closest_us = UINT64_MAX;
	n->watch = measure_pace;
	for (uint32_t i = 0; i < 20; i++) { /* all in one moment */
		struct wire_message m = { .type = WIRE_INTRODUCE, .serial = 1, .role = WIRE_YOU_ARE_ASKED };

		m.who = endpoint_ipv4(0xc6336400 + i, 1000);
		m.card = chat_stranger_card((uint8_t)i);
		m.token[0] = (uint8_t)i;
		m.token[1] = 1;
		memcpy(m.session, chat_peer(n, 0)->login.session, sizeof m.session);
		network_inject(n, &n->server_at, &a, bytes, wire_encode(&m, bytes, sizeof bytes));
	}
	network_run(n, 5 * SECOND);
	CU_ASSERT_TRUE(probes > 200);
	CU_ASSERT_TRUE(closest_us >= 5 * MS);
	chat_end(n);
}

SUITE(path_probing, TEST(probes_keep_their_pace_over_all_paths))
