/*
 * Measuring a box that is right finds it right, whatever the hosts and the machine are like meanwhile.
 */
#include "in_world.h"

#include "check/check.h"
#include "io/log.h"
#include "world/command.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct tally {
	size_t passed, failed;
};

static bool finds_right(const struct world *w, const struct nat *nat, enum check_depth depth)
{
	struct measurement m;

	if (check_measure(w, nat, depth, &m) != 0)
		return false;
	if (measurement_agrees(&m))
		return true;
	tests_print_differences(&m);
	return false;
}

/* --- few ports --------------------------------------------------------------------------------- */

/*
 * Sockets get their ports out of the box's own pool, so that a new one often has a port that the box has already given
 * to another: which tells nothing of how it chooses.
 */
static bool with_few_ports(const struct world *w, const void *argument)
{
	struct command set = COMMAND("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40255");

	for (int i = 0; i < (int)w->topology.count; i++)
		if (w->topology.nodes[i].kind == NODE_HOST && world_run(w, i, &set) != 0)
			return false;
	return finds_right(w, argument, CHECK_QUICK);
}

/* --- a busy machine ---------------------------------------------------------------------------- */

#define STOPS 4
#define GOES_MS 150
#define STOPPED_MS 2100 /* longer than the mappings live */

/* Stops its parent for longer than mappings live, again and again. */
static void __attribute__((noreturn)) be_busy(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < STOPS; i++) {
		(void)poll(NULL, 0, GOES_MS);
		kill(getppid(), SIGSTOP);
		(void)poll(NULL, 0, STOPPED_MS);
		kill(getppid(), SIGCONT);
	}
	_exit(0);
}

static bool while_stopped(const struct world *w, const void *argument)
{
	pid_t busy = fork();
	bool right;

	if (busy == 0)
		be_busy();
	right = busy > 0 && finds_right(w, argument, CHECK_FULL);
	kill(busy, SIGKILL);
	return waitpid(busy, NULL, 0) == busy && right;
}

/* --- all of them ------------------------------------------------------------------------------- */

static const struct circumstance {
	const char *name;
	bool (*measure)(const struct world *w, const void *nat);
	const char *spec;
} circumstances[] = {
	{ "hosts have few ports", with_few_ports, "symmetric-preserving,range=40000-40255" },
	{ "hosts have few ports", with_few_ports, "mapping=ad,filtering=ei,ports=preserve,range=40000-40255" },
	{ "hosts have few ports", with_few_ports, "mapping=ad,filtering=ad,ports=preserve,range=40000-40255" },
	{ "hosts have few ports", with_few_ports, "mapping=ad,ports=preserve,range=40000-40255" },
	{ "hosts have few ports", with_few_ports, "mapping=apd,filtering=ei,ports=preserve,range=40000-40255" },
	{ "hosts have few ports", with_few_ports, "mapping=apd,ports=random,range=40000-40127" },
	{ "hosts have few ports", with_few_ports, "mapping=ad,ports=sequential,range=40000-40255" },
	{ "the machine is busy", while_stopped, "mapping=ad,filtering=ad,timeout=2,stream-timeout=2" },
};

static bool run(const struct circumstance *c)
{
	static struct topology t;
	char error[NAT_ERROR_SIZE];
	struct nat nat;

	if (nat_parse(c->spec, &nat, error) == 0)
		return check_topology(&t, &nat) == 0 && in_world(&t, c->measure, &nat);
	log_error("%s", error);
	return false;
}

int main(int argc, char **argv)
{
	struct tally tally = { 0, 0 };

	log_init("measuring", LOG_ERROR);
	tests_choose(argc, argv);
	if (!sandbox_works())
		return CANNOT_RUN;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof circumstances / sizeof *circumstances; i++) {
		const struct circumstance *c = &circumstances[i];
		bool ok;

		if (!tests_want("%s is measured right where %s", c->spec, c->name))
			continue;
		ok = run(c);
		printf("%s %s is measured right where %s\n", ok ? "ok" : "not ok", c->spec, c->name);
		tally.passed += ok;
		tally.failed += !ok;
	}
	return tests_end("measuring", tally.passed, tally.failed, 0);
}
