/* Sentences with blanks: what each form writes, and what is not a word. */
#include "suite.h"
#include "trace/sentence.h"

#include <stdlib.h>
#include <string.h>

static void say_yes(FILE *f, const void *context)
{
	(void)context;
	fputs("YES", f);
}

static bool is_so(const void *context)
{
	(void)context;
	return true;
}

static bool is_not_so(const void *context)
{
	(void)context;
	return false;
}

static void say_context(FILE *f, const void *context)
{
	fputs(context, f);
}

static const struct sentence_word more_list[] = { { "who", say_context, NULL } };
static const struct sentence_words more = { more_list, 1, NULL };
static const struct sentence_word list[] = { { "yes", say_yes, is_so },
	                                     { "no", NULL, is_not_so },
	                                     { "yes-too", say_yes, NULL } };
static const struct sentence_words words = { list, 3, &more };

static void expect(const char *sentence, const char *expected)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	sentence_write(f, sentence, &words, "alice");
	fclose(f);
	if (strcmp(text, expected) != 0)
		fprintf(stderr, "\"%s\" says \"%s\", not \"%s\"\n", sentence, text, expected);
	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

static void each_form_writes_what_it_should(void)
{
	static const struct {
		const char *sentence, *says;
	} table[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "{yes}", "YES" },
		{ "a {yes} b {yes-too}.", "a YES b YES." },
		{ "{who} came", "alice came" }, /* of the words behind */
		{ "{no}|", "|" },               /* a bar is one where nothing is chosen */
		{ "{?yes:A|B}", "A" },
		{ "{?no:A|B}", "B" },
		{ "{?yes:A}", "A" },
		{ "{?no:A}", "" },
		{ "{?no:A}tail", "tail" },
		{ "{?yes:A|B}tail", "Atail" },
		{ "{?yes:{who}|{yes}}", "alice" },
		{ "{?no:{who}|{yes}}", "YES" },
		{ "{?no:{?yes:A|B}|C}", "C" }, /* what is passed over may nest */
		{ "{?yes:{?no:A|B}|C}", "B" },
		{ "{?yes::|;}", ":" }, /* a colon in a text is one */
		{ "{other}", "" },     /* no word at all */
		{ "{?who:A|B}", "B" }, /* it is said, and nobody asks about it */
		{ "{?other:A|B}", "B" },
		{ "{ye}", "" },    /* nor is the beginning of one */
		{ "{yes", "YES" }, /* not closed: what there is */
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		expect(table[i].sentence, table[i].says);
}

static void a_word_that_is_none_is_found(void)
{
	CU_ASSERT_PTR_NULL(sentence_unknown("a {yes} {?no:{who}|{yes-too}} {?yes:b}", &words));
	CU_ASSERT_PTR_NOT_NULL(sentence_unknown("{no}", &words)); /* it says nothing */
	CU_ASSERT_PTR_NOT_NULL(sentence_unknown("{?yes-too:A}", &words));
	CU_ASSERT_PTR_NOT_NULL(sentence_unknown("a {yes} {other} b", &words));
	CU_ASSERT_PTR_NOT_NULL(sentence_unknown("{?other:A}", &words));
	CU_ASSERT_PTR_NOT_NULL(sentence_unknown("{?yes:{other}}", &words));
	CU_ASSERT_PTR_NOT_NULL(sentence_unknown("{?no:A|{other}}", &words));
	CU_ASSERT_PTR_NOT_NULL(sentence_unknown("{yes-}", &words));
	CU_ASSERT_PTR_NOT_NULL(sentence_unknown("{who}", &(struct sentence_words){ list, 3, NULL }));
}

SUITE(sentence, TEST(each_form_writes_what_it_should), TEST(a_word_that_is_none_is_found))
