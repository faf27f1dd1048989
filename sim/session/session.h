/*
 * A world for a person: hosts behind the NATs asked for, p2pchat's server (which answers STUN too) on a public host, a
 * capture of every link; or the world of a scenario, and all that runs there when it has ended. It stands while a
 * command runs in it, or until it is interrupted. Others find it by its name (world_socket.h), and call what a scenario
 * can call (world_calls.h).
 */
#ifndef SESSION_H
#define SESSION_H

#include "model/address_plan.h"
#include "model/families.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scenario;

#define SESSION_HOSTS_MAX 16
#define SESSION_PROGRAMS_MAX 16
#define SESSION_RECORDS_MAX 64
#define SESSION_LINKS_MAX 32
#define SESSION_SCENARIO_S 60 /* a scenario that names no time limit has ended by then */

struct session_options {
	const struct scenario *scenario;      /* runs first, then its world stands; NULL: alice, bob, ... as follows */
	const char *const *specs;             /* of alice's NAT, bob's, carol's, ... */
	size_t count;                         /* 1 to SESSION_HOSTS_MAX */
	bool has_peer;                        /* the host after them stands on the open internet */
	const char *hosts[SESSION_HOSTS_MAX]; /* more of them, as lab_tell_host() has them */
	size_t host_count;
	bool has_dns; /* a name server, with these records */
	const char *records[SESSION_RECORDS_MAX];
	size_t record_count;
	const char *programs[SESSION_PROGRAMS_MAX]; /* "HOST=COMMAND": a shell runs it there when the world stands */
	size_t program_count;
	enum address_plan addresses;
	enum families families;               /* as lab_settings.families */
	const char *weather;                  /* as lab_settings.weather */
	uint64_t seed;                        /* as lab_settings.seed */
	const char *links[SESSION_LINKS_MAX]; /* "NODE:WEATHER": of its own link; not beside a scenario */
	size_t link_count;
	bool has_uplink;      /* the world's internet reaches the machine's network (world/uplink.h) */
	bool is_quiet;        /* nothing is said but what is wrong */
	bool keeps_nothing;   /* what is in `out` is of no use afterwards */
	const char *name;     /* NULL: "lab", or the first of "lab-2", ... that is free */
	const char *out;      /* the output folder */
	bool tells_json;      /* one object on standard output when the world stands: what world_socket_ask() gets */
	bool ends_with_input; /* the end of standard input ends the world, as a signal does */
	char **command;       /* runs on alice; NULL: none, it stands until a signal comes */
};

/* Returns the exit status: the command's; without one 0. 2 when the name is taken, 77 when no world can be made. */
int session_run(const struct session_options *options);

#endif
