#include "model/weather.h"
#include "suite.h"

#include <string.h>

static char error[WEATHER_ERROR_SIZE];

static struct weather read(const char *text)
{
	struct weather w = { 0 };

	CU_ASSERT_EQUAL(weather_parse(text, &w, error), 0);
	return w;
}

static void every_key_has_its_unit(void)
{
	struct weather w = read("delay=40ms,jitter=1.5ms,loss=0.25%,burst=3,rate=20mbit,queue=1s,duplicate=0.0001%,"
	                        "reorder=100%,mtu=1400");
	const struct weather_way *up = &w.ways[WEATHER_UP];

	CU_ASSERT_EQUAL(up->delay_us, 40000);
	CU_ASSERT_EQUAL(up->jitter_us, 1500);
	CU_ASSERT_EQUAL(up->loss, 2500);
	CU_ASSERT_EQUAL(up->burst, 3);
	CU_ASSERT_EQUAL(up->rate_bps, 20000000);
	CU_ASSERT_EQUAL(up->queue_us, 1000000);
	CU_ASSERT_EQUAL(up->duplicate, 1);
	CU_ASSERT_EQUAL(up->reorder, 1000000);
	CU_ASSERT_EQUAL(w.mtu, 1400);
	CU_ASSERT_EQUAL(w.ways[WEATHER_DOWN].rate_bps, 20000000);
	w = read("delay=7us");
	CU_ASSERT_EQUAL(w.ways[WEATHER_DOWN].delay_us, 7);
	w = read("rate=8kbit");
	CU_ASSERT_EQUAL(w.ways[WEATHER_DOWN].rate_bps, 8000);
	w = read("rate=1.5gbit");
	CU_ASSERT_EQUAL(w.ways[WEATHER_DOWN].rate_bps, 1500000000);
}

static void directions_may_differ(void)
{
	struct weather w = read("delay=10ms,up:rate=1mbit,down:loss=3%");

	CU_ASSERT_EQUAL(w.ways[WEATHER_UP].rate_bps, 1000000);
	CU_ASSERT_EQUAL(w.ways[WEATHER_DOWN].rate_bps, 0);
	CU_ASSERT_EQUAL(w.ways[WEATHER_UP].loss, 0);
	CU_ASSERT_EQUAL(w.ways[WEATHER_DOWN].loss, 30000);
	CU_ASSERT_EQUAL(w.ways[WEATHER_UP].delay_us, 10000);
	CU_ASSERT_EQUAL(w.ways[WEATHER_DOWN].delay_us, 10000);
}

static void texts_survive_a_round_trip(void)
{
	static const char *const good[] = {
		"fair",
		"delay=40ms",
		"delay=1500us,jitter=1s",
		"loss=1%,burst=3",
		"loss=0.1%",
		"loss=0.0123%",
		"loss=100%",
		"up:rate=1mbit,down:rate=16mbit",
		"delay=1ms,reorder=1%",
		"mtu=1400",
		"rate=8kbit,queue=100ms",
		"duplicate=10.05%",
		"up:loss=2%",
		"delay=20ms,mtu=576",
	};
	char text[WEATHER_TEXT_SIZE];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct weather w = read(good[i]);

		CU_ASSERT_STRING_EQUAL(weather_format(&w, text), good[i]);
	}
}

static void presets_are_read_and_may_be_changed(void)
{
	for (const struct weather_preset *p = weather_presets; p->name != NULL; p++) {
		struct weather w = read(p->name);
		char text[WEATHER_TEXT_SIZE];
		struct weather again = read(weather_format(&w, text));

		CU_ASSERT_EQUAL(memcmp(w.ways, again.ways, sizeof w.ways), 0);
		CU_ASSERT_TRUE(weather_needs_cable(&w));
		CU_ASSERT_TRUE(strlen(p->source) > 0);
	}
	CU_ASSERT_EQUAL(read("satellite,delay=1ms").ways[WEATHER_UP].delay_us, 1000);
	CU_ASSERT_EQUAL(read("satellite,delay=1ms").ways[WEATHER_UP].jitter_us, 10000);
}

static void only_what_does_something_needs_the_cable(void)
{
	struct weather bare = { 0 }, w = read("mtu=1400");

	CU_ASSERT_FALSE(weather_needs_cable(&bare));
	CU_ASSERT_FALSE(weather_needs_cable(&w));
	w = read("fair");
	CU_ASSERT_TRUE(weather_needs_cable(&w));
	w = read("down:duplicate=1%");
	CU_ASSERT_TRUE(weather_needs_cable(&w));
}

static void bad_texts_are_refused_with_what_there_is(void)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "lte" },
		{ "foo", "satellite" },
		{ "delay=1ms,lte", "lte" }, /* a preset comes first */
		{ "wind=3", "reorder=" },
		{ "delay", "delay=" },
		{ "delay=", "ms" },
		{ "delay=1", "ms" },
		{ "delay=-1ms", "ms" },
		{ "delay=1m", "ms" },
		{ "delay=1ms ", "ms" },
		{ "delay=61s", "60s" },
		{ "delay=1.5us", "ms" },
		{ "loss=101%", "100%" },
		{ "loss=1", "%" },
		{ "loss=0.00001%", "%" },
		{ "burst=0,loss=1%", "1 to 1000" },
		{ "burst=1001,loss=1%", "1 to 1000" },
		{ "burst=2", "loss" },
		{ "loss=80%,burst=3", "75%" },
		{ "rate=0bit", "8kbit" },
		{ "rate=7kbit", "8kbit" },
		{ "rate=101gbit", "100gbit" },
		{ "queue=1ms", "rate" },
		{ "reorder=1%", "delay" },
		{ "mtu=575", "576" },
		{ "mtu=1501", "1500" },
		{ "up:mtu=1400", "mtu=" },
		{ "delay=1ms,", "delay" },
		{ ",delay=1ms", "delay" },
		{ "delay=1ms,,loss=1%", "delay" },
		{ "delay=11111111111111111111111111111111111111111111111111111111111111s", "delay" },
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct weather w = { .mtu = 7 };

		CU_ASSERT_EQUAL(weather_parse(bad[i].text, &w, error), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(error, bad[i].says));
		CU_ASSERT_EQUAL(w.mtu, 7);
	}
}

SUITE(weather, TEST(every_key_has_its_unit), TEST(directions_may_differ), TEST(texts_survive_a_round_trip),
      TEST(presets_are_read_and_may_be_changed), TEST(only_what_does_something_needs_the_cable),
      TEST(bad_texts_are_refused_with_what_there_is))
