#include "chat/peer/client_command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *usage;
	const char *help;
	bool takes_peer;
	bool takes_text;
} table[COMMANDS] = {
	[COMMAND_NONE] = { "", "", "", false, false },
	[COMMAND_HELP] = { "help", "help", "show this", false, false },
	[COMMAND_LOGIN] = { "login", "login", "log in at the server", false, false },
	[COMMAND_LIST] = { "list", "list", "show who is logged in", false, false },
	[COMMAND_PUNCH] = { "punch", "punch HOST:PORT", "open a path to that peer", true, false },
	[COMMAND_SEND] = { "send", "send HOST:PORT TEXT", "send text over the path", true, true },
	[COMMAND_LOGOUT] = { "logout", "logout", "leave the server and every peer", false, false },
	[COMMAND_QUIT] = { "quit", "quit", "the same, and end", false, false },
};

const char *command_usage(enum command_name name)
{
	return table[name].usage;
}

const char *command_help(enum command_name name)
{
	return table[name].help;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of a line: where it starts, and its length, 0 at the end. *at moves behind it. */
static const char *next_word(const char **at, size_t *len)
{
	const char *start = *at;
	const char *end;

	while (is_space(*start))
		start++;
	for (end = start; *end != '\0' && !is_space(*end);)
		end++;
	*at = end;
	*len = (size_t)(end - start);
	return start;
}

static enum command_name find(const char *word, size_t len)
{
	enum command_name name = COMMAND_NONE;

	while (name < COMMANDS && (strlen(table[name].name) != len || memcmp(table[name].name, word, len) != 0))
		name++;
	return name;
}

/* Everything behind the one blank that ends the peer, as typed, but for a carriage return at the end. */
static void take_text(const char *at, struct command *out)
{
	out->text = is_space(*at) ? at + 1 : at;
	out->text_len = strlen(out->text);
	if (out->text_len > 0 && out->text[out->text_len - 1] == '\r')
		out->text_len--;
}

int command_parse(const char *line, struct command *out, char problem[COMMAND_PROBLEM_SIZE])
{
	const char *at = line;
	size_t len;
	const char *word = next_word(&at, &len);
	enum command_name name = find(word, len);

	*out = (struct command){ .name = name };
	if (name == COMMANDS) {
		snprintf(problem, COMMAND_PROBLEM_SIZE, "unknown command \"%.*s\"; help lists what there is",
		         (int)(len < 40 ? len : 40), word);
		return -1;
	}
	if (table[name].takes_peer) {
		word = next_word(&at, &len);
		snprintf(out->peer, sizeof out->peer, "%.*s", (int)(len < sizeof out->peer ? len : sizeof out->peer),
		         word);
		if (table[name].takes_text)
			take_text(at, out);
		if (len == 0 || (table[name].takes_text && out->text_len == 0)) {
			snprintf(problem, COMMAND_PROBLEM_SIZE, "usage: %s", table[name].usage);
			return -1;
		}
	}
	if (!table[name].takes_text && *next_word(&at, &len) != '\0') {
		snprintf(problem, COMMAND_PROBLEM_SIZE, "usage: %s", table[name].usage);
		return -1;
	}
	return 0;
}
