/*
 * Boxes behind boxes, measured as one: mapping is as bad as the worst of the chain, filtering as strict as the
 * strictest. And reboots: a box that forgets its mappings forgets all that belongs to them.
 */
#include "in_world.h"

#include "check/check.h"
#include "check/probe.h"
#include "io/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST_NAME_SIZE 256

struct tally {
	size_t passed, failed;
};

static void count(struct tally *t, const char *name, bool ok)
{
	printf("%s %s\n", ok ? "ok" : "not ok", name);
	t->passed += ok;
	t->failed += !ok;
}

/* --- nesting ----------------------------------------------------------------------------------- */

static const struct chain {
	const char *outer, *inner;
	const char *expected; /* what both together are */
	bool two_homes;       /* an inner box for each host, both with the same private addresses */
} chains[] = {
	{ "full-cone", "full-cone", "full-cone", false },
	{ "restricted", "full-cone", "restricted", false },
	{ "full-cone", "restricted", "restricted", false },
	{ "port-restricted", "restricted", "port-restricted", false },
	{ "restricted", "port-restricted", "port-restricted", false },
	{ "symmetric", "full-cone", "symmetric", false },
	{ "full-cone", "symmetric", "symmetric", false },
	{ "mapping=ad,filtering=ei", "full-cone", "mapping=ad,filtering=ei", false },
	{ "full-cone", "mapping=ad,filtering=ad", "mapping=ad,filtering=ad", false },
	{ "full-cone,hairpin", "full-cone", "full-cone,hairpin", false },
	{ "full-cone,hairpin", "port-restricted", "port-restricted", false }, /* hairpinned, and shut out by the home */
	{ "carrier", "full-cone", "full-cone,hairpin,ports=random,range=20480-20991", true },
	{ "full-cone,hairpin", "full-cone", "full-cone,hairpin", true },
	{ "port-restricted", "port-restricted", "port-restricted", true },
	{ "symmetric", "port-restricted", "symmetric", true },
	{ "port-restricted", "firewall", "port-restricted", false },
	{ "firewall", "full-cone", "port-restricted", false },
};

static bool parse(const char *spec, struct nat *nat)
{
	char error[NAT_ERROR_SIZE];

	if (nat_parse(spec, nat, error) == 0)
		return true;
	log_error("%s", error);
	return false;
}

/* The names are those check_measure() looks for. */
static bool lay_out(const struct chain *c, struct topology *t)
{
	char error[TOPOLOGY_ERROR_SIZE];
	struct nat outer_nat, inner_nat;
	int outer, home, second;
	const char *lan;

	*t = (struct topology){ 0 };
	if (!parse(c->outer, &outer_nat) || !parse(c->inner, &inner_nat) ||
	    topology_add_host(t, "server", TOPOLOGY_INTERNET, PROBE_PEER, error) < 0 ||
	    topology_add_peer_address(t, 0, error) != 0)
		return false;
	lan = inner_nat.kind == NAT_TRANSLATE ? "192.168.1.0/24" : NULL;
	outer = topology_add_box(t, "outer", TOPOLOGY_INTERNET, &outer_nat, NULL, error);
	home = outer < 0 ? -1 : topology_add_box(t, "home", outer, &inner_nat, lan, error);
	second = home < 0 || !c->two_homes ? home : topology_add_box(t, "home-2", outer, &inner_nat, lan, error);
	if (second >= 0 && topology_add_host(t, "inside-1", home, 1, error) >= 0 &&
	    topology_add_host(t, "inside-2", second, 1, error) >= 0)
		return true;
	log_error("%s", error);
	return false;
}

static bool measures_as(const struct world *w, const void *argument)
{
	const struct nat *expected = argument;
	struct measurement m;

	if (check_measure(w, expected, CHECK_QUICK, &m) != 0)
		return false;
	if (measurement_agrees(&m))
		return true;
	tests_print_differences(&m);
	return false;
}

static void test_chain(const struct chain *c, struct tally *tally)
{
	static struct topology t;
	struct nat expected;
	char name[TEST_NAME_SIZE];

	snprintf(name, sizeof name, "%s behind %s%s is measured as %s", c->inner, c->outer,
	         c->two_homes ? ", two homes" : "", c->expected);
	if (tests_want("%s", name))
		count(tally, name,
		      parse(c->expected, &expected) && lay_out(c, &t) && in_world(&t, measures_as, &expected));
}

/* --- reboots ----------------------------------------------------------------------------------- */

static const struct reboot {
	const char *spec;
	bool same_port; /* the mapping made anew has the port of the old one */
} reboots[] = {
	{ "full-cone", true },
	{ "restricted", true },
	{ "port-restricted", true },
	{ "symmetric", false },
	{ "mapping=ad,filtering=ei", false },
	{ "full-cone,ports=random", false },
	{ "mapping=apd,filtering=ad", false },
};

static bool forgets(const struct world *w, const void *argument)
{
	const struct reboot *r = argument;
	int box = topology_find(&w->topology, "box"), host = topology_find(&w->topology, "host");
	struct probe *p = malloc(sizeof *p);
	struct endpoint before, after;
	int s, remote;
	bool ok =
	    p != NULL && probe_open(p, w, NAT_UDP, ADDRESS_IPV4, topology_find(&w->topology, "server"), &host, 1) == 0;

	if (!ok)
		return false;
	remote = p->remote[0][0];
	s = probe_socket(p, host, 0);
	before = probe_map(p, s, remote);
	ok = probe_reaches(p, remote, before, s) && world_reboot(w, box) == 0;
	ok = ok && !probe_reaches(p, remote, before, s);
	after = probe_map(p, s, remote);
	if (ok && !r->same_port && endpoint_equal(&before, &after) && world_reboot(w, box) == 0)
		after = probe_map(p, s, remote); /* one of 64,512 ports is the same again once in so many times */
	ok = ok && probe_reaches(p, remote, after, s) && endpoint_equal(&before, &after) == r->same_port;
	probe_close(p);
	free(p);
	return ok;
}

static void test_reboot(const struct reboot *r, struct tally *tally)
{
	static struct topology t;
	char error[TOPOLOGY_ERROR_SIZE], name[TEST_NAME_SIZE];
	struct nat nat;
	int box;
	bool ok = parse(r->spec, &nat);

	snprintf(name, sizeof name, "%s forgets its mappings in a reboot, and has %s port after it", r->spec,
	         r->same_port ? "the same" : "another");
	if (!tests_want("%s", name))
		return;
	t = (struct topology){ 0 };
	ok = ok && topology_add_host(&t, "server", TOPOLOGY_INTERNET, PROBE_ADDRESSES, error) >= 0;
	box = ok ? topology_add_box(&t, "box", TOPOLOGY_INTERNET, &nat, NULL, error) : -1;
	ok = box >= 0 && topology_add_host(&t, "host", box, 1, error) >= 0 && in_world(&t, forgets, r);
	count(tally, name, ok);
}

/* --- ports of the pool for moved sockets ------------------------------------------------------- */

#define POOL_PORT 62000

/*
 * Two hosts bound to a port that moved sockets are given: the first keeps it, the second gets another, both for good.
 */
static bool keeps_pool_port(const struct world *w, const void *argument)
{
	const int hosts[] = { topology_find(&w->topology, "inside-1"), topology_find(&w->topology, "inside-2") };
	struct probe *p = malloc(sizeof *p);
	int first, second;
	struct endpoint a, b, b_again;
	bool ok =
	    p != NULL && probe_open(p, w, NAT_UDP, ADDRESS_IPV4, topology_find(&w->topology, "server"), hosts, 2) == 0;

	(void)argument;
	if (!ok)
		return false;
	first = probe_socket(p, hosts[0], POOL_PORT);
	second = probe_socket(p, hosts[1], POOL_PORT);
	a = probe_map(p, first, p->remote[0][0]);
	b = probe_map(p, second, p->remote[1][0]);
	b_again = probe_map(p, second, p->remote[0][0]);
	ok = a.port == POOL_PORT && b.port != POOL_PORT && endpoint_equal(&b, &b_again) &&
	     probe_reaches(p, p->remote[0][0], a, first) && probe_reaches(p, p->remote[0][0], b, second);
	probe_close(p);
	free(p);
	return ok;
}

static void test_pool_port(const char *spec, struct tally *tally)
{
	static struct topology t;
	char name[TEST_NAME_SIZE];
	struct nat nat;

	snprintf(name, sizeof name, "%s keeps port %d of one host, and moves that of the other", spec, POOL_PORT);
	if (tests_want("%s", name))
		count(tally, name,
		      parse(spec, &nat) && check_topology(&t, &nat) == 0 && in_world(&t, keeps_pool_port, NULL));
}

int main(int argc, char **argv)
{
	static const char *const keepers[] = { "full-cone", "restricted,hairpin", "port-restricted",
		                               "full-cone,range=61000-63000" };
	struct tally tally = { 0, 0 };

	tests_choose(argc, argv);
	log_init("nesting", LOG_ERROR);
	if (!sandbox_works())
		return CANNOT_RUN;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof chains / sizeof *chains; i++)
		test_chain(&chains[i], &tally);
	for (size_t i = 0; i < sizeof reboots / sizeof *reboots; i++)
		test_reboot(&reboots[i], &tally);
	for (size_t i = 0; i < sizeof keepers / sizeof *keepers; i++)
		test_pool_port(keepers[i], &tally);
	return tests_end("nesting and reboots", tally.passed, tally.failed, 0);
}
