#include "world/feature.h"

#include "io/kernel_file.h"
#include "model/nat_feature.h"
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

#define NETNS_NAME_SIZE 24
#define TEXT_SIZE 768
#define SET "ports" /* that a rule matches */

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

/* What loads a rule, and what is put around it. */
static const struct loader {
	const char *words[4];
	const char *before, *after;
} iptables = { { "iptables-restore", "-w" }, "*", "\nCOMMIT\n" },
  ip6tables = { { "ip6tables-restore", "-w" }, "*", "\nCOMMIT\n" },
  ipset = { { "ipset", "restore" }, "create trial ", "\n" },
  nft = { { "nft", "-f", "-" }, "table ip lab {\n", "\n}\n" }, conntrack = { { "conntrack", "-L" }, "", "" };

struct feature_rule {
	const char *name;
	const struct loader *loader;
	const char *text;
	const char *module; /* what to load if the kernel does not do it by itself */
};

/* In the order of enum nat_feature. What the generator makes boxes of: a kernel that loads these loads every
 * box. */
static const struct feature_rule rules[] = {
	{ "iptables SNAT, DNAT", &iptables,
	  "nat\n-A POSTROUTING -o wan -p udp -j SNAT --to-source 203.0.113.1:20000-20511\n"
	  "-A PREROUTING -i wan -p udp -j DNAT --to-destination 10.0.1.2",
	  "xt_nat" },
	{ "iptables --random-fully", &iptables,
	  "nat\n-A POSTROUTING -o wan -p udp -j SNAT --to-source 203.0.113.1:1024-65535 --random-fully", "xt_nat" },
	{ "iptables conntrack", &iptables,
	  "filter\n-A FORWARD -m conntrack --ctstate ESTABLISHED --ctstatus SEEN_REPLY --ctdir REPLY -j ACCEPT",
	  "xt_conntrack" },
	{ "iptables mark, MARK", &iptables, "mangle\n-A FORWARD -m mark --mark 1 -j MARK --set-mark 2", "xt_mark" },
	{ "iptables connmark", &iptables, "filter\n-A FORWARD -m connmark --mark 1 -j ACCEPT", "xt_connmark" },
	{ "iptables REJECT", &iptables, "filter\n-A FORWARD -p udp -j REJECT --reject-with icmp-port-unreachable",
	  "ipt_REJECT" },
	{ "iptables set, SET", &iptables,
	  "mangle\n-A POSTROUTING -m set --match-set " SET " src -j SET --add-set " SET " src --exist", "xt_set" },
	{ "ipset bitmap:port", &ipset, "bitmap:port range 0-65535 timeout 30", "ip_set_bitmap_port" },
	{ "ipset hash:ip,port", &ipset, "hash:ip,port timeout 30", "ip_set_hash_ipport" },
	{ "ipset hash:ip,port,ip", &ipset, "hash:ip,port,ip timeout 30", "ip_set_hash_ipportip" },
	{ "ipset list:set", &ipset, "list:set", "ip_set_list_set" },
	{ "nft maps filled by packets", &nft,
	  "map owner { type inet_service : ipv4_addr; flags dynamic,timeout; timeout 30s; }\n"
	  "chain leave {\ntype filter hook postrouting priority 110;\n"
	  "oifname \"wan\" update @owner { udp sport : ct original ip saddr }\n}",
	  "nf_tables" },
	{ "nft nat", &nft,
	  "chain translate {\ntype nat hook postrouting priority 99;\n"
	  "meta l4proto udp snat ip to 203.0.113.1:20000-20511 fully-random\n}",
	  "nft_chain_nat" },
	{ "nft numgen", &nft, "chain pick {\nudp sport set numgen inc mod 2 map { 0 : 20000, 1 : 20001 }\n}",
	  "nft_numgen" },
	{ "nft conntrack zones", &nft,
	  "ct timeout brief { protocol udp; l3proto ip; policy = { unreplied : 5 }; }\n"
	  "map delivered { typeof @nh,96,96 : ct zone; flags dynamic,timeout; timeout 5s; }\n"
	  "chain arrive {\ntype filter hook prerouting priority raw;\n"
	  "icmp type 3 @th,64,8 0x45 ct zone set @th,160,96 map @delivered\n"
	  "udp dport 9 ct zone set jhash udp dport mod 65535 offset 1\n}\n"
	  "chain admit {\ntype nat hook prerouting priority -100;\nct timeout set \"brief\"\n}",
	  "nft_ct" },
	{ "nft notrack", &nft,
	  "chain arrive {\ntype filter hook prerouting priority raw;\nudp dport 9 notrack accept\n}", "nft_ct" },
	{ "nft reject", &nft,
	  "chain input {\ntype filter hook input priority filter;\n"
	  "udp dport 9 reject with icmp type port-unreachable\n}",
	  "nft_reject_ipv4" },
	{ "nft maps with a default", &nft, "map paired { type ipv4_addr : ipv4_addr; elements = { * : 203.0.113.1 }; }",
	  "nf_tables" },
	{ "nft fragments", &nft,
	  "set begun { typeof ip saddr . ip daddr . ip id; flags dynamic,timeout; timeout 30s; }\n"
	  "chain fragments {\ntype filter hook prerouting priority -450;\n"
	  "ip frag-off & 0x2000 != 0 update @begun { ip saddr . ip daddr . ip id }\n}",
	  "nf_tables" },
	{ "ip6tables (ipv6=firewall)", &ip6tables,
	  "mangle\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n-A FORWARD -m conntrack --ctstate RELATED -j ACCEPT\n"
	  "-A FORWARD -p ipv6-icmp --icmpv6-type echo-request -j ACCEPT",
	  "ip6table_filter" },
	{ "ip6tables SNAT, DNAT (ipv6=nat66)", &ip6tables,
	  "nat\n-A POSTROUTING -o wan -p udp -j SNAT --to-source [2001:db8::1]:20000-20511\n"
	  "-A PREROUTING -i wan -p udp -j DNAT --to-destination fd44::2",
	  "ip6table_nat" },
	{ "ip6tables SNPT, DNPT (ipv6=nptv6)", &ip6tables,
	  "mangle\n-A POSTROUTING -s fd44::/48 -j SNPT --src-pfx fd44::/48 --dst-pfx 2001:db8::/48\n"
	  "-A PREROUTING -d 2001:db8::/48 -j DNPT --src-pfx 2001:db8::/48 --dst-pfx fd44::/48",
	  "ip6t_NPT" },
	{ "conntrack tables", &conntrack, "", "nf_conntrack_netlink" },
};
#define RULES (sizeof rules / sizeof *rules)
_Static_assert(RULES == NAT_FEATURES + 1, "one for each feature");

struct trial {
	struct command command;
	char input[TEXT_SIZE];
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
	struct command c = COMMAND("ipset", "create", SET, "bitmap:port", "range", "0-65535", "timeout", "30");

	c.netns_fd = netns_fd;
	(void)!(command_start(&c) == 0 && command_wait_quietly(&c) == 0);
}

static void start(struct trial *t, enum nat_feature number)
{
	const struct loader *l = rules[number].loader;
	char name[NETNS_NAME_SIZE];

	snprintf(t->input, sizeof t->input, "%s%s%s", l->before, rules[number].text, l->after);
	snprintf(name, sizeof name, "rule-%u", (unsigned)number);
	t->command = (struct command){ .argv = l->words, .input = t->input, .netns_fd = sandbox_new_netns(name) };
	if (t->command.netns_fd >= 0 && number == NAT_FEATURE_SET && is_installed("ipset"))
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
				needed |= nat_features(&made);
		if ((needed >> feature & 1) == 0)
			continue;
		snprintf(text + strlen(text), size - strlen(text), "%s%s", before, p->name);
		before = ", ";
	}
}

static void judge(struct trial *t, enum nat_feature number, struct finding *f)
{
	f->is_needed = number < NAT_FEATURE_IPV6 || number == NAT_FEATURES;
	if (t->is_started && command_wait_quietly(&t->command) == 0)
		return;
	if (t->is_started)
		keep_first_line(t);
	if (number < NAT_FEATURES)
		add_who_needs(number, t->problem, sizeof t->problem);
	say_missing(f, t->problem, t->error, rules[number].module);
}

/* All at once: most of the time they wait for the kernel. That a program is missing is a finding of its own. */
static void try_rules(struct findings *found)
{
	static struct trial trials[RULES];

	for (size_t i = 0; i < RULES; i++)
		if (is_installed(rules[i].loader->words[0]))
			start(&trials[i], (enum nat_feature)i);
	for (size_t i = 0; i < RULES; i++)
		if (is_installed(rules[i].loader->words[0]))
			judge(&trials[i], (enum nat_feature)i, findings_add(found, rules[i].name));
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
	try_capture(found); /* in the namespace of the last rule, where conntrack is at work */
	try_events(found);
	try_timeouts(found);
}
