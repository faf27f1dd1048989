#include "observe/rule_changes.h"

#include "io/log.h"
#include "world/sandbox.h"

#include <errno.h>
#include <string.h>

void rule_changes_open(struct rule_changes *c, const struct world *w)
{
	for (size_t i = 0; i < w->topology.count; i++)
		if (w->topology.nodes[i].kind == NODE_BOX &&
		    (sandbox_enter_netns(w->netns_fds[i]) != 0 || nft_watch_open(&c->watches[i], NULL, 1) != 0))
			log_debug("%s: changes of its rules: %s", w->topology.nodes[i].name, strerror(errno));
	if (sandbox_enter_netns(w->home_netns_fd) != 0)
		log_error("cannot leave a box's network namespace: %s", strerror(errno));
}

/* What a box's own miniupnpd does for its hosts changes no rule of the box's. */
static bool is_its_mapper(const struct node *n, const char *by)
{
	return nat_maps_ports(&n->nat) && strcmp(by, "miniupnpd") == 0;
}

static bool has_changed(struct nft_watch *w)
{
	if (nft_watch_fd(w) < 0 || !nft_watch_is_complete(w))
		return false;
	w->commits = 1; /* the next one counts again */
	return true;
}

void rule_changes_record(struct rule_changes *c, const struct world *w, struct record *r)
{
	for (size_t i = 0; i < w->topology.count; i++)
		if (has_changed(&c->watches[i]) && !is_its_mapper(&w->topology.nodes[i], c->watches[i].by))
			record_write(r, &(struct record_line){ .type = RECORD_RULES,
			                                       .rules.box = w->topology.nodes[i].name,
			                                       .rules.by = c->watches[i].by });
}

void rule_changes_ignore(struct rule_changes *c, int box)
{
	has_changed(&c->watches[box]);
}

void rule_changes_close(struct rule_changes *c)
{
	for (size_t i = 0; i < TOPOLOGY_NODES; i++)
		nft_watch_close(&c->watches[i]);
}
