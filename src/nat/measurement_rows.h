/* The rows of a measurement, and those who add them: what measurement.c is made of, for nobody else. */
#ifndef MEASUREMENT_ROWS_H
#define MEASUREMENT_ROWS_H

#include "nat/measurement.h"

/* UDP's part over IPv4, as the same of the protocol and family that were looked at. */
enum measurement_part measurement_part_of(const struct observation *seen, enum measurement_part part);

/*
 * `part` is UDP's over IPv4, and becomes what was looked at. `differs`: what was measured from what was asked, by their
 * values; the words are for people.
 */
struct measurement_row *measurement_add_row(struct measurement *m, const struct observation *seen,
                                            enum measurement_part part, const char *asked, const char *measured,
                                            bool differs);

/* What a box does to packets: sizes, TTL, fragments, payloads, ICMP errors. */
void measurement_add_manners(const struct nat *asked, const struct observation *seen, struct measurement *m);

/* RFC 6296's translation; and where hosts are outside, of a prefix that was chosen. */
void measurement_add_prefix(const struct nat *asked, const struct observation *seen, struct measurement *m);
void measurement_add_place(const struct nat *asked, const struct observation *seen, struct measurement *m);

/* Ports that hosts ask for, by UPnP, NAT-PMP, PCP. */
void measurement_add_port_mapping(const struct nat *asked, const struct observation *seen, struct measurement *m);

/* How long mappings and permissions live. */
void measurement_add_lives(const struct nat *asked, const struct observation *seen, struct measurement *m);
void measurement_add_tcp_lives(const struct nat *asked, const struct observation *seen, struct measurement *m);

#endif
