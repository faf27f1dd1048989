/* What can be typed at the client's prompt. Pure. */
#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum client_command_name {
	CLIENT_COMMAND_NONE, /* an empty line */
	CLIENT_COMMAND_HELP,
	CLIENT_COMMAND_LOGIN,
	CLIENT_COMMAND_LIST,
	CLIENT_COMMAND_STATUS,
	CLIENT_COMMAND_PUNCH,
	CLIENT_COMMAND_SAY,
	CLIENT_COMMAND_SEND,
	CLIENT_COMMAND_VERIFY,
	CLIENT_COMMAND_ACCEPT,
	CLIENT_COMMAND_LOGOUT,
	CLIENT_COMMAND_QUIT,
	COMMANDS,
};

#define CLIENT_COMMAND_WORD_SIZE 320 /* a host name of 255, a port, and room to show what is too long */
#define CLIENT_COMMAND_PROBLEM_SIZE 480

struct client_command {
	enum client_command_name name;
	char word[CLIENT_COMMAND_WORD_SIZE]; /* the peer, name or pattern, as typed; "" for none */
	const char *text;                    /* of say and send: points into the line */
	size_t text_len;                     /* bytes */
};

/* True for those whose word is, or may be, a peer's name. */
bool client_command_takes_name(enum client_command_name name);

/* True if what is typed behind that, the start of a line, is part of the text of say or send. */
bool client_command_is_in_text(const char *before);

/* Reads a line. Returns 0; or -1 with one line in `problem` that says what is wrong. */
int client_command_parse(const char *line, struct client_command *out, char problem[CLIENT_COMMAND_PROBLEM_SIZE])
    __attribute__((warn_unused_result));

/* "punch", "punch WHO", and what it does. */
const char *client_command_word(enum client_command_name name);
const char *client_command_usage(enum client_command_name name);
const char *client_command_help(enum client_command_name name);

#endif
