/*
 * Captures of one's own, written as tcpdump and dumpcap write them, without a record, and what is told of them.
 *
 *     alice 10.0.1.2:5000 -- lan [router] wan 203.0.113.10:40000 -- server 198.51.100.1:3478, bob 198.51.100.7:6000
 */
#ifndef RIG_H
#define RIG_H

#include "trace_fixture.h"

#include "trace/why.h"

#include <stdio.h>

#define ALICE "10.0.1.2:5000"
#define OUTSIDE "203.0.113.10:40000"
#define SERVER "198.51.100.1:3478"
#define BOB "198.51.100.7:6000"
#define START_NS UINT64_C(1700000000000000000)

enum place { AT_ALICE, AT_LAN, AT_WAN, PLACES };
enum mac { MAC_ALICE = 1, MAC_LAN, MAC_WAN, MAC_CORE };

/* Where each place's packets go, and how far its clock is ahead. */
struct rig {
	FILE *files[PLACES]; /* NULL: nobody looks there */
	uint32_t interface[PLACES];
	int64_t ahead_ms[PLACES];
	uint64_t until_ms[PLACES]; /* when the capture was ended; 0: it was not */
	char paths[PLACES][64];
	unsigned id;
	bool says_directions;       /* its captures tell what came in from what went out */
	const char *filter[PLACES]; /* an end that all packets have which are captured there; NULL: no filter */
};

/* An empty capture in a new file. */
FILE *rig_make_file(char path[64]);
void rig_start(FILE *f, const char *name, uint16_t link_type);

/* A file for each place; the router's two interfaces in one file. */
struct rig rig_of_files(void);
struct rig rig_of_one(const char *lan, const char *wan);

/* An empty file instead of the place's own. */
FILE *rig_begin_anew(struct rig *r, enum place at);

/* Closes the files; removes them. */
void rig_end(struct rig *r);
void rig_remove(const struct rig *r);

void rig_write(struct rig *r, enum place at, uint64_t us, const uint8_t *bytes, uint32_t len);

/* Who has 10.0.1.2? No filter for hosts far away or for ports lets that through. */
void rig_see_arp(struct rig *r, enum place at, uint64_t us, enum mac from);
void rig_see(struct rig *r, enum place at, uint64_t us, enum mac from, enum mac to, struct frame frame);

/* alice sends, and the router lets it out; somebody sends to her, and it does or does not let it in. */
void rig_goes_out(struct rig *r, uint64_t ms, const char *dst, const char *as, const char *payload);
void rig_comes_in(struct rig *r, uint64_t ms, const char *src, struct frame frame, bool passes);

/* alice asks the server, which answers; bob, whom she did not send to, knocks twice. */
void rig_play(struct rig *r);

/* What all that says, and what the trace noticed. */
struct told {
	char *text;
	struct trace *trace;
	struct why *why;
};

struct source rig_source(const char *path, const char *name);

/* Also compares all views of it with what tests/unit/captures has. */
struct told rig_tell(const struct source *list, size_t count, const struct infer_name *names, size_t name_count);

/* True if those words are in it; else they are printed beside it. */
bool told_says(const struct told *t, const char *words);
void told_free(struct told *t);

#endif
