#include "world/world.h"

#include "io/log.h"
#include "model/topology_ipv6.h"
#include "model/topology_names.h"
#include "world/box_rules.h"
#include "world/command.h"
#include "world/fence.h"
#include "world/keeper.h"
#include "world/natbox.h"
#include "world/neighbours.h"
#include "world/mounts.h"
#include "world/mapper_program.h"
#include "world/reaper.h"
#include "world/sandbox.h"
#include "world/sysctl.h"
#include "world/temporary.h"
#include "world/wiring.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WORDS_MAX 64
#define LINE_MAX_SIZE 1024
#define CANNOT_START 127

/* --- being in a node's network namespace ------------------------------------------------------ */

static void go_home(const struct world *w)
{
	int error = errno;

	if (sandbox_enter_netns(w->home_netns_fd) != 0) {
		log_error("cannot return to the router's network namespace: %s", strerror(errno));
		abort(); /* everything after this would happen on the wrong host */
	}
	errno = error;
}

static int netns_of(const struct world *w, int node)
{
	return node == TOPOLOGY_INTERNET ? w->home_netns_fd : w->netns_fds[node];
}

int world_socket(const struct world *w, int node, int domain, int type, int protocol)
{
	int fd;

	if (sandbox_enter_netns(netns_of(w, node)) != 0)
		return -1;
	fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	go_home(w);
	return fd;
}

int world_run(const struct world *w, int node, struct command *c)
{
	c->netns_fd = w->netns_fds[node];
	return command_run(c);
}

/* In a child, which ends where that cannot be. */
static void move_to(const struct world *w, int node)
{
	const char *name = topology_name(&w->topology, node);

	if (netns_of(w, node) < 0 || (sandbox_enter_netns(netns_of(w, node)) == 0 && sandbox_set_hostname(name) == 0 &&
	                              mounts_enter_own(name) == 0))
		return;
	log_error("cannot start a process on %s: %s", name, strerror(errno));
	_exit(CANNOT_START);
}

pid_t world_fork(const struct world *w, int node)
{
	pid_t pid = fork();

	if (pid == 0)
		move_to(w, node);
	return pid;
}

/* As posix_spawn(3) does it, which knows no namespaces: a handler of ours must not run in the child. */
pid_t world_start(const struct world *w, int node, void (*become)(void *argument), void *argument)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork)
	if (pid == 0) {
		move_to(w, node); // NOLINT(clang-analyzer-unix.Vfork)
		become(argument);
		_exit(CANNOT_START);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/* --- reboots ---------------------------------------------------------------------------------- */

/* What is not forwarded is dropped before any rule could remember it. */
static int set_forwarding(const struct world *w, int box, const char *value)
{
	const struct node *n = &w->topology.nodes[box];
	int result = sandbox_enter_netns(w->netns_fds[box]);

	if (result == 0)
		result = sysctl_set_forwarding(n->name, value, n->ipv6_count > 0);
	go_home(w);
	return result;
}

/* Packets that were on their way through a box before this call have gone through. */
static int let_packets_pass(void)
{
	struct fence f;
	int result = fence_open(&f);

	if (result == 0) {
		result = fence_wait(&f, 1);
		fence_close(&f);
	}
	if (result != 0)
		log_error("no fence behind a box's packets: %s", strerror(errno));
	return result;
}

int world_reboot(const struct world *w, int box)
{
	int result = set_forwarding(w, box, "0");

	if (result == 0)
		result = let_packets_pass();
	if (result == 0)
		result = natbox_forget(&w->topology, box, w->netns_fds[box]);
	if (result == 0)
		result = mapper_restart(&w->topology, box, w->netns_fds[box], true);
	return set_forwarding(w, box, "1") == 0 ? result : -1;
}

/* --- building ------------------------------------------------------------------------------- */

/* Cuts the line at its blanks, in place. Returns how many words there are. */
static size_t split_words(char *line, const char *words[WORDS_MAX])
{
	char *rest = NULL;
	size_t n = 0;

	for (char *word = strtok_r(line, " \t", &rest); word != NULL && n < WORDS_MAX - 1;
	     word = strtok_r(NULL, " \t", &rest))
		words[n++] = word;
	words[n] = NULL;
	return n;
}

static int run_line(const struct world *w, int box, const char *text, size_t len)
{
	const char *words[WORDS_MAX];
	struct command c = { .argv = words };
	char line[LINE_MAX_SIZE];

	if (len >= sizeof line) {
		log_error("extra rule of %s is longer than %zu bytes", w->topology.nodes[box].name, sizeof line - 1);
		return -1;
	}
	memcpy(line, text, len);
	line[len] = '\0';
	return split_words(line, words) == 0 ? 0 : world_run(w, box, &c);
}

static int run_extra_rules(const struct world *w, int box, const char *rules)
{
	while (*rules != '\0') {
		size_t len = strcspn(rules, "\n");

		if (run_line(w, box, rules, len) != 0)
			return -1;
		rules += len + (rules[len] == '\n');
	}
	return 0;
}

/* Behind a NAT64 there are more. */
static int write_names_behind(const struct topology *t)
{
	static char text[TOPOLOGY_HOSTS_SIZE + TOPOLOGY_DNS64_SIZE];
	size_t len = topology_hosts_file(t, text);

	for (int i = 0; i < (int)t->count; i++) {
		int box = t->nodes[i].links[0].behind;

		if (!topology_is_nat64(t, box))
			continue;
		topology_dns64_file(t, box, text + len);
		if (mounts_write_own(t->nodes[i].name, MOUNTS_HOSTS, text) != 0)
			return -1;
	}
	return 0;
}

static int write_names(const struct topology *t)
{
	static char text[TOPOLOGY_HOSTS_SIZE];

	topology_hosts_file(t, text);
	if (mounts_replace_file(MOUNTS_HOSTS, text) == 0 && (!topology_has_nat64(t) || write_names_behind(t) == 0))
		return 0;
	log_error("cannot put the world's names in the place of /etc/hosts: %s", strerror(errno));
	return -1;
}

static int make_nodes(struct world *w, struct wiring *wiring)
{
	for (int i = 0; i < (int)w->topology.count; i++) {
		if (wiring_make_namespace(wiring, i) != 0)
			return -1;
		w->netns_fds[i] = wiring->netns_fds[i];
	}
	return 0;
}

/* In the place of the one that the box had. */
static int give_reaper(struct world *w, int box)
{
	const struct node *n = &w->topology.nodes[box];

	if (w->reapers[box] >= 0)
		close(w->reapers[box]);
	w->reapers[box] = -1;
	if (n->kind != NODE_BOX || n->nat.transport[NAT_UDP].lifetime_s == 0)
		return 0;
	w->reapers[box] = reaper_start(n->name, &n->nat, w->netns_fds[box]);
	return w->reapers[box] >= 0 ? 0 : -1;
}

int world_find_dead_reaper(const struct world *w)
{
	for (int i = 0; i < (int)w->topology.count; i++)
		if (w->reapers[i] >= 0 && !reaper_lives(w->reapers[i]))
			return i;
	return -1;
}

static bool has_boxes(const struct topology *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->nodes[i].kind == NODE_BOX)
			return true;
	return false;
}

static int load_rules(struct world *w)
{
	int loading = has_boxes(&w->topology) ? natbox_start(&w->topology, w->netns_fds) : -1;
	int result = !has_boxes(&w->topology) || (loading >= 0 && natbox_wait(loading) == 0) ? 0 : -1;

	for (int i = 0; i < (int)w->topology.count && result == 0; i++)
		result = give_reaper(w, i);
	return result;
}

static int look_for_temporary(struct world *w, int host)
{
	const struct link *l = &w->topology.nodes[host].links[TEMPORARY_LINK];
	struct address now;

	if (temporary_look(&w->topology, host, w->netns_fds[host], w->home_netns_fd, &now) != 0)
		return -1;
	if (now.family != ADDRESS_NONE &&
	    (l->temporary_count == 0 || !address_equal(&l->temporary[l->temporary_count - 1], &now)))
		topology_add_temporary(&w->topology, host, TEMPORARY_LINK, &now);
	return 0;
}

int world_follow_temporary(struct world *w, int host)
{
	size_t before = w->topology.nodes[host].links[TEMPORARY_LINK].temporary_made;

	if (look_for_temporary(w, host) != 0)
		return -1;
	if (before == w->topology.nodes[host].links[TEMPORARY_LINK].temporary_made)
		return 0;
	return write_names(&w->topology) == 0 ? 1 : -1;
}

int world_renew_temporary(const struct world *w, int host)
{
	return temporary_renew(&w->topology, host, w->netns_fds[host], w->home_netns_fd);
}

static const int families[] = { AF_INET, AF_INET6 };

/* Others' worlds take their part of what the machine has but once. */
static void begin_neighbours(struct world *w)
{
	struct neighbours n;

	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
		neighbours_wait_for_room(families[i]);
		w->refused_before[i] = neighbours_read(families[i], &n) == 0 ? n.refused : UINT64_MAX;
	}
}

void world_tell_refused(const struct world *w)
{
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		neighbours_tell_refused(families[i], w->refused_before[i]);
}

static int begin(struct world *w, const struct topology *t, bool keeps_routes)
{
	struct wiring wiring;
	int result;

	w->topology = *t;
	w->keeper = -1;
	for (size_t i = 0; i < TOPOLOGY_NODES; i++)
		w->reapers[i] = -1;
	for (size_t i = 0; i < TRANSLATOR_SEATS; i++)
		w->translator[i] = -1;
	begin_neighbours(w);
	result = wiring_begin(&wiring, &w->topology);
	w->home_netns_fd = wiring.home_fd;
	w->cable_netns_fd = wiring.cable_fd;
	if (result == 0)
		result = make_nodes(w, &wiring);
	if (result == 0)
		result = wiring_connect(&wiring);
	for (int i = 0; i < (int)t->count && result == 0; i++)
		result = t->nodes[i].has_temporary ? look_for_temporary(w, i) : 0;
	if (result == 0 && topology_has_nat64(t))
		result = translator_start(t, w->cable_netns_fd, w->translator);
	if (result == 0 && keeps_routes)
		result = (w->keeper = keeper_start(&wiring)) >= 0 ? 0 : -1;
	wiring_finish(&wiring);
	return result;
}

int world_begin(struct world *w, const struct topology *t)
{
	return begin(w, t, true);
}

int world_settle(const struct world *w)
{
	return w->keeper < 0 ? 0 : keeper_settle(w->keeper);
}

int world_await_links(const struct world *w, int node)
{
	return w->keeper < 0 ? 0 : keeper_await(w->keeper, node);
}

int world_finish(struct world *w, const char *const *extra_rules)
{
	if (load_rules(w) != 0 || write_names(&w->topology) != 0)
		return -1;
	for (int i = 0; extra_rules != NULL && i < (int)w->topology.count; i++)
		if (extra_rules[i] != NULL && run_extra_rules(w, i, extra_rules[i]) != 0)
			return -1;
	return 0;
}

/* --- changes --------------------------------------------------------------------------------- */

/* The box forwards nothing meanwhile; what follows from it is the caller's. */
static int give_rules(const struct world *w, int box, const char *const *extra_rules, bool forgets)
{
	int result = forgets ? natbox_forget(&w->topology, box, w->netns_fds[box]) : 0;

	if (result == 0)
		result = natbox_reload(&w->topology, box, w->netns_fds[box]);
	if (result == 0)
		result = mapper_restart(&w->topology, box, w->netns_fds[box], forgets);
	if (result == 0 && extra_rules != NULL && extra_rules[box] != NULL)
		result = run_extra_rules(w, box, extra_rules[box]);
	return result;
}

static bool needs_other_rules(const struct topology *t, int node, const struct link *before)
{
	const struct link *now = topology_way_out(t, node);

	return t->nodes[node].kind == NODE_BOX && now->address_count > 0 &&
	       (strcmp(now->interface, before->interface) != 0 || before->address_count == 0 ||
	        !address_equal(&now->addresses[0], &before->addresses[0]));
}

/*
 * Who stands behind may have another address outside, or another network: what rules do not name leaves them, and their
 * counters, as they are. What somebody added is added to rules that are all made anew.
 */
static int give_rules_behind(struct world *w, const struct topology *before, int box, const char *const *extra_rules,
                             const struct world_ruling *ruling, bool forgets)
{
	int result = 0;

	for (int i = 0; i < (int)w->topology.count && result == 0; i++) {
		if (i == box || w->topology.nodes[i].kind != NODE_BOX || !topology_is_behind(&w->topology, i, box) ||
		    !box_rules_change_ipv6(before, &w->topology, i))
			continue;
		result = set_forwarding(w, i, "0");
		ruling->begins(ruling->context, i);
		if (result == 0)
			result = extra_rules != NULL && extra_rules[i] != NULL
			             ? give_rules(w, i, extra_rules, false)
			             : natbox_reload_ipv6(&w->topology, i, w->netns_fds[i], forgets);
		result |= set_forwarding(w, i, "1");
	}
	return result;
}

static int change_box(struct world *w, int box, const struct link links[TOPOLOGY_LINKS], const char *const *extra_rules,
                      bool forgets, const struct world_ruling *ruling)
{
	static struct topology before;
	int result = set_forwarding(w, box, "0");

	before = w->topology;
	if (result == 0)
		result = let_packets_pass();
	if (result == 0)
		result = keeper_change(w->keeper, box, links);
	memcpy(w->topology.nodes[box].links, links, sizeof w->topology.nodes[box].links);
	if (result == 0 && needs_other_rules(&w->topology, box, topology_way_out(&before, box))) {
		ruling->begins(ruling->context, box);
		result = give_rules(w, box, extra_rules, forgets);
	}
	if (result == 0)
		result = give_rules_behind(w, &before, box, extra_rules, ruling, forgets);
	return set_forwarding(w, box, "1") == 0 ? result : -1;
}

int world_change_nat(struct world *w, int box, const struct nat *nat, const char *const *extra_rules)
{
	int result = set_forwarding(w, box, "0");

	if (result == 0)
		result = let_packets_pass();
	if (result == 0)
		result = natbox_forget(&w->topology, box, w->netns_fds[box]);
	w->topology.nodes[box].nat = *nat;
	if (result == 0)
		result = give_rules(w, box, extra_rules, false);
	if (result == 0)
		result = give_reaper(w, box);
	return set_forwarding(w, box, "1") == 0 ? result : -1;
}

int world_change(struct world *w, int node, const struct link links[TOPOLOGY_LINKS], const char *const *extra_rules,
                 bool forgets, const struct world_ruling *ruling)
{
	struct node *n = &w->topology.nodes[node];
	int result;

	if (w->keeper < 0)
		return -1;
	if (n->kind == NODE_BOX) {
		result = change_box(w, node, links, extra_rules, forgets, ruling);
	} else {
		result = keeper_change(w->keeper, node, links);
		memcpy(n->links, links, sizeof n->links);
	}
	return result == 0 ? write_names(&w->topology) : -1;
}

int world_build(struct world *w, const struct topology *t, const char *const *extra_rules)
{
	return begin(w, t, false) == 0 ? world_finish(w, extra_rules) : -1;
}
