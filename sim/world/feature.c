#include "world/feature.h"

#include "io/exit_status.h"
#include "io/kernel_file.h"
#include "io/log.h"
#include "model/nat_feature.h"
#include "model/nat_rules.h"
#include "world/command.h"
#include "world/program_path.h"
#include "world/limits.h"
#include "world/rtnetlink.h"
#include "world/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nfnetlink_compat.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A module mends it, but for a limit met on the way there, which `error` tells; 0: there was none. */
static void say_missing(struct finding *f, const char *detail, int error, const char *module)
{
	char fix[FINDING_TEXT_SIZE];

	if (limits_fix(error, "net", fix) != NULL) {
		finding_missing(f, detail, fix);
		return;
	}
	snprintf(fix, sizeof fix, "sudo modprobe %s (if there is no such module, this kernel was built without it)",
	         module);
	finding_missing(f, detail, fix);
}

/* --- rules: each loaded by the program that loads a box's, in a network namespace of its own --- */

static const char *const loaders[][4] = {
	[NAT_FEATURE_IPTABLES] = { "iptables-restore", "-w" },
	[NAT_FEATURE_IP6TABLES] = { "ip6tables-restore", "-w" },
	[NAT_FEATURE_IPSET] = { "ipset", "restore" },
	[NAT_FEATURE_NFTABLES] = { "nft", "-f", "-" },
};

struct trial {
	struct command command;
	bool is_started;
	int error; /* why it is not */
	char problem[FINDING_TEXT_SIZE];
};

static bool is_installed(const char *program)
{
	char path[FINDING_TEXT_SIZE];

	return program_path_find(program, path, sizeof path) == 0;
}

/* For the rule that matches sets: it will say so itself if there is none. */
static void make_set(int netns_fd)
{
	struct command c =
	    COMMAND("ipset", "create", NAT_FEATURE_TRIAL_SET, "bitmap:port", "range", "0-65535", "timeout", "30");

	c.netns_fd = netns_fd;
	(void)!(command_start(&c) == 0 && command_wait_quietly(&c) == 0);
}

static bool can_start(enum nat_feature feature)
{
	return is_installed(loaders[nat_feature_trials[feature].loader][0]);
}

static void start(struct trial *t, enum nat_feature feature)
{
	const struct nat_feature_trial *of = &nat_feature_trials[feature];

	t->command = (struct command){ .argv = loaders[of->loader], .input = of->rules };
	t->command.netns_fd = sandbox_unnamed_netns();
	if (t->command.netns_fd >= 0 && feature == NAT_FEATURE_SET && is_installed("ipset"))
		make_set(t->command.netns_fd);
	t->is_started = t->command.netns_fd >= 0 && command_start(&t->command) == 0;
	t->error = t->is_started ? 0 : errno;
	if (!t->is_started)
		snprintf(t->problem, sizeof t->problem, "cannot be tried: %s", strerror(t->error));
}

/* The first line of what the program said: the reason stands there. */
static void keep_first_line(struct trial *t)
{
	snprintf(t->problem, sizeof t->problem, "%.*s", (int)strcspn(t->command.output, "\n"), t->command.output);
}

/* Adds for which of the named NATs the feature is wanted, be there one host behind them or two. */
static void add_who_needs(enum nat_feature feature, char *text, size_t size)
{
	static struct nat_rules made;
	struct nat_site site = { .wan = "wan",
		                 .lan = "lan",
		                 .wan_address = "203.0.113.1",
		                 .other_addresses = { "203.0.113.2", "203.0.113.3", "203.0.113.4" },
		                 .lan_network = "10.0.1.0/24",
		                 .hosts = { "10.0.1.2", "10.0.1.3" },
		                 .host_count = 1 };
	const char *before = "; it is needed for ";
	char error[NAT_ERROR_SIZE];
	struct nat nat;

	for (const struct nat_preset *p = nat_presets; p->name != NULL; p++) {
		unsigned needed = 0;

		for (site.host_count = 1; site.host_count <= 2; site.host_count++)
			if (nat_parse(p->name, &nat, error) == 0 && nat_rules_make(&nat, &site, &made) == 0)
				needed |= made.features;
		if ((needed >> feature & 1) == 0)
			continue;
		snprintf(text + strlen(text), size - strlen(text), "%s%s", before, p->name);
		before = ", ";
	}
}

/* Returns false, and why, if the kernel does not have it. */
static bool is_there(struct trial *t)
{
	if (t->is_started && command_wait_quietly(&t->command) == 0)
		return true;
	if (t->is_started)
		keep_first_line(t);
	return false;
}

static void judge(struct trial *t, enum nat_feature feature, struct finding *f)
{
	f->is_needed = feature < NAT_FEATURE_IPV6;
	if (is_there(t))
		return;
	add_who_needs(feature, t->problem, sizeof t->problem);
	say_missing(f, t->problem, t->error, nat_feature_trials[feature].module);
}

static struct trial trials[NAT_FEATURES];

/* All at once: most of the time they wait for the kernel. That a program is missing is a finding of its own. */
static void try_rules(struct findings *found)
{
	for (enum nat_feature i = 0; i < NAT_FEATURES; i++)
		if (can_start(i))
			start(&trials[i], i);
	for (enum nat_feature i = 0; i < NAT_FEATURES; i++)
		if (can_start(i))
			judge(&trials[i], i, findings_add(found, nat_feature_trials[i].name));
}

/* conntrack, which reads and flushes a box's entries, in the namespace of the last rule. */
static void try_conntrack(struct findings *found)
{
	struct command c = COMMAND("conntrack", "-L");

	if (!is_installed("conntrack"))
		return;
	struct finding *f = findings_add(found, "conntrack tables");

	if (command_start(&c) == 0 && command_wait_quietly(&c) == 0)
		return;
	c.output[strcspn(c.output, "\n")] = '\0';
	say_missing(f, c.output, 0, "nf_conntrack_netlink");
}

static void explain(unsigned features)
{
	char fix[FINDING_REASON_SIZE];
	struct finding f;

	for (enum nat_feature i = 0; i < NAT_FEATURES; i++)
		if ((features >> i & 1) != 0 && can_start(i))
			start(&trials[i], i);
	for (enum nat_feature i = 0; i < NAT_FEATURES; i++) {
		if ((features >> i & 1) == 0 || !can_start(i) || is_there(&trials[i]))
			continue;
		f = (struct finding){ .name = nat_feature_trials[i].name };
		say_missing(&f, trials[i].problem, trials[i].error, nat_feature_trials[i].module);
		log_error("this kernel lacks what the rules need: %s", finding_reason(&f, fix));
	}
}

/* In a process of its own, so that the caller's namespace and descriptors stay as they are. */
void feature_explain(unsigned features)
{
	pid_t pid = fork();

	if (pid == 0) {
		explain(features);
		_exit(0);
	}
	if (pid > 0)
		(void)!exit_status_wait(pid);
}

/* --- links, by the lab's own means ----------------------------------------------------------- */

static void try_links(struct findings *found)
{
	struct finding *veth = findings_add(found, "veth links");
	struct finding *bridge = findings_add(found, "bridges");
	struct rtnetlink nl;
	char problem[FINDING_TEXT_SIZE];
	int fd = sandbox_new_netns("links");
	struct rtnetlink_end a = { { 10, "a", { 2, 0, 0, 0, 1, 1 } }, fd, "links" };
	struct rtnetlink_end b = { { 11, "b", { 2, 0, 0, 0, 1, 2 } }, fd, "links" };
	struct rtnetlink_interface lan = { 12, "lan", { 2, 0, 0, 0, 1, 3 } };

	if (fd < 0 || rtnetlink_open(&nl, "links") != 0) {
		int error = errno;

		snprintf(problem, sizeof problem, "no network namespace: %s", strerror(error));
		say_missing(veth, problem, error, "veth");
		finding_missing(bridge, problem, veth->fix);
		return;
	}
	if (rtnetlink_add_veth(&nl, &a, &b) != 0)
		say_missing(veth, strerror(errno), 0, "veth");
	if (rtnetlink_add_bridge(&nl, &lan) != 0)
		say_missing(bridge, strerror(errno), 0, "bridge");
	rtnetlink_close(&nl);
}

/* --- what the observers need ----------------------------------------------------------------- */

static void try_capture(struct findings *found)
{
	struct finding *f = findings_add(found, "packet capture (AF_PACKET v3)");
	int version = TPACKET_V3;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0)
		say_missing(f, strerror(errno), 0, "af_packet");
	if (fd >= 0)
		close(fd);
}

static void try_events(struct findings *found)
{
	struct finding *f = findings_add(found, "conntrack events");
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = NF_NETLINK_CONNTRACK_NEW };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
		say_missing(f, strerror(errno), 0, "nf_conntrack_netlink");
	if (fd >= 0)
		close(fd);
}

/* Expiry in seconds: a box's own timeouts, settable by whoever owns the namespace. */
static void try_timeouts(struct findings *found)
{
	struct finding *f = findings_add(found, "conntrack timeouts");

	if (kernel_file_write("/proc/sys/net/netfilter/nf_conntrack_udp_timeout", "2") != 0)
		say_missing(f, strerror(errno), 0, "nf_conntrack");
}

void feature_try_all(struct findings *found)
{
	try_links(found);
	try_rules(found);
	try_conntrack(found);
	try_capture(found); /* in the namespace of the last rule, where conntrack is at work */
	try_events(found);
	try_timeouts(found);
}
