/* What the client is told on its command line. */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include "base/nat64.h"
#include "io/log.h"
#include "chat/peer/peer.h"

struct client_options {
	struct peer_config config; /* all but the seed */
	struct endpoint bind;      /* ADDRESS_NONE if it was not told */
	struct nat64_prefix nat64; /* family ADDRESS_NONE, or how the server's IPv4 is reached: by IPv6 */
	const char *server;        /* as typed */
	const char *identity; /* the file of the identity; NULL: where it is kept by itself; "none": none is kept */
	const char *name;     /* to log in with by itself; NULL if it was not told */
	enum log_level level;
};

/* Reads them; looks the server's name up, which may block. What is wrong with them ends the program. */
void client_options_read(struct client_options *o, int argc, char **argv);

#endif
