/* One datagram is known again though a box wrote another address of its own into its payload. */
#include "suite.h"
#include "trace/clobber.h"
#include "trace_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG 3000

struct sight {
	const char *nat;             /* of nat-a */
	const char *inside, *before; /* addresses in the payload where it came in, and where it went out */
	unsigned at;                 /* their place in the payload */
	size_t len;                  /* of the payload */
	unsigned protocol, more;     /* 0: UDP, whole */
};

static void put_address(uint8_t *bytes, const char *text)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse_address(text, 0, &e), 0);
	memcpy(bytes, e.address.bytes, 4);
}

static struct packet parsed(const struct sight *s, const char *address, uint8_t *bytes)
{
	static uint8_t body[LONG];
	struct frame frame = { .src = FIXTURE_ALICE,
		               .dst = "203.0.113.5:7000",
		               .protocol = s->protocol,
		               .more = s->more,
		               .bytes = body,
		               .bytes_len = s->len + 8 };
	struct packet p;
	size_t len;

	memset(body, 7, sizeof body);
	body[4] = (uint8_t)((s->len + 8) >> 8);
	body[5] = (uint8_t)(s->len + 8);
	put_address(body + 8 + s->at, address);
	len = fixture_frame(&frame, bytes);
	packet_parse(1, bytes, (uint32_t)len, (uint32_t)len, &p);
	return p;
}

static void addresses_of_the_box_are_one(void)
{
	static const char clobbers[] = "full-cone,clobber", lan[] = "10.0.1.77", wan[] = "203.0.113.10";
	static const struct {
		struct sight sight;
		bool same;
	} rows[] = {
		{ { clobbers, lan, wan, 0, 40, 0, 0 }, true },
		{ { clobbers, lan, wan, 8, 40, 0, 0 }, true },
		{ { clobbers, lan, wan, 36, 40, 0, 0 }, true },
		{ { clobbers, lan, wan, 36, 41, 0, 0 }, true },
		{ { clobbers, lan, wan, 0, 4, 0, 0 }, true },
		{ { clobbers, lan, wan, 2, 40, 0, 0 }, false }, /* between two words */
		{ { clobbers, lan, "203.0.113.11", 8, 40, 0, 0 }, false },
		{ { clobbers, "10.0.2.77", wan, 8, 40, 0, 0 }, false }, /* of another lan */
		{ { "full-cone", lan, wan, 8, 40, 0, 0 }, false },
		{ { clobbers, lan, wan, 8, 40, PACKET_TCP, 0 }, false },
		{ { clobbers, lan, wan, 8, 40, 0, 1 }, false }, /* a fragment */
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fixture *f = fixture_new();
		const struct sight *s = &rows[i].sight;
		uint8_t in_bytes[FIXTURE_FRAME], out_bytes[FIXTURE_FRAME];
		struct packet in = parsed(s, s->inside, in_bytes), out = parsed(s, s->before, out_bytes);
		uint64_t bytes_key = in.bytes_key;

		snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE, "%s", s->nat);
		CU_ASSERT_EQUAL(clobber_is_about(&f->scene), s->nat == clobbers);
		CU_ASSERT_NOT_EQUAL(in.key, out.key);
		clobber_unify(&f->scene, &in);
		clobber_unify(&f->scene, &out);
		if ((in.key == out.key) != rows[i].same)
			printf("row %zu\n", i);
		CU_ASSERT_EQUAL(in.key == out.key, rows[i].same);
		CU_ASSERT_EQUAL(in.bytes_key, bytes_key); /* by which it is seen that it was rewritten */
		fixture_free(f);
	}
}

/* What an error quotes is known by the same key. */
static void a_quote_is_known_as_well(void)
{
	static const struct sight s = { "full-cone,clobber", "10.0.1.77", "203.0.113.10", 8, 40, 0, 0 };
	struct fixture *f = fixture_new();
	uint8_t bytes[FIXTURE_FRAME], quoted[FIXTURE_FRAME], error[FIXTURE_FRAME] = { 3, 3 };
	struct packet p = parsed(&s, s.inside, quoted), e;
	size_t len = 20 + 8 + 40;
	struct frame frame = {
		.src = "203.0.113.5:1", .dst = "203.0.113.10:1", .protocol = PACKET_ICMP, .bytes = error
	};

	snprintf(f->scene.nodes[scene_find(&f->scene, "nat-a")].nat, NAT_TEXT_SIZE, "%s", s.nat);
	(void)parsed(&s, s.before, bytes);
	memcpy(error + 8, bytes + 14, len);
	frame.bytes_len = 8 + len;
	len = fixture_frame(&frame, bytes);
	packet_parse(1, bytes, (uint32_t)len, (uint32_t)len, &e);
	CU_ASSERT_TRUE_FATAL(e.has_quote && e.quote_key != 0);
	CU_ASSERT_NOT_EQUAL(e.quote_key, p.key);
	clobber_unify(&f->scene, &p);
	clobber_unify(&f->scene, &e);
	CU_ASSERT_EQUAL(e.quote_key, p.key);
	fixture_free(f);
}

SUITE(clobber, TEST(addresses_of_the_box_are_one), TEST(a_quote_is_known_as_well))
