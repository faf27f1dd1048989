#include "world/ordering.h"

#include "io/log.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYSCTL_PATH "/proc/sys/net/" ORDERING_SYSCTL

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

static int move_to(size_t cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof one, &one);
}

const char *ordering_pick(unsigned long seed, char mask[ORDERING_MASK_SIZE])
{
	size_t cpu = pick(seed);
	int len = snprintf(mask, ORDERING_MASK_SIZE, "%x", 1u << (cpu % 32));

	for (size_t group = cpu / 32; group > 0; group--)
		len += snprintf(mask + len, ORDERING_MASK_SIZE - (size_t)len, ",%08x", 0u);
	if (access(SYSCTL_PATH, F_OK) != 0 && move_to(cpu) != 0)
		log_warning("cannot keep to one processor, so that some packets may overtake others under load: %s",
		            strerror(errno));
	return mask;
}

/* The processor of a mask that names one; -1: it names none. */
static int processor_in(const char *mask)
{
	const char *digit = mask + strspn(mask, "0,");
	int below = 0;

	if (*digit == '\0' || strchr("1248", *digit) == NULL)
		return -1;
	for (const char *rest = digit + 1; *rest != '\0' && *rest != '\n'; rest++)
		below += *rest != ',' ? 4 : 0;
	return below + (int)strcspn("1248", (char[]){ *digit, '\0' });
}

int ordering_join(void)
{
	char mask[ORDERING_MASK_SIZE];
	FILE *in = fopen(SYSCTL_PATH, "re");
	int cpu = -1;

	if (in == NULL)
		return errno == ENOENT ? 0 : -1;
	if (fgets(mask, sizeof mask, in) != NULL)
		cpu = processor_in(mask);
	fclose(in);
	if (cpu >= 0)
		return move_to((size_t)cpu);
	errno = EINVAL;
	return -1;
}
