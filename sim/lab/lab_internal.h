/* What the files of lab.h share; for them alone. */
#ifndef LAB_INTERNAL_H
#define LAB_INTERNAL_H

#include "lab/lab.h"
#include "lab/lab_dns.h"

#include "observe/rule_changes.h"

struct lab {
	struct lab_settings settings;
	struct topology topology, kept; /* the latter: lab_keep_plan() */
	char *sabotage[TOPOLOGY_NODES];
	bool ready, failed;
	bool spares_comments;
	uint64_t began_ns; /* wall, the capture's clock */
	struct world world;
	struct record *record;
	struct cable *cable; /* NULL where no link has weather */
	struct lab_link_state link_states[TOPOLOGY_NODES][TOPOLOGY_LINKS];
	struct capture *capture;
	size_t burst; /* packets of the lab's own since the recorder had its turn */
	struct rule_changes rule_changes;
	struct process_group *group;
	struct lab_dns dns;
};

#endif
