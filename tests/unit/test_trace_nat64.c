/*
 * What in the lan of a NAT64 is told of as IPv4's: the packets that cross it, whole or in pieces, and what it says of
 * them itself.
 */
#include "trace/recorded_events.h"
#include "trace/join.h"
#include "trace/nat64.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct endpoint at(const char *address)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse_address(address, 0, &e), 0);
	return e;
}

/* alice, 2444:0:3::4 and 10.0.1.2, behind home, which is 2444:0:3::1 and 10.0.1.1 in there. */
static struct scene *world(void)
{
	struct scene *s = calloc(1, sizeof *s);
	const struct endpoint alice4 = at("10.0.1.2"), alice6 = at("2444:0:3::4");
	const struct subnet none = { 0 };
	struct subnet lan;
	int home, alice;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	home = scene_add_node(s, NODE_BOX, "home", SCENE_INTERNET);
	strcpy(s->nodes[home].nat, "port-restricted,ipv6=nat64");
	CU_ASSERT_EQUAL_FATAL(subnet_parse("10.0.1.0/24", &s->nodes[home].lan), 0);
	CU_ASSERT_EQUAL_FATAL(subnet_parse("2444:0:3::/64", &lan), 0);
	scene_add_networks(s, home, &lan, &none);
	alice = scene_add_node(s, NODE_HOST, "alice", home);
	scene_add_address(s, alice, &alice4);
	scene_add_address(s, alice, &alice6);
	scene_add_interface(s, "home lan", 1);
	scene_add_interface(s, "alice eth0", 1);
	scene_connect(s);
	return s;
}

static struct packet error_about(uint8_t type, const char *quoted_to)
{
	return (struct packet){ .kind = PACKET_IP,
		                .icmp_type = type,
		                .has_quote = true,
		                .ip = { .src = at("2444:0:3::1"), .dst = at("2444:0:3::4"), .protocol = PACKET_ICMPV6 },
		                .quote = { .src = at("2444:0:3::4"), .dst = at(quoted_to), .protocol = PACKET_UDP } };
}

/* Neither end of the error is IPv4's, what it is about is. */
static void what_the_box_says_of_a_packet_is_of_its_family(void)
{
	static const uint8_t types[][3] = { { 2, 3, 4 }, { 3, 11, 0 } }; /* RFC 7915 §5.2 */
	struct scene *s = world();

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (unsigned interface = 0; interface < s->interface_count; interface++) {
			struct packet p = error_about(types[i][0], "64:ff9b::22.22.22.1");
			const struct endpoint box = at("10.0.1.1"), alice = at("10.0.1.2"), server = at("22.22.22.1");

			nat64_unify(s, interface, 0, &p);
			CU_ASSERT_TRUE(p.is_nat64);
			CU_ASSERT_TRUE(endpoint_equal(&p.ip.src, &box) && endpoint_equal(&p.ip.dst, &alice));
			CU_ASSERT_TRUE(endpoint_equal(&p.quote.src, &alice) && endpoint_equal(&p.quote.dst, &server));
			CU_ASSERT_EQUAL(p.ip.protocol, PACKET_ICMP);
			CU_ASSERT_EQUAL(p.icmp_type, types[i][1]);
			CU_ASSERT_EQUAL(p.icmp_code, types[i][2]);
		}
	free(s);
}

static void what_it_says_of_ipv6_stays_that(void)
{
	struct scene *s = world();
	struct packet p = error_about(3, "2444::7");
	const struct endpoint box = p.ip.src, peer = p.quote.dst;

	nat64_unify(s, 0, 0, &p);
	CU_ASSERT_FALSE(p.is_nat64);
	CU_ASSERT_TRUE(endpoint_equal(&p.ip.src, &box) && endpoint_equal(&p.quote.dst, &peer));
	CU_ASSERT_EQUAL(p.icmp_type, 3);
	free(s);
}

static struct packet datagram(const char *src, const char *dst)
{
	return (struct packet){ .kind = PACKET_IP,
		                .ip = { .src = at(src), .dst = at(dst), .protocol = PACKET_UDP, .wire_len = 9 } };
}

/* Told of as IPv4's, shown as what was on that wire: the n-th address of a host is its n-th of the other family. */
static void what_is_told_as_ipv4_is_shown_as_it_was(void)
{
	static const struct {
		const char *ipv6[2], *ipv4[2];
	} rows[] = {
		{ { "2444:0:3::4", "64:ff9b::22.22.22.1" }, { "10.0.1.2", "22.22.22.1" } },
		{ { "64:ff9b::22.22.22.1", "2444:0:3::4" }, { "22.22.22.1", "10.0.1.2" } },
		{ { "2444:0:3::5", "64:ff9b::22.22.22.1" }, { "10.0.1.3", "22.22.22.1" } },
		{ { "2444:0:3::6", "64:ff9b::22.22.22.1" }, { "10.0.1.4", "22.22.22.1" } }, /* bob's only one */
		{ { "64:ff9b::22.22.22.1", "2444:0:3::1" }, { "22.22.22.1", "10.0.1.1" } },
	};
	const struct endpoint more[] = { at("10.0.1.3"), at("2444:0:3::5"), at("2444:0:3::6"), at("10.0.1.4") };
	struct scene *s = world();
	int bob = scene_add_node(s, NODE_HOST, "bob", 0);

	CU_ASSERT_TRUE(nat64_is_about(s));
	scene_add_address(s, 1, &more[0]);
	scene_add_address(s, 1, &more[1]);
	scene_add_address(s, bob, &more[2]);
	scene_add_address(s, bob, &more[3]);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (uint16_t interface = 0; interface < 2; interface++) {
			struct packet p = datagram(rows[i].ipv6[0], rows[i].ipv6[1]);
			const struct endpoint src = at(rows[i].ipv4[0]), dst = at(rows[i].ipv4[1]);
			const struct endpoint src6 = p.ip.src, dst6 = p.ip.dst;
			struct leg l, seen;

			nat64_unify(s, interface, 0, &p);
			CU_ASSERT_TRUE(p.is_nat64 && endpoint_equal(&p.ip.src, &src) &&
			               endpoint_equal(&p.ip.dst, &dst));
			l = (struct leg){ .interface = interface, .src = p.ip.src, .dst = p.ip.dst, .is_nat64 = true };
			seen = nat64_as_seen(s, &l);
			CU_ASSERT_TRUE(endpoint_equal(&seen.src, &src6) && endpoint_equal(&seen.dst, &dst6));
			l.is_nat64 = false;
			seen = nat64_as_seen(s, &l);
			CU_ASSERT_TRUE(endpoint_equal(&seen.src, &src) && endpoint_equal(&seen.dst, &dst));
		}
	strcpy(s->nodes[0].nat, "port-restricted");
	CU_ASSERT_FALSE(nat64_is_about(s));
	free(s);
}

/* A translator may give it another identification, and begins later fragments elsewhere; 16 bits of it are the same. */
static void a_packet_is_known_on_both_sides(void)
{
	static const struct {
		uint32_t id[2];
		uint16_t fragment_offset[2];
		bool same;
	} rows[] = {
		{ { 0x51234, 0x9999 }, { 0, 0 }, true },
		{ { 0x51234, 0x1234 }, { 1208, 1200 }, true },
		{ { 0x51234, 0x1235 }, { 1208, 1200 }, false },
		{ { 0x51234, 0x1234 }, { 1208, 0 }, false },
	};
	struct scene *s = world();

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct packet p[] = { datagram("2444:0:3::4", "64:ff9b::22.22.22.1"),
			              datagram("203.0.113.1", "22.22.22.1") };

		scene_add_interface(s, "home wan", 1);
		for (unsigned k = 0; k < 2; k++) {
			p[k].ip.id = rows[i].id[k];
			p[k].ip.fragment_offset = rows[i].fragment_offset[k];
			nat64_unify(s, k * 2, 0, &p[k]);
		}
		CU_ASSERT_EQUAL(p[0].key == p[1].key, rows[i].same);
		CU_ASSERT_EQUAL(p[0].bytes_key == p[1].bytes_key, rows[i].same);
	}
	free(s);
}

/* --- joined ---------------------------------------------------------------------------------- */

#define ALICE6 "2444:0:3::4"
#define SERVER6 "64:ff9b::22.22.22.1"
#define HOME_WAN "33.33.33.1"
#define SERVER "22.22.22.1"
#define DATAGRAM 1400 /* bytes of UDP's payload: with its header 1408 behind that of IP */
#define ID 77

enum seen_at { AT_LAN, AT_ALICE, AT_WAN }; /* the scene's interfaces */

struct joined {
	struct scene *scene;
	struct join *join;
	uint64_t now_ns;
	struct journey journeys[8];
	size_t count;
};

static void keep(void *context, const struct journey *j)
{
	struct joined *w = context;

	if (w->count < sizeof w->journeys / sizeof *w->journeys)
		w->journeys[w->count] = *j;
	w->count++;
}

static void begin(struct joined *w)
{
	const struct endpoint wan = at(HOME_WAN), server = at(SERVER);

	*w = (struct joined){ .scene = world(), .now_ns = 1000000000 };
	w->scene->from_record = true;
	scene_add_address(w->scene, 0, &wan);
	scene_add_address(w->scene, scene_add_node(w->scene, NODE_HOST, "server", SCENE_INTERNET), &server);
	scene_add_interface(w->scene, "home wan", 1);
	scene_connect(w->scene);
	w->join = join_new(w->scene, keep, w);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w->join);
}

static void end(struct joined *w)
{
	join_finish(w->join, false);
	join_free(w->join);
	free(w->scene);
}

/* The bytes from `from` to `to` behind the IP header of the datagram, which begins with the ports. */
static struct packet piece(const char *src, const char *dst, unsigned from, unsigned to)
{
	bool is_ipv6 = strchr(src, ':') != NULL, is_whole = from == 0 && to == DATAGRAM + 8;
	struct packet p = datagram(src, dst);

	p.ip.src.port = p.ip.dst.port = from == 0 ? 4000 : 0;
	p.ip.header_len = (uint16_t)(!is_ipv6 ? 20 : is_whole ? 40 : 48);
	p.ip.total_len = (uint16_t)(p.ip.header_len + to - from);
	p.ip.wire_len = from == 0 ? DATAGRAM : to - from;
	p.ip.fragment_offset = (uint16_t)from;
	p.ip.more_fragments = to < DATAGRAM + 8;
	p.ip.id = is_ipv6 && is_whole ? 0 : ID;
	return p;
}

static void see(struct joined *w, enum seen_at where, bool comes_in, uint8_t ttl, struct packet p)
{
	w->now_ns += 1000;
	p.ip.ttl = ttl;
	nat64_unify(w->scene, where, w->now_ns, &p);
	join_packet(w->join, where, w->now_ns, comes_in ? PCAPNG_INBOUND : PCAPNG_OUTBOUND, &p);
}

static void comes_to_alice(struct joined *w, unsigned from, unsigned to)
{
	see(w, AT_LAN, false, 62, piece(SERVER6, ALICE6, from, to));
	see(w, AT_ALICE, true, 62, piece(SERVER6, ALICE6, from, to));
}

/* What may be cut up is, to be no longer than 1280 bytes; alice's answer quotes what she has put together. */
static void what_a_nat64_cuts_up_goes_on(void)
{
	struct packet whole = piece(SERVER, HOME_WAN, 0, DATAGRAM + 8), no = error_about(1, SERVER6);
	struct joined w;

	begin(&w);
	whole.ip.cut_id = ID;
	see(&w, AT_WAN, true, 63, whole);
	comes_to_alice(&w, 0, 1232);
	comes_to_alice(&w, 1232, DATAGRAM + 8);
	no.icmp_code = 4; /* nobody listens at that port */
	no.ip.src = at(ALICE6);
	no.ip.dst = at(SERVER6);
	no.quote = piece(SERVER6, ALICE6, 0, DATAGRAM + 8).ip;
	see(&w, AT_ALICE, false, 64, no);
	end(&w);
	CU_ASSERT_EQUAL_FATAL(w.count, 3);
	CU_ASSERT_EQUAL(w.journeys[0].leg_count, 3);
	CU_ASSERT_EQUAL(w.journeys[0].refused_by, w.journeys[2].id);
	CU_ASSERT_EQUAL(w.journeys[1].leg_count, 2);
	CU_ASSERT_EQUAL(w.journeys[1].fate, FATE_DELIVERED);
	CU_ASSERT_EQUAL(w.journeys[1].part_of, w.journeys[0].id);
	CU_ASSERT_TRUE(w.journeys[1].cut_off);
}

/* What alice sends whole may not be cut up outside; what she cuts up herself stays so. */
static void what_goes_out_through_a_nat64_is_not_cut(void)
{
	static const unsigned cuts[] = { 0, 1232, DATAGRAM + 8 };
	struct joined w;

	begin(&w);
	see(&w, AT_ALICE, false, 64, piece(ALICE6, SERVER6, 0, DATAGRAM + 8));
	see(&w, AT_LAN, true, 64, piece(ALICE6, SERVER6, 0, DATAGRAM + 8));
	see(&w, AT_WAN, false, 63, piece(HOME_WAN, SERVER, 0, DATAGRAM + 8));
	for (unsigned i = 0; i < 2; i++) {
		see(&w, AT_ALICE, false, 64, piece(ALICE6, SERVER6, cuts[i], cuts[i + 1]));
		see(&w, AT_LAN, true, 64, piece(ALICE6, SERVER6, cuts[i], cuts[i + 1]));
	}
	for (unsigned i = 0; i < 2; i++)
		see(&w, AT_WAN, false, 63, piece(HOME_WAN, SERVER, cuts[i], cuts[i + 1]));
	end(&w);
	CU_ASSERT_EQUAL_FATAL(w.count, 3);
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(w.journeys[i].leg_count, 3);
		CU_ASSERT_EQUAL(w.journeys[i].part_of, i == 2 ? w.journeys[1].id : 0);
		CU_ASSERT_FALSE(w.journeys[i].cut_off);
	}
}

/* --- lost ------------------------------------------------------------------------------------ */

#define LOST(link, direction, proto, src, dst)                                                                         \
	"{\"type\":\"link\",\"t\":1002000,\"link\":\"" link "\",\"direction\":\"" direction                            \
	"\",\"n\":7,\"fate\":\"lost\",\"proto\":\"" proto "\",\"id\":9,\"packet\":{\"src\":\"" src "\",\"dst\":\"" dst \
	"\"}}"

/* The record has what was on the wire: IPv6 behind the box and IPv4 outside, with another identification. */
static void a_loss_is_known_by_what_was_on_the_wire(void)
{
	static const struct {
		const char *line, *src, *dst;
		uint8_t protocol;
		enum seen_at where;
	} rows[] = {
		{ LOST("alice eth0", "up", "udp", "[2444:0:3::4]:4000", "[64:ff9b::22.22.22.1]:4000"), ALICE6, SERVER6,
		  PACKET_UDP, AT_ALICE },
		{ LOST("alice eth0", "down", "58", SERVER6, ALICE6), SERVER6, ALICE6, PACKET_ICMPV6, AT_LAN },
		{ LOST("home wan", "up", "udp", "33.33.33.1:4000", "22.22.22.1:4000"), HOME_WAN, SERVER, PACKET_UDP,
		  AT_WAN },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (uint16_t id = 9; id < 11; id++) {
			struct packet p = datagram(rows[i].src, rows[i].dst);
			struct recorded_events events = { 0 };
			const struct link_event *found;
			struct joined w;

			begin(&w);
			CU_ASSERT_EQUAL(recorded_events_take_line(rows[i].line, strlen(rows[i].line), w.scene, &events),
			                0);
			recorded_events_sort(&events);
			p.ip.protocol = rows[i].protocol;
			p.ip.src.port = p.ip.dst.port = p.ip.protocol == PACKET_UDP ? 4000 : 0;
			p.ip.link_id = id;
			w.now_ns = 1000000;
			see(&w, rows[i].where, false, 64, p);
			join_finish(w.join, false);
			CU_ASSERT_EQUAL_FATAL(w.count, 1);
			found = link_fates_find(&events.links, w.scene, &w.journeys[0]);
			CU_ASSERT_EQUAL(found != NULL ? found->n : 0, id == 9 ? 7 : 0);
			recorded_events_free(&events);
			end(&w);
		}
}

SUITE(trace_nat64, TEST(a_loss_is_known_by_what_was_on_the_wire), TEST(what_is_told_as_ipv4_is_shown_as_it_was),
      TEST(a_packet_is_known_on_both_sides), TEST(what_the_box_says_of_a_packet_is_of_its_family),
      TEST(what_it_says_of_ipv6_stays_that), TEST(what_a_nat64_cuts_up_goes_on),
      TEST(what_goes_out_through_a_nat64_is_not_cut))
