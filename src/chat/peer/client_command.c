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
	[CLIENT_COMMAND_NONE] = { "", "", "", false, false },
	[CLIENT_COMMAND_HELP] = { "help", "help", "show this", false, false },
	[CLIENT_COMMAND_LOGIN] = { "login", "login", "log in at the server", false, false },
	[CLIENT_COMMAND_LIST] = { "list", "list", "show who is logged in", false, false },
	[CLIENT_COMMAND_PUNCH] = { "punch", "punch HOST:PORT", "open a path to that peer", true, false },
	[CLIENT_COMMAND_SEND] = { "send", "send HOST:PORT TEXT", "send text over the path", true, true },
	[CLIENT_COMMAND_VERIFY] = { "verify", "verify HOST:PORT", "show a code, the same at both ends", true, false },
	[CLIENT_COMMAND_LOGOUT] = { "logout", "logout", "leave the server and every peer", false, false },
	[CLIENT_COMMAND_QUIT] = { "quit", "quit", "the same, and end", false, false },
};

const char *client_command_usage(enum client_command_name name)
{
	return table[name].usage;
}

const char *client_command_help(enum client_command_name name)
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

static enum client_command_name find(const char *word, size_t len)
{
	enum client_command_name name = CLIENT_COMMAND_NONE;

	while (name < COMMANDS && (strlen(table[name].name) != len || memcmp(table[name].name, word, len) != 0))
		name++;
	return name;
}

/* Everything behind the one blank that ends the peer, as typed, but for a carriage return at the end. */
static void take_text(const char *at, struct client_command *out)
{
	out->text = is_space(*at) ? at + 1 : at;
	out->text_len = strlen(out->text);
	if (out->text_len > 0 && out->text[out->text_len - 1] == '\r')
		out->text_len--;
}

int client_command_parse(const char *line, struct client_command *out, char problem[CLIENT_COMMAND_PROBLEM_SIZE])
{
	const char *at = line;
	size_t len;
	const char *word = next_word(&at, &len);
	enum client_command_name name = find(word, len);

	*out = (struct client_command){ .name = name };
	if (name == COMMANDS) {
		snprintf(problem, CLIENT_COMMAND_PROBLEM_SIZE, "unknown command \"%.*s\"; help lists what there is",
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
			snprintf(problem, CLIENT_COMMAND_PROBLEM_SIZE, "usage: %s", table[name].usage);
			return -1;
		}
	}
	if (!table[name].takes_text && *next_word(&at, &len) != '\0') {
		snprintf(problem, CLIENT_COMMAND_PROBLEM_SIZE, "usage: %s", table[name].usage);
		return -1;
	}
	return 0;
}
