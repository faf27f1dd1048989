#include "observe/rule_counters.h"

#include "io/clock.h"
#include "world/command.h"

#include <stdlib.h>
#include <string.h>

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

static void record_sum(const struct world *w, size_t node, const char *saved, struct record *r)
{
	uint64_t packets;

	if (rule_counters_sum(saved, &packets))
		record_write(r, &(struct record_line){ .type = RECORD_COUNTER,
		                                       .counter.box = w->topology.nodes[node].name,
		                                       .counter.name = "rules dropped",
		                                       .counter.packets = packets });
}

/* The boxes are asked at once: each answer waits for the kernel a little. */
int rule_counters_record(const struct world *w, struct record *r)
{
	struct command commands[TOPOLOGY_NODES];
	bool started[TOPOLOGY_NODES] = { false };
	int status = 0;

	for (size_t i = 0; i < w->topology.count; i++) {
		if (w->topology.nodes[i].kind != NODE_BOX)
			continue;
		commands[i] = (struct command)COMMAND("iptables-save", "-c", "-t", "filter");
		commands[i].netns_fd = w->netns_fds[i];
		started[i] = command_start(&commands[i]) == 0;
		status |= started[i] ? 0 : -1;
	}
	for (size_t i = 0; i < w->topology.count; i++) {
		if (!started[i])
			continue;
		if (command_wait(&commands[i]) != 0 || strlen(commands[i].output) + 1 == sizeof commands[i].output)
			status = -1; /* cut output would make a wrong sum */
		else
			record_sum(w, i, commands[i].output, r);
	}
	return status;
}
