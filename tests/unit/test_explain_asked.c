/* Ports that hosts had asked their box for: what --why, --mappings and --json say of them. */
#include "suite.h"
#include "trace/explain_asked.h"
#include "trace_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define B "203.0.113.30:6000"
#define ASKED "203.0.113.10:4001"
#define SECOND_NS UINT64_C(1000000000)

/* What is said of alice and bob, who stands on the internet, with these leases. */
struct asked {
	struct fixture *f;
	struct recorded_events events;
	struct recorded_lease leases[3];
	struct trace *trace;
	struct why *why;
	char *text;
};

static struct endpoint at(const char *text)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse(text, &e), 0);
	return e;
}

static void begin(struct asked *a)
{
	struct endpoint bob = at(B);

	memset(a, 0, sizeof *a);
	a->f = fixture_new();
	CU_ASSERT_PTR_NOT_NULL_FATAL(a->f);
	scene_add_address(&a->f->scene, scene_add_node(&a->f->scene, NODE_HOST, "bob-too", SCENE_INTERNET), &bob);
	scene_add_interface(&a->f->scene, "bob-too eth0", 1);
	scene_connect(&a->f->scene);
	a->events.leases = a->leases;
}

static struct recorded_lease *lease(struct asked *a, const char *box, uint16_t port, enum mapper_protocol by)
{
	struct recorded_lease *l = &a->leases[a->events.lease_count++];

	*l = (struct recorded_lease){ .time_ns = 1,
		                      .box = scene_find(&a->f->scene, box),
		                      .lease = {
					  .protocol = 17, .outside = port, .inside = at("10.0.1.2:5000"), .by = by } };
	return l;
}

/* bob-too knocks at the port that was asked for, and nat-a lets him in or not. */
static void knock(struct asked *a, bool passes)
{
	fixture_see(a->f, "bob-too eth0", '>', 10, (struct frame){ .src = B, .dst = ASKED });
	fixture_see(a->f, "nat-a wan", '<', 1, (struct frame){ .src = B, .dst = ASKED, .ttl = 63 });
	if (!passes)
		return;
	fixture_see(a->f, "nat-a lan", '>', 1, (struct frame){ .src = B, .dst = "10.0.1.2:5000", .ttl = 62 });
	fixture_see(a->f, "alice eth0", '<', 1, (struct frame){ .src = B, .dst = "10.0.1.2:5000", .ttl = 62 });
}

/* `target`: "" for nobody. */
static const char *tell(struct asked *a, const char *target)
{
	struct pair_verdict v;
	size_t len;
	FILE *out;

	fixture_end(a->f);
	a->why = why_new(&a->f->scene, &a->events);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a->why);
	for (size_t i = 0; i < a->f->count; i++)
		why_journey(a->why, &a->f->journeys[i]);
	why_settle(a->why);
	verdict_of_pair(a->why, scene_find(&a->f->scene, "bob-too"), scene_find(&a->f->scene, target), 17, &v);
	out = open_memstream(&a->text, &len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	explain_asked(out, a->why, &v);
	fclose(out);
	return a->text;
}

static void end(struct asked *a)
{
	why_free(a->why);
	fixture_free(a->f);
	free(a->text);
}

static void a_port_that_was_asked_for_was_open(void)
{
	static const struct {
		const char *box;
		uint16_t port;
		uint8_t protocol;
		uint64_t from_ns, to_ns; /* 0: now, and for ever */
		bool open;
	} rows[] = {
		{ "nat-a", 4001, 17, 1, 0, true },           { "nat-a", 4002, 17, 1, 0, false },
		{ "nat-b", 4001, 17, 1, 0, false },          { "nat-a", 4001, 6, 1, 0, false },
		{ "nat-a", 4001, 17, UINT64_MAX, 0, false }, { "nat-a", 4001, 17, 1, 2, false },
		{ "nat-a", 4001, 17, 1, UINT64_MAX, true },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int after = 0; after < 2; after++) { /* it stands alone, or behind another one's */
			struct asked a;
			struct recorded_lease *l;
			const char *text;

			begin(&a);
			if (after)
				lease(&a, "nat-b", 4009, MAPPER_UPNP);
			l = lease(&a, rows[i].box, rows[i].port, MAPPER_PCP);
			l->lease.protocol = rows[i].protocol;
			l->time_ns = rows[i].from_ns;
			l->ended_ns = rows[i].to_ns;
			knock(&a, true);
			text = tell(&a, "alice");
			CU_ASSERT_STRING_EQUAL(
			    text, rows[i].open
				      ? "nat-a:4001 was open for everybody: alice had asked nat-a for it by PCP.\n"
				      : "");
			end(&a);
		}
}

/* What died at a port that was asked for until lately; not where it was asked for anew, and not at another box. */
static void a_port_that_was_asked_for_had_been_open(void)
{
	struct asked a;
	uint64_t now_ns;

	for (int row = 0; row < 4; row++) {
		const char *text;

		begin(&a);
		now_ns = a.f->now_ns;
		lease(&a, row == 3 ? "nat-b" : "nat-a", 4001, MAPPER_UPNP)->ended_ns = now_ns - 3 * SECOND_NS;
		lease(&a, "nat-a", row == 2 ? 4001 : 4002, MAPPER_NAT_PMP)->ended_ns =
		    row == 1 ? 0 : now_ns - 2 * SECOND_NS;
		if (row == 1)
			a.leases[1].lease.outside = 4001;
		knock(&a, false);
		text = tell(&a, "");
		if (row == 0)
			CU_ASSERT_STRING_EQUAL(text,
			                       "nat-a:4001 had been open for everybody, as alice had asked nat-a for "
			                       "it by UPnP, until 3.0 s before.\n");
		if (row == 1 || row == 3)
			CU_ASSERT_STRING_EQUAL(text, "");
		if (row == 2) /* the last of them counts */
			CU_ASSERT_STRING_EQUAL(text,
			                       "nat-a:4001 had been open for everybody, as alice had asked nat-a for "
			                       "it by NAT-PMP, until 2.0 s before.\n");
		end(&a);
	}
}

static void leases_are_listed_by_box(void)
{
	struct trace t = { .start_ns = SECOND_NS };
	struct asked a;
	char *list = NULL, *json;
	json_t *object;
	size_t len;
	FILE *out;

	begin(&a);
	lease(&a, "nat-a", 4001, MAPPER_PCP)->time_ns = 2 * SECOND_NS;
	lease(&a, "nat-b", 4003, MAPPER_UPNP);
	lease(&a, "nat-a", 4002, MAPPER_UPNP)->time_ns = 3 * SECOND_NS;
	a.leases[2].ended_ns = 4 * SECOND_NS;
	(void)tell(&a, "alice");
	a.why->trace = &t;
	out = open_memstream(&list, &len);
	CU_ASSERT_EQUAL(explain_asked_list(out, a.why, scene_find(&a.f->scene, "nat-a")), 2);
	fclose(out);
	CU_ASSERT_STRING_EQUAL(list, "  udp   alice:5000 open for everybody as nat-a:4001  asked for by PCP\n"
	                             "         born 1.000\n"
	                             "  udp   alice:5000 open for everybody as nat-a:4002  asked for by UPnP\n"
	                             "         born 2.000  ended 3.000\n");
	object = explain_asked_json(a.why, &a.leases[2]);
	json = json_dumps(object, JSON_SORT_KEYS);
	CU_ASSERT_STRING_EQUAL(json,
	                       "{\"born\": 2.0, \"box\": \"nat-a\", \"by\": \"UPnP\", \"ended\": 3.0, \"inside\": "
	                       "\"10.0.1.2:5000\", \"kind\": \"asked\", \"port\": 4002, \"protocol\": \"udp\"}");
	free(json);
	json_decref(object);
	object = explain_asked_json(a.why, &a.leases[0]);
	CU_ASSERT_TRUE(json_is_null(json_object_get(object, "ended")));
	json_decref(object);
	free(list);
	end(&a);
}

SUITE(explain_asked, TEST(a_port_that_was_asked_for_was_open), TEST(a_port_that_was_asked_for_had_been_open),
      TEST(leases_are_listed_by_box))
