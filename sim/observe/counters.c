#include "observe/counters.h"

#include "io/clock.h"
#include "world/sandbox.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void record_counter(struct record *r, const char *node, const char *interface, enum record_counted counted,
                           uint32_t packets, uint32_t bytes)
{
	struct record_line l = { .type = RECORD_COUNTER,
		                 .counter.box = node,
		                 .counter.counted = counted,
		                 .counter.packets = packets,
		                 .counter.bytes = bytes };

	snprintf(l.counter.interface, sizeof l.counter.interface, "%s", interface);
	record_write(r, &l);
}

static void record_interface(struct record *r, const char *node, const struct ifaddrs *i)
{
	struct rtnl_link_stats s;

	memcpy(&s, i->ifa_data, sizeof s);
	record_counter(r, node, i->ifa_name, RECORD_RX, s.rx_packets, s.rx_bytes);
	record_counter(r, node, i->ifa_name, RECORD_TX, s.tx_packets, s.tx_bytes);
	record_counter(r, node, i->ifa_name, RECORD_RX_DROPPED, s.rx_dropped, 0);
	record_counter(r, node, i->ifa_name, RECORD_TX_DROPPED, s.tx_dropped, 0);
}

/* In the namespace the thread is in. */
static int record_here(struct record *r, const char *node)
{
	struct ifaddrs *list;

	if (getifaddrs(&list) != 0)
		return -1;
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
		if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_PACKET && i->ifa_data != NULL &&
		    strcmp(i->ifa_name, "lo") != 0)
			record_interface(r, node, i);
	freeifaddrs(list);
	return 0;
}

int counters_record_interfaces(const struct world *w, struct record *r)
{
	int status = 0;
	int error = 0;

	for (size_t i = 0; i < w->topology.count && status == 0; i++) {
		status = sandbox_enter_netns(w->netns_fds[i]);
		if (status == 0)
			status = record_here(r, w->topology.nodes[i].name);
		error = errno;
	}
	if (sandbox_enter_netns(w->home_netns_fd) != 0)
		return -1;
	errno = error;
	return status;
}
