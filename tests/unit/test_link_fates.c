#include "trace/recorded_events.h"
#include "trace/link_fates.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define ALICE "10.0.1.2:5000"
#define SERVER "22.22.22.1:7000"
#define LOST(at, n, id, src)                                                                                           \
	"{\"type\":\"link\",\"t\":" at ",\"link\":\"nat-a wan\",\"direction\":\"up\",\"n\":" n                         \
	",\"fate\":\"lost\",\"proto\":"                                                                                \
	"\"udp\",\"id\":" id ",\"packet\":{\"src\":\"" src "\",\"dst\":\"" SERVER "\"}}"

static struct scene scene;
static struct recorded_events events;

static int take(const char *line)
{
	return recorded_events_take_line(line, strlen(line), &scene, &events);
}

static void begin(void)
{
	memset(&scene, 0, sizeof scene);
	events = (struct recorded_events){ 0 };
	CU_ASSERT_EQUAL(
	    take("{\"type\":\"node\",\"name\":\"nat-a\",\"kind\":\"box\",\"behind\":null,\"addresses\":[]}"), 0);
	CU_ASSERT_EQUAL(
	    take("{\"type\":\"weather\",\"t\":1,\"link\":\"nat-a wan\",\"weather\":\"loss=1%\",\"seed\":7}"), 0);
	CU_ASSERT_EQUAL(
	    take("{\"type\":\"weather\",\"t\":5000,\"link\":\"nat-a wan\",\"weather\":\"loss=2%\",\"seed\":7}"), 0);
}

static struct journey journey_of(const char *src, uint16_t id, uint64_t time_ns)
{
	struct journey j = { .protocol = 17, .leg_count = 1, .legs = { { .time_ns = time_ns, .link_id = id } } };

	CU_ASSERT_EQUAL(endpoint_parse(src, &j.legs[0].src), 0);
	CU_ASSERT_EQUAL(endpoint_parse(SERVER, &j.legs[0].dst), 0);
	return j;
}

static uint64_t found(const char *src, uint16_t id, uint64_t time_ns)
{
	const struct journey j = journey_of(src, id, time_ns);
	const struct link_event *l = link_fates_find(&events.links, &scene, &j);

	return l != NULL ? l->n : 0;
}

/* Identifications come again after 65536 packets: the next loss after it was seen is meant. */
static void a_loss_is_found_by_packet_and_time(void)
{
	begin();
	CU_ASSERT_EQUAL(take(LOST("900000000000", "80", "9", ALICE)), 0);
	CU_ASSERT_EQUAL(take(LOST("10000000", "13", "9", ALICE)), 0);
	CU_ASSERT_EQUAL(take(LOST("10000000", "14", "10", ALICE)), 0);
	CU_ASSERT_EQUAL(take(LOST("10000000", "15", "9", "10.0.1.2:5001")), 0);
	recorded_events_sort(&events);
	CU_ASSERT_EQUAL(found(ALICE, 9, 9000000), 13);
	CU_ASSERT_EQUAL(found(ALICE, 9, 10000001), 13); /* two processes' clocks */
	CU_ASSERT_EQUAL(found(ALICE, 10, 9000000), 14);
	CU_ASSERT_EQUAL(found("10.0.1.2:5001", 9, 9000000), 15);
	CU_ASSERT_EQUAL(found(ALICE, 11, 9000000), 0);
	CU_ASSERT_EQUAL(found(ALICE, 9, 100000000), 0); /* long after the one, long before the other */
	CU_ASSERT_EQUAL(found(ALICE, 9, 899000000000), 80);
	CU_ASSERT_EQUAL(found(ALICE, 9, 900100000000), 0);
	recorded_events_free(&events);
}

static void what_arrives_is_no_loss(void)
{
	struct journey j = journey_of(ALICE, 9, 8);

	begin();
	CU_ASSERT_EQUAL(take("{\"type\":\"link\",\"t\":9,\"link\":\"nat-a wan\",\"direction\":\"up\",\"n\":1,\"fate\":"
	                     "\"delayed\",\"later\":0.25,\"proto\":\"udp\",\"id\":9,\"packet\":{\"src\":\"" ALICE
	                     "\",\"dst\":\"" SERVER "\"}}"),
	                0);
	CU_ASSERT_EQUAL(take("{\"type\":\"link\",\"t\":9,\"link\":\"nat-a wan\",\"direction\":\"up\",\"n\":1,\"fate\":"
	                     "\"lost\"}"),
	                0);
	CU_ASSERT_EQUAL(events.links.losses.count, 0);
	CU_ASSERT_EQUAL(link_fates_change(&events.links, &scene, &j)->fate, RECORD_DELAYED);
	CU_ASSERT_EQUAL(link_fates_change(&events.links, &scene, &j)->delay_us, 250000);
	j.legs[0].link_id = 10;
	CU_ASSERT_PTR_NULL(link_fates_change(&events.links, &scene, &j));
	j.legs[0].link_id = 9;
	j.legs[0].time_ns = 6000000; /* the next of that identification is another */
	CU_ASSERT_PTR_NULL(link_fates_change(&events.links, &scene, &j));
	recorded_events_free(&events);
}

static void weather_is_that_of_the_time(void)
{
	struct link_event l = { .time_ns = 4999 };

	begin();
	CU_ASSERT_EQUAL(link_fates_weather(&events.links, &l)->weather.ways[WEATHER_UP].loss, 10000);
	l.time_ns = 5000;
	CU_ASSERT_EQUAL(link_fates_weather(&events.links, &l)->weather.ways[WEATHER_UP].loss, 20000);
	CU_ASSERT_EQUAL(link_fates_weather(&events.links, &l)->seed, 7);
	l.time_ns = 0;
	CU_ASSERT_PTR_NULL(link_fates_weather(&events.links, &l));
	recorded_events_free(&events);
}

static void links_of_nobody_are_refused(void)
{
	begin();
	CU_ASSERT_EQUAL(take("{\"type\":\"weather\",\"t\":1,\"link\":\"nobody wan\",\"weather\":\"fair\",\"seed\":7}"),
	                -1);
	CU_ASSERT_EQUAL(take("{\"type\":\"weather\",\"t\":1,\"link\":\"nat-a\",\"weather\":\"fair\",\"seed\":7}"), -1);
	CU_ASSERT_EQUAL(take("{\"type\":\"weather\",\"t\":1,\"link\":\"nat-a wan\",\"weather\":\"hail\",\"seed\":7}"),
	                -1);
	recorded_events_free(&events);
}

SUITE(link_fates, TEST(a_loss_is_found_by_packet_and_time), TEST(what_arrives_is_no_loss),
      TEST(weather_is_that_of_the_time), TEST(links_of_nobody_are_refused))
