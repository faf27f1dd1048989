#include "stun/stun_service.h"

#include <string.h>

#define LOWEST_RESPONSE_PORT 1024 /* below live services that an answer could disturb */

#define NETWORK_TIMES 4u /* what a network may have of what an address may */

static const struct allowance_rates answer_rates = {
	.each = { { STUN_SERVICE_RATE, STUN_SERVICE_BURST },
	          { NETWORK_TIMES * STUN_SERVICE_RATE, NETWORK_TIMES *STUN_SERVICE_BURST } },
	.all = { STUN_SERVICE_RATE_IN_ALL, STUN_SERVICE_RATE_IN_ALL },
};

static const struct allowance_rates told_rates = {
	.each = { { STUN_SERVICE_TOLD_RATE, STUN_SERVICE_TOLD_BURST },
	          { NETWORK_TIMES * STUN_SERVICE_TOLD_RATE, NETWORK_TIMES *STUN_SERVICE_TOLD_BURST } },
	.all = { 2000, 4000 },
};

uint16_t stun_service_other_port(uint16_t port)
{
	return port == UINT16_MAX ? port - 1 : (uint16_t)(port + 1);
}

void stun_service_init(struct stun_service *s, const uint8_t key[STUN_SERVICE_KEY_SIZE], const struct endpoint *first,
                       const struct endpoint *second)
{
	allowance_init(&s->answers, &answer_rates, key);
	allowance_init(&s->told, &told_rates, key);
	if (second != NULL)
		stun_service_add_pair(s, first, second);
}

void stun_service_add_pair(struct stun_service *s, const struct endpoint *first, const struct endpoint *second)
{
	unsigned pair = s->pairs++;

	for (size_t i = 0; i < STUN_SERVICE_PAIR_SOCKETS; i++) {
		struct endpoint *e = &s->at[pair][i / 2][i % 2];

		*e = i / 2 == 0 ? *first : *second;
		if (i % 2 == 1)
			e->port = stun_service_other_port(e->port);
	}
}

void stun_service_limit(struct stun_service *s, uint32_t answers_a_second)
{
	s->answers.pace_of_all = pace_of(&(struct allowance_rate){ answers_a_second, answers_a_second });
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

/*
 * A request that names what is not known here, or what a server with one address must not do (RFC 5780 §6.1), nor one
 * that answers on a connection.
 */
static bool refuse_unknown(const struct stun_message *request, bool may_change, struct stun_message *response)
{
	bool change = request->has_change && !may_change;

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

static bool refuse_bad(const struct stun_message *request, bool on_stream, struct stun_message *response)
{
	bool bad_port = request->has_response_port && (on_stream || request->response_port < LOWEST_RESPONSE_PORT);

	if (!bad_port && request->padding <= STUN_PADDING_MAX)
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

static bool is_of_discovery(const struct stun_message *request)
{
	return request->has_change || request->has_response_port || request->has_padding;
}

/*
 * What RFC 5780 §6.1 has a server add. A request without any of its attributes is told of the other address alone, or
 * nobody could find out that there is one. RFC 3489 has no request without the rest.
 */
static void tell_more(const struct stun_service *s, const struct stun_message *request, size_t asked, size_t answering,
                      struct stun_message *m)
{
	const struct endpoint(*at)[2] = s->at[asked / STUN_SERVICE_PAIR_SOCKETS];

	m->other_address = at[1 - asked / 2 % 2][1 - asked % 2];
	if (!request->classic && !is_of_discovery(request))
		return;
	m->mapped = stun_mapped(m);
	m->response_origin = at[answering / 2 % 2][answering % 2];
}

static struct stun_message succeed(const struct stun_message *request, const struct endpoint *from)
{
	struct stun_message m = response_to(request, STUN_SUCCESS);

	if (request->classic)
		m.mapped = *from;
	else
		m.xor_mapped = *from;
	m.has_padding = request->has_padding && !request->has_response_port; /* RFC 5780 §6.1 */
	m.padding = m.has_padding ? request->padding : 0;                    /* never more than was sent */
	return m;
}

static bool is_request(const struct stun_message *m, const struct endpoint *from)
{
	return m->class == STUN_REQUEST && m->method == STUN_BINDING && endpoint_is_sendable(from);
}

/* What a request came in by. */
struct stun_origin {
	size_t socket;
	const struct endpoint *from;
	bool on_stream;
};

static bool receive(struct stun_service *s, const struct stun_origin *by, const uint8_t *bytes, size_t len,
                    uint64_t now_ms, struct stun_reply *out)
{
	const struct endpoint *from = by->from;
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
	if (!allowance_takes(&s->answers, &from->address, 1, now_ms * 1000)) {
		s->counts.limited++;
		return false;
	}
	out->socket = by->socket;
	out->to = *from;
	refused = refuse_unknown(&request, s->pairs > 0 && !by->on_stream, &response) ||
	          refuse_bad(&request, by->on_stream, &response);
	if (!refused) {
		out->socket = socket_after_change(by->socket, request.change);
		response = succeed(&request, from);
		if (s->pairs > 0 && allowance_takes(&s->told, &from->address, 1, now_ms * 1000))
			tell_more(s, &request, by->socket, out->socket, &response);
		if (request.has_response_port)
			out->to.port = request.response_port;
	}
	out->len = stun_encode(&response, out->bytes, sizeof out->bytes);
	s->counts.answered += !refused;
	s->counts.refused += refused;
	return out->len > 0;
}

bool stun_service_receive(struct stun_service *s, size_t socket, const struct endpoint *from, const uint8_t *bytes,
                          size_t len, uint64_t now_ms, struct stun_reply *out)
{
	return receive(s, &(struct stun_origin){ socket, from, false }, bytes, len, now_ms, out);
}

bool stun_service_receive_stream(struct stun_service *s, size_t socket, const struct endpoint *from,
                                 const uint8_t *bytes, size_t len, uint64_t now_ms, struct stun_reply *out)
{
	return receive(s, &(struct stun_origin){ socket, from, true }, bytes, len, now_ms, out);
}
