#include "nat/measurement_rows.h"

#include <limits.h>
#include <stdio.h>

#define TOLERANCE_MS 60 /* of a life's end: packets are sent and looked at a little later than planned */
#define REQ_5_MS 120000 /* "MUST NOT expire in less than two minutes" */

/* The same of RFC 5382. */
#define TCP_REQ_5_MS 7440000           /* "MUST NOT be less than 2 hours 4 minutes" */
#define TCP_REQ_5_TRANSITORY_MS 240000 /* "MUST NOT be less than 4 minutes" */

static bool is_within(struct life_span span, unsigned asked_ms)
{
	return span.low_ms <= asked_ms + TOLERANCE_MS &&
	       (span.high_ms == UINT_MAX || asked_ms <= span.high_ms + TOLERANCE_MS);
}

static struct measurement_row *add_life(struct measurement *m, const struct observation *seen,
                                        enum measurement_part part, unsigned asked_s, struct life_span span)
{
	char asked[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];
	struct measurement_row *row;

	snprintf(asked, sizeof asked, "%u s", asked_s);
	if (span.high_ms == UINT_MAX)
		snprintf(measured, sizeof measured, "over %.1f s", span.low_ms / 1000.0);
	else
		snprintf(measured, sizeof measured, "%.1f to %.1f s", span.low_ms / 1000.0, span.high_ms / 1000.0);
	row = measurement_add_row(m, seen, part, asked, measured,
	                          !is_within(span, asked_s * 1000) || span.high_ms == UINT_MAX);
	row->requirement_met = span.low_ms >= REQ_5_MS || (!row->differs && asked_s * 1000 >= REQ_5_MS);
	return row;
}

/* The whole second in the span, or the nearest to its middle. */
static unsigned seconds_of(struct life_span span, unsigned asked_s)
{
	if (is_within(span, asked_s * 1000))
		return asked_s;
	return span.high_ms == UINT_MAX ? span.low_ms / 1000 : (span.low_ms + span.high_ms + 1000) / 2000;
}

static const char *refresh_word(const struct observation *seen)
{
	if (seen->refreshed_inbound)
		return seen->refreshed_outbound ? "both" : "inbound";
	return seen->refreshed_outbound ? "outbound" : "nothing";
}

/* 0: traffic kept it alive. */
static unsigned lifetime_of(const struct observation *seen, unsigned asked_s)
{
	return seen->in_use.high_ms == UINT_MAX ? 0 : seconds_of(seen->in_use, asked_s);
}

void measurement_add_lives(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	const struct nat_transport *udp = &asked->transport[seen->protocol];
	unsigned idle = nat_timeout_s(asked), stream = nat_stream_timeout_s(asked);
	bool inbound = udp->refresh == NAT_REFRESH_BOTH;

	if (!seen->lives_seen)
		return;
	add_life(m, seen, MEASURED_TIMEOUT, idle, seen->idle);
	if (udp->lifetime_s != 0) {
		add_life(m, seen, MEASURED_LIFETIME, udp->lifetime_s, seen->in_use);
		m->measured.transport[seen->protocol].lifetime_s = lifetime_of(seen, udp->lifetime_s);
		return;
	}
	add_life(m, seen, MEASURED_STREAM_TIMEOUT, stream, seen->stream);
	m->measured.transport[seen->protocol].timeout_s = seconds_of(seen->idle, idle);
	m->measured.transport[seen->protocol].stream_timeout_s = seconds_of(seen->stream, stream);
	m->measured.transport[seen->protocol].refresh =
	    seen->refreshed_inbound ? NAT_REFRESH_BOTH : NAT_REFRESH_OUTBOUND;
	measurement_add_row(m, seen, MEASURED_REFRESH, nat_refresh_name(udp->refresh), refresh_word(seen),
	                    !seen->refreshed_outbound || seen->refreshed_inbound != inbound)
	    ->requirement_met = seen->refreshed_outbound;
	if (udp->filtering == NAT_ADDRESS_AND_PORT_DEPENDENT)
		return;
	measurement_add_row(m, seen, MEASURED_REFRESH_BY_STRANGERS, "no", seen->refreshed_by_stranger ? "yes" : "no",
	                    seen->refreshed_by_stranger);
	measurement_add_row(m, seen, MEASURED_REFRESH_FOR_STRANGERS, inbound ? "yes" : "no",
	                    seen->refreshed_for_stranger ? "yes" : "no", seen->refreshed_for_stranger != inbound);
}

void measurement_add_tcp_lives(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	unsigned established = nat_tcp_timeout_s(asked), transitory = nat_tcp_transitory_s(asked);
	struct nat_transport *tcp = &m->measured.transport[NAT_TCP];

	if (!seen->lives_seen)
		return;
	add_life(m, seen, MEASURED_TCP_TIMEOUT, established, seen->stream)->requirement_met =
	    seen->stream.low_ms >= TCP_REQ_5_MS;
	if (seen->idle.low_ms == 0 && seen->idle.high_ms == UINT_MAX)
		measurement_add_row(m, seen, MEASURED_TCP_TRANSITORY, "-", "cannot be seen", false);
	else
		add_life(m, seen, MEASURED_TCP_TRANSITORY, transitory, seen->idle)->requirement_met =
		    seen->idle.low_ms >= TCP_REQ_5_TRANSITORY_MS;
	if (seen->closing_seen)
		measurement_add_row(m, seen, MEASURED_TCP_CLOSED, "forgotten",
		                    seen->closing_ends ? "forgotten" : "kept", !seen->closing_ends);
	tcp->stream_timeout_s = seconds_of(seen->stream, established);
	tcp->timeout_s = seconds_of(seen->idle, transitory); /* as asked, where nothing was seen */
}
