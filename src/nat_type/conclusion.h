/*
 * From what a survey saw to what it says of the NAT (RFC 4787). Pure.
 *
 * It never guesses: what the observations do not decide is UNKNOWN, and a problem says why.
 */
#ifndef CONCLUSION_H
#define CONCLUSION_H

#include "nat_type/discovery.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict_kind {
	VERDICT_UNREACHED,  /* the server gave no usable answer: nothing is known */
	VERDICT_BLOCKED,    /* UDP does not get through */
	VERDICT_OPEN,       /* no translation, nothing filtered */
	VERDICT_FIREWALL,   /* no translation, but filtered, or not known whether */
	VERDICT_TRANSLATED, /* a NAT */
};

enum verdict_class {
	VERDICT_CLASS_UNKNOWN,
	VERDICT_INDEPENDENT,      /* endpoint-independent */
	VERDICT_ADDRESS,          /* address-dependent */
	VERDICT_ADDRESS_AND_PORT, /* address-and-port-dependent */
};

enum verdict_ports { VERDICT_PORTS_UNKNOWN, VERDICT_PRESERVE, VERDICT_RANDOM, VERDICT_SEQUENTIAL };

enum verdict_hairpin {
	VERDICT_HAIRPIN_UNKNOWN,
	VERDICT_HAIRPIN_NONE,
	VERDICT_HAIRPIN_EXTERNAL,
	VERDICT_HAIRPIN_INTERNAL
};

enum verdict_trap { VERDICT_TRAP_UNKNOWN, VERDICT_TRAP_NO, VERDICT_TRAP_YES };

/* What stood in the way of a measurement, or is worth a warning; bits. */
enum verdict_problem {
	VERDICT_NO_ANSWER = 1 << 0,      /* nothing came back, and nothing says whether UDP or the server is to blame */
	VERDICT_NO_SERVER = 1 << 1,      /* ICMP: nothing listens there */
	VERDICT_MALFORMED = 1 << 2,      /* what came back is no STUN */
	VERDICT_SERVER_REFUSES = 1 << 3, /* it answers a plain question with an error */
	VERDICT_NO_OTHER = 1 << 4,       /* it has no second address */
	VERDICT_BAD_OTHER = 1 << 5,      /* it names one that cannot be one */
	VERDICT_DEAD_OTHER = 1 << 6,     /* it names one where nobody answers */
	VERDICT_WRONG_SOURCE = 1 << 7,   /* an answer came from elsewhere than the question went */
	VERDICT_CHANGE_REFUSED = 1 << 8, /* it does not answer from its other address */
	VERDICT_CHANGE_IGNORED = 1 << 9, /* it says it does, and does not */
	VERDICT_NO_RESPONSE_PORT = 1 << 10, /* the lifetime needs it */
	VERDICT_LOSSY = 1 << 11,            /* a question that must have an answer got none */
	VERDICT_OUT_OF_TIME = 1 << 12,
	VERDICT_REWRITTEN = 1 << 13,         /* something changes addresses in the payload (RFC 4787 REQ-10) */
	VERDICT_SEVERAL_ADDRESSES = 1 << 14, /* one host leaves from more than one address (against RFC 4787 REQ-2) */
};
#define VERDICT_PROBLEMS 15

/* What else is known of a server that does not answer by UDP. */
enum verdict_host {
	VERDICT_HOST_UNKNOWN,
	VERDICT_HOST_ALIVE,     /* it answers by TCP; a host without a UDP server would have answered with ICMP too */
	VERDICT_HOST_PROHIBITED /* somebody on the way says by ICMP that it may not be reached by UDP */
};

struct verdict {
	enum verdict_kind kind;
	enum verdict_class mapping;
	enum verdict_class filtering;
	enum verdict_ports ports;
	int step;                     /* of sequential ports */
	size_t samples, preserved;    /* sockets that asked for the allocation of ports; of them kept */
	uint16_t port_low, port_high; /* the range seen */
	bool range_is_limited;        /* clearly less than all ports from 1024 */
	bool range_is_used_up;        /* so small that sockets were left without a port: it is known exactly */
	enum verdict_hairpin hairpin;
	enum verdict_trap trap;
	struct lifetime_findings lifetime;
	unsigned timeout_s, stream_timeout_s; /* 0: not measured, or longer than was waited */
	unsigned problems;                    /* bits of enum verdict_problem */
	bool complete;                        /* everything that was to be measured is known */
};

/* `host` says whether the server's host was seen alive by another protocol. */
struct verdict verdict_of(const struct survey_findings *f, enum verdict_host host);

#endif
