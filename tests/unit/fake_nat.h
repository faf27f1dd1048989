/*
 * A NAT and the STUN server behind it, on paper and by a virtual clock: carries a discovery's datagrams, for tests. A
 * textbook NAT: what a real one does is seen in the scenarios.
 */
#ifndef FAKE_NAT_H
#define FAKE_NAT_H

#include "stun/stun_service.h"
#include "nat_type/discovery.h"

#include <stdio.h>

#define FAKE_MAPPINGS 8192
#define FAKE_CONTACTS 8
#define FAKE_FLIGHTS 1024

/* What the server does wrong. */
enum fake_server {
	FAKE_GOOD,
	FAKE_ONE_ADDRESS,
	FAKE_DEAD,
	FAKE_OTHER_DEAD,      /* nobody answers at the other address, nor from it */
	FAKE_CHANGE_IGNORED,  /* answers from where it was asked */
	FAKE_CHANGE_SILENT,   /* does not answer CHANGE-REQUEST at all */
	FAKE_OTHER_NAMED,     /* names `other_said` as its second address */
	FAKE_GARBAGE,         /* answers with something else */
	FAKE_OTHER_ID,        /* answers with an id nobody asked with */
	FAKE_NO_RESPONSE_PORT /* answers where the question came from */
};

struct fake_setup {
	struct nat nat; /* where it gives no time, mappings outlive every test */
	unsigned loss_percent;
	uint32_t seed;               /* of losses and ports; the same draws the same */
	unsigned neighbour_mappings; /* that another host behind it has, at ports as programs get them */
	unsigned chatter_percent;    /* of this host's new mappings are followed by one of the neighbour's */
	bool stays; /* the NAT, its mappings and its clock are those of the run before, which had the same NAT */
	enum fake_server server;
	struct endpoint other_said;
	struct endpoint others[DISCOVERY_OTHERS]; /* see struct discovery_options */
	size_t other_count;
	bool fast, mirrored; /* see struct discovery_options */
	unsigned time_ms;    /* 0: 30 s */
	FILE *tape;          /* every datagram of the discovery's is written there, a line each; NULL: nowhere */
};

/* The setup of such a NAT, with a server that does everything right. What is no spec fails the test. */
struct fake_setup fake_setup_of(const char *spec);

/* Runs a whole discovery through it and returns what was found. The virtual time it took goes to *took_ms. */
const struct discovery_findings *fake_discovery(const struct fake_setup *setup, unsigned mapping_lifetime_max_s,
                                                uint64_t *took_ms);

#endif
