/*
 * leaping_clock.so: loaded before a program's libraries (LD_PRELOAD), it makes the date leap with every look at it,
 * from one end of what is possible to the other. The monotonic clock is left alone.
 */
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>

static time_t leap(void)
{
	static unsigned looks;

	return looks++ % 2 == 0 ? 4102444800 : 86400; /* 2100, 1970 */
}

int clock_gettime(clockid_t id, struct timespec *out)
{
	if (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)
		return (int)syscall(SYS_clock_gettime, id, out);
	*out = (struct timespec){ .tv_sec = leap() };
	return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	(void)zone;
	*out = (struct timeval){ .tv_sec = leap() };
	return 0;
}

time_t time(time_t *out)
{
	time_t now = leap();

	if (out != NULL)
		*out = now;
	return now;
}
