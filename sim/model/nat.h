/*
 * A NAT as a composition of RFC 4787 behaviours: text <-> struct. Pure. How a box is built from it is
 * nat_rules.h's business; whether a box really behaves so is measured by check/.
 *
 *     symmetric,ports=sequential,timeout=30
 *     mapping=address-dependent,filtering=address-dependent
 */
#ifndef NAT_H
#define NAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a NAT does at all. */
enum nat_kind {
	NAT_OPEN,      /* no box's work: public addresses, nothing filtered */
	NAT_FIREWALL,  /* public addresses, stateful filtering, no translation */
	NAT_TRANSLATE, /* an address and port translator */
};

/* Mapping (RFC 4787 §4.1) and filtering (§5) behaviour, from the most to the least helpful. */
enum nat_behaviour {
	NAT_ENDPOINT_INDEPENDENT,
	NAT_ADDRESS_DEPENDENT,
	NAT_ADDRESS_AND_PORT_DEPENDENT,
};

enum nat_ports { NAT_PORTS_PRESERVE, NAT_PORTS_RANDOM, NAT_PORTS_SEQUENTIAL };

/* RFC 4787 §6, REQ-9: external is the right kind (REQ-9a), internal shows the inside source address. */
enum nat_hairpin { NAT_HAIRPIN_NONE, NAT_HAIRPIN_EXTERNAL, NAT_HAIRPIN_INTERNAL };

/* Which direction of traffic keeps a mapping alive (RFC 4787 §4.3, REQ-6). */
enum nat_refresh { NAT_REFRESH_BOTH, NAT_REFRESH_OUTBOUND };

/* What the box does with a packet from the wan that belongs to no mapping (NAT-FACTS, the INPUT trap). */
enum nat_input { NAT_INPUT_DROP, NAT_INPUT_REJECT, NAT_INPUT_ACCEPT };

/* Plain data; two structs with equal fields are the same NAT. Zero-initialised it is `open`. */
struct nat {
	enum nat_kind kind;
	enum nat_behaviour mapping;
	enum nat_behaviour filtering;
	enum nat_ports ports;
	uint16_t port_low, port_high; /* the pool of external ports; 0, 0: the box's own choice */
	enum nat_hairpin hairpin;
	enum nat_refresh refresh;
	enum nat_input input;
	unsigned timeout_s;        /* idle life of a mapping that saw no answer; 0: the kernel's 30 s */
	unsigned stream_timeout_s; /* ... that saw an answer and is older than 2 s; 0: the kernel's 120 s */
	bool udp_blocked;
};

#define NAT_TEXT_SIZE 256
#define NAT_ERROR_SIZE 256

/*
 * Reads a NAT spec. Returns 0, or -1 with a one-line message in `error` that names the word at fault and what
 * is allowed; *out is then untouched. Refuses contradictions (`open,hairpin`) and combinations that cannot be built.
 */
int nat_parse(const char *text, struct nat *out, char error[NAT_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Writes the canonical spec: the nearest classic preset and what differs from it. nat_parse() reads it back to an
 * equal struct. Returns `text`.
 */
const char *nat_format(const struct nat *nat, char text[NAT_TEXT_SIZE]);

bool nat_equal(const struct nat *a, const struct nat *b);

/* The words of the options: "endpoint-independent", ... */
const char *nat_behaviour_name(enum nat_behaviour b);

/* The named presets, the five classic ones first; NULL ends. `spec` is what the name stands for, in behaviours. */
struct nat_preset {
	const char *name;
	const char *spec;
	const char *about; /* one line: what it is, and where the figures come from */
};
extern const struct nat_preset nat_presets[];

#endif
