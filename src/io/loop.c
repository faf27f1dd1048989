#include "io/loop.h"

#include "io/clock.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

/*
 * A socket holds fewer datagrams than are taken in so many turns, 4,096: the kernel counts at least 768 bytes for each,
 * and by default it holds 208 KiB, which are 277; after udp_hold_more() 2 MiB, which are 2,730.
 */
#define FLOOD_TURNS 64

static volatile sig_atomic_t stop_came;
static volatile sig_atomic_t report_came;
static sigset_t while_waiting;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		report_came = 1;
	else
		stop_came = 1;
}

/*
 * A descriptor that was closed would become a socket's, and then be read as input. Open for reading only, so that what
 * is written there fails, as it would have on the closed one.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

static bool is_ignored(int number)
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void loop_init(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t held;

	fill_standard_descriptors();
	sigemptyset(&held);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (numbers[i] == SIGHUP && is_ignored(SIGHUP))
			continue; /* nohup: it is to outlive its terminal */
		sigaddset(&held, numbers[i]);
		sigaction(numbers[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &held, &while_waiting);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigdelset(&while_waiting, numbers[i]);
}

void loop_wait(struct pollfd *fds, unsigned count, uint64_t deadline_us)
{
	uint64_t now_us = clock_now_us();
	uint64_t wait_us = deadline_us > now_us ? deadline_us - now_us : 0;
	struct timespec wait = { .tv_sec = (time_t)(wait_us / 1000000), .tv_nsec = (long)(wait_us % 1000000) * 1000 };

	int ready = ppoll(fds, count, deadline_us == UINT64_MAX ? NULL : &wait, &while_waiting);

	if (ready < 0) /* a signal: it says nothing of the descriptors */
		ready = poll(fds, count, 0);
	if (ready <= 0)
		for (unsigned i = 0; i < count; i++)
			fds[i].revents = 0;
}

bool loop_may_judge(bool empty)
{
	static unsigned turns;

	if (!empty && ++turns < FLOOD_TURNS)
		return false;
	turns = 0;
	return true;
}

bool loop_is_stopping(void)
{
	return stop_came != 0;
}

bool loop_takes_report(void)
{
	bool came = report_came != 0;

	report_came = 0;
	return came;
}
