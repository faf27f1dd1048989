#include "world/ordering.h"

#include "io/log.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static size_t pick(unsigned long seed)
{
	size_t cpu = 0;
	cpu_set_t cpus;
	unsigned long skip;

	if (sched_getaffinity(0, sizeof cpus, &cpus) != 0)
		return 0; /* there always is one */
	skip = seed % (unsigned long)CPU_COUNT(&cpus);
	while (!CPU_ISSET(cpu, &cpus) || skip-- > 0)
		cpu++;
	return cpu;
}

static void move_to(size_t cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof one, &one) != 0)
		log_warning("cannot keep to one processor, so that some packets may overtake others under load: %s",
		            strerror(errno));
}

const char *ordering_pick(unsigned long seed, char mask[ORDERING_MASK_SIZE])
{
	size_t cpu = pick(seed);
	int len = snprintf(mask, ORDERING_MASK_SIZE, "%x", 1u << (cpu % 32));

	for (size_t group = cpu / 32; group > 0; group--)
		len += snprintf(mask + len, ORDERING_MASK_SIZE - (size_t)len, ",%08x", 0u);
	if (access("/proc/sys/net/" ORDERING_SYSCTL, F_OK) != 0)
		move_to(cpu);
	return mask;
}
