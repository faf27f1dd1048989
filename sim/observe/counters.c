#include "observe/counters.h"

#include "io/clock.h"
#include "world/sandbox.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Who is told of counters. */
struct counters_told {
	uint64_t time_ns; /* of the reading, before it: what is captured after that may be counted or not */
	counter_found *found;
	void *argument;
};

static void tell(const struct counters_told *to, const char *node, const char *interface, enum record_counted counted,
                 uint32_t packets, uint32_t bytes)
{
	struct record_line l = { .type = RECORD_COUNTER,
		                 .time_ns = to->time_ns,
		                 .counter.box = node,
		                 .counter.counted = counted,
		                 .counter.packets = packets,
		                 .counter.bytes = bytes };

	snprintf(l.counter.interface, sizeof l.counter.interface, "%s", interface);
	to->found(to->argument, &l);
}

static void tell_interface(const struct counters_told *to, const char *node, const struct ifaddrs *i)
{
	struct rtnl_link_stats s;

	memcpy(&s, i->ifa_data, sizeof s);
	tell(to, node, i->ifa_name, RECORD_RX, s.rx_packets, s.rx_bytes);
	tell(to, node, i->ifa_name, RECORD_TX, s.tx_packets, s.tx_bytes);
	tell(to, node, i->ifa_name, RECORD_RX_DROPPED, s.rx_dropped, 0);
	tell(to, node, i->ifa_name, RECORD_TX_DROPPED, s.tx_dropped, 0);
}

/* In the namespace the thread is in. */
static int read_here(const struct counters_told *to, const char *node)
{
	struct ifaddrs *list;

	if (getifaddrs(&list) != 0)
		return -1;
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
		if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_PACKET && i->ifa_data != NULL &&
		    strcmp(i->ifa_name, "lo") != 0)
			tell_interface(to, node, i);
	freeifaddrs(list);
	return 0;
}

int counters_read_interfaces(const struct world *w, int node, counter_found *found, void *argument)
{
	struct counters_told to = { .found = found, .argument = argument };
	int status = sandbox_enter_netns(w->netns_fds[node]);
	int error;

	to.time_ns = clock_wall_ns();
	if (status == 0)
		status = read_here(&to, w->topology.nodes[node].name);
	error = errno;
	if (sandbox_enter_netns(w->home_netns_fd) != 0)
		return -1;
	errno = error;
	return status;
}

static void write_line(void *record, const struct record_line *line)
{
	record_write(record, line);
}

int counters_record_interfaces(const struct world *w, struct record *r)
{
	int status = 0;

	for (size_t i = 0; i < w->topology.count && status == 0; i++)
		status = counters_read_interfaces(w, (int)i, write_line, r);
	return status;
}
