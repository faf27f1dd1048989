/*
 * From what was found to the NAT that it shows (RFC 4787). Pure.
 *
 * It never guesses: what the findings do not decide is not known, and a problem says why.
 */
#ifndef CONCLUSION_H
#define CONCLUSION_H

#include "nat/nat.h"
#include "nat_type/findings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stood in the way of a measurement, or is worth a warning; bits. */
enum conclusion_problem {
	CONCLUSION_NO_ANSWER = 1 << 0, /* nothing came back, and nothing says whether UDP or the server is to blame */
	CONCLUSION_ONLY_TCP = 1 << 1,  /* the same, though its host answers by TCP */
	CONCLUSION_SILENT_SERVER = 1 << 2,     /* UDP gets to its host and back, but nothing answers at its port */
	CONCLUSION_NO_WAY = 1 << 3,            /* ICMP: its host cannot be reached */
	CONCLUSION_NO_SERVER = 1 << 4,         /* ICMP: nothing listens there */
	CONCLUSION_MALFORMED = 1 << 5,         /* what came back is no STUN */
	CONCLUSION_SERVER_REFUSES = 1 << 6,    /* it answers a plain question with an error */
	CONCLUSION_NO_OTHER = 1 << 7,          /* it has no second address */
	CONCLUSION_BAD_OTHER = 1 << 8,         /* it names one that cannot be one */
	CONCLUSION_DEAD_OTHER = 1 << 9,        /* it names one where nobody answers */
	CONCLUSION_WRONG_SOURCE = 1 << 10,     /* an answer came from elsewhere than the question went */
	CONCLUSION_CHANGE_REFUSED = 1 << 11,   /* it does not answer from its other address */
	CONCLUSION_CHANGE_IGNORED = 1 << 12,   /* it says it does, and does not */
	CONCLUSION_NO_RESPONSE_PORT = 1 << 13, /* the lifetime needs it */
	CONCLUSION_LOSSY = 1 << 14,            /* a question that must have an answer got none */
	CONCLUSION_OUT_OF_TIME = 1 << 15,
	CONCLUSION_REWRITTEN = 1 << 16, /* something changes addresses in the payload (RFC 4787 REQ-10) */
	CONCLUSION_SEVERAL_ADDRESSES =
	    1 << 17, /* one host leaves from more than one address (against RFC 4787 REQ-2) */
};
#define CONCLUSION_PROBLEMS 18

/* What else is known of the host of a server that is silent. */
enum conclusion_host {
	CONCLUSION_HOST_UNKNOWN,
	CONCLUSION_HOST_NO_WAY,     /* somebody on the way says by ICMP that there is none to it */
	CONCLUSION_HOST_ALIVE,      /* it answers by TCP, which says nothing of UDP */
	CONCLUSION_HOST_HEARS,      /* UDP gets there and back: it refuses datagrams to another port */
	CONCLUSION_HOST_PROHIBITED, /* somebody on the way says by ICMP that UDP may not get there */
};

struct conclusion {
	struct nat nat;               /* as far as it is known; what is not is zero. Its pool of ports is estimated. */
	uint64_t known;               /* bits: see conclusion_knows() */
	bool mapping_depends;         /* where it is not known: at least that it is not endpoint-independent */
	int step;                     /* of sequential ports */
	size_t samples, preserved;    /* sockets that asked for the allocation of ports; of them kept */
	uint16_t port_low, port_high; /* the range seen */
	bool range_is_used_up;        /* so small that sockets were left without a port: it is known exactly */
	struct mapping_lifetime_findings lifetime;
	bool by_ipv6;              /* it was asked by IPv6: `nat` is what is between there */
	enum nat_ipv6 ipv6;        /* ... as a spec calls it, once the server has answered */
	enum conclusion_host host; /* what conclusion_of() was told */
	unsigned others_silent;
	unsigned problems; /* bits of enum conclusion_problem */
	bool complete;     /* everything that was to be measured is known */
};

/*
 * Whether that part of `nat` is known. NAT_KEY_UDP: whether UDP passes, and if so `nat.kind`, too; a `firewall` whose
 * filtering is not known may be `open`. NAT_KEY_INPUT: whether it accepts; how it refuses cannot be seen. A time is not
 * known if it is longer than was waited.
 */
bool conclusion_knows(const struct conclusion *v, enum nat_key key);

/* Whether enough is known to name the NAT: a part left out of a spec would stand for its default, which is a guess. */
bool conclusion_suffices(const struct conclusion *v);

/*
 * `others_silent`: of how many other hosts that answer by TCP the server was silent, too. One silent server proves
 * nothing; with others it is UDP that does not pass.
 */
struct conclusion conclusion_of(const struct discovery_findings *f, enum conclusion_host host, unsigned others_silent);

#endif
