#include "chat/peer/client_command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What stands behind the name of a command. */
enum arguments { NOTHING, MAYBE_A_WORD, A_WORD, A_PEER, A_TEXT, A_PEER_AND_A_TEXT };

static const struct {
	const char *name;
	const char *usage;
	const char *help;
	enum arguments takes;
} table[COMMANDS] = {
	[CLIENT_COMMAND_NONE] = { "", "", "", NOTHING },
	[CLIENT_COMMAND_HELP] = { "help", "help", "show this", NOTHING },
	[CLIENT_COMMAND_LOGIN] = { "login", "login [NAME]", "log in at the server", MAYBE_A_WORD },
	[CLIENT_COMMAND_LIST] = { "list", "list [PATTERN]", "show who is logged in", MAYBE_A_WORD },
	[CLIENT_COMMAND_STATUS] = { "status", "status", "show the paths, and how they go", NOTHING },
	[CLIENT_COMMAND_PUNCH] = { "punch", "punch WHO", "open a path to that peer: a name, or HOST:PORT", A_PEER },
	[CLIENT_COMMAND_SAY] = { "say", "say TEXT", "send text to whom you had to do with last", A_TEXT },
	[CLIENT_COMMAND_SEND] = { "send", "send WHO TEXT", "send text; a name is punched first if need be",
	                          A_PEER_AND_A_TEXT },
	[CLIENT_COMMAND_VERIFY] = { "verify", "verify WHO", "show a code, the same at both ends", A_PEER },
	[CLIENT_COMMAND_ACCEPT] = { "accept", "accept NAME", "take the new key that a name came with", A_WORD },
	[CLIENT_COMMAND_LOGOUT] = { "logout", "logout", "leave the server and every peer", NOTHING },
	[CLIENT_COMMAND_QUIT] = { "quit", "quit", "the same, and end", NOTHING },
};

const char *client_command_word(enum client_command_name name)
{
	return table[name].name;
}

bool client_command_takes_name(enum client_command_name name)
{
	return name < COMMANDS &&
	       (table[name].takes == A_PEER || table[name].takes == A_PEER_AND_A_TEXT || name == CLIENT_COMMAND_ACCEPT);
}

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

/* Reads what stands behind the command. Returns false if it is not what the command takes. */
static bool take_arguments(const char *at, struct client_command *out)
{
	enum arguments takes = table[out->name].takes;
	bool text = takes == A_TEXT || takes == A_PEER_AND_A_TEXT;
	size_t len = 0;

	if (takes != NOTHING && takes != A_TEXT) {
		const char *word = next_word(&at, &len);
		size_t most = sizeof out->word;

		snprintf(out->word, sizeof out->word, "%.*s", (int)(len < most ? len : most), word);
		if (len == 0 && takes != MAYBE_A_WORD)
			return false;
	}
	if (text) {
		take_text(at, out);
		return out->text_len > 0;
	}
	return *next_word(&at, &len) == '\0';
}

bool client_command_is_in_text(const char *before)
{
	const char *at = before;
	size_t len;
	const char *word = next_word(&at, &len);
	enum client_command_name name = find(word, len);
	enum arguments takes = name < COMMANDS ? table[name].takes : NOTHING;

	if (takes == A_PEER_AND_A_TEXT)
		next_word(&at, &len);
	return (takes == A_TEXT || takes == A_PEER_AND_A_TEXT) && len > 0 && is_space(*at);
}

int client_command_parse(const char *line, struct client_command *out, char problem[CLIENT_COMMAND_PROBLEM_SIZE])
{
	const char *at = line;
	size_t len;
	const char *word = next_word(&at, &len);

	*out = (struct client_command){ .name = find(word, len) };
	if (out->name == COMMANDS) {
		snprintf(problem, CLIENT_COMMAND_PROBLEM_SIZE, "unknown command \"%.*s\"; help lists what there is",
		         (int)(len < 40 ? len : 40), word);
		return -1;
	}
	if (!take_arguments(at, out)) {
		snprintf(problem, CLIENT_COMMAND_PROBLEM_SIZE, "usage: %s", table[out->name].usage);
		return -1;
	}
	return 0;
}
