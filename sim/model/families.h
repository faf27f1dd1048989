/*
 * Which families of addresses a host has. Pure. IPv6 is asked for, never by surprise: programs try it first, and a test
 * of IPv4 would then measure something else.
 */
#ifndef FAMILIES_H
#define FAMILIES_H

#include <stdbool.h>

#define FAMILIES_ERROR_SIZE 128

enum families { FAMILIES_4, FAMILIES_6, FAMILIES_46 };

/* Reads "4", "6" or "46". Returns 0, or -1 with one line in `error` that says which there are. */
int families_parse(const char *text, enum families *out, char error[FAMILIES_ERROR_SIZE])
    __attribute__((warn_unused_result));

bool families_have_ipv4(enum families f);
bool families_have_ipv6(enum families f);

#endif
