/* What probe.c and probe_fragments.c share; for them alone. */
#ifndef PROBE_PACKET_H
#define PROBE_PACKET_H

#include "check/probe.h"

#define PROBE_PAYLOAD_SIZE 32

/*
 * Gives the next packet its number and its payload, which whoever sends it has to send as it is. After an error there
 * is nothing to be sent. Returns the number.
 */
int probe_note_packet(struct probe *p, int from, struct endpoint to, size_t size,
                      uint8_t payload[PROBE_SEVERAL_PACKETS]);

#endif
