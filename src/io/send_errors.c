#include "io/send_errors.h"

#include "io/log.h"

#include <string.h>

void send_errors_note(struct send_errors *u, const struct endpoint *to, bool to_server, int error)
{
	bool *seen = &u->seen[error < SEND_ERRORS_ERRORS ? error : 0];
	bool is_new = to_server ? error != u->server_error : !*seen;
	char text[ENDPOINT_TEXT_SIZE];

	if (error != 0) {
		log_line(is_new ? LOG_WARNING : LOG_DEBUG, "cannot send to %s: %s", endpoint_format(to, text),
		         strerror(error));
		*seen = true;
	}
	if (to_server)
		u->server_error = error;
}
