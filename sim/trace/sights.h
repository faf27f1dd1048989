/*
 * What is seen at the interfaces of captures without a record, in one look through them, in bounded memory: a sample of
 * the packets, the same at every interface, so that one seen at two of them is found; and the addresses and who has
 * them. Knows no world: infer.h makes one of it.
 */
#ifndef SIGHTS_H
#define SIGHTS_H

#include "trace/packet.h"
#include "trace/scene.h"
#include "trace/sources.h"
#include "trace/view.h"

#define SIGHTS 2048u        /* of each interface; a power of two */
#define SIGHT_ADDRESSES 64u /* of each interface */

struct sight {
	uint64_t key; /* of the packet; 0: none */
	uint64_t time_ns;
	struct endpoint src, dst;
	uint8_t src_mac[6], dst_mac[6];
	uint8_t ttl;
	bool has_macs;
	bool twice; /* the same bytes were seen there again: they tell nothing of times */
};

struct sight_address {
	struct endpoint address; /* port 0 */
	uint64_t sent, got;      /* packets from it and to it */
	uint64_t sent_out;       /* from it, and the capture says: outbound */
	uint8_t hops; /* routers that its packets had passed, by what is left of their hop limit; the fewest */
	bool has_mac;
	uint8_t mac[6]; /* the link address its first packet came from */
};

struct sighted {
	size_t source;
	uint32_t in_file, link_index;
	uint16_t link_type;
	char label[64]; /* its name in the file, or "if0", "if1" */
	bool unnamed;   /* the latter */
	uint64_t packets;
	uint64_t from_ns, to_ns; /* the first and the last of them, unshifted */
	bool to_end;             /* to_ns is when the capture of it ended, as the capture says */
	uint64_t sent_out;       /* of all addresses */
	struct sight *sights;    /* SIGHTS of them */
	struct sight_address addresses[SIGHT_ADDRESSES];
	size_t address_count;
	struct view *view;
};

struct sights {
	struct sighted interfaces[SCENE_INTERFACES];
	size_t count;
};

/* Notes a packet of an interface that sources_interface() tells of; NULL: one that is only to be counted. 0, or -1
 * without memory. */
int sights_add(struct sights *s, const struct source_interface *from, unsigned interface,
               const struct pcapng_packet *raw, const struct packet *p) __attribute__((warn_unused_result));
void sights_free(struct sights *s);

/* Lets go of the sample: the addresses and the views stay. */
void sights_forget(struct sights *s);

/* Calls `visit` for each packet of the sample that both interfaces saw. */
typedef void sights_visit(void *context, const struct sight *at_a, const struct sight *at_b);
void sights_common(const struct sights *s, size_t a, size_t b, sights_visit *visit, void *context);

/*
 * The one address that nearly all its packets are from or to: the host's own, where a host captured; nobody whose
 * packets came in. Of two that talked to nobody else, the one whose packets passed fewer routers, a private one, the
 * one that spoke first. `of_host`: it is known to be a host's: what passed a router is not its own. NULL: there is
 * none.
 */
const struct sight_address *sights_own(const struct sighted *i, bool of_host);

#endif
