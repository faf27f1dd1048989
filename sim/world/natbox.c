#include "world/natbox.h"

#include "io/exit_status.h"
#include "io/kernel_file.h"
#include "io/log.h"
#include "model/rule_batches.h"
#include "world/background.h"
#include "world/box_rules.h"
#include "world/command.h"
#include "world/feature.h"
#include "world/nft_watch.h"
#include "world/mapper_program.h"
#include "world/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what the rules leave open ---------------------------------------------------------------- */

static int shut(const char *interface, enum address_family family, int netns_fd)
{
	struct command ipv4 = COMMAND("iptables", "-w", "-A", "INPUT", "-i", interface, "-j", "DROP");
	/* Neighbours are found by ICMPv6; the rest of it does no harm (RFC 4890 section 4.4). */
	struct command ipv6 =
	    COMMAND("ip6tables", "-w", "-A", "INPUT", "-i", interface, "!", "-p", "ipv6-icmp", "-j", "DROP");
	struct command *c = family == ADDRESS_IPV6 ? &ipv6 : &ipv4;

	c->netns_fd = netns_fd;
	return command_run(c);
}

/*
 * The rules know one interface outside. The others are shut: whoever knocks there must not become an entry of the box's
 * own.
 */
static int shut_others(const struct topology *t, int box, enum address_family family, int netns_fd)
{
	const struct node *n = &t->nodes[box];
	const struct link *out = topology_way_out(t, box);

	for (size_t k = 0; k < n->link_count; k++)
		if (&n->links[k] != out && shut(n->links[k].interface, family, netns_fd) != 0)
			return -1;
	return 0;
}

/* --- loading ----------------------------------------------------------------------------------- */

static int write_sysctl(const char *name, unsigned value)
{
	char path[128];
	char text[16];
	size_t root = strlen("/proc/sys/");

	command_note("sysctl -w %s=%u", name, value);
	snprintf(text, sizeof text, "%u\n", value);
	snprintf(path, sizeof path, "/proc/sys/%s", name);
	for (char *p = path + root; *p != '\0'; p++)
		if (*p == '.')
			*p = '/';
	return kernel_file_write(path, text);
}

/* /proc/sys/net shows the network namespace of whoever looks. */
static int write_sysctls(const struct nat_rules *r)
{
	for (size_t i = 0; i < r->sysctl_count; i++) {
		if (write_sysctl(r->sysctls[i].name, r->sysctls[i].value) == 0)
			continue;
		log_error("cannot set %s to %u: %s", r->sysctls[i].name, r->sysctls[i].value, strerror(errno));
		return -1;
	}
	return 0;
}

static const char *const ipset_restore[] = { "ipset", "-exist", "restore", NULL };
static const char *const iptables_restore[] = { "iptables-restore", NULL };
static const char *const iptables_add[] = { "iptables-restore", "--noflush", NULL };
static const char *const ip6tables_restore[] = { "ip6tables-restore", NULL };
static const char *const ip6tables_add[] = { "ip6tables-restore", "--noflush", NULL };
static const char *const nft_load[] = { "nft", "-f", "-", NULL };

static int run_with_input(const char *const *argv, const char *input, int netns_fd)
{
	struct command c = { .argv = argv, .input = input, .netns_fd = netns_fd };

	return input[0] == '\0' ? 0 : command_run(&c);
}

/* The parts of iptables' rules that are left, after the one that replaced what was there. */
static int add_rest(const char *const *argv, struct rule_batches *batches, char *part, size_t size, int netns_fd)
{
	int result = 0;

	while (result == 0 && rule_batches_next(batches, part, size) > 0)
		result = run_with_input(argv, part, netns_fd);
	return result;
}

/* A program that hands rules to nftables. One that has nothing to hand over is not run. */
struct load {
	struct command command;
	struct nft_watch watch;
	bool is_empty;
};

static int start_command(struct load *l, const char *const *argv, const char *rules)
{
	l->is_empty = rules[0] == '\0';
	l->command = (struct command){ .argv = argv, .input = rules, .netns_fd = -1 };
	return l->is_empty ? 0 : command_start(&l->command);
}

/* Without the announcements (older iptables, that knows no nftables, makes none) there is only its end to wait for. */
static int start_load(struct load *l, const char *const *argv, const char *rules, unsigned commits)
{
	if (rules[0] != '\0' && nft_watch_open(&l->watch, argv[0], commits) != 0)
		log_debug("nftables' announcements: %s", strerror(errno));
	return start_command(l, argv, rules);
}

static bool is_loaded(void *data)
{
	return nft_watch_is_complete(data);
}

static int finish_load(struct load *l)
{
	return l->is_empty ? 0 : command_wait_until(&l->command, nft_watch_fd(&l->watch), is_loaded, &l->watch);
}

/* A box whose rules are being loaded, in several steps: while one box's program runs, so does another's. */
struct box_load {
	int box, netns_fd;
	struct nat_rules *rules;
	struct rule_batches batches;
	struct load nft, ipset, iptables;
};

/* The first part of iptables' rules, or what is left of them: one box's at a time. */
static char part[sizeof((struct nat_rules *)NULL)->iptables];

static int enter(const struct box_load *b)
{
	if (sandbox_enter_netns(b->netns_fd) == 0)
		return 0;
	log_error("cannot enter a box's network namespace: %s", strerror(errno));
	return -1;
}

/* nft and iptables-restore work on different tables and run at the same time. iptables' rules name ipsets: those come
 * first. */
static int begin_load(const struct topology *t, struct box_load *b)
{
	b->rules = malloc(sizeof *b->rules);
	if (b->rules == NULL) {
		log_error("no memory for a NAT box's rules");
		return -1;
	}
	if (enter(b) != 0 || box_rules_make(t, b->box, ADDRESS_IPV4, b->rules) != 0 || write_sysctls(b->rules) != 0 ||
	    start_load(&b->nft, nft_load, b->rules->nft, 1) != 0)
		return -1;
	return start_command(&b->ipset, ipset_restore, b->rules->ipset);
}

static int go_on_with_load(const struct topology *t, struct box_load *b)
{
	unsigned tables;

	(void)t;
	if (enter(b) != 0 || finish_load(&b->ipset) != 0)
		return -1;
	rule_batches_begin(&b->batches, b->rules->iptables);
	tables = rule_batches_next(&b->batches, part, sizeof part);
	return start_load(&b->iptables, iptables_restore, part, tables);
}

/* One after the other: IPv6 is asked for, and waited for. They replace what is there. */
static int load_ipv6(const struct topology *t, int box, struct nat_rules *rules, int netns_fd)
{
	struct rule_batches batches;

	if (!box_rules_has_ipv6(t, box))
		return 0;
	if (box_rules_make(t, box, ADDRESS_IPV6, rules) != 0)
		return -1;
	rule_batches_begin(&batches, rules->iptables);
	rule_batches_next(&batches, part, sizeof part);
	if (run_with_input(ipset_restore, rules->ipset, netns_fd) != 0 ||
	    run_with_input(ip6tables_restore, part, netns_fd) != 0 ||
	    add_rest(ip6tables_add, &batches, part, sizeof part, netns_fd) != 0 ||
	    run_with_input(nft_load, rules->nft, netns_fd) != 0)
		return -1;
	return nat_filters_ipv6(&t->nodes[box].nat) ? shut_others(t, box, ADDRESS_IPV6, netns_fd) : 0;
}

static int end_load(const struct topology *t, struct box_load *b)
{
	(void)t;
	return finish_load(&b->iptables) == 0 ? finish_load(&b->nft) : -1;
}

/* What comes behind the programs that all boxes have, and few need. */
static bool has_rest(const struct topology *t, const struct box_load *b)
{
	const struct node *n = &t->nodes[b->box];

	return b->batches.rest[0] != '\0' || n->link_count > 1 || box_rules_has_ipv6(t, b->box) ||
	       nat_maps_ports(&n->nat);
}

static int load_rest(const struct topology *t, struct box_load *b)
{
	if (enter(b) != 0 || add_rest(iptables_add, &b->batches, part, sizeof part, -1) != 0 ||
	    shut_others(t, b->box, ADDRESS_IPV4, -1) != 0 || load_ipv6(t, b->box, b->rules, -1) != 0)
		return -1;
	return mapper_start(t, b->box);
}

/* What went wrong there it has said itself, but for what ended it. */
static int wait_for_rest(pid_t pid)
{
	int status = exit_status_wait(pid);
	char end[EXIT_STATUS_TEXT_SIZE];

	if (status > 128) {
		exit_status_text(status, end);
		log_error("the process that loads a box's rules %s", end);
	}
	return status == 0 ? 0 : -1;
}

/* Each box's in a process of its own: one program after the other. */
static int load_rests(const struct topology *t, struct box_load *loads, size_t count)
{
	pid_t pids[TOPOLOGY_NODES];
	int result = 0;

	for (size_t i = 0; i < count; i++) {
		const bool is_needed = has_rest(t, &loads[i]);

		pids[i] = is_needed ? fork() : 0;
		if (is_needed && pids[i] == 0)
			_exit(load_rest(t, &loads[i]) == 0 ? 0 : 1);
		if (pids[i] < 0)
			log_error("no process to load a box's rules: %s", strerror(errno));
	}
	for (size_t i = 0; i < count; i++)
		if (pids[i] != 0 && (pids[i] < 0 || wait_for_rest(pids[i]) != 0))
			result = -1;
	return result;
}

/* In steps, so that the programs of all boxes run at the same time. */
static int load_all(const struct topology *t, const int *netns_fds)
{
	static int (*const steps[])(const struct topology *t, struct box_load *b) = { begin_load, go_on_with_load,
		                                                                      end_load };
	struct box_load *loads = calloc(t->count, sizeof *loads);
	int result = loads != NULL ? 0 : -1;
	size_t count = 0;

	for (int i = 0; loads != NULL && i < (int)t->count; i++)
		if (t->nodes[i].kind == NODE_BOX)
			loads[count++] = (struct box_load){ .box = i, .netns_fd = netns_fds[i] };
	for (size_t step = 0; step < sizeof steps / sizeof *steps; step++)
		for (size_t i = 0; i < count && result == 0; i++)
			result = steps[step](t, &loads[i]);
	if (result == 0)
		result = load_rests(t, loads, count);
	free(loads);
	return result;
}

/* What the rules of one box need. */
static unsigned features_of(const struct topology *t, int box, struct nat_rules *rules)
{
	unsigned features = 0;

	if (box_rules_make(t, box, ADDRESS_IPV4, rules) == 0)
		features |= rules->features;
	if (box_rules_has_ipv6(t, box) && box_rules_make(t, box, ADDRESS_IPV6, rules) == 0)
		features |= rules->features;
	return features;
}

/* Which of them is in the way the programs' words seldom tell. */
static void explain_failure(const struct topology *t)
{
	struct nat_rules *rules = malloc(sizeof *rules);
	unsigned features = 0;

	for (int i = 0; rules != NULL && i < (int)t->count; i++)
		if (t->nodes[i].kind == NODE_BOX)
			features |= features_of(t, i, rules);
	free(rules);
	feature_explain(features);
}

enum loading { LOADING_DONE, LOADING_FAILED };

/*
 * One byte (enum loading) once all rules are in force, or cannot be. (Not the process's end: its nft_watch sockets, two
 * a box, close only after nftables has cleared up, too, and so are left to it.)
 */
static void __attribute__((noreturn)) be_loader(const struct topology *t, const int *netns_fds, int done_fd)
{
	char byte = load_all(t, netns_fds) == 0 ? LOADING_DONE : LOADING_FAILED;

	if (byte == LOADING_FAILED)
		explain_failure(t);
	_exit(write(done_fd, &byte, 1) == 1 ? 0 : 1);
}

static int fork_loader(const struct topology *t, const int *netns_fds, int done_fd)
{
	pid_t pid = background_fork();

	if (pid == 0)
		be_loader(t, netns_fds, done_fd);
	return pid > 0 ? 0 : -1;
}

int natbox_start(const struct topology *t, const int *netns_fds)
{
	int ends[2];
	int result;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		log_error("cannot start loading NAT boxes' rules: %s", strerror(errno));
		return -1;
	}
	result = fork_loader(t, netns_fds, ends[1]);
	close(ends[1]);
	if (result == 0)
		return ends[0];
	log_error("cannot start loading NAT boxes' rules: %s", strerror(errno));
	close(ends[0]);
	return -1;
}

/* What went wrong there is on the log, unless the loader was ended from outside. */
int natbox_wait(int loading)
{
	char byte = LOADING_FAILED;
	ssize_t n;

	while ((n = read(loading, &byte, 1)) < 0 && errno == EINTR)
		continue;
	close(loading);
	if (n != 1)
		log_error("a process that loads a NAT box's rules ended before it was done: was it killed?");
	return byte == LOADING_DONE ? 0 : -1;
}

/* --- forgetting -------------------------------------------------------------------------------- */

static int forget_ipv6(const struct topology *t, int box, int netns_fd, struct nat_rules *rules)
{
	struct command flush = COMMAND("conntrack", "-F", "-f", "ipv6");

	flush.netns_fd = netns_fd;
	if (box_rules_make(t, box, ADDRESS_IPV6, rules) != 0 || command_run(&flush) != 0)
		return -1;
	return run_with_input(ipset_restore, rules->reboot_ipset, netns_fd) == 0
	           ? run_with_input(nft_load, rules->reboot_nft, netns_fd)
	           : -1;
}

/* Returns the result it is given; what the kernel lacks for that box is said if it is a failure. */
static int explained(const struct topology *t, int box, struct nat_rules *rules, int result)
{
	if (result != 0)
		feature_explain(features_of(t, box, rules));
	return result;
}

/* The connections first: with none left, no packet counts as the answer that would refresh a set. */
int natbox_forget(const struct topology *t, int box, int netns_fd)
{
	struct command flush = COMMAND("conntrack", "-F");
	struct nat_rules *rules = malloc(sizeof *rules);
	int result = -1;

	flush.netns_fd = netns_fd;
	if (rules == NULL) {
		log_error("no memory for a NAT box's rules");
		return -1;
	}
	if (box_rules_make(t, box, ADDRESS_IPV4, rules) == 0 && command_run(&flush) == 0 &&
	    run_with_input(ipset_restore, rules->reboot_ipset, netns_fd) == 0)
		result = run_with_input(nft_load, rules->reboot_nft, netns_fd);
	if (result == 0 && box_rules_has_ipv6(t, box))
		result = forget_ipv6(t, box, netns_fd, rules);
	result = explained(t, box, rules, result);
	free(rules);
	return result;
}

/* --- made anew --------------------------------------------------------------------------------- */

/*
 * What nothing of the new rules may come beside: iptables-restore replaces the tables that it names, nft does not. The
 * box takes in nothing meanwhile, or a stranger's packet would become an entry of its own.
 */
static const char forget_nft[] = "add table ip punchlab\ndelete table ip punchlab\n";
static const char shut_iptables[] = "*mangle\nCOMMIT\n*nat\nCOMMIT\n*filter\n:INPUT DROP\n:FORWARD ACCEPT\nCOMMIT\n";
static const char open_iptables[] = "*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\nCOMMIT\n";

static int replace_rules(const struct nat_rules *r, int netns_fd)
{
	struct rule_batches batches;

	if (run_with_input(iptables_restore, shut_iptables, netns_fd) != 0 ||
	    run_with_input(nft_load, r->nft[0] != '\0' ? forget_nft : "", netns_fd) != 0 ||
	    run_with_input(ipset_restore, r->ipset, netns_fd) != 0 || run_with_input(nft_load, r->nft, netns_fd) != 0)
		return -1;
	rule_batches_begin(&batches, r->iptables[0] != '\0' ? r->iptables : open_iptables);
	return add_rest(iptables_add, &batches, part, sizeof part, netns_fd);
}

int natbox_reload(const struct topology *t, int box, int netns_fd)
{
	struct nat_rules *rules = malloc(sizeof *rules);
	int result = -1;

	if (rules == NULL) {
		log_error("no memory for a NAT box's rules");
		return -1;
	}
	if (box_rules_make(t, box, ADDRESS_IPV4, rules) == 0 && replace_rules(rules, netns_fd) == 0)
		result = shut_others(t, box, ADDRESS_IPV4, netns_fd);
	if (result == 0)
		result = load_ipv6(t, box, rules, netns_fd);
	result = explained(t, box, rules, result);
	free(rules);
	return result;
}

int natbox_reload_ipv6(const struct topology *t, int box, int netns_fd, bool forgets)
{
	struct nat_rules *rules = malloc(sizeof *rules);
	int result;

	if (rules == NULL) {
		log_error("no memory for a NAT box's rules");
		return -1;
	}
	result = forgets ? forget_ipv6(t, box, netns_fd, rules) : 0;
	if (result == 0)
		result = load_ipv6(t, box, rules, netns_fd);
	result = explained(t, box, rules, result);
	free(rules);
	return result;
}
