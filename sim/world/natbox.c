#include "world/natbox.h"

#include "log.h"
#include "model/nat_rules.h"
#include "world/command.h"
#include "world/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * nft and iptables-restore work on different tables and are started together. iptables' rules name ipsets, which must
 * be there first: a child process does one after the other.
 */
struct natbox {
	struct nat_rules rules;
	pid_t sets_and_iptables;
	struct command iptables, nft;
	bool iptables_started, nft_started;
};

/* --- the facts of the site --------------------------------------------------------------------- */

struct site_text {
	char wan_address[SUBNET_ADDRESS_TEXT_SIZE];
	char lan_network[SUBNET_ADDRESS_TEXT_SIZE + 4];
	char hosts[NAT_RULES_HOSTS][SUBNET_ADDRESS_TEXT_SIZE];
};

/* In the realm on the inside of the box: directly behind it, or behind a firewall that is. */
static bool is_inside(const struct topology *t, int node, int box, int realm)
{
	return node != box && topology_is_behind(t, node, box) && topology_realm(t, node) == realm;
}

static int fill_site(const struct topology *t, int box, struct nat_site *site, struct site_text *text)
{
	const struct node *n = &t->nodes[box];
	int realm = n->nat.kind == NAT_TRANSLATE ? box : topology_realm(t, box);
	char network[SUBNET_ADDRESS_TEXT_SIZE];

	*site = (struct nat_site){ .wan = "wan", .lan = "lan", .wan_address = text->wan_address,
		                   .lan_network = text->lan_network };
	subnet_format_address(n->addresses[0], text->wan_address);
	snprintf(text->lan_network, sizeof text->lan_network, "%s/%u", subnet_format_address(n->lan.network, network),
	         n->lan.prefix);
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->nodes[i].address_count && is_inside(t, (int)i, box, realm); k++) {
			if (site->host_count == NAT_RULES_HOSTS) {
				log_error("%s: more than %d addresses behind one box", n->name, NAT_RULES_HOSTS);
				return -1;
			}
			site->hosts[site->host_count] = subnet_format_address(t->nodes[i].addresses[k],
			                                                      text->hosts[site->host_count]);
			site->host_count++;
		}
	return 0;
}

static int make_rules(const struct topology *t, int box, struct nat_rules *rules)
{
	struct nat_site site;
	struct site_text text;

	if (fill_site(t, box, &site, &text) != 0)
		return -1;
	if (nat_rules_make(&t->nodes[box].nat, &site, rules) == 0)
		return 0;
	log_error("%s: the rules do not fit: too many hosts behind it", t->nodes[box].name);
	return -1;
}

/* --- loading ----------------------------------------------------------------------------------- */

static int write_sysctl(const char *name, unsigned value)
{
	char path[128];
	char text[16];
	size_t root = strlen("/proc/sys/");
	int len = snprintf(text, sizeof text, "%u\n", value);
	int fd;
	ssize_t n;

	command_note("sysctl -w %s=%u", name, value);
	snprintf(path, sizeof path, "/proc/sys/%s", name);
	for (char *p = path + root; *p != '\0'; p++)
		if (*p == '.')
			*p = '/';
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = write(fd, text, (size_t)len);
	close(fd);
	return n == len ? 0 : -1;
}

/* /proc/sys/net shows the network namespace of whoever looks. */
static int write_sysctls(const struct nat_rules *r, int netns_fd)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int result = 0;

	if (home < 0 || sandbox_enter_netns(netns_fd) != 0) {
		log_error("cannot enter a box's network namespace: %s", strerror(errno));
		if (home >= 0)
			close(home);
		return -1;
	}
	for (size_t i = 0; i < r->sysctl_count && result == 0; i++) {
		result = write_sysctl(r->sysctls[i].name, r->sysctls[i].value);
		if (result != 0)
			log_error("cannot set %s to %u: %s", r->sysctls[i].name, r->sysctls[i].value, strerror(errno));
	}
	if (sandbox_enter_netns(home) != 0) {
		log_error("cannot return to the own network namespace: %s", strerror(errno));
		abort(); /* everything after this would happen on the wrong host */
	}
	close(home);
	return result;
}

static int run_with_input(const char *const *argv, const char *input, int netns_fd)
{
	struct command c = { .argv = argv, .input = input, .netns_fd = netns_fd };

	return input[0] == '\0' ? 0 : command_run(&c);
}

static const char *const ipset_restore[] = { "ipset", "-exist", "restore", NULL };
static const char *const iptables_restore[] = { "iptables-restore", NULL };
static const char *const nft_load[] = { "nft", "-f", "-", NULL };

static int start_load(struct command *c, bool *started, const char *const *argv, const char *input, int netns_fd)
{
	*c = (struct command){ .argv = argv, .input = input, .netns_fd = netns_fd };
	if (input[0] != '\0' && command_start(c) != 0)
		return -1;
	*started = input[0] != '\0';
	return 0;
}

static int start_iptables(struct natbox *b, int netns_fd)
{
	const struct nat_rules *r = &b->rules;

	if (r->ipset[0] == '\0')
		return start_load(&b->iptables, &b->iptables_started, iptables_restore, r->iptables, netns_fd);
	b->sets_and_iptables = fork();
	if (b->sets_and_iptables == 0)
		_exit(run_with_input(ipset_restore, r->ipset, netns_fd) == 0 &&
		      run_with_input(iptables_restore, r->iptables, netns_fd) == 0 ? 0 : 1);
	if (b->sets_and_iptables > 0)
		return 0;
	log_error("cannot start loading a NAT box's rules: %s", strerror(errno));
	return -1;
}

struct natbox *natbox_start(const struct topology *t, int box, int netns_fd)
{
	struct natbox *b = calloc(1, sizeof *b);

	if (b == NULL) {
		log_error("no memory for a NAT box's rules");
		return NULL;
	}
	if (make_rules(t, box, &b->rules) == 0 && write_sysctls(&b->rules, netns_fd) == 0 &&
	    start_iptables(b, netns_fd) == 0 &&
	    start_load(&b->nft, &b->nft_started, nft_load, b->rules.nft, netns_fd) == 0)
		return b;
	(void)!natbox_wait(b);
	return NULL;
}

/* What went wrong there is on the log. */
static int wait_for_child(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status == 0 ? 0 : -1;
}

int natbox_wait(struct natbox *b)
{
	int result = 0;

	if (b->sets_and_iptables > 0 && wait_for_child(b->sets_and_iptables) != 0)
		result = -1;
	if (b->iptables_started && command_wait(&b->iptables) != 0)
		result = -1;
	if (b->nft_started && command_wait(&b->nft) != 0)
		result = -1;
	free(b);
	return result;
}

/* --- reboot ------------------------------------------------------------------------------------ */

int natbox_reboot(const struct topology *t, int box, int netns_fd)
{
	struct command flush = COMMAND("conntrack", "-F");
	struct nat_rules *rules = malloc(sizeof *rules);
	int result = -1;

	flush.netns_fd = netns_fd;
	if (rules == NULL) {
		log_error("no memory for a NAT box's rules");
		return -1;
	}
	if (make_rules(t, box, rules) == 0 && run_with_input(ipset_restore, rules->reboot_ipset, netns_fd) == 0 &&
	    run_with_input(nft_load, rules->reboot_nft, netns_fd) == 0)
		result = command_run(&flush);
	free(rules);
	return result;
}
