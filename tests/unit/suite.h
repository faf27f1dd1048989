/*
 * A test file registers its suite by itself: no list to keep.
 *
 *     static void reads_ipv4(void) { CU_ASSERT_EQUAL(...); }
 *     SUITE(endpoint, TEST(reads_ipv4), TEST(refuses_garbage))
 */
#ifndef SUITE_H
#define SUITE_H

#include <CUnit/CUnit.h>

#define TEST(function)                                                                                                 \
	{                                                                                                              \
#function, function                                                                                    \
	}

#define SUITE(suite_name, ...)                                                                                         \
	static void __attribute__((constructor)) suite_register_##suite_name(void)                                     \
	{                                                                                                              \
		static CU_TestInfo tests[] = { __VA_ARGS__, CU_TEST_INFO_NULL };                                       \
		suite_add(#suite_name, tests);                                                                         \
	}

/* Adds a suite to the run; main() registers them in the order of their names. */
void suite_add(const char *name, CU_TestInfo *tests);

#endif
