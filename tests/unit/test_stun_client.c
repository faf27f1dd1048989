#include "stun/stun_client.h"
#include "suite.h"

#include <string.h>

static const uint8_t key[STUN_CLIENT_KEY_SIZE] = "0123456789abcde";
static struct stun_client client;
static struct stun_datagram sent;

static struct stun_question question(uint16_t socket)
{
	return (struct stun_question){
		.socket = socket,
		.answer_socket = socket,
		.to = endpoint_ipv4(0xcb007101, 3478),
		.sends = 3,
		.rto_ms = 500,
	};
}

/* A success response to the datagram sent last. */
static size_t response(uint8_t *bytes, size_t room)
{
	struct stun_message m;

	CU_ASSERT_EQUAL_FATAL(stun_decode(sent.bytes, sent.len, &m), 0);
	m.class = STUN_SUCCESS;
	m.xor_mapped = endpoint_ipv4(0xc6336407, 5000);
	return stun_encode(&m, bytes, room);
}

static int ask_and_send(uint16_t socket, uint64_t now_ms)
{
	struct stun_question q = question(socket);
	int handle = stun_client_ask(&client, &q, now_ms);

	CU_ASSERT_TRUE_FATAL(handle >= 0);
	CU_ASSERT_TRUE_FATAL(stun_client_next(&client, now_ms, &sent));
	return handle;
}

static void an_answer_is_kept_with_where_it_came_from(void)
{
	uint8_t bytes[STUN_MESSAGE_ROOM];
	struct endpoint from = endpoint_ipv4(0xcb007102, 3479);
	struct stun_answer a;
	int handle;
	size_t len;

	stun_client_init(&client, key, 0);
	handle = ask_and_send(7, 1000);
	CU_ASSERT_EQUAL(sent.socket, 7);
	CU_ASSERT_EQUAL(sent.len, STUN_HEADER_SIZE);
	CU_ASSERT_EQUAL(stun_client_answer(&client, handle).outcome, STUN_WAITING);
	len = response(bytes, sizeof bytes);
	CU_ASSERT_TRUE(stun_client_receive(&client, 7, &from, bytes, len, 1030));
	a = stun_client_answer(&client, handle);
	CU_ASSERT_EQUAL(a.outcome, STUN_ANSWERED);
	CU_ASSERT_TRUE(endpoint_equal(&a.from, &from));
	CU_ASSERT_EQUAL(a.mapped.port, 5000);
	CU_ASSERT_EQUAL(a.rtt_ms, 30);
	CU_ASSERT_EQUAL(stun_client_deadline(&client), UINT64_MAX);
	CU_ASSERT_FALSE(stun_client_receive(&client, 7, &from, bytes, len, 1031)); /* once is enough */
}

/* RFC 8489 §6.2.1: 0, 500, 1500 ms; and as long again as the last wait would double to. */
static void silence_is_believed_after_all_sendings(void)
{
	static const uint64_t due[] = { 1000, 1500, 2500, 4500 };
	struct stun_question q = question(1);
	int handle;

	stun_client_init(&client, key, 0);
	handle = stun_client_ask(&client, &q, 1000);
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(stun_client_deadline(&client), due[i]);
		CU_ASSERT_FALSE(stun_client_next(&client, due[i] - 1, &sent));
		CU_ASSERT_TRUE(stun_client_next(&client, due[i], &sent));
	}
	CU_ASSERT_FALSE(stun_client_next(&client, 4499, &sent));
	CU_ASSERT_EQUAL(stun_client_answer(&client, handle).outcome, STUN_WAITING);
	CU_ASSERT_FALSE(stun_client_next(&client, 4500, &sent));
	CU_ASSERT_EQUAL(stun_client_answer(&client, handle).outcome, STUN_SILENT);
}

static void new_questions_are_paced(void)
{
	struct stun_question q = question(1);
	unsigned count = 0;

	stun_client_init(&client, key, 100);
	for (int i = 0; i < 20; i++)
		CU_ASSERT_TRUE(stun_client_ask(&client, &q, 0) >= 0);
	for (uint64_t ms = 0; ms < 500; ms++) /* before any is sent again */
		while (stun_client_next(&client, ms, &sent))
			count++;
	CU_ASSERT_EQUAL(count, 5);
}

static void strangers_and_garbage_are_counted(void)
{
	uint8_t bytes[STUN_MESSAGE_ROOM];
	struct endpoint from = endpoint_ipv4(0xcb007101, 3478);
	struct stun_message empty = { .class = STUN_SUCCESS, .method = STUN_BINDING };
	int handle;
	size_t len;

	stun_client_init(&client, key, 0);
	handle = ask_and_send(7, 1000);
	len = response(bytes, sizeof bytes);
	CU_ASSERT_FALSE(stun_client_receive(&client, 8, &from, bytes, len, 1001)); /* on another socket */
	bytes[19] ^= 1;
	CU_ASSERT_FALSE(stun_client_receive(&client, 7, &from, bytes, len, 1001));           /* with another id */
	CU_ASSERT_FALSE(stun_client_receive(&client, 7, &from, sent.bytes, sent.len, 1001)); /* the question itself */
	CU_ASSERT_EQUAL(client.strangers, 3);
	memcpy(empty.id, sent.bytes + 4, sizeof empty.id);
	len = stun_encode(&empty, bytes, sizeof bytes);
	CU_ASSERT_FALSE(stun_client_receive(&client, 7, &from, bytes, len, 1001)); /* without a mapped address */
	CU_ASSERT_FALSE(stun_client_receive(&client, 7, &from, bytes, 5, 1001));
	CU_ASSERT_EQUAL(client.malformed, 2);
	CU_ASSERT_EQUAL(stun_client_answer(&client, handle).outcome, STUN_WAITING);
}

static void ids_are_never_the_same(void)
{
	struct stun_datagram first;

	stun_client_init(&client, key, 0);
	ask_and_send(1, 0);
	first = sent;
	ask_and_send(1, 0);
	CU_ASSERT_EQUAL(memcmp(first.bytes, "\x00\x01\x00\x00\x21\x12\xa4\x42", 8), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(first.bytes, sent.bytes, STUN_HEADER_SIZE), 0);
}

static void an_echo_is_the_question_itself(void)
{
	struct stun_question q = question(1);
	struct endpoint from = endpoint_ipv4(0xc6336407, 6000);
	int handle;

	stun_client_init(&client, key, 0);
	q.echo = true;
	q.answer_socket = 2;
	handle = stun_client_ask(&client, &q, 0);
	CU_ASSERT_TRUE(stun_client_next(&client, 0, &sent));
	CU_ASSERT_TRUE(stun_client_receive(&client, 2, &from, sent.bytes, sent.len, 5));
	CU_ASSERT_EQUAL(stun_client_answer(&client, handle).outcome, STUN_ANSWERED);
	CU_ASSERT_EQUAL(stun_client_answer(&client, handle).from.port, 6000);
}

static void icmp_ends_the_question_it_is_about(void)
{
	struct endpoint to = question(0).to;
	int first, second;

	stun_client_init(&client, key, 0);
	first = ask_and_send(1, 0);
	second = ask_and_send(2, 0);
	stun_client_unreachable(&client, 1, &to);
	CU_ASSERT_EQUAL(stun_client_answer(&client, first).outcome, STUN_UNREACHABLE);
	CU_ASSERT_EQUAL(stun_client_answer(&client, second).outcome, STUN_WAITING);
}

static void a_full_table_refuses(void)
{
	struct stun_question q = question(1);
	int handle = -1;

	stun_client_init(&client, key, 0);
	for (int i = 0; i < STUN_CLIENT_MAX; i++)
		handle = stun_client_ask(&client, &q, 0);
	CU_ASSERT_TRUE(handle >= 0);
	CU_ASSERT_EQUAL(stun_client_ask(&client, &q, 0), -1);
	CU_ASSERT_EQUAL(stun_client_answer(&client, -1).outcome, STUN_UNASKED);
	stun_client_forget(&client, handle);
	CU_ASSERT_EQUAL(stun_client_answer(&client, handle).outcome, STUN_UNASKED);
	CU_ASSERT_TRUE(stun_client_ask(&client, &q, 0) >= 0);
}

/* Something on the way rewrites addresses in payloads: the one that it cannot read is believed, and it is told of. */
static void a_rewritten_address_is_not_believed(void)
{
	static const struct endpoint rewritten[] = {
		{ .address = { ADDRESS_IPV4, { 10, 0, 0, 2 } }, .port = 5000 },
		{ .address = { ADDRESS_IPV4, { 198, 51, 100, 7 } }, .port = 4000 },
	};

	for (size_t i = 0; i < 2; i++) {
		struct endpoint from = endpoint_ipv4(0xcb007101, 3478);
		uint8_t bytes[STUN_MESSAGE_ROOM];
		struct stun_message m;
		struct stun_answer a;
		int handle;

		stun_client_init(&client, key, 0);
		handle = ask_and_send(7, 1000);
		CU_ASSERT_EQUAL_FATAL(stun_decode(sent.bytes, sent.len, &m), 0);
		m.class = STUN_SUCCESS;
		m.xor_mapped = endpoint_ipv4(0xc6336407, 5000);
		m.mapped = rewritten[i];
		CU_ASSERT_TRUE(
		    stun_client_receive(&client, 7, &from, bytes, stun_encode(&m, bytes, sizeof bytes), 1001));
		a = stun_client_answer(&client, handle);
		CU_ASSERT_TRUE(endpoint_equal(&a.mapped, &m.xor_mapped));
		CU_ASSERT_TRUE(a.rewritten);
	}
}

static void icmp_ends_no_other_question(void)
{
	struct endpoint other = endpoint_ipv4(0xcb007102, 3478);
	int handle;

	stun_client_init(&client, key, 0);
	handle = ask_and_send(7, 1000);
	stun_client_unreachable(&client, 7, &other);
	CU_ASSERT_EQUAL(stun_client_answer(&client, handle).outcome, STUN_WAITING);
}

SUITE(stun_client, TEST(a_rewritten_address_is_not_believed), TEST(icmp_ends_no_other_question),
      TEST(an_answer_is_kept_with_where_it_came_from), TEST(silence_is_believed_after_all_sendings),
      TEST(new_questions_are_paced), TEST(strangers_and_garbage_are_counted), TEST(ids_are_never_the_same),
      TEST(an_echo_is_the_question_itself), TEST(icmp_ends_the_question_it_is_about), TEST(a_full_table_refuses))
