/* A running client: what its parts hand each other. */
#ifndef CLIENT_H
#define CLIENT_H

#include "client_names.h"
#include "client_options.h"
#include "client_pins.h"
#include "io/console.h"
#include "io/resolver.h"
#include "io/send_errors.h"

#include <limits.h>

/* Whom the user had to do with last: by name, if that is how, because addresses change. */
struct partner {
	struct endpoint who;
	uint8_t called[NAME_SIZE]; /* all zero if by address */
};

/* What a command waits for before it is carried out. */
enum held {
	HELD_NOT,
	HELD_FOR_ANSWERS, /* to all that was asked before */
	HELD_FOR_ROOM,    /* for a text to that peer */
	HELD_FOR_PATH,    /* to that peer, to open or fail */
};

struct client {
	struct peer peer;
	struct client_options options;
	int fds[SOCKET_SET_OTHER_FAMILY +
	        1]; /* the first, and the last if there is one, always, the rest while wanted; -1: closed */
	struct send_errors unsent;
	bool input_ended;
	struct resolver resolver; /* finds `who` */
	struct endpoint who;      /* the peer that `line` names, once it is found */
	bool finding;             /* the server is asked where that is */
	struct partner partner;   /* of `say` */
	char identity[PATH_MAX];  /* the file; "" for none */
	struct client_pins pins;
	struct client_names names;
	char name[NAME_TEXT_SIZE]; /* to log in with if none is typed */
	bool name_is_told;         /* by --name; else one can do without it */
	enum held held;            /* the command in `line` waits */
	struct endpoint held_for;  /* whom it waits for */
	bool quitting;             /* told to, or the input is over */
	bool failed;               /* something typed has failed */
	char line[CONSOLE_LINE_SIZE];
};

#endif
