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
	w = read("delay=10ms,down:delay=20ms,up:delay=5ms");
	CU_ASSERT_EQUAL(w.ways[WEATHER_UP].delay_us, 5000);
	CU_ASSERT_EQUAL(w.ways[WEATHER_DOWN].delay_us, 20000);
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

static bool is_same_way(const struct weather_way *a, const struct weather_way *b)
{
	return a->delay_us == b->delay_us && a->jitter_us == b->jitter_us && a->loss == b->loss &&
	       a->burst == b->burst && a->rate_bps == b->rate_bps && a->queue_us == b->queue_us &&
	       a->duplicate == b->duplicate && a->reorder == b->reorder;
}

static void presets_are_read_and_may_be_changed(void)
{
	for (const struct weather_preset *p = weather_presets; p->name != NULL; p++) {
		struct weather w = read(p->name);
		char text[WEATHER_TEXT_SIZE];
		struct weather again = read(weather_format(&w, text));

		CU_ASSERT_TRUE(is_same_way(&w.ways[WEATHER_UP], &again.ways[WEATHER_UP]));
		CU_ASSERT_TRUE(is_same_way(&w.ways[WEATHER_DOWN], &again.ways[WEATHER_DOWN]));
		CU_ASSERT_TRUE(weather_needs_cable(&w));
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
		{ "rate=18446744074gbit", "100gbit" }, /* 2^64 bits a second and 290 million */
		{ "rate=1mbit,queue=0ms", "more than 0" },
		{ "queue=1ms", "rate" },
		{ "reorder=1%", "delay" },
		{ "mtu=575", "576" },
		{ "mtu=1501", "1500" },
		{ "up:mtu=1400", "mtu=" },
		{ "delay=1ms,", "'delay=1ms,': a comma stands between two words" },
		{ "lte,", "'lte,': a comma" },
		{ ",lte", "',lte': a comma" },
		{ "lte,,loss=1%", "'lte,,loss=1%': a comma" },
		{ ",delay=1ms", "delay" },
		{ "delay=11111111111111111111111111111111111111111111111111111111111111s", "delay" },
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct weather w = { .mtu = 7 };

		CU_ASSERT_EQUAL(weather_parse(bad[i].text, &w, error), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(error, bad[i].says));
		CU_ASSERT_EQUAL(w.mtu, 7);
	}
}

#define WHAT_THERE_IS                                                                                                  \
	"': a link is fair, fibre, dsl, cable, wifi-crowded, lte, 3g, satellite, starlink, intercontinental; or "      \
	"delay=, jitter=, loss=, burst=, rate=, queue=, duplicate=, reorder=, mtu=, also up:... and down:..."

#define ONE_PRESET "': there is one preset, of both directions; it stands first, and what follows changes it"

static void a_refusal_is_one_sentence(void)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "'" WHAT_THERE_IS },
		{ "lte,dsl", "'dsl" ONE_PRESET },
		{ "up:lte", "'up:lte" ONE_PRESET },
		{ "delay=1ms,fair", "'fair" ONE_PRESET },
		{ "up:monsoon", "'up:monsoon" WHAT_THERE_IS },
		{ "delays=1ms", "'delays=1ms" WHAT_THERE_IS },
		{ "dela=1ms", "'dela=1ms" WHAT_THERE_IS },
		{ "down:mtu=1400", "'down:mtu=1400': an mtu is of both directions" },
		{ "up:jitter=fast", "'up:jitter=fast': jitter is a time such as 40ms (us, ms, s), at most 60s" },
		{ "delay=60000001us", "'delay=60000001us': delay is a time such as 40ms (us, ms, s), at most 60s" },
		{ "delay=1.ms", "'delay=1.ms': delay is a time such as 40ms (us, ms, s), at most 60s" },
		{ "delay=.5ms", "'delay=.5ms': delay is a time such as 40ms (us, ms, s), at most 60s" },
		{ "delay=1.0005ms", "'delay=1.0005ms': delay is a time such as 40ms (us, ms, s), at most 60s" },
		{ "loss=100.0001%", "'loss=100.0001%': loss is a share such as 1.5%, 0% to 100%" },
		{ "loss=1%,burst=1.5", "'burst=1.5': burst is a number of packets, 1 to 1000" },
		{ "rate=1000000000000gbit", "'rate=1000000000000gbit': rate is bits a second such as 20mbit (bit, "
		                            "kbit, mbit, gbit), 8kbit to 100gbit" },
		{ "delay=1ms,delay=2ms", "'delay=2ms': delay is given twice" },
		{ "up:loss=1%,loss=2%", "'loss=2%': loss is given twice" },
		{ "loss=1%,down:loss=2%,down:loss=2%", "'down:loss=2%': loss is given twice" },
		{ "lte,jitter=1ms,jitter=1ms", "'jitter=1ms': jitter is given twice" },
		{ "mtu=1400,mtu=1300", "'mtu=1300': mtu is given twice" },
		{ "mtu=1400x", "'mtu=1400x': mtu is a number of bytes, 576 to 1500" },
		{ "down:reorder=1%", "reorder needs a delay: a packet overtakes those that are delayed" },
		{ "up:burst=2", "burst needs a loss" },
		{ "down:queue=1us", "queue needs a rate: without one no packet waits" },
		{ "up:loss=75.0001%,up:burst=3", "a loss of more than 75% does not come in bursts of 3" },
		{ "loss=99.91%,burst=1000", "a loss of more than 99% does not come in bursts of 1000" },
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct weather w;

		CU_ASSERT_EQUAL(weather_parse(bad[i].text, &w, error), -1);
		CU_ASSERT_STRING_EQUAL(error, bad[i].says);
	}
}

/* What is just allowed is read as it is meant. */
static void the_limits_belong_to_what_is_allowed(void)
{
	CU_ASSERT_EQUAL(read("delay=60s").ways[WEATHER_UP].delay_us, 60000000);
	CU_ASSERT_EQUAL(read("delay=1.0000ms").ways[WEATHER_UP].delay_us, 1000);
	CU_ASSERT_EQUAL(read("delay=123.456ms").ways[WEATHER_UP].delay_us, 123456);
	CU_ASSERT_EQUAL(read("delay=000000000001ms").ways[WEATHER_UP].delay_us, 1000);
	CU_ASSERT_EQUAL(read("loss=0%,burst=1").ways[WEATHER_UP].burst, 1);
	CU_ASSERT_EQUAL(read("loss=75%,burst=3").ways[WEATHER_UP].loss, 750000);
	CU_ASSERT_EQUAL(read("loss=1%,burst=1000").ways[WEATHER_UP].burst, 1000);
	CU_ASSERT_EQUAL(read("rate=100gbit").ways[WEATHER_UP].rate_bps, 100000000000);
	CU_ASSERT_EQUAL(read("mtu=1500").mtu, 1500);
	CU_ASSERT_EQUAL(read("mtu=576").mtu, 576);
	CU_ASSERT_FALSE(read("lte").is_changeable);
	CU_ASSERT_TRUE(read("fair,delay=1ms").is_changeable);
}

/* A value is written in the largest unit that leaves no rest. */
static void values_are_written_as_people_write_them(void)
{
	static const char *const texts[][2] = {
		{ "delay=60000ms", "delay=60s" },
		{ "delay=1001ms", "delay=1001ms" },
		{ "delay=0.5ms", "delay=500us" },
		{ "rate=1500000bit", "rate=1500kbit" },
		{ "rate=1000mbit", "rate=1gbit" },
		{ "rate=8001bit", "rate=8001bit" },
		{ "loss=1.50%", "loss=1.5%" },
		{ "loss=10%", "loss=10%" },
		{ "loss=0.0001%", "loss=0.0001%" },
		{ "up:loss=1.05%,down:loss=2%", "up:loss=1.05%,down:loss=2%" },
		{ "up:delay=1ms,down:delay=1ms,mtu=1400,duplicate=3%", "delay=1ms,duplicate=3%,mtu=1400" },
		{ "jitter=3ms,up:jitter=2ms,down:jitter=2ms", "jitter=2ms" },
		{ "delay=0ms", "fair" },
	};
	char text[WEATHER_TEXT_SIZE];

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct weather w = read(texts[i][0]);

		CU_ASSERT_STRING_EQUAL(weather_format(&w, text), texts[i][1]);
	}
}

SUITE(weather, TEST(every_key_has_its_unit), TEST(directions_may_differ), TEST(texts_survive_a_round_trip),
      TEST(presets_are_read_and_may_be_changed), TEST(only_what_does_something_needs_the_cable),
      TEST(bad_texts_are_refused_with_what_there_is), TEST(a_refusal_is_one_sentence),
      TEST(the_limits_belong_to_what_is_allowed), TEST(values_are_written_as_people_write_them))
