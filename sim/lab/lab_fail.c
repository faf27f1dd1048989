#include "lab/lab_fail.h"

#include <stdio.h>

int lab_fail(char error[LAB_ERROR_SIZE], const char *what, const char *why)
{
	snprintf(error, LAB_ERROR_SIZE, "%.200s: %.300s", what, why);
	return -1;
}
