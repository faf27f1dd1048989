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

/* What is in a namespace. */
struct sysctl_role {
	bool forwards, has_ipv6, has_temporary; /* IPv6 addresses (RFC 8981) */
};

/*
 * Prepares the namespace this thread is in: no IPv6 where none was asked for, every ICMP error sent, no reverse path
 * filter, no redirects, bridged frames kept from iptables, `order_mask` (ordering.h), and whether it forwards. An IPv6
 * address is good at once, and comes and goes with nobody but the lab. `netns` is its name, for messages. Returns 0, or
 * -1 (logged).
 */
int sysctl_prepare(const struct sysctl_machine *m, const char *netns, const char *order_mask, struct sysctl_role role)
    __attribute__((warn_unused_result));

/*
 * Whether the namespace this thread is in forwards: "1" or "0". What the kernel does not have needs no setting. Returns
 * 0, or -1 (logged).
 */
int sysctl_set_forwarding(const char *netns, const char *value, bool has_ipv6) __attribute__((warn_unused_result));

#endif
