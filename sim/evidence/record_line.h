/*
 * One line of the world's record, as what it says; record.h writes such lines, record_reader.h reads them. As text a
 * line is a JSON object: sim/README.md, "The record", has the members of each type. Texts are UTF-8, whatever bytes
 * they were made of.
 */
#ifndef RECORD_LINE_H
#define RECORD_LINE_H

#include "base/cursor.h"
#include "base/endpoint.h"
#include "model/lease_file.h"
#include "model/topology.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_LINK_ADDRESSES ((size_t)3 * TOPOLOGY_ADDRESSES)            /* of both families, and IPv6's outside */
#define RECORD_ADDRESSES ((size_t)TOPOLOGY_LINKS * RECORD_LINK_ADDRESSES) /* of one node; more are not read */

enum record_type {
	RECORD_WORLD,
	RECORD_NODE,
	RECORD_INTERFACE, /* of a node, that was plugged in, or unplugged, or got another address */
	RECORD_NETWORK,   /* of a box, which has other networks of IPv6 from then on */
	RECORD_MAPPING,   /* a conntrack entry of a box */
	RECORD_LEASE,     /* a port that a host asked a box for */
	RECORD_GAP,       /* events of that box's conntrack were lost; a snapshot follows */
	RECORD_COUNTER,   /* a rule's or an interface's counter (counters.h), at the end */
	RECORD_WEATHER,   /* of a link, from then on */
	RECORD_LINK,      /* what a link with weather did to a packet */
	RECORD_START,     /* a program */
	RECORD_INPUT,     /* a line typed to it */
	RECORD_OUTPUT,    /* a line it said */
	RECORD_STOP,      /* it was told to end: what it says from then on is about that */
	RECORD_EXIT,
	RECORD_STEP,   /* what the scenario did, for people */
	RECORD_RULES,  /* a box's rules were changed in mid-run, by a program of that name */
	RECORD_REBOOT, /* a box has forgotten all, and forwarded nothing since then (ns) */
	RECORD_CHANGE, /* of a node, that something happened to */
	RECORD_RESULT, /* how the scenario ended */
	RECORD_OTHER,  /* of a kind not known here */
};

enum record_event { RECORD_NEW, RECORD_UPDATE, RECORD_DESTROY, RECORD_SNAPSHOT };

/* What a counter counts: packets of an interface, or of all of a box's rules that drop. */
enum record_counted {
	RECORD_RX,
	RECORD_TX,
	RECORD_RX_DROPPED,
	RECORD_TX_DROPPED,
	RECORD_RULES_DROPPED,
	RECORD_COUNTED_OTHER, /* of a kind not known here */
};

#define RECORD_INTERFACE_SIZE 16

/* One direction of a conntrack entry; port 0 where the protocol has none. */
struct record_flow {
	struct endpoint src, dst;
};

/* What happens to a packet on a link. */
enum record_fate {
	RECORD_LOST,       /* by the weather's loss */
	RECORD_FULL,       /* too many waited for their turn */
	RECORD_DROPPED,    /* asked for of just this one */
	RECORD_DELAYED,    /* asked for of just this one */
	RECORD_SWALLOWED,  /* the link was a black hole */
	RECORD_CUT,        /* the link was unplugged while it was under way */
	RECORD_DISABLED,   /* the interface it came for was down */
	RECORD_DUPLICATED, /* it came twice */
	RECORD_OVERTOOK,   /* it came before others that were sent before it */
};

/* "lost", as the record has it. */
const char *record_fate_name(enum record_fate fate);

/* What happens to a node. */
enum record_change {
	RECORD_REBOUND,        /* every mapping of a box got another port */
	RECORD_RENUMBERED,     /* a box got another address outside */
	RECORD_FORGOT_ANSWERS, /* a box loses what answers flows that were there by then */
	RECORD_LINK_DOWN,      /* the one link of a box outward has no carrier, or is disabled */
	RECORD_LINK_UP,        /* neither any more */
	RECORD_SLEEPS,         /* a host: its programs are stopped, its interfaces down */
	RECORD_WAKES,
};

/* Where an interface is plugged in, and who it is there. */
struct record_interface {
	const char *name;
	const char *behind; /* NULL: nothing */
	struct address addresses[RECORD_LINK_ADDRESSES];
	size_t address_count;
	bool is_unplugged;
};

/* Texts are never NULL unless it is said; of a line that was read they live as long as it. */
struct record_line {
	enum record_type type;
	uint64_t time_ns; /* 0: none is told, as of world and node; to be written: now */
	union {
		struct {
			const char *scenario, *file;
		} world;
		struct {
			const char *name;
			enum node_kind kind;
			const char *behind; /* NULL: nothing */
			struct address addresses[RECORD_ADDRESSES];
			size_t address_count;
			const char *nat;                           /* NULL: not told */
			struct subnet lan, ipv6_lan, ipv6_outside; /* prefix 0: none */
			struct record_interface interfaces[TOPOLOGY_LINKS];
			size_t interface_count; /* 0: not told, there is one */
		} node;
		struct {
			const char *node;
			struct record_interface now;
		} interface;
		struct {
			const char *box;
			struct subnet ipv6_lan, ipv6_outside; /* prefix 0: none */
		} network;
		struct {
			const char *box;
			enum record_event event;
			uint8_t protocol;               /* IP's number */
			struct record_flow orig, reply; /* as its first packet came in, and as answers come in */
			uint32_t timeout_s;             /* idle life left when it was written; 0: not told */
			bool replied, assured;
		} mapping;
		struct {
			const char *box;
			enum record_event event; /* new or destroy */
			struct lease lease;      /* when it is to end is not told */
		} lease;
		struct {
			const char *box;
		} gap;
		struct {
			const char *box;
			char interface[RECORD_INTERFACE_SIZE]; /* "": none */
			enum record_counted counted;
			uint64_t packets, bytes;
		} counter;
		struct {
			const char *link, *weather;
			uint64_t seed;
		} weather;
		struct {
			const char *link;
			enum weather_direction direction;
			uint64_t n; /* which packet of the link in that direction, from 1 */
			enum record_fate fate;
			uint8_t protocol; /* IP's number; 0: it was no IP packet, and the rest is not told */
			uint16_t id;      /* IPv4's identification; of a fragment of IPv6 the last half; else
			                     record_line_ipv6_id() */
			struct record_flow packet;
			uint32_t delay_us; /* RECORD_DELAYED: so much later; else 0 */
		} link;
		struct {
			const char *host, *program;
			unsigned id; /* the same in its input, output, stop and exit */
			const char *const *argv;
		} start;
		struct {
			const char *host;
			unsigned id;
			bool is_stderr; /* output only */
			bool continues; /* output only: the line goes on in the next */
			const char *text;
		} said; /* RECORD_INPUT and RECORD_OUTPUT */
		struct {
			const char *host;
			unsigned id;
		} stop;
		struct {
			const char *host;
			unsigned id;
			int status; /* 128 + signal where one ended it */
		} exit;
		struct {
			const char *text;
		} step;
		struct {
			const char *box, *by;
		} rules;
		struct {
			const char *box;
			uint64_t since_ns;
		} reboot;
		struct {
			const char *node;
			enum record_change what;
		} change;
		struct {
			bool passed;
			const char *message, *at; /* NULL: none */
			double seconds;
		} result;
	};
	/* private: what its texts live in, once read */
	json_t *object;
	const char **words;
};

/*
 * What a whole packet of IPv6, which has no identification, is told from others by: its checksum. `body` is what stands
 * behind the IP header. 0 where the protocol has none that we know, or it is cut off.
 */
uint16_t record_line_ipv6_id(uint8_t protocol, struct reader body);

/* As JSON, a new reference; NULL only without memory. */
json_t *record_line_to_json(const struct record_line *l) __attribute__((warn_unused_result));

/*
 * Reads one line of `len` bytes. Returns 0; or -1 if it is none, or lacks what its kind must have. Free it with
 * record_line_free(), once it was read.
 */
int record_line_read(const char *text, size_t len, struct record_line *out) __attribute__((warn_unused_result));
void record_line_free(struct record_line *l);

/* What a RECORD_COUNTER line counts, as the record has it: "wan rx", "rules dropped". Returns `text`. */
#define RECORD_COUNTER_NAME_SIZE 32
const char *record_counter_name(const struct record_line *l, char text[RECORD_COUNTER_NAME_SIZE]);

#endif
