/*
 * What people are called, as anybody may write it: any bytes as a name and as a line of the file of known names. A name
 * that is good looks like itself, whatever it is compared with; a line that is read is written as it was.
 */
#include "chat/peer/pins.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void judge_name(const uint8_t *data, size_t size)
{
	char words[NAME_FAULT_SIZE], text[NAME_TEXT_SIZE] = "";
	uint8_t name[NAME_SIZE], look[NAME_SIZE], again[NAME_SIZE];

	if (size >= NAME_TEXT_SIZE || memchr(data, 0, size) != NULL)
		return;
	memcpy(text, data, size);
	if (name_check(data, size, NULL) != NAME_IS_GOOD) {
		must(name_fault_words(text, words)[0] != '\0');
		return;
	}
	name_pad(text, name);
	must(name_length(name) == size && size > 0);
	name_look(name, look);
	name_look(look, again);
	must(memcmp(look, again, sizeof look) == 0 && name_looks_like(name, look) && name_looks_like(name, name));
}

static void read_line(const uint8_t *data, size_t size)
{
	static struct pins pins;
	char line[PINS_LINE_SIZE + 1];

	pins.count = 0;
	if (pins_read_line(&pins, (const char *)data, size) != 0)
		return;
	must(pins.count == 1 && strlen(pins_line(&pins, 0, line)) == size && memcmp(line, data, size) == 0);
	must(!pins_contradict(&pins, pins.list[0].name, pins.list[0].key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	name_check(data, size, NULL);
	judge_name(data, size);
	read_line(data, size);
	return 0;
}
