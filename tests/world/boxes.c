/*
 * Sabotage: each box is built as its spec says and then broken by a rule or two; the measurement must report the very
 * behaviour that was broken. So every row of a measurement is shown to be able to fail. Needs what the lab needs.
 */
#include "in_world.h"

#include "check/check.h"
#include "io/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_ONCE 8

/* A table of its own beside the box's, for what the box's tables have no word for. */
#define BESIDE(hook, priority)                                                                                         \
	"nft add table ip sabotage\nnft add chain ip sabotage c { type " hook " priority " priority " ; }\n"
#define SNAT_FIRST "iptables -t nat -I POSTROUTING -o wan -p udp -j SNAT --to-source 33.33.33.1"

#define PEERS "33.33.33.0/24" /* where the boxes of peers are; servers and strangers are in 22.22.22.0/24 */

/* The box is 33.33.33.1; behind it are 10.0.1.2 and 10.0.1.3. */
static const struct sabotage {
	const char *spec;
	const char *rules;
	const char *row;      /* the behaviour that must differ */
	const char *measured; /* how its measured text begins; NULL: whatever */
} sabotages[] = {
	{ "port-restricted", "iptables -I FORWARD -p udp -j DROP", "UDP", "blocked" },
	{ "udp-blocked", "iptables -D FORWARD -p udp -j DROP", "UDP", "passes" },
	{ "udp-blocked", "iptables -I FORWARD -p udp --dport 53 -j ACCEPT", "UDP", "passes to some" },
	{ "udp-blocked", "iptables -I FORWARD -d 22.22.22.2 -j ACCEPT", "UDP", "passes to some" },
	{ "udp-blocked", "iptables -I FORWARD -d " PEERS " -j ACCEPT", "UDP", "passes to some" },
	{ "udp-blocked",
	  "iptables -t nat -I PREROUTING -i wan -p udp -j DNAT --to-destination 10.0.1.2\n"
	  "iptables -I FORWARD -i wan -p udp -j ACCEPT",
	  "UDP", "blocked, but comes in" },
	{ "port-restricted", "iptables -I FORWARD -i lan -d " PEERS " -j DROP", "UDP", "passes to some" },
	{ "port-restricted", "iptables -I FORWARD -i lan -d " PEERS " -j DROP", "mapping",
	  "endpoint-independent (peers: not reached)" },
	{ "port-restricted", "iptables -t nat -I POSTROUTING -p udp -j ACCEPT", "translation", "no" },
	{ "port-restricted", SNAT_FIRST ":1024-65535 --random-fully", "mapping", "address-and-port-dependent" },
	{ "symmetric", "iptables -t nat -D POSTROUTING 1", "mapping", "endpoint-independent" },
	{ "port-restricted",
	  "iptables -t nat -I POSTROUTING -o wan -p udp -d " PEERS " -j SNAT --to-source 33.33.33.1 --random-fully",
	  "mapping", "endpoint-independent (peers: address-and-port-dependent)" },
	{ "symmetric", "iptables -t nat -I POSTROUTING -o wan -p udp -d " PEERS " -j SNAT --to-source 33.33.33.1",
	  "mapping", "address-and-port-dependent (peers: " },
	{ "mapping=ad", "nft flush map ip punchlab mapping_idle\nnft flush chain ip punchlab sent_idle", "mapping",
	  "address-and-port-dependent" },
	{ "full-cone", "iptables -t nat -F PREROUTING\nnft flush chain ip punchlab arrive", "filtering",
	  "address-and-port-dependent" },
	{ "restricted", "iptables -t nat -F PREROUTING", "filtering", "address-and-port-dependent" },
	{ "restricted",
	  "iptables -t nat -I PREROUTING -i wan -p udp -j DNAT --to-destination 10.0.1.2\n"
	  "iptables -I FORWARD -i wan -p udp -j ACCEPT",
	  "filtering", "endpoint-independent" },
	{ "port-restricted", "iptables -I FORWARD -i wan -p udp -j DROP", "filtering", "everything" },
	{ "port-restricted", "iptables -I FORWARD -i wan -p udp -s " PEERS " -j DROP", "filtering",
	  "address-and-port-dependent (peers: everything" },
	{ "full-cone", "iptables -I FORWARD -i wan -p udp -s " PEERS " -j DROP", "filtering",
	  "endpoint-independent (peers: everything" },
	{ "full-cone",
	  "iptables -I FORWARD -i wan -p udp -s " PEERS " -m conntrack --ctstate NEW -j DROP\n"
	  "iptables -I FORWARD -i wan -p udp -s " PEERS " -m conntrack --ctstate UNTRACKED -j DROP",
	  "filtering", "endpoint-independent (peers: address-dependent" },
	{ "mapping=apd,filtering=ei", "nft flush chain ip punchlab deliver", "filtering",
	  "address-and-port-dependent" },
	{ "port-restricted", SNAT_FIRST ":20000-30000", "ports", "preserve, only in a pool" },
	{ "port-restricted", SNAT_FIRST ":20000-30000", "port parity", "not kept" },
	{ "symmetric,ports=sequential", "nft flush chain ip punchlab pick", "ports", "preserve" },
	{ "port-restricted", "iptables -t mangle -F POSTROUTING", "ports", "overload" },
	{ "linux-router",
	  "iptables -t nat -I POSTROUTING -o wan -p udp -s 10.0.1.3 -j SNAT --to-source 33.33.33.1:20000-30000",
	  "same source port", "a port each" },
	{ "symmetric,range=20000-20511",
	  BESIDE("nat hook postrouting",
	         "90") "nft add rule ip sabotage c meta l4proto udp oifname wan snat to 33.33.33.1:40000-41000 random",
	  "range", "40" },
	{ "port-restricted",
	  "iptables -t nat -I POSTROUTING -o wan -p udp -m statistic --mode nth --every 2 --packet 0 -j SNAT "
	  "--to-source 33.33.33.77",
	  "external address", "several" },
	{ "port-restricted", "iptables -t mangle -F POSTROUTING", "same source port", "one port for both" },
	{ "port-restricted", "iptables -t mangle -F POSTROUTING", "mapping after clash", "another" },
	{ "full-cone",
	  "iptables -t nat -I PREROUTING -i wan -p udp -j DNAT --to-destination 10.0.1.2\n"
	  "iptables -I FORWARD -i wan -p udp -j ACCEPT\n"
	  "nft flush chain ip punchlab arrive",
	  "answers", "to another host" },
	{ "full-cone,hairpin", "iptables -t nat -F PREROUTING", "hairpin", "none" },
	{ "restricted,hairpin",
	  "iptables -t nat -D POSTROUTING -s 10.0.1.0/24 -o lan -p udp -m conntrack --ctstate DNAT -j SNAT "
	  "--to-source 33.33.33.1",
	  "hairpin", "internal" },
	{ "symmetric,hairpin", "nft flush chain ip punchlab hairpin", "hairpin", "none" },
	{ "port-restricted",
	  "iptables -t nat -A PREROUTING -i lan -d 33.33.33.1 -p udp -j DNAT --to-destination 10.0.1.2\n"
	  "iptables -t nat -A POSTROUTING -s 10.0.1.0/24 -o lan -j SNAT --to-source 33.33.33.1\n"
	  "iptables -A FORWARD -i lan -o lan -j ACCEPT",
	  "hairpin", "external" },
	{ "port-restricted", "iptables -F INPUT", "unsolicited", "accept" },
	{ "port-restricted", "iptables -F INPUT", "early packet", "moves the port" },
	{ "port-restricted", "iptables -I INPUT -p udp --dport 4000 -j ACCEPT", "early packet", "moves the port" },
	{ "port-restricted", "iptables -I INPUT -p udp --sport 4000 -j ACCEPT", "early packet", "moves the port" },
	{ "port-restricted", "iptables -I INPUT -p udp -s " PEERS " -j ACCEPT", "early packet", "moves the port" },
	{ "port-restricted", "iptables -I INPUT -i wan -p udp -j REJECT", "unsolicited", "reject" },
	{ "port-restricted,input=reject", "iptables -I INPUT -i wan -p udp -j DROP", "unsolicited", "drop" },
	{ "port-restricted,input=accept", "iptables -I INPUT -i wan -p udp -j DROP", "early packet", "harmless" },
	{ "symmetric,ports=sequential,input=reject",
	  "nft flush chain ip punchlab input\nnft add rule ip punchlab input drop", "unsolicited", "drop" },
	{ "firewall", "iptables -I FORWARD -i wan -p udp -j ACCEPT", "unsolicited", "let in" },
	{ "firewall,filtering=ad", "iptables -t mangle -F", "filtering", "address-and-port-dependent" },
	{ "port-restricted",
	  BESIDE("filter hook forward",
	         "0") "nft add rule ip sabotage c meta l4proto udp @th,96,16 set 0x1234 udp checksum set 0",
	  "payload", "changed" },
	{ "port-restricted",
	  BESIDE("filter hook prerouting",
	         "-200") "nft add set ip sabotage s { type ipv4_addr ; flags dynamic ; }\n"
	                 "nft add rule ip sabotage c icmp type destination-unreachable add @s { ip saddr }\n"
	                 "nft add rule ip sabotage c meta l4proto udp ip saddr @s drop",
	  "ICMP error", "arrives, mapping ends" },
	{ "port-restricted", "iptables -I FORWARD -p icmp -j DROP", "ICMP error", "lost, mapping stays" },
	{ "restricted", "iptables -t raw -I PREROUTING -i wan -p icmp -j DROP", "ICMP error", "lost, mapping stays" },
	{ "port-restricted", "iptables -I FORWARD -p udp -m length --length 1000:1500 -j DROP", "sizes", "1200 bytes" },
	{ "port-restricted", "iptables -I FORWARD -i wan -m length --length 1500 -j DROP", "sizes", "1472 bytes" },
	{ "port-restricted", "iptables -t mangle -A POSTROUTING -o wan -j TTL --ttl-set 3", "TTL",
	  "75 less out, 2 in" },
	{ "port-restricted", "iptables -t mangle -A PREROUTING -i wan -j TTL --ttl-inc 1", "TTL", "2 less out, 1 in" },
	{ "symmetric", "iptables -t mangle -A FORWARD -j TTL --ttl-set 62", "TTL", "16 less out, 15 in" },
	{ "port-restricted", "iptables -I FORWARD -p udp -m length --length 2000:65535 -j DROP", "fragments", "lost" },
	{ "symmetric,timeout=2,stream-timeout=3", "sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1", "timeout",
	  NULL },
	{ "symmetric,timeout=2,stream-timeout=3", "sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream=6",
	  "stream-timeout", NULL },
	{ "port-restricted,timeout=2,refresh=outbound", "nft flush chain ip punchlab arrive", "refresh", "both" },
	{ "full-cone,timeout=2,stream-timeout=2",
	  "iptables -t mangle -A FORWARD -i wan -p udp -d 10.0.1.2 -j SET --add-set own-1-idle dst --exist",
	  "refresh by strangers", "yes" },
	{ "restricted,timeout=2,stream-timeout=2", "iptables -t mangle -F answer-1", "refresh for strangers", "no" },
	{ "full-cone,timeout=2,stream-timeout=2", "iptables -t mangle -F answer-1", "refresh for strangers", "no" },
};
#define COUNT (sizeof sabotages / sizeof *sabotages)

static bool has_lives(const struct sabotage *s)
{
	return strstr(s->spec, "timeout=") != NULL;
}

/* True if the row that was broken, and so the whole measurement, differs as expected. Says so. */
static bool judge(const struct sabotage *s, int result, const struct measurement *m)
{
	const struct measurement_row *row = result == 0 ? measurement_find(m, s->row) : NULL;
	const char *text = row != NULL ? row->measured : "nothing";
	bool as_broken = row != NULL && (row->differs || strcmp(row->asked, "-") == 0) && !measurement_agrees(m) &&
	                 (s->measured == NULL || strncmp(text, s->measured, strlen(s->measured)) == 0);

	if (as_broken)
		printf("ok %s: broken %s is measured: %s\n", s->spec, s->row, text);
	else
		printf("not ok %s: broken %s: measured '%s', expected '%s'\n%s\n", s->spec, s->row, text,
		       s->measured != NULL ? s->measured : "something else than asked", s->rules);
	return as_broken;
}

static bool is_seen(const struct sabotage *s)
{
	char error[NAT_ERROR_SIZE];
	struct measurement m;
	struct nat nat;

	if (nat_parse(s->spec, &nat, error) != 0) {
		log_error("%s", error);
		return false;
	}
	return judge(s, check_box(&nat, s->rules, has_lives(s) ? CHECK_FULL : CHECK_QUICK, &m), &m);
}

static pid_t start(const struct sabotage *s)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		exit(is_seen(s) ? 0 : 1);
	return pid;
}

/* Those that are meant, in their order. Returns how many. */
static size_t choose(const struct sabotage *meant[COUNT])
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT; i++)
		if (tests_want("%s: broken %s: %s", sabotages[i].spec, sabotages[i].row,
		               sabotages[i].measured != NULL ? sabotages[i].measured : "something else than asked"))
			meant[count++] = &sabotages[i];
	return count;
}

int main(int argc, char **argv)
{
	const struct sabotage *meant[COUNT];
	size_t count, started = 0, passed = 0;

	tests_choose(argc, argv);
	log_init("boxes", LOG_ERROR);
	if (!sandbox_works())
		return CANNOT_RUN;
	setvbuf(stdout, NULL, _IOLBF, 0);
	count = choose(meant);
	for (size_t ended = 0; ended < count; ended++) {
		int status = -1;

		while (started < count && started < ended + AT_ONCE && start(meant[started]) > 0)
			started++;
		if (waitpid(-1, &status, 0) > 0)
			passed += status == 0;
	}
	return tests_end("sabotaged boxes", passed, count - passed);
}
