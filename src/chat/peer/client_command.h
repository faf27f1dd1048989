/* What can be typed at the client's prompt. Pure. */
#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H

#include <stddef.h>

enum command_name {
	COMMAND_NONE, /* an empty line */
	COMMAND_HELP,
	COMMAND_LOGIN,
	COMMAND_LIST,
	COMMAND_PUNCH,
	COMMAND_SEND,
	COMMAND_LOGOUT,
	COMMAND_QUIT,
	COMMANDS,
};

#define COMMAND_PEER_SIZE 320 /* a name of 255, a port, and room to show what is too long */
#define COMMAND_PROBLEM_SIZE 480

struct command {
	enum command_name name;
	char peer[COMMAND_PEER_SIZE]; /* of punch and send: as typed */
	const char *text;             /* of send: points into the line */
	size_t text_len;              /* bytes */
};

/* Reads a line. Returns 0; or -1 with one line in `problem` that says what is wrong. */
int command_parse(const char *line, struct command *out, char problem[COMMAND_PROBLEM_SIZE])
    __attribute__((warn_unused_result));

/* "punch HOST:PORT", and what it does. */
const char *command_usage(enum command_name name);
const char *command_help(enum command_name name);

#endif
