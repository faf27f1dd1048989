#include "world/sysctl.h"

#include "base/text.h"
#include "io/kernel_file.h"
#include "io/log.h"
#include "world/command.h"
#include "world/ordering.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct sysctl {
	const char *name; /* below /proc/sys/net/ */
	const char *value;
};

/* A new namespace has the kernel's own defaults of these. */
static const struct sysctl no_ipv6[] = {
	{ "ipv6/conf/all/disable_ipv6", "1" }, /* before the first link: no neighbour discovery in the captures */
};

/* Or else IPv6 as the lab has it: whatever a namespace begins with, for all its interfaces to come. */
static const struct sysctl ipv6[] = {
	{ "ipv6/conf/all/disable_ipv6", "0" },
	{ "ipv6/conf/default/accept_dad", "0" }, /* nothing waits until nobody has answered */
	{ "ipv6/conf/default/dad_transmits", "0" },
	{ "ipv6/conf/default/accept_ra", "0" }, /* addresses and routes are set */
	{ "ipv6/conf/default/router_solicitations", "0" },
	{ "ipv6/conf/default/autoconf", "0" },
	{ "ipv6/conf/default/addr_gen_mode", "0" }, /* link-local addresses speak: of the link address */
	{ "ipv6/conf/default/accept_redirects", "0" },
	{ "ipv6/icmp/ratelimit", "0" }, /* every error is sent */
};

/* Programs prefer them; the kernel makes the next one so much before one ends (it knows that by these, too). */
static const struct sysctl temporary[] = {
	{ "ipv6/conf/default/use_tempaddr", "2" },
	{ "ipv6/conf/default/dad_transmits", "1" },
};

static const struct sysctl sysctls[] = {
	{ "ipv4/icmp_ratemask", "0" },             /* every error is sent, so that a trace shows why */
	{ "bridge/bridge-nf-call-iptables", "0" }, /* or bridged frames would be translated twice */
	{ "bridge/bridge-nf-call-ip6tables", "0" },
	{ "bridge/bridge-nf-call-arptables", "0" },
};

/* ... but copies these from the machine, whatever its administrator has set. */
static const struct sysctl copied_sysctls[] = {
	{ "ipv4/conf/all/rp_filter", "0" },        { "ipv4/conf/default/rp_filter", "0" },
	{ "ipv4/conf/all/send_redirects", "0" },   { "ipv4/conf/default/send_redirects", "0" },
	{ "ipv4/conf/all/accept_redirects", "0" }, { "ipv4/conf/default/accept_redirects", "0" },
	{ "ipv4/conf/all/log_martians", "0" },     { "ipv4/conf/default/log_martians", "0" },
};

#define IPV6_FOLDER "/proc/sys/net/ipv6/conf/all"
#define COUNT(array) (sizeof(array) / sizeof *(array))

static int set(const char *netns, const struct sysctl *s)
{
	char path[128];

	snprintf(path, sizeof path, "/proc/sys/net/%s", s->name);
	if (kernel_file_write(path, s->value) == 0 || errno == ENOENT)
		return 0;
	log_error("cannot set net/%s to %s in %s: %s", s->name, s->value, netns, strerror(errno));
	return -1;
}

/* Told as the one command that would do the same. */
static int set_all(const char *netns, const struct sysctl *list, size_t count)
{
	char settings[1024];
	struct text t = text_in(settings, sizeof settings);
	int status = 0;

	for (size_t i = 0; i < count; i++)
		text_add(&t, " net/%s=%s", list[i].name, list[i].value);
	command_note("ip netns exec %s sysctl -w%s", netns, settings);
	for (size_t i = 0; i < count && status == 0; i++)
		status = set(netns, &list[i]);
	return status;
}

/* True if the namespace this thread is in has the value already. All have the same: one look is enough for a world. */
static bool has_value(const struct sysctl *s)
{
	char path[128];
	char text[16];

	snprintf(path, sizeof path, "/proc/sys/net/%s", s->name);
	return kernel_file_read(path, text, sizeof text) && strcmp(text, s->value) == 0;
}

void sysctl_look_at_machine(struct sysctl_machine *m)
{
	m->must_reset = 0;
	for (size_t i = 0; i < COUNT(copied_sysctls); i++)
		m->must_reset |= (unsigned)!has_value(&copied_sysctls[i]) << i;
}

static bool kernel_has_ipv6(void)
{
	return access(IPV6_FOLDER, F_OK) == 0;
}

int sysctl_set_forwarding(const char *netns, const char *value, bool has_ipv6)
{
	const struct sysctl list[] = { { "ipv4/ip_forward", value }, { "ipv6/conf/all/forwarding", value } };

	return set_all(netns, list, has_ipv6 ? 2 : 1);
}

int sysctl_prepare(const struct sysctl_machine *m, const char *netns, const char *order_mask, struct sysctl_role role)
{
	struct sysctl list[COUNT(copied_sysctls) + COUNT(ipv6) + COUNT(temporary) + COUNT(sysctls) + 3];
	const struct sysctl *of_ipv6 = role.has_ipv6 ? ipv6 : no_ipv6;
	size_t count = 0;

	if (role.has_ipv6 && !kernel_has_ipv6()) {
		log_error("%s is to have IPv6, and this kernel has none: load the module ipv6, or boot without "
		          "ipv6.disable=1",
		          netns);
		return -1;
	}

	for (size_t i = 0; i < COUNT(copied_sysctls); i++)
		if ((m->must_reset >> i & 1) != 0)
			list[count++] = copied_sysctls[i];
	for (size_t i = 0; i < (role.has_ipv6 ? COUNT(ipv6) : COUNT(no_ipv6)); i++)
		list[count++] = of_ipv6[i];
	for (size_t i = 0; i < COUNT(temporary) && role.has_temporary; i++)
		list[count++] = temporary[i];
	for (size_t i = 0; i < COUNT(sysctls); i++)
		list[count++] = sysctls[i];
	list[count++] = (struct sysctl){ ORDERING_SYSCTL, order_mask };
	list[count++] = (struct sysctl){ "ipv4/ip_forward", role.forwards ? "1" : "0" };
	if (role.has_ipv6 && role.forwards)
		list[count++] = (struct sysctl){ "ipv6/conf/all/forwarding", "1" };
	return set_all(netns, list, count);
}
