/*
 * A NAT and the STUN server behind it, on paper and by a virtual clock: carries a survey's datagrams, for tests. A
 * textbook NAT: what a real one does is seen in the scenarios.
 */
#ifndef FAKE_NAT_H
#define FAKE_NAT_H

#include "stun/stun_service.h"
#include "nat_type/discovery.h"

#define FAKE_MAPPINGS 1024
#define FAKE_CONTACTS 8
#define FAKE_FLIGHTS 1024

enum fake_class { FAKE_INDEPENDENT, FAKE_ADDRESS, FAKE_ADDRESS_AND_PORT };
enum fake_ports { FAKE_PRESERVE, FAKE_SEQUENTIAL, FAKE_RANDOM };
enum fake_hairpin { FAKE_NO_HAIRPIN, FAKE_HAIRPIN, FAKE_HAIRPIN_INTERNAL };

/* What the server does wrong. */
enum fake_server {
	FAKE_GOOD,
	FAKE_ONE_ADDRESS,
	FAKE_DEAD,
	FAKE_OTHER_DEAD,      /* nobody answers at the other address, nor from it */
	FAKE_CHANGE_IGNORED,  /* answers from where it was asked */
	FAKE_CHANGE_SILENT,   /* does not answer CHANGE-REQUEST at all */
	FAKE_OTHER_PRIVATE,   /* names 10.9.9.9 */
	FAKE_GARBAGE,         /* answers with something else */
	FAKE_OTHER_ID,        /* answers with an id nobody asked with */
	FAKE_NO_RESPONSE_PORT /* answers where the question came from */
};

struct fake_setup {
	bool translates;
	enum fake_class mapping, filtering;
	enum fake_ports ports;
	uint16_t low, high; /* the pool; 0: all from 1024 */
	enum fake_hairpin hairpin;
	bool trap;                              /* a stranger's packet takes its port for a while */
	unsigned timeout_ms, stream_timeout_ms; /* 0: longer than any test */
	bool refresh_outbound_only;
	bool blocked;
	unsigned loss_percent;
	enum fake_server server;
};

/* Runs a whole survey through it and returns what was found. The virtual time it took goes to *took_ms. */
const struct discovery_findings *fake_survey(const struct fake_setup *setup, unsigned mapping_lifetime_max_s,
                                             uint64_t *took_ms);

#endif
