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

enum conclusion_kind {
	CONCLUSION_UNREACHED,  /* the server gave no usable answer: nothing is known */
	CONCLUSION_BLOCKED,    /* UDP does not get through */
	CONCLUSION_OPEN,       /* no translation, nothing filtered */
	CONCLUSION_FIREWALL,   /* no translation, but filtered, or not known whether */
	CONCLUSION_TRANSLATED, /* a NAT */
};

enum conclusion_class {
	CONCLUSION_CLASS_UNKNOWN,
	CONCLUSION_INDEPENDENT,      /* endpoint-independent */
	CONCLUSION_ADDRESS,          /* address-dependent */
	CONCLUSION_ADDRESS_AND_PORT, /* address-and-port-dependent */
};

enum conclusion_ports { CONCLUSION_PORTS_UNKNOWN, CONCLUSION_PRESERVE, CONCLUSION_RANDOM, CONCLUSION_SEQUENTIAL };

enum conclusion_hairpin {
	CONCLUSION_HAIRPIN_UNKNOWN,
	CONCLUSION_HAIRPIN_NONE,
	CONCLUSION_HAIRPIN_EXTERNAL,
	CONCLUSION_HAIRPIN_INTERNAL
};

enum conclusion_trap { CONCLUSION_TRAP_UNKNOWN, CONCLUSION_TRAP_NO, CONCLUSION_TRAP_YES };

/* What stood in the way of a measurement, or is worth a warning; bits. */
enum conclusion_problem {
	CONCLUSION_NO_ANSWER = 1 << 0, /* nothing came back, and nothing says whether UDP or the server is to blame */
	CONCLUSION_NO_SERVER = 1 << 1, /* ICMP: nothing listens there */
	CONCLUSION_MALFORMED = 1 << 2, /* what came back is no STUN */
	CONCLUSION_SERVER_REFUSES = 1 << 3,    /* it answers a plain question with an error */
	CONCLUSION_NO_OTHER = 1 << 4,          /* it has no second address */
	CONCLUSION_BAD_OTHER = 1 << 5,         /* it names one that cannot be one */
	CONCLUSION_DEAD_OTHER = 1 << 6,        /* it names one where nobody answers */
	CONCLUSION_WRONG_SOURCE = 1 << 7,      /* an answer came from elsewhere than the question went */
	CONCLUSION_CHANGE_REFUSED = 1 << 8,    /* it does not answer from its other address */
	CONCLUSION_CHANGE_IGNORED = 1 << 9,    /* it says it does, and does not */
	CONCLUSION_NO_RESPONSE_PORT = 1 << 10, /* the lifetime needs it */
	CONCLUSION_LOSSY = 1 << 11,            /* a question that must have an answer got none */
	CONCLUSION_OUT_OF_TIME = 1 << 12,
	CONCLUSION_REWRITTEN = 1 << 13, /* something changes addresses in the payload (RFC 4787 REQ-10) */
	CONCLUSION_SEVERAL_ADDRESSES =
	    1 << 14, /* one host leaves from more than one address (against RFC 4787 REQ-2) */
};
#define CONCLUSION_PROBLEMS 15

/* What else is known of a server that does not answer by UDP. */
enum conclusion_host {
	CONCLUSION_HOST_UNKNOWN,
	CONCLUSION_HOST_ALIVE, /* it answers by TCP; a host without a UDP server would have answered with ICMP too */
	CONCLUSION_HOST_PROHIBITED /* somebody on the way says by ICMP that it may not be reached by UDP */
};

struct conclusion {
	enum conclusion_kind kind;
	enum conclusion_class mapping;
	enum conclusion_class filtering;
	enum conclusion_ports ports;
	int step;                     /* of sequential ports */
	size_t samples, preserved;    /* sockets that asked for the allocation of ports; of them kept */
	uint16_t port_low, port_high; /* the range seen */
	bool range_is_limited;        /* clearly less than all ports from 1024 */
	bool range_is_used_up;        /* so small that sockets were left without a port: it is known exactly */
	enum conclusion_hairpin hairpin;
	enum conclusion_trap trap;
	struct mapping_lifetime_findings lifetime;
	unsigned timeout_s, stream_timeout_s; /* 0: not measured, or longer than was waited */
	unsigned problems;                    /* bits of enum conclusion_problem */
	bool complete;                        /* everything that was to be measured is known */
};

/* `host` says whether the server's host was seen alive by another protocol. */
struct conclusion conclusion_of(const struct discovery_findings *f, enum conclusion_host host);

#endif
