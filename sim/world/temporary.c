#include "world/temporary.h"

#include "io/clock.h"
#include "io/log.h"
#include "model/topology_ipv6.h"
#include "world/rtnetlink.h"
#include "world/sandbox.h"
#include "world/wiring_names.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESSES_FILE "/proc/thread-self/net/if_inet6"

/* An address as the kernel tells it: 32 digits, then numbers. */
static void read_address(const char *digits, struct address *out)
{
	*out = (struct address){ .family = ADDRESS_IPV6 };
	for (size_t i = 0; i < address_size(out); i++) {
		const char two[] = { digits[2 * i], digits[2 * i + 1], '\0' };

		out->bytes[i] = (uint8_t)strtoul(two, NULL, 16);
	}
}

/* The one of the network that is temporary, good and preferred, but not that one. */
struct look {
	struct subnet network;
	struct address except;
	bool has_any; /* address of the network */
	struct address found;
};

static void take(struct look *l, const char *digits, unsigned flags)
{
	struct address a;

	read_address(digits, &a);
	if (!subnet_contains(&l->network, &a))
		return;
	l->has_any = true;
	if ((flags & (IFA_F_TEMPORARY | IFA_F_DEPRECATED | IFA_F_TENTATIVE)) == IFA_F_TEMPORARY &&
	    !address_equal(&a, &l->except))
		l->found = a;
}

static int read_addresses(struct look *l)
{
	FILE *f = fopen(ADDRESSES_FILE, "re");
	char digits[33], flags[9];

	if (f == NULL)
		return -1;
	l->has_any = false;
	while (fscanf(f, "%32[0-9a-f] %*x %*x %*x %8[0-9a-f] %*s ", digits, flags) == 2)
		take(l, digits, (unsigned)strtoul(flags, NULL, 16));
	return fclose(f);
}

/* The thread is in the host's network namespace. */
static int look(const struct topology *t, int host, const struct address *except, struct address *out)
{
	struct look l = { .network = topology_ipv6_lan(t, t->nodes[host].links[TEMPORARY_LINK].behind),
		          .except = *except };
	uint64_t deadline_ms = clock_now_ms() + WIRING_OPERATIONAL_MS;

	do {
		if (read_addresses(&l) != 0)
			break;
		*out = l.found;
		if (l.found.family != ADDRESS_NONE || !l.has_any)
			return 0;
		poll(NULL, 0, 1);
	} while (clock_now_ms() < deadline_ms);
	log_error("the kernel makes no temporary address for %s", t->nodes[host].name);
	return -1;
}

static int go_home(int home_fd, int result)
{
	if (sandbox_enter_netns(home_fd) == 0)
		return result;
	log_error("cannot return to the router's network namespace: %s", strerror(errno));
	abort(); /* everything after this would happen on the wrong host */
}

int temporary_look(const struct topology *t, int host, int netns_fd, int home_fd, struct address *out)
{
	const struct address none = { .family = ADDRESS_NONE };

	return go_home(home_fd, sandbox_enter_netns(netns_fd) == 0 ? look(t, host, &none, out) : -1);
}

static int renew(const struct topology *t, int host, struct rtnetlink *nl, const struct rtnetlink_interface *dev)
{
	const struct link *l = &t->nodes[host].links[TEMPORARY_LINK];
	const struct address *before = &l->temporary[l->temporary_count - 1];
	struct address unused;

	if (rtnetlink_prefer_address(nl, dev, before, ADDRESS_PLAN_IPV6_PREFIX, 1, false) != 0 ||
	    look(t, host, before, &unused) != 0)
		return -1;
	if (rtnetlink_prefer_address(nl, dev, before, ADDRESS_PLAN_IPV6_PREFIX, 0, false) != 0)
		return -1;
	return l->temporary_count < TOPOLOGY_TEMPORARY
	           ? 0
	           : rtnetlink_delete_address(nl, dev, &l->temporary[0], ADDRESS_PLAN_IPV6_PREFIX);
}

int temporary_renew(const struct topology *t, int host, int netns_fd, int home_fd)
{
	const struct node *n = &t->nodes[host];
	struct rtnetlink_interface dev = { .index = 0 };
	struct rtnetlink nl;
	int result = -1;

	memcpy(dev.name, n->links[TEMPORARY_LINK].interface, sizeof dev.name);
	if (sandbox_enter_netns(netns_fd) == 0 && rtnetlink_open(&nl, n->name) == 0) {
		dev.index = (int)if_nametoindex(dev.name);
		result = renew(t, host, &nl, &dev);
		rtnetlink_close(&nl);
	}
	return go_home(home_fd, result);
}
