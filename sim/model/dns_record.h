/* Records of the world's name server beside the names of its nodes: a person's text to dnsmasq's. Pure. */
#ifndef DNS_RECORD_H
#define DNS_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#define DNS_RECORD_SIZE 640

/*
 * Reads a record: "stun.example.org A 74.125.250.129", "stun.example.org AAAA 2001:db8::1",
 * "_turn._udp.example.org SRV 0 5 3478 turn.example.org" (priority, weight, port, target: RFC 2782),
 * "example.org TXT some words", "74.125.250.129 PTR stun.example.org". Writes the line of dnsmasq's configuration that
 * says so to `line`. 0, or -1 with a one-line message in `error`.
 */
int dns_record_read(const char *text, char line[DNS_RECORD_SIZE], char *error, size_t error_size)
    __attribute__((warn_unused_result));

#endif
