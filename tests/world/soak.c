/*
 * Boxes that are right, of mixed kinds, measured again and again: none may be found wrong. By hand, for it takes a
 * while:  nice build/release/soak [MEASUREMENTS]  (default: 20000). A kind has one world, in which its box is rebooted
 * after each measurement; with one host behind it, it is a kind of its own.
 */
#include "in_world.h"

#include "check/check.h"
#include "io/log.h"
#include "world/natbox.h"

#include <stdio.h>
#include <stdlib.h>

#define MEASUREMENTS 20000
#define AT_ONCE 20 /* in a world; then the next kind */

static const char *const others[] = {
	"open",
	"firewall",
	"linux-router",
	"openwrt",
	"carrier",
	"cellular",
	"office-firewall",
	"udp-blocked",
	"full-cone,hairpin",
	"restricted,hairpin=internal",
	"port-restricted,input=reject",
	"port-restricted,input=accept",
	"ports=preserve,range=20000-20127",
	"mapping=ad,ports=preserve,range=20000-20127",
	"mapping=apd,range=20000-20127",
	"mapping=apd,ports=sequential,range=20000-20127",
};
#define OTHERS (sizeof others / sizeof *others)
#define GRID ((size_t)27) /* mapping by filtering by ports */

static void write_spec(size_t kind, char spec[NAT_TEXT_SIZE])
{
	if (kind < OTHERS)
		snprintf(spec, NAT_TEXT_SIZE, "%s", others[kind]);
	else
		snprintf(spec, NAT_TEXT_SIZE, "mapping=%s,filtering=%s,ports=%s",
		         nat_behaviour_name((enum nat_behaviour)((kind - OTHERS) % 3)),
		         nat_behaviour_name((enum nat_behaviour)((kind - OTHERS) / 3 % 3)),
		         nat_ports_name((enum nat_ports)((kind - OTHERS) / 9)));
}

static bool reboot_all(const struct world *w)
{
	for (int i = 0; i < (int)w->topology.count; i++)
		if (w->topology.nodes[i].kind == NODE_BOX && natbox_forget(&w->topology, i, w->netns_fds[i]) != 0)
			return false;
	return true;
}

/* True if each measurement of this world's box was right. */
static bool is_always_right(const struct world *w, const void *argument)
{
	bool right = true;

	for (int i = 0; i < AT_ONCE; i++) {
		struct measurement m;

		if (check_measure(w, argument, CHECK_QUICK, &m) != 0)
			return false;
		if (!measurement_agrees(&m)) {
			tests_print_differences(&m);
			right = false;
		}
		if (!reboot_all(w))
			return false;
	}
	fflush(stdout);
	return right;
}

static bool measure_kind(size_t kind)
{
	static struct topology t;
	char error[NAT_ERROR_SIZE], spec[NAT_TEXT_SIZE];
	struct nat nat;
	bool right;

	write_spec(kind, spec);
	right =
	    nat_parse(spec, &nat, error) == 0 && check_topology(&t, &nat) == 0 && in_world(&t, is_always_right, &nat);
	if (!right)
		printf("%s: measured wrong, or not at all\n", spec);
	return right;
}

int main(int argc, char **argv)
{
	long wanted = argc > 1 ? strtol(argv[1], NULL, 10) : MEASUREMENTS, done = 0;
	int wrong = 0;

	log_init("soak", LOG_ERROR);
	if (!sandbox_works())
		return CANNOT_RUN;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t kind = 0; done < wanted; kind = (kind + 1) % (OTHERS + GRID)) {
		wrong += !measure_kind(kind);
		done += AT_ONCE;
		if (kind + 1 == OTHERS + GRID)
			printf("%ld measured; worlds with a wrong measurement: %d\n", done, wrong);
	}
	printf("%ld measured; worlds with a wrong measurement: %d\n", done, wrong);
	return wrong > 0;
}
