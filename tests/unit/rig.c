#include "rig.h"
#include "said.h"
#include "suite.h"
#include "views.h"

#include "evidence/pcapng.h"
#include "trace/explain.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

FILE *rig_make_file(char path[64])
{
	int fd;

	snprintf(path, 64, "/tmp/capture.XXXXXX.pcapng");
	fd = mkstemps(path, 7);
	CU_ASSERT_FATAL(fd >= 0);
	return fdopen(fd, "w");
}

void rig_start(FILE *f, const char *name, uint16_t link_type)
{
	CU_ASSERT_EQUAL_FATAL(pcapng_write_interface(f, name, NULL, link_type, 65535), 0);
}

struct rig rig_of_files(void)
{
	struct rig r = { .id = 0 };

	for (int i = 0; i < PLACES; i++) {
		r.files[i] = rig_make_file(r.paths[i]);
		CU_ASSERT_EQUAL_FATAL(pcapng_write_section(r.files[i], "test"), 0);
		rig_start(r.files[i], "", 1);
	}
	return r;
}

FILE *rig_begin_anew(struct rig *r, enum place at)
{
	fclose(r->files[at]);
	unlink(r->paths[at]);
	r->files[at] = rig_make_file(r->paths[at]);
	CU_ASSERT_EQUAL_FATAL(pcapng_write_section(r->files[at], "test"), 0);
	return r->files[at];
}

struct rig rig_of_one(const char *lan, const char *wan)
{
	struct rig r = { .id = 0, .interface = { [AT_WAN] = 1 } };

	r.files[AT_LAN] = r.files[AT_WAN] = rig_make_file(r.paths[0]);
	CU_ASSERT_EQUAL_FATAL(pcapng_write_section(r.files[AT_LAN], "test"), 0);
	rig_start(r.files[AT_LAN], lan, 1);
	rig_start(r.files[AT_LAN], wan, 1);
	return r;
}

void rig_end(struct rig *r)
{
	for (int i = 0; i < PLACES; i++)
		if (r->files[i] != NULL && (i != AT_WAN || r->files[AT_WAN] != r->files[AT_LAN]))
			fclose(r->files[i]);
}

void rig_remove(const struct rig *r)
{
	for (int i = 0; i < PLACES; i++)
		if (r->paths[i][0] != '\0')
			unlink(r->paths[i]);
}

void rig_write(struct rig *r, enum place at, uint64_t us, const uint8_t *bytes, uint32_t len)
{
	static const uint8_t own[PLACES] = { MAC_ALICE, MAC_LAN, MAC_WAN };
	struct pcapng_packet p = { .interface = r->interface[at], .bytes = bytes, .captured = len, .length = len };

	if (r->files[at] == NULL || (r->until_ms[at] != 0 && us / 1000 >= r->until_ms[at]))
		return;
	if (r->says_directions)
		p.direction = bytes[11] == own[at] ? PCAPNG_OUTBOUND : PCAPNG_INBOUND;
	p.time_ns = START_NS + us * 1000 + (uint64_t)r->ahead_ms[at] * 1000000;
	CU_ASSERT_EQUAL_FATAL(pcapng_write_packet(r->files[at], &p), 0);
}

void rig_see_arp(struct rig *r, enum place at, uint64_t us, enum mac from)
{
	const uint8_t bytes[42] = { 0xff,          0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,
		                    (uint8_t)from, 0x08, 0x06, 0,    1,    8,    0, 6, 4, 0, 1 };

	if (r->filter[at] == NULL)
		rig_write(r, at, us, bytes, sizeof bytes);
}

void rig_see(struct rig *r, enum place at, uint64_t us, enum mac from, enum mac to, struct frame frame)
{
	uint8_t bytes[FIXTURE_FRAME] = { 2, 0, 0, 0, 0, (uint8_t)to, 2, 0, 0, 0, 0, (uint8_t)from, 0x08, 0x00 };

	if (r->filter[at] != NULL && strcmp(r->filter[at], frame.src) != 0 && strcmp(r->filter[at], frame.dst) != 0)
		return;
	frame.id = r->id;
	rig_write(r, at, us, bytes, (uint32_t)(14 + fixture_ip(&frame, bytes + 14)));
}

void rig_goes_out(struct rig *r, uint64_t ms, const char *dst, const char *as, const char *payload)
{
	struct frame in = { .src = ALICE, .dst = dst, .payload = payload };
	struct frame out = { .src = as, .dst = dst, .payload = payload, .ttl = 63 };

	r->id++;
	rig_see(r, AT_ALICE, ms * 1000, MAC_ALICE, MAC_LAN, in);
	rig_see(r, AT_LAN, ms * 1000 + 20, MAC_ALICE, MAC_LAN, in);
	rig_see(r, AT_WAN, ms * 1000 + 40, MAC_WAN, MAC_CORE, out);
}

void rig_comes_in(struct rig *r, uint64_t ms, const char *src, struct frame frame, bool passes)
{
	frame.src = src;
	frame.ttl = 60;
	frame.dst = OUTSIDE;
	r->id++;
	rig_see(r, AT_WAN, ms * 1000, MAC_CORE, MAC_WAN, frame);
	if (!passes)
		return;
	frame.ttl = 59;
	frame.dst = ALICE;
	rig_see(r, AT_LAN, ms * 1000 + 20, MAC_LAN, MAC_ALICE, frame);
	rig_see(r, AT_ALICE, ms * 1000 + 40, MAC_LAN, MAC_ALICE, frame);
}

void rig_play(struct rig *r)
{
	for (enum place at = AT_ALICE; at < PLACES; at++)
		rig_see_arp(r, at, 1, at == AT_ALICE ? MAC_ALICE : at == AT_LAN ? MAC_LAN : MAC_WAN);
	for (uint64_t i = 0; i < 3; i++) {
		rig_goes_out(r, i * 10, SERVER, OUTSIDE, "who am I?");
		rig_comes_in(r, i * 10 + 5, SERVER, (struct frame){ .payload = "you are" }, true);
	}
	rig_comes_in(r, 40, BOB, (struct frame){ .payload = "knock" }, false);
	rig_comes_in(r, 60, BOB, (struct frame){ .payload = "knock knock" }, false);
	rig_goes_out(r, 80, SERVER, OUTSIDE, "the end");
}

/* All views of it, word for word: tests/unit/captures/TEST, and TEST-2 of the second one in that test. */
static void compare(struct trace *trace)
{
	static const CU_Test *last;
	static unsigned count;
	const CU_Test *test = CU_get_current_test();
	char path[256], number[16] = "";
	struct said said;

	count = test == last ? count + 1 : 1;
	last = test;
	if (count > 1)
		snprintf(number, sizeof number, "-%u", count);
	snprintf(path, sizeof path, "tests/unit/captures/%s%s", test->pName, number);
	said_begin(&said);
	views_tell(said.f, trace, false);
	said_end(&said, path);
}

struct told rig_tell(const struct source *list, size_t count, const struct infer_name *names, size_t name_count)
{
	char error[TRACE_ERROR_SIZE];
	struct told t = { .trace = trace_open_captures(list, count, names, name_count, error) };
	size_t len;
	FILE *f = open_memstream(&t.text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(t.trace);
	t.why = why_read(t.trace, NULL, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t.why);
	explain_all(f, t.why);
	fclose(f);
	compare(t.trace);
	return t;
}

void told_free(struct told *t)
{
	why_free(t->why);
	trace_free(t->trace);
	free(t->text);
}

bool told_says(const struct told *t, const char *words)
{
	bool found = strstr(t->text, words) != NULL;

	if (!found)
		printf("'%s' is not in:\n%s\n", words, t->text);
	return found;
}

struct source rig_source(const char *path, const char *name)
{
	struct source s = { .fd = -1 };

	snprintf(s.path, sizeof s.path, "%s", path);
	snprintf(s.name, sizeof s.name, "%s", name);
	return s;
}
