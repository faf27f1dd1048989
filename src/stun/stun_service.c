#include "stun/stun_service.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define LOWEST_RESPONSE_PORT 1024 /* below live services that an answer could disturb */

static_assert(STUN_SERVICE_KEY_SIZE == crypto_shorthash_KEYBYTES, "buckets are found by the short hash");

uint16_t stun_service_other_port(uint16_t port)
{
	return port == UINT16_MAX ? port - 1 : (uint16_t)(port + 1);
}

void stun_service_init(struct stun_service *s, const uint8_t key[STUN_SERVICE_KEY_SIZE], const struct endpoint *first,
                       const struct endpoint *second)
{
	memset(s, 0, sizeof *s);
	memcpy(s->key, key, sizeof s->key);
	s->has_other = second != NULL;
	if (!s->has_other)
		return;
	for (size_t i = 0; i < 4; i++) {
		struct endpoint *e = &s->at[i / 2][i % 2];

		*e = i / 2 == 0 ? *first : *second;
		if (i % 2 == 1)
			e->port = stun_service_other_port(e->port);
	}
}

/* --- limits ------------------------------------------------------------------------------------------ */

/*
 * A leaky bucket for each address, some sharing one: each answer puts 1000 / RATE milliseconds in, time takes them out.
 * Returns true if there is room for one more.
 */
static bool take_from_bucket(struct stun_service *s, const struct endpoint *to, uint64_t now_ms)
{
	uint8_t hash[crypto_shorthash_BYTES];
	const uint32_t cost_ms = 1000 / STUN_SERVICE_RATE;
	uint64_t passed_ms;
	size_t i;

	crypto_shorthash(hash, to->address.bytes, sizeof to->address.bytes, s->key);
	i = (hash[0] | (size_t)hash[1] << 8) % STUN_SERVICE_BUCKETS;
	passed_ms = now_ms - s->buckets[i].seen_ms;
	s->buckets[i].seen_ms = now_ms;
	s->buckets[i].spent_ms = passed_ms < s->buckets[i].spent_ms ? s->buckets[i].spent_ms - (uint32_t)passed_ms : 0;
	if (s->buckets[i].spent_ms + cost_ms > STUN_SERVICE_BURST * cost_ms)
		return false;
	s->buckets[i].spent_ms += cost_ms;
	return true;
}

/* --- answers ----------------------------------------------------------------------------------------- */

/* Takes from the request what every response bears (RFC 8489 §6.3.1). FINGERPRINT for who has shown that it is of use.
 */
static struct stun_message response_to(const struct stun_message *request, enum stun_class class)
{
	struct stun_message m = {
		.class = class,
		.method = STUN_BINDING,
		.classic = request->classic,
		.fingerprint = request->fingerprint,
	};

	memcpy(m.id, request->id, sizeof m.id);
	return m;
}

/* A request that names what is not known here, or what a server with one address must not do (RFC 5780 §6.1). */
static bool refuse_unknown(const struct stun_service *s, const struct stun_message *request,
                           struct stun_message *response)
{
	bool change = request->has_change && !s->has_other;

	if (request->unknown_count == 0 && !change)
		return false;
	*response = response_to(request, STUN_ERROR);
	response->code = STUN_UNKNOWN_ATTRIBUTE;
	memcpy(response->unknown, request->unknown, sizeof response->unknown);
	response->unknown_count = request->unknown_count;
	if (change && response->unknown_count < STUN_UNKNOWN_MAX)
		response->unknown[response->unknown_count++] = STUN_CHANGE_REQUEST;
	return true;
}

static bool refuse_bad(const struct stun_message *request, struct stun_message *response)
{
	bool low_port = request->has_response_port && request->response_port < LOWEST_RESPONSE_PORT;

	if (!low_port && request->padding <= STUN_PADDING_MAX)
		return false;
	*response = response_to(request, STUN_ERROR);
	response->code = STUN_BAD_REQUEST;
	return true;
}

/* The socket at the other address, or port, or both, of the one the request came in on. */
static size_t socket_after_change(size_t socket, uint8_t change)
{
	if ((change & STUN_CHANGE_IP) != 0)
		socket ^= 2;
	if ((change & STUN_CHANGE_PORT) != 0)
		socket ^= 1;
	return socket;
}

/*
 * MAPPED-ADDRESS beside XOR-MAPPED-ADDRESS lets the asker see whether something rewrites payloads (RFC 5780 §6.1
 * demands both); a server for RFC 8489 alone leaves it out, as it leaves out what tells of the other address.
 */
static struct stun_message succeed(const struct stun_service *s, const struct stun_message *request, size_t asked,
                                   size_t answering, const struct endpoint *from)
{
	struct stun_message m = response_to(request, STUN_SUCCESS);

	if (!request->classic)
		m.xor_mapped = *from;
	if (request->classic || s->has_other)
		m.mapped = *from;
	if (s->has_other) {
		m.response_origin = s->at[answering / 2][answering % 2];
		m.other_address = s->at[1 - asked / 2][1 - asked % 2];
	}
	m.has_padding = request->has_padding && !request->has_response_port; /* RFC 5780 §6.1 */
	m.padding = m.has_padding ? request->padding : 0;                    /* never more than was sent */
	return m;
}

static bool is_request(const struct stun_message *m, const struct endpoint *from)
{
	return m->class == STUN_REQUEST && m->method == STUN_BINDING && endpoint_is_sendable(from);
}

bool stun_service_receive(struct stun_service *s, size_t socket, const struct endpoint *from, const uint8_t *bytes,
                          size_t len, uint64_t now_ms, struct stun_reply *out)
{
	struct stun_message request, response;
	bool refused;

	if (stun_decode(bytes, len, &request) != 0) {
		s->counts.malformed++;
		return false;
	}
	if (!is_request(&request, from)) {
		s->counts.ignored++;
		return false;
	}
	if (!take_from_bucket(s, from, now_ms)) {
		s->counts.limited++;
		return false;
	}
	out->socket = socket;
	out->to = *from;
	refused = refuse_unknown(s, &request, &response) || refuse_bad(&request, &response);
	if (!refused) {
		out->socket = socket_after_change(socket, request.change);
		response = succeed(s, &request, socket, out->socket, from);
		if (request.has_response_port)
			out->to.port = request.response_port;
	}
	out->len = stun_encode(&response, out->bytes, sizeof out->bytes);
	s->counts.answered += !refused;
	s->counts.refused += refused;
	return out->len > 0;
}
