/*
 * One scenario's world and what goes on in it: a topology that grows until the first use, then the namespaces, the
 * capture, the record and the programs. Runs in the scenario's own sandbox. With the other lab_*.h of this folder, but
 * lab_internal.h, it is all that can be done in a lab, whatever the language it is said in; script_*.c says it in Lua:
 *
 *     before the world stands   lab_given.h (addresses, names, families), lab_dns.h (a name server)
 *     programs and sockets      lab_files.h (where they find files), lab_wait.h (for what they say, or a while),
 *                               lab_socket.h (UDP), lab_tcp.h, lab_tcp_punch.h
 *     boxes and links           lab_box.h (mappings, counters, reboots), lab_link.h (weather, rules, black holes)
 *     networks that change      lab_roaming.h (plugs, routes, other addresses and ports, sleep)
 *     what became of it         lab_why.h (what the trace says so far), lab_evidence.h (the files, at the end)
 *
 * Errors are one line in `error`. A call that waits never waits beyond the scenario's deadline.
 */
#ifndef LAB_H
#define LAB_H

#include "model/topology.h"
#include "evidence/record_line.h"
#include "observe/process.h"
#include "world/world.h"

#include <stdbool.h>
#include <stdint.h>

#define LAB_ERROR_SIZE 512

struct lab;

struct lab_settings {
	const char *folder; /* gets trace.pcapng, trace.jsonl and the programs' output */
	const char *scenario;
	const char *file;
	uint64_t deadline_ms; /* clock_now_ms() */
	/* Told of each box before the world is built: its name, its canonical spec, its sabotage ("" or lines). */
	void (*uses_box)(void *argument, const char *name, const char *spec, const char *sabotage);
	void *argument;
	const char *weather;         /* of every host's and box's link that is given none; NULL: bare cables */
	uint64_t seed;               /* of the fates of packets */
	enum address_plan addresses; /* of the internet, unless the scenario says otherwise */
	enum families families;      /* of hosts of which the scenario says nothing else */
	bool audit;                  /* at the end every packet must be accounted for, or the evidence is not whole */
};

struct lab *lab_new(const struct lab_settings *settings);

/* Its evidence will not be kept: the capture needs no comments. Who keeps it after all writes them (lab_evidence.h). */
void lab_spare_comments(struct lab *l);

/* What a lab leaves in its folder. */
struct lab_left {
	bool has_trace; /* a capture and a record, and both are whole */
	/* Evidence that is missing though the rest can be relied on: comments in the capture, a program's output. "" */
	char lost[LAB_ERROR_SIZE];
};

/*
 * Ends programs and capture. Returns 0, or -1 with the reason in `error` when the evidence is not whole: a packet lost,
 * a file not written, removed or cut short. *left is filled in either case. Frees the lab.
 */
int lab_end(struct lab *l, struct lab_left *left, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Who adds a node in several steps keeps the world to come first; where one of them is refused, it is then what it was:
 * a scenario may catch the error and go on. Once the world stands neither does anything.
 */
void lab_keep_plan(struct lab *l);
void lab_restore_plan(struct lab *l);

/* A NAT box of that spec. `sabotage` (NULL: none): lines "iptables ..." run in it after its own rules. Index or -1. */
int lab_add_box(struct lab *l, const char *name, int behind, const char *spec, const char *lan, const char *sabotage,
                char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* A host behind box `behind` or on the internet. Index or -1. */
int lab_add_host(struct lab *l, const char *name, int behind, size_t addresses, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * Names the first interface of a node, which can then be plugged in elsewhere; gives it one more (model/roaming.h).
 * The latter returns which of its links it is. -1 with the reason.
 */
int lab_name_interface(struct lab *l, int node, const char *interface, unsigned metric, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));
int lab_add_interface(struct lab *l, int node, const char *interface, int behind, unsigned metric, size_t addresses,
                      char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * The box an only host stands behind, named after it: nat-a for alice, or nat-alice when that is taken.
 * TOPOLOGY_INTERNET for `open` and for no spec (NULL), which need none: then sabotage is an error. -2 on an error.
 */
int lab_add_box_for(struct lab *l, const char *host, const char *spec, const char *sabotage, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* The world to come, for those who add to it; NULL once it stands. */
struct topology *lab_paper(struct lab *l);

/* Gives a link of the world to come that weather. */
void lab_plan_weather(struct lab *l, int node, int link, const struct weather *w);

/* The weather that a link has once the world stands: its own, or lab_settings.weather. */
struct weather lab_weather_of(const struct lab *l, const struct link *link);

const struct topology *lab_topology(const struct lab *l);

/* True once the world was built, or that was tried. */
bool lab_stands(const struct lab *l);

/* What carries links with weather, for lab_link.c; NULL where there are none. */
struct cable *lab_cable(const struct lab *l);

/* What is done to a link, each until it is undone; for lab_link.c. */
struct lab_link_state {
	bool is_down, is_hole, is_disabled;
};
struct lab_link_state *lab_link_state(struct lab *l, int node, int link);

/* Builds the world and starts the capture, at the first call. Everything below does so by itself. 0 or -1. */
int lab_ready(struct lab *l, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* The same, and no interface that is up lacks the routes it had. */
int lab_settle(struct lab *l, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* A host that has temporary addresses gets a new one, which its programs prefer; the one before is deprecated. */
int lab_renew_temporary(struct lab *l, int host, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* The world, once ready. */
const struct world *lab_world(const struct lab *l);

/* Starts a program on a node. It stays the lab's. NULL on an error. */
struct process *lab_run(struct lab *l, int node, const struct process_options *options, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* The programs in the order they were started; NULL after the last. */
struct process *lab_program(const struct lab *l, size_t index);

/* Waits until a program said something or ended, at most until the time. False: the time (or the scenario's) is over.
 */
bool lab_wait(struct lab *l, uint64_t until_ms);

/* Takes what programs say just now, for whoever waits in a way of its own: none of them blocks meanwhile. */
void lab_pump(struct lab *l);

/* For worlds that stand for long: says on the log, once, that the capture has ended too early. */
void lab_watch(struct lab *l);

/* True once the scenario's time is over. */
bool lab_is_late(const struct lab *l);

/*
 * Changes the links of a node of a world that stands to what they are in `next`, a changed copy of the lab's topology,
 * and notes in the record what each interface is from then on. `forgets`: world_change(). 0, or -1 with the reason.
 */
int lab_change(struct lab *l, const struct topology *next, int node, bool forgets, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* A box becomes one of that kind, and forgets all: world_change_nat(). 0, or -1 with the reason. */
int lab_change_nat(struct lab *l, int box, const struct nat *nat, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Runs a command in a node's namespace, noted as a step. Returns 0, or -1 with its words in `error`. */
int lab_command(struct lab *l, int node, const char *const *argv, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * Notes what the lab itself has just done to a box: changed its rules by that program, which not every kernel tells of;
 * or rebooted it, since then (clock_wall_ns()), which is no change of rules whatever was announced.
 */
void lab_note_reboot(struct lab *l, int box, uint64_t since_ns);
void lab_note_change(struct lab *l, int node, enum record_change what);
void lab_note_rules(struct lab *l, int box, const char *by);

/* As capture_count(), with `since_s` on lab_now_s()'s clock. */
long lab_count(struct lab *l, const char *interface, const char *filter, double since_s, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Waits until every packet sent before is in the capture's file. Returns 0 or -1. */
int lab_flush(struct lab *l, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Behind packets that the lab itself has sent, so that they come no faster than they are captured: every few dozen the
 * recorder has its turn, by the second of these, which waits until it has taken what is not still delayed by a link.
 * Both return 0 or -1.
 */
int lab_note_sent(struct lab *l, size_t packets, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));
int lab_catch_up(struct lab *l, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Where the evidence is written: lab_settings.folder. */
const char *lab_folder(const struct lab *l);

/* Seconds since the lab began. */
double lab_now_s(const struct lab *l);

/* Notes in the record what the scenario does. */
void lab_step(struct lab *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
