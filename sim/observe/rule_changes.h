/* NAT boxes whose rules are changed while the world runs, whoever does it: nftables announces every commit. */
#ifndef RULE_CHANGES_H
#define RULE_CHANGES_H

#include "evidence/record.h"
#include "world/nft_watch.h"
#include "world/world.h"

struct rule_changes {
	struct nft_watch watches[TOPOLOGY_NODES];
};

/* Listens in every box from now on; where the kernel does not tell (iptables-legacy), nothing will be heard. */
void rule_changes_open(struct rule_changes *c, const struct world *w);

/* Writes a RECORD_RULES line for each box that announced a change since the last call. */
void rule_changes_record(struct rule_changes *c, const struct world *w, struct record *r);

/* Passes over what a box announced since: the lab's own doing, which leaves its rules as they were. */
void rule_changes_ignore(struct rule_changes *c, int box);

void rule_changes_close(struct rule_changes *c);

#endif
