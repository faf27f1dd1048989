#include "observe/rule_counters.h"

#include "world/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The number behind the bracket: "[12:3456]". Returns false if there is none. */
static bool read_count(const char *bracket, uint64_t *packets)
{
	char *end;
	unsigned long long count = strtoull(bracket + 1, &end, 10);

	if (end == bracket + 1 || *end != ':')
		return false;
	*packets += count;
	return true;
}

/* ":FORWARD DROP [12:3456]" */
static bool read_policy(const char *line, size_t len, uint64_t *packets)
{
	const char *drop = memmem(line, len, " DROP [", 7);

	return drop != NULL && strncmp(line, ":OUTPUT", 7) != 0 && read_count(drop + 6, packets);
}

/* "[12:3456] -A INPUT -i wan -j DROP" */
static bool read_rule(const char *line, size_t len, uint64_t *packets)
{
	char text[512];

	if (len >= sizeof text)
		return false;
	memcpy(text, line, len);
	text[len] = '\0';
	return text[0] == '[' && strstr(text, "] -A OUTPUT ") == NULL &&
	       (strstr(text, " -j DROP") != NULL || strstr(text, " -j REJECT") != NULL) && read_count(text, packets);
}

bool rule_counters_sum(const char *saved, uint64_t *packets)
{
	bool drops = false;

	*packets = 0;
	while (saved[0] != '\0') {
		size_t len = strcspn(saved, "\n");

		drops |= saved[0] == ':' ? read_policy(saved, len, packets) : read_rule(saved, len, packets);
		saved += len + (saved[len] == '\n');
	}
	return drops;
}

/* What rules beside iptables' drop and count (model/nat_rules_manners.c). */
static bool counts_beside(const struct nat *nat)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];

	return udp->limit != 0 || udp->limit_per_host != 0 || nat->icmp_blocked;
}

/* "counter refused {\n\t\tpackets 3 bytes 84\n" */
static uint64_t refused_beside(const struct world *w, size_t node)
{
	struct command c = COMMAND("nft", "list", "counters", "table", "ip", "punchlab");
	const char *packets;

	c.netns_fd = w->netns_fds[node];
	if (!counts_beside(&w->topology.nodes[node].nat) || command_run(&c) != 0)
		return 0;
	packets = strstr(c.output, "packets ");
	return packets != NULL ? strtoull(packets + strlen("packets "), NULL, 10) : 0;
}

/*
 * What one program says of its rules. A box with many hosts behind it has more rules than command.h keeps of what a
 * program says: a file takes them all.
 */
struct saving {
	struct command command;
	const char *argv[7];
	char path[64];
	int fd;
	bool started;
};

/* A box is asked for its rules of IPv4, and where it knows IPv6 for those, too. */
struct asking {
	struct saving savings[2];
	size_t count;
};

static void start_saving(struct saving *s, const char *program, int netns_fd)
{
	static const char *const words[] = { "-c", "-t", "filter", "-f" };

	s->fd = memfd_create("rules", MFD_CLOEXEC);
	snprintf(s->path, sizeof s->path, "/proc/%d/fd/%d", (int)getpid(), s->fd);
	s->argv[0] = program;
	memcpy(s->argv + 1, words, sizeof words);
	s->argv[5] = s->path;
	s->argv[6] = NULL;
	s->command = (struct command){ .argv = s->argv, .netns_fd = netns_fd };
	s->started = s->fd >= 0 && command_start(&s->command) == 0;
}

static void ask(struct asking *a, const struct world *w, size_t box)
{
	static const char *const programs[] = { "iptables-save", "ip6tables-save" };
	size_t count = w->topology.nodes[box].nat.ipv6 != NAT_IPV6_NONE ? 2 : 1;

	a->count = count;
	for (size_t i = 0; i < count; i++)
		start_saving(&a->savings[i], programs[i], w->netns_fds[box]);
}

/* All that was written, zero-ended; NULL without it. The caller frees. */
static char *read_all(int fd)
{
	struct stat st;
	char *text = fstat(fd, &st) == 0 ? malloc((size_t)st.st_size + 1) : NULL;

	if (text == NULL)
		return NULL;
	if (pread(fd, text, (size_t)st.st_size, 0) == st.st_size) {
		text[st.st_size] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

/* Adds what it says to *packets, and to *drops whether any rule drops. Returns 0, or -1 with a message. */
static int take_saving(struct saving *s, const char *box, uint64_t *packets, bool *drops,
                       char error[RULE_COUNTERS_ERROR_SIZE])
{
	bool ended = s->started && command_wait(&s->command) == 0;
	char *saved = ended ? read_all(s->fd) : NULL;
	int status = saved != NULL ? 0 : -1;
	uint64_t sum = 0;

	if (saved != NULL)
		*drops |= rule_counters_sum(saved, &sum);
	else
		snprintf(error, RULE_COUNTERS_ERROR_SIZE, "%s at %s: %.180s", s->argv[0], box,
		         s->command.output[0] != '\0' ? s->command.output : strerror(errno));
	*packets += sum;
	free(saved);
	if (s->fd >= 0)
		close(s->fd);
	return status;
}

static int take_answer(struct asking *a, const struct world *w, size_t box, counter_found *found, void *argument,
                       char error[RULE_COUNTERS_ERROR_SIZE])
{
	const char *name = w->topology.nodes[box].name;
	const struct nat *nat = &w->topology.nodes[box].nat, own = nat_ipv6(nat);
	uint64_t packets = 0;
	bool drop = false, all_count = true;
	int status = 0;

	for (size_t i = 0; i < a->count; i++) {
		bool drops = false;

		if (take_saving(&a->savings[i], name, &packets, &drops, error) != 0)
			status = -1;
		drop |= drops;
		/* What nft filters is not counted: of one family alone a count tells nothing. */
		all_count &= drops || (i == 0 ? nat : &own)->kind == NAT_OPEN;
	}
	if (status == 0 && drop && all_count)
		found(argument, &(struct record_line){ .type = RECORD_COUNTER,
		                                       .counter.box = name,
		                                       .counter.counted = RECORD_RULES_DROPPED,
		                                       .counter.packets =
		                                           w->dropped_before[box] + packets + refused_beside(w, box) });
	return status;
}

int rule_counters_read(const struct world *w, int box, counter_found *found, void *argument,
                       char error[RULE_COUNTERS_ERROR_SIZE])
{
	struct asking asked;

	ask(&asked, w, (size_t)box);
	return take_answer(&asked, w, (size_t)box, found, argument, error);
}

static void write_line(void *record, const struct record_line *line)
{
	record_write(record, line);
}

/* The boxes are asked at once: each answer waits for the kernel a little. */
int rule_counters_record(const struct world *w, struct record *r, char error[RULE_COUNTERS_ERROR_SIZE])
{
	struct asking *asked = calloc(TOPOLOGY_NODES, sizeof *asked);
	int status = 0;

	if (asked == NULL) {
		snprintf(error, RULE_COUNTERS_ERROR_SIZE, "out of memory");
		return -1;
	}
	for (size_t i = 0; i < w->topology.count; i++)
		if (w->topology.nodes[i].kind == NODE_BOX)
			ask(&asked[i], w, i);
	for (size_t i = 0; i < w->topology.count; i++)
		if (w->topology.nodes[i].kind == NODE_BOX && take_answer(&asked[i], w, i, write_line, r, error) != 0)
			status = -1;
	free(asked);
	return status;
}
