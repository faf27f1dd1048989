#include "nat_type/tcp_mapping.h"

#include <stdio.h>

#define STEP_MOST 16 /* other hosts take ports, too */

static bool was_seen(const struct endpoint *e)
{
	return e->address.family != ADDRESS_NONE;
}

static bool is_counting(const struct tcp_mapping_findings *f)
{
	for (size_t i = 1; i < f->sockets; i++) {
		int step = f->outside[i] - f->outside[i - 1];

		if (step < 1 || step > STEP_MOST)
			return false;
	}
	return true;
}

/* A port that differs with the port alone differs with the address as well: then who knows only that knows all. */
static void judge_mapping(const struct tcp_mapping_findings *f, struct tcp_mapping *m)
{
	bool port_seen = was_seen(&f->by_other_port), address_seen = was_seen(&f->by_other_address);
	bool by_port = port_seen && !endpoint_equal(&f->by_other_port, &f->seen);
	bool by_address = address_seen && !endpoint_equal(&f->by_other_address, &f->seen);

	m->mapping_known = by_port || (address_seen && (port_seen || !by_address));
	m->mapping = by_port      ? NAT_ADDRESS_AND_PORT_DEPENDENT
	             : by_address ? NAT_ADDRESS_DEPENDENT
	                          : NAT_ENDPOINT_INDEPENDENT;
}

struct tcp_mapping tcp_mapping_of(const struct tcp_mapping_findings *f)
{
	struct tcp_mapping m = { .translated = was_seen(&f->seen) && !endpoint_equal(&f->seen, &f->local) };

	judge_mapping(f, &m);
	for (size_t i = 0; i < f->sockets; i++)
		m.preserved += f->inside[i] == f->outside[i];
	m.ports_known = f->sockets >= 2;
	m.ports = m.preserved == f->sockets ? NAT_PORTS_PRESERVE
	          : is_counting(f)          ? NAT_PORTS_SEQUENTIAL
	                                    : NAT_PORTS_RANDOM;
	return m;
}

/* --- in words ---------------------------------------------------------------------------------- */

static const char *mapping_word(const struct tcp_mapping *m)
{
	return m->mapping_known ? nat_behaviour_name(m->mapping) : "unknown";
}

static const char *mapping_sense(const struct tcp_mapping *m)
{
	if (!m->mapping_known)
		return "the server answers at one address, or one port, alone";
	return m->mapping == NAT_ENDPOINT_INDEPENDENT ? "one outside port towards everybody, so others can be told it"
	                                              : "another outside port towards others";
}

const char *tcp_mapping_text(const struct tcp_mapping_findings *f, char text[TCP_MAPPING_TEXT_SIZE])
{
	struct tcp_mapping m = tcp_mapping_of(f);
	char inside[ADDRESS_TEXT_SIZE], outside[ADDRESS_TEXT_SIZE];

	address_format(&f->local.address, inside);
	address_format(&f->seen.address, outside);
	if (!m.translated) {
		snprintf(text, TCP_MAPPING_TEXT_SIZE, "By TCP nothing translates: you are %s, inside and outside.\n",
		         inside);
		return text;
	}
	snprintf(text, TCP_MAPPING_TEXT_SIZE,
	         "By TCP you are behind a NAT: inside you are %s, outside %s.\n\n"
	         "  mapping      %-27s %s\n"
	         "  ports        %-27s %zu of %zu sockets kept their own\n"
	         "  filtering    %-27s no server dials back: one host cannot see what strangers' SYNs get\n",
	         inside, outside, mapping_word(&m), mapping_sense(&m),
	         m.ports_known ? nat_ports_name(m.ports) : "unknown", m.preserved, f->sockets, "unknown");
	return text;
}

const char *tcp_mapping_json(const struct tcp_mapping_findings *f, char text[TCP_MAPPING_TEXT_SIZE])
{
	struct tcp_mapping m = tcp_mapping_of(f);
	char inside[ENDPOINT_TEXT_SIZE], outside[ENDPOINT_TEXT_SIZE];

	snprintf(text, TCP_MAPPING_TEXT_SIZE,
	         "{\"protocol\":\"tcp\",\"kind\":\"%s\",\"inside\":\"%s\",\"outside\":\"%s\",\"mapping\":\"%s\","
	         "\"ports\":\"%s\",\"ports_preserved\":%zu,\"port_samples\":%zu,\"filtering\":\"unknown\"}\n",
	         m.translated ? "nat" : "untranslated", endpoint_format(&f->local, inside),
	         endpoint_format(&f->seen, outside), mapping_word(&m),
	         m.ports_known ? nat_ports_name(m.ports) : "unknown", m.preserved, f->sockets);
	return text;
}
