/* A conclusion as the lab and its users name it: the NAT spec that reproduces it, and with whom one can punch. Pure. */
#ifndef CONCLUSION_SPEC_H
#define CONCLUSION_SPEC_H

#include "nat/oracle.h"
#include "nat_type/conclusion.h"

/*
 * Writes the canonical NAT spec that reproduces what was concluded: of IPv6 its keys alone, for IPv4 was not asked.
 * Returns `text`, or NULL if too little is known (conclusion_suffices()) or the lab cannot build it; `error` then says
 * why, or is empty.
 */
const char *conclusion_spec(const struct conclusion *v, char text[NAT_TEXT_SIZE], char error[NAT_ERROR_SIZE]);

/* RFC 3489's name of the NAT ("port-restricted"); NULL if it has none or too little is known. */
const char *conclusion_classic_name(const struct conclusion *v);

/* Does plain punching, with both sides trying, work with that peer? It depends, too, if that hangs on what is unknown.
 */
enum oracle_verdict conclusion_punch(const struct conclusion *v, const struct nat *peer);

#endif
