#include "locale_utf8.h"

#include <CUnit/CUnit.h>
#include <locale.h>
#include <stdio.h>

static char before[64];

void enter_utf8(void)
{
	snprintf(before, sizeof before, "%s", setlocale(LC_CTYPE, NULL));
	CU_ASSERT_PTR_NOT_NULL_FATAL(setlocale(LC_CTYPE, "C.UTF-8"));
}

void leave_utf8(void)
{
	setlocale(LC_CTYPE, before);
}
