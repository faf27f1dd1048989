#include "check/check.h"

#include "check/measure.h"
#include "io/clock.h"
#include "io/exit_status.h"
#include "io/log.h"
#include "model/nat_rules.h"
#include "model/topology_ipv6.h"
#include "world/sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SERVER "server"
#define LIMITED_BOX "nat-limited"
#define PART_TRIES 8
#define LIMIT_S 300
#define TCP_LIFE_MAX_S 300

/* --- the place --------------------------------------------------------------------------------- */

/* IPv6 is there where the spec says anything of it. */
static enum families families_for(const struct nat *nat)
{
	return nat->ipv6 != NAT_IPV6_NONE ? FAMILIES_46 : FAMILIES_4;
}

/* One box with `hosts` hosts behind it; `open` is a plain router. */
static int add_site(struct topology *t, const struct nat *nat, const char *box, const char *const *hosts, size_t count,
                    char error[TOPOLOGY_ERROR_SIZE])
{
	int behind = topology_add_box(t, box, TOPOLOGY_INTERNET, nat, NULL, error);

	if (behind < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int host = topology_add_host(t, hosts[i], behind, 1, error);

		if (host < 0)
			return -1;
		topology_set_families(t, host, families_for(nat));
	}
	return 0;
}

static const char *const pair[] = { "inside-1", "inside-2" };
static const char *const single[] = { "alone" };
static const char *const crowd[] = { "crowd-1", "crowd-2" };

static bool is_limited(const struct nat *nat)
{
	return nat_narrow_range(nat) != 0 || nat->transport[NAT_UDP].limit != 0 ||
	       nat->transport[NAT_UDP].limit_per_host != 0;
}

/* A range in which all can be seen, around the one that is asked for where that is smaller. */
static void widen(struct nat *nat)
{
	if (nat_narrow_range(nat) == 0)
		return;
	if (nat->port_low > UINT16_MAX - NAT_RANGE_MIN)
		nat->port_low = UINT16_MAX - NAT_RANGE_MIN + 1;
	nat->port_high = (uint16_t)(nat->port_low + NAT_RANGE_MIN - 1);
}

/* The same with room for all that measuring needs: what a box does else shows only while it has room. */
static struct nat with_room(const struct nat *nat)
{
	struct nat roomy = *nat;
	struct nat_transport *udp = &roomy.transport[NAT_UDP];

	udp->limit = udp->limit != 0 ? UINT16_MAX : 0;
	udp->limit_per_host = udp->limit_per_host != 0 ? UINT16_MAX : 0;
	widen(&roomy);
	return roomy;
}

/* The same with one host behind it. Where that one's address is outside, by a prefix, shows by two hosts alone; and the
 * rules for that are the same for however many. */
static struct nat with_one_host(const struct nat *nat)
{
	struct nat alone = nat_elsewhere(nat);

	if (nat_maps_prefix(&alone))
		alone.ipv6 = NAT_IPV6_NONE;
	return alone;
}

/* A limited box stands there twice, with room and as it is. `both`: with one more box that has one host behind it,
 * where that makes a difference. */
static int lay_out(struct topology *t, const struct nat *nat, bool both)
{
	char error[TOPOLOGY_ERROR_SIZE];
	const struct nat roomy = with_room(nat), limited = nat_elsewhere(nat), alone = with_one_host(&roomy);

	*t = (struct topology){ 0 };
	if (topology_add_host(t, SERVER, TOPOLOGY_INTERNET, PROBE_PEER, error) == 0)
		topology_set_families(t, 0, families_for(nat));
	if (t->count == 0 || add_site(t, &roomy, CHECK_BOX, pair, 2, error) != 0 ||
	    (is_limited(nat) && add_site(t, &limited, LIMITED_BOX, crowd, 2, error) != 0) ||
	    (both && nat_rules_depend_on_hosts(nat) && add_site(t, &alone, "nat-alone", single, 1, error) != 0) ||
	    topology_add_peer_address(t, topology_find(t, SERVER), error) != 0) {
		log_error("cannot lay out a check: %s", error);
		return -1;
	}
	return 0;
}

int check_topology(struct topology *t, const struct nat *nat)
{
	return lay_out(t, nat, true);
}

/* --- measuring --------------------------------------------------------------------------------- */

enum packets { ANY, OF_UDP, OF_TCP };

/* In this order (measure.h). */
static const struct check_part {
	void (*measure)(struct probe *p, struct observation *seen);
	bool of_translation; /* only where something is translated; and not by prefix alone, unless: */
	bool of_prefix;
	bool of_ipv4;
	enum packets packets;
} parts[] = {
	{ .measure = measure_mapping, .of_translation = true },
	{ .measure = measure_ports, .of_translation = true },
	{ .measure = measure_filtering },
	{ .measure = measure_unmapped },
	{ .measure = measure_hairpin, .of_translation = true, .of_prefix = true },
	{ .measure = measure_clash, .of_translation = true },
	{ .measure = measure_early_packet, .of_translation = true },
	{ .measure = measure_icmp, .packets = OF_UDP },
	{ .measure = measure_datagrams, .packets = OF_UDP, .of_ipv4 = true },
	{ .measure = measure_simultaneous, .packets = OF_TCP },
	{ .measure = measure_tcp_icmp, .packets = OF_TCP },
	{ .measure = measure_addresses, .of_translation = true },
};

static bool is_measured(const struct check_part *part, const struct observation *seen)
{
	if (part->of_translation && (!seen->translated || (seen->by_prefix && !part->of_prefix)))
		return false;
	return !(seen->is_ipv6 && part->of_ipv4) && part->packets != (seen->protocol == NAT_TCP ? OF_UDP : OF_TCP);
}

/* RFC 5382 asks for two hours and more, which nobody waits for. */
static bool has_tcp_lives(const struct nat *asked)
{
	return asked->kind != NAT_OPEN && nat_tcp_timeout_s(asked) <= TCP_LIFE_MAX_S;
}

/*
 * A mapping that timed out while the machine was busy would be taken for the box's way with packets. So a part counts
 * only if it took less time than a mapping lives.
 */
static void measure_in_time(struct probe *p, const struct check_part *part, unsigned life_ms, struct observation *seen)
{
	for (int i = 0; i < PART_TRIES && !probe_failed(p); i++) {
		uint64_t began = clock_now_ms();

		part->measure(p, seen);
		if (clock_now_ms() - began < life_ms)
			return;
	}
	errno = ETIME;
	probe_fail(p, "mappings time out faster than this busy machine can measure them");
}

static void observe_lives(struct probe *p, const struct nat *asked, struct observation *seen)
{
	if (asked->kind == NAT_OPEN)
		return;
	if (seen->protocol == NAT_UDP)
		measure_lives(p, nat_timeout_s(asked) * 1000, nat_stream_timeout_s(asked) * 1000,
		              asked->transport[NAT_UDP].lifetime_s != 0, seen);
	else if (has_tcp_lives(asked))
		measure_tcp_lives(p, nat_tcp_timeout_s(asked) * 1000, nat_tcp_transitory_s(asked) * 1000, seen);
}

static void observe_rest(struct probe *p, const struct nat *asked, enum check_depth depth, struct observation *seen)
{
	if (seen->protocol == NAT_TCP && asked->unsolicited == NAT_UNSOLICITED_ICMP)
		measure_late_refusal(p, seen);
	if (depth == CHECK_FULL)
		observe_lives(p, asked, seen);
	if (seen->protocol == NAT_UDP && nat_maps_ports(asked))
		measure_port_mapping(p, asked, depth == CHECK_FULL || asked->upnp == NAT_MAPPER_SHORT_LEASE, seen);
}

static void observe(struct probe *p, const struct nat *asked, enum check_depth depth, struct observation *seen)
{
	bool tcp = seen->protocol == NAT_TCP;
	unsigned life_s = tcp ? nat_tcp_transitory_s(asked) : nat_timeout_s(asked);

	measure_passage(p, seen);
	if (seen->is_ipv6 && seen->translated)
		measure_prefix(p, seen);
	for (size_t i = 0; i < sizeof parts / sizeof *parts && seen->udp_passes; i++)
		if (is_measured(&parts[i], seen))
			measure_in_time(p, &parts[i], life_s * 1000, seen);
	if (seen->udp_passes && p->is_translated && !tcp)
		measure_in_time(p, &(struct check_part){ .measure = measure_nat64 }, life_s * 1000, seen);
	seen->payload_kept = !p->payload_changed;
	seen->clobbered = p->payload_clobbered;
	if (seen->udp_passes)
		observe_rest(p, asked, depth, seen);
}

/* The hosts behind a box, through whom it is measured. */
struct insiders {
	int hosts[PROBE_HOSTS];
	size_t count;
};

/* What packets of the protocol and family show that `seen` names. */
static int measure_packets(struct probe *p, const struct world *w, const struct insiders *in, const struct nat *asked,
                           enum check_depth depth, struct observation *seen)
{
	enum address_family family = seen->is_ipv6 ? ADDRESS_IPV6 : ADDRESS_IPV4;
	int server = topology_find(&w->topology, SERVER);
	int result = -1;

	if (probe_open(p, w, seen->protocol, family, server, in->hosts, in->count) == 0) {
		observe(p, asked, depth, seen);
		result = probe_failed(p) ? -1 : 0;
	}
	probe_close(p);
	return result;
}

/* Adds to what was measured of IPv4. */
static int measure_ipv6(struct probe *p, const struct world *w, const struct insiders *in, const struct nat *asked,
                        enum check_depth depth, struct measurement *out)
{
	const struct nat own = nat_ipv6(asked);

	for (enum nat_protocol i = 0; i < NAT_PROTOCOLS && asked->ipv6 != NAT_IPV6_NONE; i++) {
		struct observation seen = { .protocol = i, .is_ipv6 = true };

		if (measure_packets(p, w, in, &own, depth, &seen) != 0)
			return -1;
		measurement_add_ipv6(out, asked, &seen);
	}
	return 0;
}

static int measure_all(struct probe *p, const struct world *w, const struct insiders *in, const struct nat *asked,
                       enum check_depth depth, struct measurement *out)
{
	struct observation udp = { .protocol = NAT_UDP }, tcp = { .protocol = NAT_TCP };
	struct nat wide = *asked;
	int result = measure_packets(p, w, in, asked, depth, &udp);

	widen(&wide);
	measurement_make(&wide, &udp, out);
	if (result != 0 || measure_packets(p, w, in, &wide, depth, &tcp) != 0)
		return -1;
	measurement_add_tcp(out, &wide, &tcp);
	return measure_ipv6(p, w, in, asked, depth, out);
}

/* One box, by the hosts behind it. */
static int measure_box(const struct world *w, const struct nat *asked, const char *const *names, size_t count,
                       enum check_depth depth, struct measurement *out)
{
	struct probe *p = malloc(sizeof *p);
	struct insiders in = { .count = count };
	int result;

	if (p == NULL) {
		log_error("no memory for measuring");
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		in.hosts[i] = topology_find(&w->topology, names[i]);
	result = measure_all(p, w, &in, asked, depth, out);
	free(p);
	return result;
}

/* What the limited box lets have mappings of that protocol. They must not end meanwhile. */
static int measure_limited(const struct world *w, const struct nat *asked, enum nat_protocol protocol,
                           struct measurement *out)
{
	unsigned life_s = protocol == NAT_TCP ? nat_tcp_transitory_s(asked) : nat_timeout_s(asked);
	struct probe *p = malloc(sizeof *p);
	struct observation seen = { .protocol = protocol };
	int hosts[PROBE_HOSTS];
	int result = -1;

	if (p == NULL)
		return -1;
	for (size_t i = 0; i < PROBE_HOSTS; i++)
		hosts[i] = topology_find(&w->topology, crowd[i]);
	if (probe_open(p, w, protocol, ADDRESS_IPV4, topology_find(&w->topology, SERVER), hosts, PROBE_HOSTS) == 0) {
		uint64_t began = clock_now_ms();

		measure_limit(p, &seen);
		if (clock_now_ms() - began >= (uint64_t)life_s * 1000)
			probe_fail(p, "mappings time out faster than this busy machine can count them");
		result = probe_failed(p) ? -1 : 0;
	}
	probe_close(p);
	free(p);
	measurement_add_limits(out, asked, &seen);
	return result;
}

/* Limits are UDP's, ranges are both protocols'. */
static int measure_limits(const struct world *w, const struct nat *asked, struct measurement *out)
{
	if (!asked->transport[NAT_UDP].blocked && measure_limited(w, asked, NAT_UDP, out) != 0)
		return -1;
	if (nat_narrow_range(asked) == 0 || asked->tcp != NAT_TCP_ALLOWED)
		return 0;
	return measure_limited(w, asked, NAT_TCP, out);
}

static unsigned lives_s(const struct nat *nat)
{
	return measure_lives_s(nat_timeout_s(nat), nat_stream_timeout_s(nat)) +
	       (has_tcp_lives(nat) ? measure_tcp_lives_s(nat_tcp_timeout_s(nat)) : 0);
}

unsigned check_limit_s(const struct nat *nat, enum check_depth depth)
{
	unsigned limit = LIMIT_S;

	if (depth == CHECK_QUICK)
		return limit;
	limit += lives_s(nat);
	if (nat_filters_ipv6(nat)) {
		const struct nat own = nat_ipv6(nat);

		limit += lives_s(&own);
	}
	return limit;
}

static int measure(const struct world *w, const struct nat *asked, enum check_depth depth, struct measurement *out)
{
	const struct nat one_host = with_one_host(asked);
	struct measurement alone;
	int dead;

	if (measure_box(w, asked, pair, 2, depth, out) != 0)
		return -1;
	dead = world_find_dead_reaper(w);
	if (dead >= 0) {
		log_error("%s: what ends its mappings died", w->topology.nodes[dead].name);
		return -1;
	}
	if (topology_find(&w->topology, LIMITED_BOX) >= 0 && measure_limits(w, asked, out) != 0)
		return -1;
	if (topology_find(&w->topology, single[0]) < 0)
		return 0;
	if (measure_box(w, &one_host, single, 1, CHECK_QUICK, &alone) != 0)
		return -1;
	measurement_add_single(out, &alone);
	return 0;
}

int check_measure(const struct world *w, const struct nat *asked, enum check_depth depth, struct measurement *out)
{
	int result = measure(w, asked, depth, out);

	world_tell_refused(w);
	return result;
}

/* --- a world of its own ------------------------------------------------------------------------ */

int check_here(const struct nat *nat, const char *extra_rules, enum check_depth depth, struct measurement *out)
{
	const char *extra[TOPOLOGY_NODES] = { NULL };
	struct world *w = calloc(1, sizeof *w);
	struct topology *t = calloc(1, sizeof *t);
	int box;
	int result = -1;

	/* Extra rules are for one box; there is no second one then to compare with. */
	if (w != NULL && t != NULL && lay_out(t, nat, extra_rules == NULL) == 0) {
		box = topology_find(t, CHECK_BOX);
		if (box >= 0)
			extra[box] = extra_rules;
		box = topology_find(t, LIMITED_BOX);
		if (box >= 0)
			extra[box] = extra_rules;
		if (world_build(w, t, extra) == 0)
			result = check_measure(w, nat, depth, out);
	}
	free(t);
	free(w);
	return result;
}

int check_box(const struct nat *nat, const char *extra_rules, enum check_depth depth, struct measurement *out)
{
	struct measurement *shared =
	    mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char how[EXIT_STATUS_TEXT_SIZE];
	int status;
	pid_t pid;

	if (shared == MAP_FAILED) {
		log_error("no memory for measuring: %s", strerror(errno));
		return -1;
	}
	pid = sandbox_fork();
	if (pid == 0)
		_exit(check_here(nat, extra_rules, depth, shared) == 0 ? 0 : 1);
	status = pid > 0 ? exit_status_wait(pid) : 1;
	/* One that ended by itself has said why. */
	if (status > 1)
		log_error("the world a box was measured in %s", exit_status_text(status, how));
	*out = *shared;
	munmap(shared, sizeof *shared);
	return status == 0 ? 0 : -1;
}
