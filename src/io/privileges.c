#include "io/privileges.h"

#include <sys/prctl.h>

void privileges_give_up(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
