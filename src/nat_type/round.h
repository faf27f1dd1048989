/*
 * What one round of a discovery shows, and what all of them do. Any round may be wrong by chance: another flow of the
 * same NAT has its port already, or an earlier mapping of the same port still lives. So there are at least two on fresh
 * sockets, and more until most agree. Pure.
 */
#ifndef ROUND_H
#define ROUND_H

#include "nat_type/findings.h"

/* What a behaviour is, by its number in struct nat, where the findings do not say. */
#define ROUND_UNKNOWN (-1)

/* What a round of `f` shows of a behaviour. */
typedef int round_judge(const struct discovery_findings *f, const struct discovery_round *r);

round_judge round_mapping, round_filtering; /* an enum nat_behaviour (RFC 5780 §4.3, §4.4) */
round_judge round_mapping_depends;          /* by ordinary servers: 1: on the endpoint in some way; 0: it does not */
round_judge round_input; /* NAT_INPUT_ACCEPT: a stranger's early packet took the port; or NAT_INPUT_DROP */

/* What most rounds that know it show, if these are at least two; else ROUND_UNKNOWN. */
int round_settled(const struct discovery_findings *f, round_judge *judge);

/* True if some round knows what most of them do not agree on: another may settle it. */
bool round_is_disputed(const struct discovery_findings *f);

#endif
