#include "chat/peer/pins.h"

#include "base/utf8.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static struct pin *at(const struct pins *p, size_t i)
{
	return (struct pin *)(uintptr_t)&p->list[i];
}

static struct pin *find_written(const struct pins *p, const uint8_t name[NAME_SIZE])
{
	for (size_t i = 0; i < p->count; i++)
		if (memcmp(p->list[i].name, name, NAME_SIZE) == 0)
			return at(p, i);
	return NULL;
}

static struct pin *find_look(const struct pins *p, const uint8_t look[NAME_SIZE])
{
	for (size_t i = 0; i < p->count; i++)
		if (memcmp(p->list[i].look, look, NAME_SIZE) == 0)
			return at(p, i);
	return NULL;
}

/* Of several that look like it the one that is written so. */
static struct pin *find(const struct pins *p, const uint8_t name[NAME_SIZE])
{
	struct pin *written = find_written(p, name);
	uint8_t look[NAME_SIZE];

	if (written != NULL)
		return written;
	name_look(name, look);
	return find_look(p, look);
}

static bool add(struct pins *p, const struct pin *pin)
{
	if (p->count == PINS_MAX) {
		memcpy(p->left_out, pin->name, NAME_SIZE);
		return false;
	}
	p->list[p->count++] = *pin;
	p->changed |= pin->state != PIN_KEPT;
	return true;
}

static bool is_key(const uint8_t a[CARD_KEY_SIZE], const uint8_t b[CARD_KEY_SIZE])
{
	return sodium_memcmp(a, b, CARD_KEY_SIZE) == 0;
}

bool pins_contradict(const struct pins *p, const uint8_t name[NAME_SIZE], const uint8_t key[CARD_KEY_SIZE])
{
	const struct pin *pin = find(p, name);

	return pin != NULL && !is_key(pin->key, key);
}

bool pins_note(struct pins *p, const uint8_t name[NAME_SIZE], const uint8_t key[CARD_KEY_SIZE])
{
	struct pin pin = { .state = PIN_NOTED };

	memcpy(pin.name, name, NAME_SIZE);
	name_look(name, pin.look);
	memcpy(pin.key, key, CARD_KEY_SIZE);
	return find_look(p, pin.look) != NULL || add(p, &pin);
}

bool pins_refuse(struct pins *p, const uint8_t name[NAME_SIZE], const uint8_t key[CARD_KEY_SIZE])
{
	struct pin *pin = find(p, name);

	if (pin != NULL)
		pin->contradicted = false;
	if (pin == NULL || is_key(pin->offered, key))
		return false;
	memcpy(pin->offered, key, CARD_KEY_SIZE);
	return true;
}

bool pins_accept(struct pins *p, const uint8_t name[NAME_SIZE])
{
	struct pin *pin = find(p, name);

	if (pin == NULL || sodium_is_zero(pin->offered, CARD_KEY_SIZE))
		return false;
	memcpy(pin->key, pin->offered, CARD_KEY_SIZE);
	memset(pin->offered, 0, CARD_KEY_SIZE);
	pin->state = PIN_ACCEPTED;
	p->changed = true;
	return true;
}

/* The file's line for what is `ours`: one that looks like it, unless we have that one, too. NULL if there is none. */
static struct pin *find_theirs(const struct pins *p, const struct pins *file, const struct pin *ours)
{
	struct pin *theirs = find_written(file, ours->name);

	if (theirs != NULL)
		return theirs;
	theirs = find_look(file, ours->look);
	return theirs != NULL && find_written(p, theirs->name) == NULL ? theirs : NULL;
}

/* What we know of a name that the file has, too. */
static void merge_one(struct pins *file, struct pin *theirs, const struct pin *ours)
{
	if (!is_key(ours->key, theirs->key) && ours->state == PIN_ACCEPTED) {
		memcpy(theirs->key, ours->key, CARD_KEY_SIZE);
		theirs->state = PIN_ACCEPTED;
		file->changed = true;
	} else if (!is_key(ours->key, theirs->key) && ours->state == PIN_NOTED) {
		memcpy(theirs->offered, ours->key, CARD_KEY_SIZE);
		theirs->contradicted = true;
	} else if (!is_key(ours->offered, theirs->key)) {
		memcpy(theirs->offered, ours->offered, CARD_KEY_SIZE);
	}
}

void pins_merge(struct pins *p, struct pins *file)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct pin *ours = &p->list[i];
		struct pin *theirs = find_theirs(p, file, ours);

		if (theirs != NULL)
			merge_one(file, theirs, ours);
		else if (ours->state != PIN_KEPT)
			(void)add(file, ours);
	}
	if (file->left_out[0] == 0)
		memcpy(file->left_out, p->left_out, NAME_SIZE);
	*p = *file;
}

void pins_are_kept(struct pins *p)
{
	for (size_t i = 0; i < p->count; i++)
		p->list[i].state = PIN_KEPT;
	p->changed = false;
}

const char *pins_line(const struct pins *p, size_t i, char line[PINS_LINE_SIZE + 1])
{
	const struct pin *pin = &p->list[i];
	size_t len = 0;

	for (size_t k = 0; k < CARD_KEY_SIZE; k++)
		len += (size_t)snprintf(line + len, PINS_LINE_SIZE - len, "%02x", pin->key[k]);
	snprintf(line + len, PINS_LINE_SIZE + 1 - len, " %.*s", NAME_SIZE, (const char *)pin->name);
	return line;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c != '\0' ? strchr(digits, c) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

/*
 * What an earlier version took for a name is kept, though it may be none by now: to remove the line would be to forget
 * whose it is. It is to be shown, though.
 */
static bool can_be_kept(const uint8_t *name, size_t len)
{
	if (len == 0 || len > NAME_SIZE)
		return false;
	for (size_t i = 0, step; i < len; i += step) {
		step = utf8_length(name + i, len - i);
		if (step == 0 || utf8_moves_cursor(name + i, step))
			return false;
	}
	return true;
}

/* What the line says. Returns false if it is none. */
static bool parse(const char *line, size_t len, struct pin *pin)
{
	const size_t name_at = 2 * CARD_KEY_SIZE + 1;

	if (len <= name_at || line[name_at - 1] != ' ' || !can_be_kept((const uint8_t *)line + name_at, len - name_at))
		return false;
	for (size_t i = 0; i < CARD_KEY_SIZE; i++) {
		int high = digit(line[2 * i]), low = digit(line[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		pin->key[i] = (uint8_t)(high << 4 | low);
	}
	memcpy(pin->name, line + name_at, len - name_at);
	name_look(pin->name, pin->look);
	return true;
}

enum pins_line pins_read_line(struct pins *p, const char *line, size_t len)
{
	struct pin pin = { .state = PIN_KEPT };
	const struct pin *known;

	if (!parse(line, len, &pin))
		return PINS_LINE_IS_NONE;
	known = find_written(p, pin.name);
	if (known != NULL)
		return is_key(known->key, pin.key) ? PINS_LINE_IS_GOOD : PINS_LINE_CONTRADICTS;
	return add(p, &pin) ? PINS_LINE_IS_GOOD : PINS_LINE_IS_TOO_MANY;
}
