/*
 * The rtnetlink(7) requests a world is wired with. Each does what one `ip` command does, shows that command when the
 * lab is verbose, and names it when the kernel refuses. (Starting `ip` once per namespace costs ten times as much.)
 *
 * A handle belongs to the network namespace that the thread was in when it was opened.
 */
#ifndef RTNETLINK_H
#define RTNETLINK_H

#include "base/subnet.h"

#include <stdbool.h>

#define RTNETLINK_MAC_SIZE 6
#define RTNETLINK_VALID_S 172800u /* of a temporary address (RFC 8981 §3.8) */

struct rtnetlink {
	struct mnl_socket *socket;
	uint32_t sequence;
	const char *netns; /* its name, for messages */
	bool is_muted;     /* changes nothing; what is asked for counts as done */
	bool is_lenient;   /* what is there already, or cannot be just now, counts as done */
};

/* An interface. The index is chosen by whoever makes it, so that nobody has to ask for it. */
struct rtnetlink_interface {
	int index;
	char name[16];
	uint8_t mac[RTNETLINK_MAC_SIZE];
};

/* One end of a link to be made: what, and in which network namespace. */
struct rtnetlink_end {
	struct rtnetlink_interface interface;
	int netns_fd;
	const char *netns; /* its name, for messages */
};

#define RTNETLINK_LOOPBACK 1 /* lo's index in every network namespace */

/* All return 0, or -1 with the reason logged. `netns` is kept. */
int rtnetlink_open(struct rtnetlink *nl, const char *netns) __attribute__((warn_unused_result));
void rtnetlink_close(struct rtnetlink *nl);

/* A pair of virtual Ethernet interfaces, both down, both ends made where they belong. One queue, no segmentation
 * offload. */
int rtnetlink_add_veth(struct rtnetlink *nl, const struct rtnetlink_end *a, const struct rtnetlink_end *b)
    __attribute__((warn_unused_result));

/* A switch that forwards at once: no spanning tree, no multicast snooping. In the handle's own namespace. */
int rtnetlink_add_bridge(struct rtnetlink *nl, const struct rtnetlink_interface *bridge)
    __attribute__((warn_unused_result));

/* Plugs `port` into `bridge`. */
int rtnetlink_set_master(struct rtnetlink *nl, const struct rtnetlink_interface *port,
                         const struct rtnetlink_interface *bridge) __attribute__((warn_unused_result));

/* A port that gets only what is known to be for it: nothing is flooded there. */
int rtnetlink_stop_flooding(struct rtnetlink *nl, const struct rtnetlink_interface *port)
    __attribute__((warn_unused_result));

/* Moves an interface into another network namespace, where it is down. */
int rtnetlink_move(struct rtnetlink *nl, const struct rtnetlink_interface *dev, int netns_fd, const char *netns)
    __attribute__((warn_unused_result));

int rtnetlink_set_mtu(struct rtnetlink *nl, const struct rtnetlink_interface *dev, unsigned mtu)
    __attribute__((warn_unused_result));

int rtnetlink_set_down(struct rtnetlink *nl, const struct rtnetlink_interface *dev) __attribute__((warn_unused_result));
int rtnetlink_set_up(struct rtnetlink *nl, const struct rtnetlink_interface *dev) __attribute__((warn_unused_result));

int rtnetlink_add_address(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                          unsigned prefix) __attribute__((warn_unused_result));

/* An IPv6 address with whose prefix, of 64 bits, the kernel makes temporary ones (RFC 8981), too. */
int rtnetlink_add_managing_address(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                                   const struct address *address, unsigned prefix) __attribute__((warn_unused_result));

/*
 * An IPv6 address that is there is preferred for so many seconds yet (0: it is deprecated), and valid for
 * RTNETLINK_VALID_S. The kernel makes a new temporary one where one of those is about to end; if it is `managing`
 * (rtnetlink_add_managing_address()), these go on with it.
 */
int rtnetlink_prefer_address(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                             unsigned prefix, unsigned seconds, bool managing) __attribute__((warn_unused_result));

int rtnetlink_delete_address(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                             unsigned prefix) __attribute__((warn_unused_result));

/* A route to one address, straight out of the interface; and to all. Of several the one of least metric counts. */
int rtnetlink_add_host_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                             unsigned metric) __attribute__((warn_unused_result));
int rtnetlink_delete_host_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                                const struct address *address, unsigned metric) __attribute__((warn_unused_result));

/* A route to a network by way of a router there, in the place of one that there is; and none any more. */
int rtnetlink_delete_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct subnet *to,
                           const struct address *gateway) __attribute__((warn_unused_result));
int rtnetlink_set_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct subnet *to,
                        const struct address *gateway) __attribute__((warn_unused_result));

int rtnetlink_add_default_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                                const struct address *gateway, unsigned metric) __attribute__((warn_unused_result));
int rtnetlink_delete_default_route(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                                   const struct address *gateway, unsigned metric) __attribute__((warn_unused_result));

/* A permanent neighbour entry: no ARP, so that a first packet is as fast as any other. */
int rtnetlink_add_neighbour(struct rtnetlink *nl, const struct rtnetlink_interface *dev, const struct address *address,
                            const uint8_t mac[RTNETLINK_MAC_SIZE]) __attribute__((warn_unused_result));

/* Tells the bridge that `port` leads to `mac`, so that it floods no first frame. */
int rtnetlink_add_forwarding(struct rtnetlink *nl, const struct rtnetlink_interface *port,
                             const uint8_t mac[RTNETLINK_MAC_SIZE]) __attribute__((warn_unused_result));

/* Has checksums computed before a packet leaves, so that captures show right ones. Acts where the thread is. */
int rtnetlink_disable_checksum_offload(struct rtnetlink *nl, const struct rtnetlink_interface *dev)
    __attribute__((warn_unused_result));

/*
 * Waits until the interface is operational (RFC 2863 ifOperStatus up), which the kernel makes it a moment after both
 * ends of its link are up. The thread has to be in the handle's network namespace. 0, or -1 logged, when `deadline_ms`
 * (clock_now_ms()) has passed too.
 */
int rtnetlink_wait_operational(struct rtnetlink *nl, const struct rtnetlink_interface *dev, uint64_t deadline_ms)
    __attribute__((warn_unused_result));

/*
 * Waits until the kernel has taken notice of the carrier, be it that it came (before that, what is sent is thrown away)
 * or that it went (before that, captures still see what is sent, though no link takes it). Else as
 * rtnetlink_wait_operational().
 */
int rtnetlink_wait_settled(struct rtnetlink *nl, const struct rtnetlink_interface *dev, uint64_t deadline_ms)
    __attribute__((warn_unused_result));

#endif
