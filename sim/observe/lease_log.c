#include "observe/lease_log.h"

#include "world/lease_watch.h"

#include <stdlib.h>
#include <string.h>

struct leases_of {
	struct lease list[LEASE_FILE_MAX];
	size_t count;
};

struct lease_log {
	const struct world *world;
	struct record *record;
	int fd;
	struct leases_of *boxes[TOPOLOGY_NODES]; /* NULL where no ports are mapped */
};

static struct lease_log *discard(struct lease_log *l)
{
	for (size_t i = 0; i < TOPOLOGY_NODES; i++)
		free(l->boxes[i]);
	free(l);
	return NULL;
}

struct lease_log *lease_log_open(const struct world *w, struct record *r)
{
	struct lease_log *l = calloc(1, sizeof *l);
	bool is_any = false;

	if (l == NULL)
		return NULL;
	*l = (struct lease_log){ .world = w, .record = r, .fd = -1 };
	for (size_t i = 0; i < w->topology.count; i++)
		if (w->topology.nodes[i].kind == NODE_BOX && nat_maps_ports(&w->topology.nodes[i].nat)) {
			l->boxes[i] = calloc(1, sizeof *l->boxes[i]);
			is_any = true;
			if (l->boxes[i] == NULL)
				return discard(l);
		}
	if (is_any && (l->fd = lease_watch_open()) < 0)
		return discard(l);
	return l;
}

int lease_log_fd(const struct lease_log *l)
{
	return l->fd;
}

static bool has(const struct leases_of *o, const struct lease *wanted)
{
	for (size_t i = 0; i < o->count; i++)
		if (lease_same(&o->list[i], wanted))
			return true;
	return false;
}

static void record(const struct lease_log *l, size_t box, const struct lease *lease, enum record_event event,
                   uint64_t time_ns)
{
	record_write(l->record, &(struct record_line){ .type = RECORD_LEASE,
	                                               .time_ns = time_ns,
	                                               .lease.box = l->world->topology.nodes[box].name,
	                                               .lease.event = event,
	                                               .lease.lease = *lease });
}

static void compare(const struct lease_log *l, size_t box)
{
	static struct leases_of now; /* large */
	struct leases_of *before = l->boxes[box];
	uint64_t changed_ns;

	now.count = lease_watch_read(l->world->topology.nodes[box].name, now.list, &changed_ns);
	for (size_t i = 0; i < before->count; i++)
		if (!has(&now, &before->list[i]))
			record(l, box, &before->list[i], RECORD_DESTROY, changed_ns);
	for (size_t i = 0; i < now.count; i++)
		if (!has(before, &now.list[i]))
			record(l, box, &now.list[i], RECORD_NEW, changed_ns);
	*before = now;
}

void lease_log_read(struct lease_log *l)
{
	if (l->fd < 0)
		return;
	lease_watch_clear(l->fd);
	for (size_t i = 0; i < l->world->topology.count; i++)
		if (l->boxes[i] != NULL)
			compare(l, i);
}
