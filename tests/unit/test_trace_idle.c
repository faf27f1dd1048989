/*
 * A way that idled, told of without the box's own word: in two worlds of tests/unit/traces nobody spoke for longer than
 * the box keeps a mapping, or somebody did as is advised then. Their captures are read without the record and in slow
 * motion, for nobody takes a second of silence for a time-out.
 */
#include "suite.h"

#include "evidence/pcapng_reader.h"
#include "trace/verdict.h"
#include "trace/why.h"

#include <stdlib.h>
#include <unistd.h>

#define FOLDER "tests/unit/traces/"
#define SLOWER 12

static void write_slower(const char *from, const char *to)
{
	char error[TRACE_ERROR_SIZE];
	struct pcapng_reader *r = pcapng_reader_open(from, error);
	const struct pcapng_interface *n;
	uint64_t start_ns = 0;
	struct pcapng_packet p;
	FILE *f = fopen(to, "w");

	CU_ASSERT_TRUE_FATAL(r != NULL && f != NULL);
	CU_ASSERT_EQUAL(pcapng_write_section(f, "a test"), 0);
	for (size_t seen = 0; pcapng_reader_next(r, &p) == 1;) {
		for (; (n = pcapng_reader_interface(r, seen)) != NULL; seen++)
			CU_ASSERT_EQUAL(pcapng_write_interface(f, n->name, "", n->link_type, 65535), 0);
		start_ns = start_ns == 0 ? p.time_ns : start_ns;
		p.time_ns = start_ns + (p.time_ns - start_ns) * SLOWER;
		p.comment = NULL;
		CU_ASSERT_EQUAL(pcapng_write_packet(f, &p), 0);
	}
	pcapng_reader_close(r);
	fclose(f);
}

static bool advises(const struct pair_verdict *v, enum help help)
{
	bool found = false;

	for (unsigned i = 0; i < v->help_count; i++)
		found |= v->helps[i] == help;
	return found;
}

/* Whether some of what bob sent alice died so, and whether the last of it arrived. */
static void try_world(const char *world, bool died)
{
	char path[] = "/tmp/idle.XXXXXX", from[128], error[TRACE_ERROR_SIZE];
	int fd = mkstemp(path);
	struct pair_verdict v;
	struct trace *t;
	struct why *w;

	CU_ASSERT_TRUE_FATAL(fd >= 0);
	snprintf(from, sizeof from, FOLDER "%s/trace.pcapng", world);
	write_slower(from, path);
	t = trace_open(path, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_FALSE(t->has_record);
	w = why_read(t, NULL, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	verdict_of_pair(w, scene_find(&t->scene, "alice"), scene_find(&t->scene, "bob"), PACKET_UDP, &v);
	CU_ASSERT_EQUAL(v.outcome, PAIR_OPEN);
	CU_ASSERT_EQUAL(v.cause != NULL && v.cause->kind == CAUSE_IDLE, died);
	CU_ASSERT_EQUAL(advises(&v, HELP_KEEPALIVE), died);
	CU_ASSERT_EQUAL(advises(&v, HELP_PUNCH_AGAIN), died);
	CU_ASSERT_FALSE(died && direction_counts(v.cause->origin == v.a ? &v.ab : &v.ba, &v.ba.losses[0]));
	why_free(w);
	trace_free(t);
	close(fd);
	unlink(path);
}

/* It dies; punching again is advised, was done, and got through. Keepalives are advised, and where they were sent
 * nothing died of that. */
static void what_is_advised_for_an_idle_way_helps(void)
{
	try_world("punched-again", true);
	try_world("kept-alive", false);
}

SUITE(trace_idle, TEST(what_is_advised_for_an_idle_way_helps))
