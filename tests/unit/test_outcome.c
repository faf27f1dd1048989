#include "result/outcome.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>

static void goes_there_and_back(void)
{
	struct outcome sent = { .result = OUTCOME_FAILED, .message = strdup("no \"door\""), .at = strdup("a.lua:3") };
	struct outcome_punch punch = { .hosts = { "alice", "bob" },
		                       .boxes = { "nat-a", "" },
		                       .protocol = NAT_TCP,
		                       .family = ADDRESS_IPV6,
		                       .opened = true,
		                       .has_oracle = true,
		                       .oracle = ORACLE_DEPENDS };
	struct outcome got = { 0 };
	json_t *object;

	sent.has_weather = true;
	sent.has_trace = true;
	outcome_lose(&sent, "a");
	outcome_lose(&sent, "b");
	outcome_tell(&sent.facts, "opened", json_false());
	outcome_tell(&sent.cell, "row", json_string("open"));
	outcome_add_punch(&sent, &punch);
	outcome_add_details(&sent, "one");
	outcome_add_details(&sent, "two\n");
	object = outcome_to_json(&sent);
	CU_ASSERT_EQUAL_FATAL(outcome_from_json(object, &got), 0);
	CU_ASSERT_EQUAL(got.result, OUTCOME_FAILED);
	CU_ASSERT_STRING_EQUAL(got.message, "no \"door\"");
	CU_ASSERT_STRING_EQUAL(got.at, "a.lua:3");
	CU_ASSERT_STRING_EQUAL(got.details, "one\ntwo\n");
	CU_ASSERT_TRUE(got.has_weather);
	CU_ASSERT_TRUE(got.has_trace);
	CU_ASSERT_STRING_EQUAL(got.lost, "a; b");
	CU_ASSERT_TRUE(json_is_false(json_object_get(got.facts, "opened")));
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(got.cell, "row")), "open");
	CU_ASSERT_EQUAL_FATAL(got.punch_count, 1);
	CU_ASSERT_STRING_EQUAL(got.punches->hosts[1], "bob");
	CU_ASSERT_STRING_EQUAL(got.punches->boxes[0], "nat-a");
	CU_ASSERT_STRING_EQUAL(got.punches->boxes[1], "");
	CU_ASSERT_EQUAL(got.punches->protocol, NAT_TCP);
	CU_ASSERT_EQUAL(got.punches->family, ADDRESS_IPV6);
	CU_ASSERT_TRUE(got.punches->opened && got.punches->has_oracle);
	CU_ASSERT_EQUAL(got.punches->oracle, ORACLE_DEPENDS);
	json_decref(object);
	outcome_clear(&sent);
	outcome_clear(&got);
}

/* Of a version that knew neither. */
static void a_punch_without_family_and_oracle(void)
{
	json_t *object = json_pack("{s:s,s:[{s:[s,s],s:[s,s],s:s,s:b}]}", "result", "passed", "punches", "hosts",
	                           "alice", "bob", "boxes", "nat-a", "", "protocol", "udp", "opened", 1);
	struct outcome got = { 0 };

	CU_ASSERT_EQUAL_FATAL(outcome_from_json(object, &got), 0);
	CU_ASSERT_EQUAL_FATAL(got.punch_count, 1);
	CU_ASSERT_EQUAL(got.punches[0].family, ADDRESS_IPV4);
	CU_ASSERT_TRUE(got.punches[0].opened);
	CU_ASSERT_FALSE(got.punches[0].has_oracle);
	json_decref(object);
	outcome_clear(&got);
}

static void refuses_what_is_none(void)
{
	json_t *unknown = json_pack("{s:s}", "result", "perhaps");
	json_t *empty = json_object();
	struct outcome got = { 0 };

	CU_ASSERT_EQUAL(outcome_from_json(unknown, &got), -1);
	CU_ASSERT_EQUAL(outcome_from_json(empty, &got), -1);
	CU_ASSERT_EQUAL(outcome_from_json(NULL, &got), -1);
	json_decref(unknown);
	json_decref(empty);
}

static void keeps_the_earlier_failure(void)
{
	struct outcome o = { 0 };

	outcome_fail(&o, "the punch failed");
	outcome_fail(&o, "nat-a is not what it claims");
	CU_ASSERT_EQUAL(o.result, OUTCOME_FAILED);
	CU_ASSERT_STRING_EQUAL(o.message, "nat-a is not what it claims");
	CU_ASSERT_STRING_EQUAL(o.details, "the punch failed\n");
	outcome_clear(&o);
}

static void forgets_the_reason_of_a_skip(void)
{
	struct outcome o = { .result = OUTCOME_SKIPPED, .message = strdup("no tshark") };

	outcome_fail(&o, "the capture is not whole");
	CU_ASSERT_EQUAL(o.result, OUTCOME_FAILED);
	CU_ASSERT_PTR_NULL(o.details);
	outcome_clear(&o);
}

/* Texts come from programs and scenarios: bytes. A verdict must not be lost for them. */
static void bytes_become_text(void)
{
	struct outcome sent = { 0 }, got = { 0 };
	json_t *object;

	outcome_set(&sent, OUTCOME_SKIPPED,
	            "no Stra\xdf"
	            "e",
	            "a.lua:3");
	outcome_add_details(&sent, "\xe2\x82"); /* cut in mid-character */
	outcome_fail(&sent, "bad \xff");
	object = outcome_to_json(&sent);
	CU_ASSERT_EQUAL_FATAL(outcome_from_json(object, &got), 0);
	CU_ASSERT_EQUAL(got.result, OUTCOME_FAILED);
	CU_ASSERT_STRING_EQUAL(got.message, "bad \\xff");
	CU_ASSERT_STRING_EQUAL(got.details, "\\xe2\\x82\n");
	json_decref(object);
	outcome_clear(&sent);
	outcome_clear(&got);
}

SUITE(outcome, TEST(goes_there_and_back), TEST(a_punch_without_family_and_oracle), TEST(refuses_what_is_none),
      TEST(keeps_the_earlier_failure), TEST(forgets_the_reason_of_a_skip), TEST(bytes_become_text))
