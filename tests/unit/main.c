/* Runs every registered suite. Exit status 1 if an assertion failed, or if there was nothing to run. */
#include "suite.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CU_SuiteInfo suites[128];
static size_t suite_count;

void suite_add(const char *name, CU_TestInfo *tests)
{
	if (suite_count == sizeof suites / sizeof suites[0]) {
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

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;
	unsigned ran, failed;

	qsort(suites, suite_count, sizeof suites[0], by_name);
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	for (size_t i = 0; i < suite_count; i++) {
		CU_SuiteInfo one[] = { suites[i], CU_SUITE_INFO_NULL };

		if (only != NULL && strcmp(only, suites[i].pName) != 0)
			continue;
		if (CU_register_suites(one) != CUE_SUCCESS)
			return 1;
	}
	CU_basic_set_mode(CU_BRM_SILENT);
	CU_basic_run_tests();
	CU_basic_show_failures(CU_get_failure_list());
	ran = CU_get_number_of_tests_run();
	failed = CU_get_number_of_tests_failed();
	printf("unit tests: %u passed, %u failed\n", ran - failed, failed);
	CU_cleanup_registry();
	return ran == 0 || failed != 0;
}
