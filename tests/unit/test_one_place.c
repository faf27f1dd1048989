/*
 * What one place alone tells, a host's own capture: what servers say of it, refusals, answers and none.
 */
#include "rig.h"
#include "suite.h"

#include "base/cursor.h"

#include <string.h>

/* A STUN answer (RFC 8489): where the server saw us. */
static struct frame stun_answer(uint8_t bytes[40], uint16_t from_port, uint16_t to_port, uint16_t mapped_port)
{
	struct writer w = writer_of(bytes, 40);

	write_u16(&w, from_port);
	write_u16(&w, to_port);
	write_u16(&w, 40);
	write_u16(&w, 0);
	write_u16(&w, 0x0101); /* success */
	write_u16(&w, 12);     /* length: one attribute */
	write_u32(&w, 0x2112a442);
	write_u32(&w, mapped_port); /* the transaction: whatever */
	write_u32(&w, 0);
	write_u32(&w, 0);
	write_u16(&w, 0x0020); /* XOR-MAPPED-ADDRESS */
	write_u16(&w, 8);
	write_u16(&w, 1); /* IPv4 */
	write_u16(&w, mapped_port ^ 0x2112);
	return (struct frame){ .bytes = bytes, .bytes_len = 40 };
}

static void ask(struct rig *r, uint64_t ms, const char *server, uint16_t mapped_port)
{
	uint8_t bytes[40];
	struct frame answer = stun_answer(bytes, 3478, 5000, mapped_port);
	const uint8_t address[4] = { 203 ^ 0x21, 0 ^ 0x12, 113 ^ 0xa4, 10 ^ 0x42 };

	memcpy(bytes + 36, address, sizeof address);
	rig_goes_out(r, ms, server, OUTSIDE, "STUN");
	rig_comes_in(r, ms + 5, server, answer, true);
}

static struct told from_alice_alone(struct rig *r)
{
	struct source list = rig_source(r->paths[AT_ALICE], "");

	rig_end(r);
	return rig_tell(&list, 1, NULL, 0);
}

static void one_place_tells_of_a_symmetric_nat(void)
{
	struct rig r = rig_of_files();
	struct told t;

	ask(&r, 0, "198.51.100.1:3478", 40000);
	ask(&r, 10, "198.51.100.2:3478", 40777);
	rig_goes_out(&r, 20, BOB, OUTSIDE, "anybody?");
	t = from_alice_alone(&r);
	CU_ASSERT(told_says(
	    &t, "10.0.1.2:5000 is 203.0.113.10:40000 for 198.51.100.1:3478 (journey 2), 203.0.113.10:40777 for "
		"198.51.100.2:3478 (journey 4): the NAT in front of it gives each destination a port of its own"));
	CU_ASSERT(told_says(&t, "10.0.1.2 and 198.51.100.7: no answer is seen here."));
	CU_ASSERT(told_says(&t, "10.0.1.2 sent 1 packet to 198.51.100.7: 1 left our view."));
	CU_ASSERT(told_says(&t, "10.0.1.2 and 198.51.100.1: what came in is seen here, what went out left our view."));
	CU_ASSERT_PTR_NULL(strstr(t.text, "nobody has"));
	told_free(&t);
	rig_remove(&r);
}

/* What one socket was called by two servers, and by one twice. */
static void what_servers_say_of_a_socket_is_put_together(void)
{
	static const struct {
		const char *second, *words;
		unsigned port, third_port; /* 0: a third server was not asked */
	} rows[] = {
		{ "198.51.100.1:3478", "one server saw it change: its mapping ended, and a new one was made", 40001,
		  0 },
		{ "198.51.100.2:3478", "the NAT in front of it keeps one port for all of them", 40000, 0 },
		{ "198.51.100.2:3478", "the same for some and another for others: several NATs or ways out", 40000,
		  40007 },
		{ "198.51.100.2:3478", "gives each destination a port of its own (a symmetric NAT)", 40001, 40002 },
		{ "198.51.100.1:3478", "one server alone does not tell whether others see the same", 40000, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rig r = rig_of_files();
		struct told t;

		ask(&r, 0, "198.51.100.1:3478", 40000);
		ask(&r, 10, rows[i].second, (uint16_t)rows[i].port);
		if (rows[i].third_port != 0)
			ask(&r, 20, "198.51.100.3:3478", (uint16_t)rows[i].third_port);
		t = from_alice_alone(&r);
		CU_ASSERT(told_says(&t, rows[i].words));
		told_free(&t);
		rig_remove(&r);
	}
}

static void one_place_tells_of_a_cone(void)
{
	struct rig r = rig_of_files();
	struct told t;

	ask(&r, 0, "198.51.100.1:3478", 40000);
	ask(&r, 10, "198.51.100.2:3478", 40000);
	t = from_alice_alone(&r);
	CU_ASSERT(told_says(&t, "keeps one port for all of them"));
	told_free(&t);
	rig_remove(&r);
}

static void one_place_tells_of_the_peers_symmetric_nat(void)
{
	struct rig r = rig_of_files();
	struct told t;

	rig_goes_out(&r, 0, BOB, OUTSIDE, "hello");
	rig_comes_in(&r, 10, "198.51.100.7:6777", (struct frame){ .payload = "hello" }, true);
	t = from_alice_alone(&r);
	CU_ASSERT(told_says(&t,
	                    "10.0.1.2:5000 sent to 198.51.100.7:6000 and heard nothing from there; 1 packet came from "
	                    "198.51.100.7:6777 instead"));
	told_free(&t);
	rig_remove(&r);
}

/* alice is told that a port is unreachable, by `refuser`. ICMP has no ports. */
static struct told tell_of_a_refusal(const char *refuser)
{
	uint8_t quoted[FIXTURE_FRAME], bytes[FIXTURE_FRAME] = { 3, 3 }; /* port unreachable */
	struct rig r = rig_of_files();
	struct told t;
	size_t len;

	rig_goes_out(&r, 0, BOB, OUTSIDE, "hello");
	len =
	    fixture_ip(&(struct frame){ .src = ALICE, .dst = BOB, .payload = "hello", .id = r.id, .ttl = 60 }, quoted);
	memcpy(bytes + 8, quoted, len);
	r.id++;
	rig_see(
	    &r, AT_ALICE, 5000, MAC_LAN, MAC_ALICE,
	    (struct frame){
		.src = refuser, .dst = "10.0.1.2:1", .protocol = PACKET_ICMP, .bytes = bytes, .bytes_len = 8 + len });
	t = from_alice_alone(&r);
	rig_remove(&r);
	return t;
}

/* An ICMP error is heard by whoever sent; nobody looked where it was said. */
static void one_place_tells_of_a_refusal(void)
{
	struct told t = tell_of_a_refusal("198.51.100.7:1");

	CU_ASSERT(told_says(&t, "no program listens at 198.51.100.7:6000, or a firewall there says no"));
	CU_ASSERT(told_says(&t, "What would help: a program that listens and answers there"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "nobody has"));
	told_free(&t);
}

/* A host that sends nothing but what dies on its way is at this end of it. */
static void a_traceroute_alone_tells_where_it_came_to(void)
{
	static const char *const refusers[] = { "10.0.1.1:1", "198.51.100.77:1", "198.51.100.7:1" };
	struct rig r = rig_of_files();
	struct told t;

	for (unsigned i = 0; i < 3; i++) {
		uint8_t bytes[FIXTURE_FRAME] = { i < 2 ? 11 : 3, i < 2 ? 0 : 3 };
		struct frame probe = { .src = ALICE, .dst = BOB, .payload = "probe", .ttl = i + 1 };

		r.id++;
		rig_see(&r, AT_ALICE, i * UINT64_C(10000), MAC_ALICE, MAC_LAN, probe);
		probe.id = r.id;
		probe.ttl = 1;
		rig_see(&r, AT_ALICE, i * 10000 + 5000, MAC_LAN, MAC_ALICE,
		        (struct frame){ .src = refusers[i],
		                        .dst = "10.0.1.2:1",
		                        .protocol = PACKET_ICMP,
		                        .bytes = bytes,
		                        .bytes_len = 8 + fixture_ip(&probe, bytes + 8) });
	}
	t = from_alice_alone(&r);
	CU_ASSERT(told_says(&t, "10.0.1.2's 3 packets never got through to 198.51.100.7."));
	CU_ASSERT(told_says(&t, "2 left 10.0.1.2, and their hop limit (TTL) ran out at a router beyond it."));
	CU_ASSERT(told_says(&t, "1 arrived at 198.51.100.7 and was refused (ICMP)"));
	told_free(&t);
	rig_remove(&r);
}

/* No program behind a firewall that says no changes its mind. */
static void a_firewall_on_the_way_asks_for_no_program(void)
{
	struct told t = tell_of_a_refusal("198.51.100.254:1");

	CU_ASSERT(told_says(&t, "refused by 198.51.100.254 on the way (ICMP): a firewall there lets nothing through"));
	CU_ASSERT_PTR_NULL(strstr(t.text, "What would help"));
	told_free(&t);
}

/* --- TCP --------------------------------------------------------------------------------------- */

#define SYN PACKET_TCP_SYN
#define ACK PACKET_TCP_ACK
#define RST PACKET_TCP_RST

/* A header of TCP (RFC 9293) between alice's port 5000 and the server's 80. */
static void see_tcp(struct rig *r, uint64_t ms, bool comes_in, unsigned flags)
{
	uint8_t bytes[20];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct frame f = { .src = ALICE, .dst = "198.51.100.1:80", .protocol = PACKET_TCP, .bytes = bytes };

	if (comes_in)
		f = (struct frame){ .src = f.dst, .dst = ALICE, .protocol = PACKET_TCP, .bytes = bytes, .ttl = 58 };
	f.bytes_len = sizeof bytes;
	write_u16(&w, comes_in ? 80 : 5000);
	write_u16(&w, comes_in ? 5000 : 80);
	write_u32(&w, (uint32_t)ms);
	write_u32(&w, 7);
	write_u16(&w, (uint16_t)(0x5000 | flags));
	write_u16(&w, 1000);
	write_u32(&w, 0);
	r->id++;
	rig_see(r, AT_ALICE, ms * 1000, comes_in ? MAC_LAN : MAC_ALICE, comes_in ? MAC_ALICE : MAC_LAN, f);
}

/* What came in answers what went out, or does not. A RST after it ends what had been open. */
static void tcp_at_one_end_tells_of_both_ways(void)
{
	static const char open[] = "TCP: open, as what came in acknowledges what went out, which left our view.";
	static const struct {
		unsigned in[3]; /* each after one of alice's; 0: none */
		const char *words;
	} rows[] = {
		{ { SYN | ACK, ACK, 0 }, open },
		{ { SYN | ACK, ACK, RST }, open },
		{ { SYN | ACK, ACK, RST | ACK }, open },
		{ { RST | ACK, 0, 0 }, "TCP: shut" },
		{ { 0, 0, 0 }, "TCP: no answer is seen here." },
		{ { SYN, 0, 0 }, "TCP: what came in is seen here, what went out left our view." }, /* crossed */
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig r = rig_of_files();
		struct told t;

		for (uint64_t k = 0; k < 3 && (k == 0 || rows[i].in[k] != 0); k++) {
			see_tcp(&r, k * 100, false, k == 0 ? SYN : ACK);
			if (rows[i].in[k] != 0)
				see_tcp(&r, k * 100 + 20, true, rows[i].in[k]);
		}
		t = from_alice_alone(&r);
		CU_ASSERT(told_says(&t, rows[i].words));
		told_free(&t);
		rig_remove(&r);
	}
}

SUITE(one_place, TEST(tcp_at_one_end_tells_of_both_ways), TEST(one_place_tells_of_a_symmetric_nat),
      TEST(what_servers_say_of_a_socket_is_put_together), TEST(one_place_tells_of_a_cone),
      TEST(one_place_tells_of_the_peers_symmetric_nat), TEST(one_place_tells_of_a_refusal),
      TEST(a_firewall_on_the_way_asks_for_no_program), TEST(a_traceroute_alone_tells_where_it_came_to))
