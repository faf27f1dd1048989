/* Whose names are known, and the lines they are kept in. */
#include "chat/peer/pins.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static struct pins pins;
static uint8_t name[NAME_SIZE], key[CARD_KEY_SIZE], other[CARD_KEY_SIZE];

static void start(const char *text)
{
	pins = (struct pins){ .count = 0 };
	name_pad(text, name);
	memset(key, 0xab, sizeof key);
	memset(other, 0xcd, sizeof other);
}

static void a_name_belongs_to_its_first_key(void)
{
	start("Zo\xc3\xab");
	CU_ASSERT_FALSE(pins_contradict(&pins, name, key));
	CU_ASSERT_TRUE(pins_note(&pins, name, key));
	CU_ASSERT_TRUE(pins.changed);
	CU_ASSERT_FALSE(pins_contradict(&pins, name, key));
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
	CU_ASSERT_TRUE(pins_note(&pins, name, other)); /* is not noted */
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
	name_pad("ZO\xc3\x8b", name); /* looks the same */
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
}

static void another_key_counts_when_it_is_accepted(void)
{
	start("bob");
	CU_ASSERT_FALSE(pins_accept(&pins, name));
	CU_ASSERT_FALSE(pins_refuse(&pins, name, other)); /* nobody knows the name */
	CU_ASSERT_TRUE(pins_note(&pins, name, key));
	CU_ASSERT_FALSE(pins_accept(&pins, name));
	CU_ASSERT_TRUE(pins_refuse(&pins, name, other));
	CU_ASSERT_FALSE(pins_refuse(&pins, name, other)); /* told once */
	pins.changed = false;
	CU_ASSERT_TRUE(pins_accept(&pins, name));
	CU_ASSERT_TRUE(pins.changed);
	CU_ASSERT_FALSE(pins_contradict(&pins, name, other));
	CU_ASSERT_TRUE(pins_contradict(&pins, name, key));
	CU_ASSERT_FALSE(pins_accept(&pins, name));
}

static void the_lines_come_back(void)
{
	char line[PINS_LINE_SIZE + 1], again[PINS_LINE_SIZE + 1];

	start("12345678901234567890123456789012");
	CU_ASSERT_TRUE(pins_note(&pins, name, key));
	pins_line(&pins, 0, line);
	CU_ASSERT_EQUAL(strlen(line), 2 * CARD_KEY_SIZE + 1 + NAME_SIZE);
	pins = (struct pins){ .count = 0 };
	CU_ASSERT_EQUAL(pins_read_line(&pins, line, strlen(line)), PINS_LINE_IS_GOOD);
	CU_ASSERT_FALSE(pins.changed);
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
	CU_ASSERT_STRING_EQUAL(pins_line(&pins, 0, again), line);
}

static void damaged_lines_are_refused(void)
{
	char line[PINS_LINE_SIZE + 1];
	size_t len;

	start("bob");
	CU_ASSERT_TRUE(pins_note(&pins, name, key));
	len = strlen(pins_line(&pins, 0, line));
	for (size_t cut = 0; cut < len - 3; cut++)
		CU_ASSERT_EQUAL(pins_read_line(&pins, line, cut), PINS_LINE_IS_NONE);
	for (size_t i = 0; i <= 2 * sizeof key; i++) {
		char kept = line[i];

		line[i] = 'x';
		CU_ASSERT_EQUAL(pins_read_line(&pins, line, len), PINS_LINE_IS_NONE);
		line[i] = kept;
	}
	line[len - 1] = '\x1b';
	CU_ASSERT_EQUAL(pins_read_line(&pins, line, len), PINS_LINE_IS_NONE);
	line[0] = line[0] == 'a' ? 'b' : 'a'; /* the same name with another key */
	line[len - 1] = 'b';
	CU_ASSERT_EQUAL(pins_read_line(&pins, line, len), PINS_LINE_CONTRADICTS);
	CU_ASSERT_EQUAL(pins.count, 1);
}

/* The file as another client of the same user left it: one name with that key. */
static struct pins *file_with(const char *text, const uint8_t its_key[CARD_KEY_SIZE])
{
	static struct pins file;
	uint8_t its_name[NAME_SIZE];

	file = (struct pins){ .count = 0 };
	name_pad(text, its_name);
	CU_ASSERT_TRUE(pins_note(&file, its_name, its_key));
	pins_are_kept(&file);
	CU_ASSERT_FALSE(file.changed);
	return &file;
}

static void read_line(const char *text, const uint8_t its_key[CARD_KEY_SIZE], enum pins_line is)
{
	char line[2 * PINS_LINE_SIZE];
	size_t len = 0;

	for (size_t i = 0; i < CARD_KEY_SIZE; i++)
		len += (size_t)snprintf(line + len, sizeof line - len, "%02x", its_key[i]);
	len += (size_t)snprintf(line + len, sizeof line - len, " %s", text);
	CU_ASSERT_EQUAL(pins_read_line(&pins, line, len), is);
}

/* What was a name once, by earlier rules, and what could be none ever. */
static void a_name_that_is_none_any_more_is_kept(void)
{
	static const char *const were[] = {
		"Jose\xcc\x81", "a:b", "Alic\xd0\xb5", "\xe2\x91\xa0", "\xe2\x80\x90", "a b"
	};
	static const char *const never[] = {
		"",     "\xff",     "a\xc3",         "a\nb",          "\x1b[2J",
		"\x7f", "\xc2\x9b", "a\xe2\x80\x8e", "a\xe2\x80\x8b", "123456789012345678901234567890123"
	};
	const size_t name_at = 2 * CARD_KEY_SIZE + 1;
	char line[PINS_LINE_SIZE + 1];

	for (size_t i = 0; i < sizeof were / sizeof were[0]; i++) {
		start(were[i]);
		CU_ASSERT_NOT_EQUAL(name_check((const uint8_t *)were[i], strlen(were[i]), NULL), NAME_IS_GOOD);
		read_line(were[i], key, PINS_LINE_IS_GOOD);
		CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
		CU_ASSERT_STRING_EQUAL(pins_line(&pins, 0, line) + name_at, were[i]);
	}
	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		read_line(never[i], key, PINS_LINE_IS_NONE);
}

/* Of two that look alike by now, and did not when they were noted, each belongs to its key. */
static void two_that_look_alike_by_now_are_both_kept(void)
{
	static struct pins file;

	start("bob");
	read_line("bob", key, PINS_LINE_IS_GOOD);
	read_line("b0b", other, PINS_LINE_IS_GOOD);
	read_line("bob", key, PINS_LINE_IS_GOOD); /* twice the same */
	CU_ASSERT_EQUAL(pins.count, 2);
	read_line("b0b", key, PINS_LINE_CONTRADICTS);
	CU_ASSERT_FALSE(pins_contradict(&pins, name, key));
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
	file = pins;
	name_pad("b0b", name);
	CU_ASSERT_FALSE(pins_contradict(&pins, name, other));
	CU_ASSERT_TRUE(pins_contradict(&pins, name, key));
	CU_ASSERT_TRUE(pins_refuse(&pins, name, key));
	CU_ASSERT_TRUE(pins_accept(&pins, name)); /* which is of that one alone */
	name_pad("bob", name);
	CU_ASSERT_TRUE(pins_refuse(&pins, name, other));
	pins_merge(&pins, &file);
	CU_ASSERT_EQUAL(pins.count, 2);
	CU_ASSERT_FALSE(pins_contradict(&pins, name, key));
	CU_ASSERT_FALSE(pins_refuse(&pins, name, other)); /* not forgotten */
	name_pad("b0b", name);
	CU_ASSERT_FALSE(pins_contradict(&pins, name, key));
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
	pins_merge(&pins, file_with("bob", key)); /* its line is removed, but what was accepted is to be kept */
	CU_ASSERT_EQUAL(pins.count, 2);
	pins_are_kept(&pins);
	pins_merge(&pins, file_with("bob", key));
	CU_ASSERT_EQUAL(pins.count, 1);
	name_pad("B0B", name);
	CU_ASSERT_FALSE(pins_contradict(&pins, name, key));
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
}

static void what_each_client_notes_is_kept(void)
{
	uint8_t carol[NAME_SIZE];

	start("bob");
	name_pad("carol", carol);
	CU_ASSERT_TRUE(pins_note(&pins, name, key));
	pins_merge(&pins, file_with("carol", key));
	CU_ASSERT_EQUAL(pins.count, 2);
	CU_ASSERT_TRUE(pins.changed); /* the file has no bob yet */
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
	CU_ASSERT_TRUE(pins_contradict(&pins, carol, other));
	pins_are_kept(&pins);
	pins_merge(&pins, file_with("Carol", key)); /* somebody has removed bob's line */
	CU_ASSERT_EQUAL(pins.count, 1);
	CU_ASSERT_FALSE(pins.changed);
	CU_ASSERT_FALSE(pins_contradict(&pins, name, other));
}

static void the_key_in_the_file_counts(void)
{
	start("bob");
	CU_ASSERT_TRUE(pins_note(&pins, name, other));
	pins_merge(&pins, file_with("B0B", key));
	CU_ASSERT_EQUAL(pins.count, 1);
	CU_ASSERT_FALSE(pins.changed);
	CU_ASSERT_TRUE(pins.list[0].contradicted);
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
	CU_ASSERT_FALSE(pins_contradict(&pins, name, key));
	CU_ASSERT_TRUE(pins_accept(&pins, name)); /* it was refused, so to say */
	CU_ASSERT_TRUE(pins_contradict(&pins, name, key));
	start("bob"); /* where it was in the file before, somebody has accepted the other */
	CU_ASSERT_TRUE(pins_note(&pins, name, other));
	pins_are_kept(&pins);
	pins_merge(&pins, file_with("bob", key));
	CU_ASSERT_FALSE(pins.list[0].contradicted);
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
	start("bob"); /* the same key is no news */
	CU_ASSERT_TRUE(pins_note(&pins, name, key));
	pins_merge(&pins, file_with("bob", key));
	CU_ASSERT_FALSE(pins.list[0].contradicted || pins.changed);
}

static void but_for_what_was_accepted_here(void)
{
	start("bob");
	CU_ASSERT_TRUE(pins_note(&pins, name, key));
	pins_are_kept(&pins);
	CU_ASSERT_TRUE(pins_refuse(&pins, name, other));
	pins_merge(&pins, file_with("bob", key));
	CU_ASSERT_FALSE(pins_refuse(&pins, name, other)); /* that is not forgotten */
	CU_ASSERT_TRUE(pins_accept(&pins, name));
	pins_merge(&pins, file_with("bob", key));
	CU_ASSERT_TRUE(pins.changed);
	CU_ASSERT_TRUE(pins_contradict(&pins, name, key));
	CU_ASSERT_FALSE(pins_contradict(&pins, name, other));
	pins_merge(&pins, file_with("bob", other)); /* kept meanwhile */
	CU_ASSERT_FALSE(pins.changed);
	start("bob");
	CU_ASSERT_TRUE(pins_note(&pins, name, key));
	pins_are_kept(&pins);
	CU_ASSERT_TRUE(pins_refuse(&pins, name, other));
	pins_merge(&pins, file_with("bob", other)); /* another client has accepted it */
	CU_ASSERT_FALSE(pins_accept(&pins, name));
	CU_ASSERT_FALSE(pins_contradict(&pins, name, other));
}

/* Names that do not look alike: of letters alone, i and l but once. */
static void nth_name(unsigned n)
{
	const char letters[] = "abcdefghjkmnpqrstuvwxyz";
	const char text[] = { 'n', letters[n % 23], letters[n / 23 % 23], letters[n / 529 % 23], '\0' };

	name_pad(text, name);
}

static void there_is_an_end_of_room(void)
{
	char line[PINS_LINE_SIZE + 1];

	start("");
	for (unsigned i = 0; i < PINS_MAX; i++) {
		nth_name(i);
		CU_ASSERT_TRUE(pins_note(&pins, name, key));
	}
	CU_ASSERT_EQUAL(pins.left_out[0], 0);
	nth_name(PINS_MAX);
	CU_ASSERT_FALSE(pins_note(&pins, name, key));
	CU_ASSERT_EQUAL(memcmp(pins.left_out, name, NAME_SIZE), 0); /* for the user to be told */
	pins_line(file_with("zoe", key), 0, line);
	CU_ASSERT_EQUAL(pins_read_line(&pins, line, strlen(line)), PINS_LINE_IS_TOO_MANY);
	CU_ASSERT_FALSE(pins_contradict(&pins, name, other));
	nth_name(PINS_MAX - 1);
	CU_ASSERT_TRUE(pins_contradict(&pins, name, other));
}

static void nor_is_there_more_where_another_client_has_filled_it(void)
{
	static struct pins full;

	start("");
	for (unsigned i = 0; i < PINS_MAX; i++) {
		nth_name(i);
		CU_ASSERT_TRUE(pins_note(&pins, name, key));
	}
	pins_are_kept(&pins);
	full = pins;
	start("zoe");
	CU_ASSERT_TRUE(pins_note(&pins, name, key));
	pins_merge(&pins, &full);
	CU_ASSERT_EQUAL(pins.count, PINS_MAX);
	CU_ASSERT_FALSE(pins.changed);
	CU_ASSERT_EQUAL(memcmp(pins.left_out, name, NAME_SIZE), 0);
}

SUITE(pins, TEST(a_name_belongs_to_its_first_key), TEST(another_key_counts_when_it_is_accepted),
      TEST(what_each_client_notes_is_kept), TEST(the_key_in_the_file_counts), TEST(but_for_what_was_accepted_here),
      TEST(the_lines_come_back), TEST(damaged_lines_are_refused), TEST(a_name_that_is_none_any_more_is_kept),
      TEST(two_that_look_alike_by_now_are_both_kept), TEST(there_is_an_end_of_room),
      TEST(nor_is_there_more_where_another_client_has_filled_it))
