#include "client_pins.h"

#include "io/clock.h"
#include "io/file_lock.h"
#include "io/log.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define ROOM ((size_t)PINS_MAX * PINS_LINE_SIZE)
#define READ_ROOM (4 * ROOM)     /* more than it can hold, so that its lines tell that */
#define BUSY_PAUSE_US 50000u     /* another client reads and writes the file: a matter of milliseconds */
#define FAILED_PAUSE_US 2000000u /* until there is room on a disk again */
#define LAST_WAIT_US 1000000u

/* --- reading ----------------------------------------------------------------------------------- */

static struct stat file_now(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		memset(&st, 0, sizeof st);
	return st;
}

/* A file that was written anew is another one, by its number; whoever changes it in place changes its times. */
static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static const char *const faults[] = {
	[PINS_LINE_IS_NONE] = "is no key and name; remove that line",
	[PINS_LINE_CONTRADICTS] = "has the name of a line before it with another key; remove one of them",
	[PINS_LINE_IS_TOO_MANY] = "is one more than there may be; remove those you do not need",
};

/* Adds those of `len` bytes. Returns as client_pins_read(). */
static int read_lines(const char *path, struct pins *pins, const char *text, size_t len,
                      char error[PRIVATE_FILE_ERROR_SIZE])
{
	unsigned number = 1;

	for (const char *line = text, *end; line < text + len; line = end + 1, number++) {
		size_t left = (size_t)(text + len - line);
		enum pins_line is = PINS_LINE_IS_NONE;
		char what[120];

		end = memchr(line, '\n', left);
		if (end != NULL)
			is = pins_read_line(pins, line, (size_t)(end - line));
		if (is != PINS_LINE_IS_GOOD) {
			snprintf(what, sizeof what, "cannot be used: line %u %s", number, faults[is]);
			return private_file_fail(path, what, error);
		}
	}
	return 0;
}

/* Adds those of the file. Returns as client_pins_read(). */
static int read_file(struct client_pins *c, struct pins *pins, char error[PRIVATE_FILE_ERROR_SIZE])
{
	static char text[READ_ROOM];
	size_t len = 0;

	c->seen = file_now(c->path); /* before it is read: one that comes in between is read again */
	switch (private_file_read(c->path, text, sizeof text, &len, error)) {
	case 1: return 0;
	case 0: return read_lines(c->path, pins, text, len, error);
	default: return -1;
	}
}

int client_pins_read(struct client_pins *c, struct pins *pins, const char *identity,
                     char error[PRIVATE_FILE_ERROR_SIZE])
{
	snprintf(c->path, sizeof c->path, "%s.peers", identity);
	return read_file(c, pins, error);
}

/* What the file holds is what is known, and what is not yet in it. */
static int take_file(struct client_pins *c, struct peer *peer, uint64_t now_us, char error[PRIVATE_FILE_ERROR_SIZE])
{
	static struct pins file;

	file.count = 0;
	file.changed = false;
	memset(file.left_out, 0, sizeof file.left_out);
	if (read_file(c, &file, error) != 0)
		return -1;
	peer_take_pins(peer, &file, now_us);
	return 0;
}

/* Says it once, as long as it stays the same. */
static void warn(struct client_pins *c, const char *error, const char *what_of_it)
{
	if (strcmp(c->told, error) != 0)
		log_warning("known names: %s%s", error, what_of_it);
	snprintf(c->told, sizeof c->told, "%s", error);
}

static bool has_something_to_keep(const struct client_pins *c, const struct peer *peer)
{
	return c->path[0] != '\0' && peer->pins.changed;
}

void client_pins_look(struct client_pins *c, struct peer *peer, uint64_t now_us)
{
	char error[PRIVATE_FILE_ERROR_SIZE];
	struct stat now;

	if (c->path[0] == '\0')
		return;
	now = file_now(c->path);
	if (is_same(&now, &c->seen))
		return;
	if (take_file(c, peer, now_us, error) != 0)
		warn(c, error, "");
	else if (!has_something_to_keep(c, peer))
		c->told[0] = '\0';
}

/* --- keeping ----------------------------------------------------------------------------------- */

static int write_file(const struct client_pins *c, const struct pins *pins, char error[PRIVATE_FILE_ERROR_SIZE])
{
	static char text[ROOM + 1];
	char line[PINS_LINE_SIZE + 1];
	size_t len = 0;

	for (size_t i = 0; i < pins->count; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", pins_line(pins, i, line));
	return private_file_write(c->path, text, len, false, error);
}

/* What another client has written since we read it stays. */
static int merge_and_write(struct client_pins *c, struct peer *peer, uint64_t now_us,
                           char error[PRIVATE_FILE_ERROR_SIZE])
{
	if (take_file(c, peer, now_us, error) != 0 || (peer->pins.changed && write_file(c, &peer->pins, error) != 0))
		return -1;
	pins_are_kept(&peer->pins);
	return 0;
}

/* No reason not to write: the file is read just before, and replaced as a whole. */
static void tell_unlocked(struct client_pins *c, const char *error)
{
	if (!c->has_told_unlocked)
		log_warning("known names: %s: nothing keeps two clients from writing at once; run one at a time",
		            error);
	c->has_told_unlocked = true;
}

static enum file_lock_outcome keep(struct client_pins *c, struct peer *peer, uint64_t now_us,
                                   char error[PRIVATE_FILE_ERROR_SIZE])
{
	char path[sizeof c->path + 8];
	enum file_lock_outcome outcome;
	int fd;

	snprintf(path, sizeof path, "%s.lock", c->path);
	outcome = file_lock_take(path, &fd, error);
	if (outcome == FILE_LOCK_BUSY || outcome == FILE_LOCK_FAILED)
		return outcome;
	if (outcome == FILE_LOCK_UNSUPPORTED)
		tell_unlocked(c, error);
	if (merge_and_write(c, peer, now_us, error) != 0)
		outcome = FILE_LOCK_FAILED;
	file_lock_free(fd);
	return outcome;
}

/* Once: the next would be told the same. */
static void tell_left_out(struct client_pins *c, const struct pins *pins)
{
	const char *where = c->path[0] != '\0' ? c->path : "this run";

	if (pins->left_out[0] == 0 || c->has_told_left_out)
		return;
	c->has_told_left_out = true;
	log_warning(
	    "known names: %s has %d, which is all it can hold: whoever comes by the name \"%.*s\" is believed%s", where,
	    PINS_MAX, NAME_SIZE, (const char *)pins->left_out,
	    c->path[0] != '\0' ? "; remove lines of those you do not need" : "");
}

void client_pins_keep(struct client_pins *c, struct peer *peer, uint64_t now_us)
{
	char error[PRIVATE_FILE_ERROR_SIZE];

	tell_left_out(c, &peer->pins);
	if (!has_something_to_keep(c, peer) || now_us < c->next_us)
		return;
	switch (keep(c, peer, now_us, error)) {
	case FILE_LOCK_TAKEN:
	case FILE_LOCK_UNSUPPORTED:
		if (c->told[0] != '\0')
			log_info("known names: %s is written again", c->path);
		c->told[0] = '\0';
		break;
	case FILE_LOCK_BUSY: c->next_us = now_us + BUSY_PAUSE_US; break;
	case FILE_LOCK_FAILED:
		warn(c, error, "; unless that is mended, the next run will not know whom this one has talked to");
		c->next_us = now_us + FAILED_PAUSE_US;
		break;
	}
}

uint64_t client_pins_deadline(const struct client_pins *c, const struct peer *peer)
{
	return has_something_to_keep(c, peer) ? c->next_us : UINT64_MAX;
}

void client_pins_finish(struct client_pins *c, struct peer *peer)
{
	char error[PRIVATE_FILE_ERROR_SIZE];
	uint64_t until_us = clock_now_us() + LAST_WAIT_US;

	while (has_something_to_keep(c, peer)) {
		enum file_lock_outcome outcome = keep(c, peer, clock_now_us(), error);

		if (outcome == FILE_LOCK_BUSY && clock_now_us() < until_us) {
			(void)poll(NULL, 0, BUSY_PAUSE_US / 1000);
			continue;
		}
		if (outcome == FILE_LOCK_BUSY)
			private_file_fail(c->path, "is locked by another program", error);
		if (outcome == FILE_LOCK_BUSY || outcome == FILE_LOCK_FAILED)
			log_warning("known names: %s; the next run will not know whom this one has talked to", error);
		return;
	}
}
