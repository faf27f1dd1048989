/*
 * What a control point says to an Internet Gateway Device (UPnP's WANIPConnection:1) to map a port, as text over HTTP.
 * Pure. Only what the lab itself needs to measure a box, or to end a mapping: programs bring clients of their own.
 */
#ifndef IGD_H
#define IGD_H

#include "base/endpoint.h"

#include <stdint.h>

#define IGD_TEXT_SIZE 2048

/* AddPortMapping of UDP: `outside` to `inside`, for `lease_s` seconds, asked of the device at `device`. */
void igd_add_mapping(const struct endpoint *device, uint16_t outside, const struct endpoint *inside, unsigned lease_s,
                     char text[IGD_TEXT_SIZE]);

/* DeletePortMapping; `protocol` is "UDP" or "TCP". */
void igd_delete_mapping(const struct endpoint *device, uint16_t outside, const char *protocol,
                        char text[IGD_TEXT_SIZE]);

/* GetExternalIPAddress. */
void igd_get_address(const struct endpoint *device, char text[IGD_TEXT_SIZE]);

/* What an answer says: 0: done; else UPnP's error code (718: conflict with another mapping); -1: it is no answer. */
int igd_answer_code(const char *answer);

/* True if an answer to igd_get_address() has an address that counts as public. */
bool igd_answer_is_public(const char *answer);

#endif
