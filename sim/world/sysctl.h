/*
 * What a fresh network namespace has to be told before its first interface: the kernel's and the machine's defaults are
 * not those of a lab.
 */
#ifndef SYSCTL_H
#define SYSCTL_H

#include <stdbool.h>

/* Some defaults are copied from the machine, whatever its administrator has set. */
struct sysctl_machine {
	unsigned must_reset; /* a bit for each of those that are not as a lab wants them */
};

/* Finds that out, in a namespace nobody has changed yet; it holds for all that are made after it. */
void sysctl_look_at_machine(struct sysctl_machine *m);

/*
 * Prepares the namespace this thread is in: no IPv6, every ICMP error sent, no reverse path filter, no redirects,
 * bridged frames kept from iptables, `order_mask` (ordering.h), and whether it `forwards`. `netns` is its name, for
 * messages. Returns 0, or -1 (logged).
 */
int sysctl_prepare(const struct sysctl_machine *m, const char *netns, const char *order_mask, bool forwards)
    __attribute__((warn_unused_result));

/*
 * Sets "ipv4/ip_forward" (below /proc/sys/net/) in the namespace this thread is in. What the kernel does not have needs
 * no setting: IPv6 switched off at boot, no br_netfilter. Returns 0, or -1 (logged).
 */
int sysctl_set(const char *netns, const char *name, const char *value) __attribute__((warn_unused_result));

#endif
