/* One request to an Internet Gateway Device (model/igd.h) over a TCP socket, and its answer. */
#ifndef IGD_EXCHANGE_H
#define IGD_EXCHANGE_H

#include "base/endpoint.h"
#include "model/igd.h"

/*
 * Connects `fd`, a TCP socket that does not block, which is closed in any case. Returns what igd_answer_code() says of
 * the answer, which is in `answer`; -1 if none came within `timeout_ms`.
 */
int igd_exchange(int fd, const struct endpoint *device, const char *request, unsigned timeout_ms,
                 char answer[IGD_TEXT_SIZE]);

#endif
