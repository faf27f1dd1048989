#include "base/endpoint.h"
#include "suite.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static void good_texts_survive_a_round_trip(void)
{
	static const char *const good[] = {
		"192.0.2.1:5000",     "0.0.0.0:1", "255.255.255.255:65535",
		"[2001:db8::1]:5000", "[::]:9",    "[fe80::1]:65535",
	};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct endpoint e;
		char text[ENDPOINT_TEXT_SIZE];

		CU_ASSERT_EQUAL_FATAL(endpoint_parse(good[i], &e), 0);
		CU_ASSERT_STRING_EQUAL(endpoint_format(&e, text), good[i]);
	}
}

static void bad_texts_are_refused(void)
{
	static const char *const bad[] = {
		"",
		":",
		"1.2.3.4",
		"1.2.3.4:",
		"1.2.3.4:0",
		"1.2.3.4:65536",
		"1.2.3.4:99999999999",
		"1.2.3.4:+5",
		"1.2.3.4:05",
		"1.2.3.4:5 ",
		" 1.2.3.4:5",
		"1.2.3:5",
		"1.2.3.4.5:5",
		"256.1.1.1:5",
		"host:5",
		"::1:5",
		"[::1]",
		"[::1]5",
		"[::1:5",
		"[1.2.3.4]:5",
		"[]:5",
		"[:5",
		"2001:db8::1:5000",
		"[2001:db8::1%eth0]:5",
		"[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]:5",
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct endpoint e = { .port = 7 };

		CU_ASSERT_EQUAL(endpoint_parse(bad[i], &e), -1);
		CU_ASSERT_EQUAL(e.port, 7);
	}
}

static void equality_looks_at_address_and_port(void)
{
	struct endpoint a = endpoint_ipv4(0xc0000201, 5000);
	struct endpoint b = endpoint_ipv4(0xc0000201, 5001);
	struct endpoint c = endpoint_ipv4(0xc0000202, 5000);

	CU_ASSERT_TRUE(endpoint_equal(&a, &a));
	CU_ASSERT_FALSE(endpoint_equal(&a, &b));
	CU_ASSERT_TRUE(endpoint_same_address(&a, &b));
	CU_ASSERT_FALSE(endpoint_same_address(&a, &c));
}

static void socket_addresses_survive_a_round_trip(void)
{
	static const char *const texts[] = { "192.0.2.1:5000", "[2001:db8::1]:5000" };

	for (size_t i = 0; i < 2; i++) {
		struct endpoint e, back;
		struct sockaddr_storage sa;

		CU_ASSERT_EQUAL_FATAL(endpoint_parse(texts[i], &e), 0);
		CU_ASSERT_EQUAL(endpoint_to_sockaddr(&e, &sa),
		                i == 0 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
		CU_ASSERT_EQUAL_FATAL(endpoint_from_sockaddr(&sa, &back), 0);
		CU_ASSERT_TRUE(endpoint_equal(&e, &back));
	}
}

static void a_mapped_address_becomes_ipv4(void)
{
	struct endpoint mapped, plain, back;
	struct sockaddr_storage sa;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse("[::ffff:192.0.2.1]:7", &mapped), 0);
	CU_ASSERT_EQUAL_FATAL(endpoint_parse("192.0.2.1:7", &plain), 0);
	endpoint_to_sockaddr(&mapped, &sa);
	CU_ASSERT_EQUAL_FATAL(endpoint_from_sockaddr(&sa, &back), 0);
	CU_ASSERT_TRUE(endpoint_equal(&plain, &back));
	memset(&sa, 0, sizeof sa);
	CU_ASSERT_EQUAL(endpoint_from_sockaddr(&sa, &back), -1);
}

SUITE(endpoint, TEST(good_texts_survive_a_round_trip), TEST(bad_texts_are_refused),
      TEST(equality_looks_at_address_and_port), TEST(socket_addresses_survive_a_round_trip),
      TEST(a_mapped_address_becomes_ipv4))
