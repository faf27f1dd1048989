/*
 * Runs the registered tests: all, those of some suites (in the order they are named in), one test, or those whose name
 * holds a text; with -x no more than the first that fails. Exit status 1 if an assertion failed, 2 if the words name no
 * test.
 */
#include "suite.h"

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUITES 192
#define TESTS 1024

static CU_SuiteInfo suites[SUITES];
static size_t suite_count;

/* Which tests are meant; NULL: whatever. */
struct choice {
	const char *text, *test;
	const char *suite; /* or several, with commas between */
};

void suite_add(const char *name, CU_TestInfo *tests)
{
	if (suite_count == SUITES) {
		fprintf(stderr, "tests: more suites than suites[] holds\n");
		exit(1);
	}
	suites[suite_count++] = (CU_SuiteInfo){ .pName = name, .pTests = tests };
}

static int by_name(const void *a, const void *b)
{
	const CU_SuiteInfo *x = a;
	const CU_SuiteInfo *y = b;

	return strcmp(x->pName, y->pName);
}

/* Where the name stands among those with commas between, or -1. */
static long place_of(const char *name, const char *names)
{
	size_t len = strlen(name);

	for (const char *at = names; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, len) == 0 && (at[len] == '\0' || at[len] == ','))
			return at - names;
	}
	return -1;
}

static int by_place(const void *a, const void *b, void *names)
{
	const CU_SuiteInfo *x = a;
	const CU_SuiteInfo *y = b;
	long p = place_of(x->pName, names), q = place_of(y->pName, names);

	return (p > q) - (p < q);
}

/* The texts of -k may be written with blanks, as everywhere. */
static bool holds(const char *suite, const char *test, const char *text)
{
	char name[512], plain[256];

	snprintf(name, sizeof name, "%s_%s", suite, test);
	snprintf(plain, sizeof plain, "%s", text);
	for (char *c = plain; *c != '\0'; c++)
		*c = *c == ' ' ? '_' : *c;
	return strcasestr(name, plain) != NULL;
}

static bool is_meant(const struct choice *c, const char *suite, const char *test)
{
	return (c->suite == NULL || place_of(suite, c->suite) >= 0) &&
	       (c->test == NULL || strcmp(c->test, test) == 0) && (c->text == NULL || holds(suite, test, c->text));
}

static void list(FILE *out, const struct choice *c)
{
	for (size_t i = 0; i < suite_count; i++)
		for (const CU_TestInfo *t = suites[i].pTests; t->pName != NULL; t++)
			if (is_meant(c, suites[i].pName, t->pName))
				fprintf(out, "%s %s\n", suites[i].pName, t->pName);
}

/* Returns how many tests that are. */
static size_t register_meant(const struct choice *c)
{
	static CU_TestInfo tests[TESTS]; /* CUnit copies names and functions */
	size_t all = 0;

	for (size_t i = 0; i < suite_count; i++) {
		CU_SuiteInfo one[] = { suites[i], CU_SUITE_INFO_NULL };
		size_t n = 0;

		for (const CU_TestInfo *t = suites[i].pTests; t->pName != NULL && n + 1 < TESTS; t++)
			if (is_meant(c, suites[i].pName, t->pName))
				tests[n++] = *t;
		tests[n] = (CU_TestInfo)CU_TEST_INFO_NULL;
		one[0].pTests = tests;
		all += n;
		if (n > 0 && CU_register_suites(one) != CUE_SUCCESS)
			exit(1);
	}
	return all;
}

/* A wrong name shows what there is: of the suite, where there is such a one. */
static int refuse(const struct choice *c)
{
	const struct choice suite = { .suite = c->suite }, all = { NULL, NULL, NULL };
	bool is_suite = false;

	for (size_t i = 0; c->suite != NULL && i < suite_count; i++)
		is_suite = is_suite || place_of(suites[i].pName, c->suite) >= 0;
	fprintf(stderr, "tests: there is no such test; there are:\n");
	list(stderr, is_suite ? &suite : &all);
	return 2;
}

/* For -x: nothing is put in order, what the test left behind ends with the process. */
static void end_if_failed(CU_pTest test, CU_pSuite suite, CU_pFailureRecord failure)
{
	if (failure == NULL)
		return;
	printf("%s %s failed\n", suite->pName, test->pName);
	CU_basic_show_failures(CU_get_failure_list());
	fflush(stdout);
	_exit(1);
}

static int run(const struct choice *c, bool ends_at_first)
{
	unsigned ran, failed;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	if (register_meant(c) == 0)
		return refuse(c);
	CU_basic_set_mode(CU_BRM_SILENT);
	if (ends_at_first) {
		CU_set_test_complete_handler(end_if_failed);
		CU_run_all_tests();
	} else {
		CU_basic_run_tests();
		CU_basic_show_failures(CU_get_failure_list());
	}
	ran = CU_get_number_of_tests_run();
	failed = CU_get_number_of_tests_failed();
	printf("unit tests: %u passed, %u failed\n", ran - failed, failed);
	CU_cleanup_registry();
	return failed != 0;
}

int main(int argc, char **argv)
{
	bool ends_at_first = argc > 1 && strcmp(argv[1], "-x") == 0;
	char **words = argv + 1 + ends_at_first;
	int count = argc - 1 - ends_at_first;
	bool has_text = count == 2 && strcmp(words[0], "-k") == 0;
	struct choice c = { .text = has_text ? words[1] : NULL,
		            .suite = !has_text && count > 0 ? words[0] : NULL,
		            .test = !has_text && count > 1 ? words[1] : NULL };

	qsort(suites, suite_count, sizeof suites[0], by_name);
	if (!has_text && count > 0)
		qsort_r(suites, suite_count, sizeof suites[0], by_place, words[0]);
	if (count > 2 || (count > 0 && strcmp(words[0], "--help") == 0)) {
		puts("usage: unit [--list | [-x] [-k TEXT | SUITE[,SUITE...] [TEST]]]");
		return count > 2 ? 2 : 0;
	}
	if (count == 1 && strcmp(words[0], "--list") == 0) {
		list(stdout, &(struct choice){ NULL, NULL, NULL });
		return 0;
	}
	return run(&c, ends_at_first);
}
