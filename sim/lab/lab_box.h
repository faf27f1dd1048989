/* What can be done to a NAT box of a lab, and asked of it, while the world runs. */
#ifndef LAB_BOX_H
#define LAB_BOX_H

#include "lab/lab.h"
#include "nat/measurement.h"

/* Reboots it: every mapping and permission is forgotten, noted as a step. Returns 0, or -1 with the reason. */
int lab_reboot(struct lab *l, int box, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Runs "iptables WORDS" in it, words parted by blanks, noted as a step. Returns 0, or -1 with its words in `error`. */
int lab_iptables(struct lab *l, int box, const char *words, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * Lists its UDP mappings: conntrack's listing, whose lines on standard output are one each, ended. NULL with the reason
 * in `error`.
 */
const struct process *lab_mappings(struct lab *l, int box, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * What a node counted so far, by the names that the record has (record_line.h): "eth0 rx", "wan tx dropped"; of a box
 * whose iptables rules drop also "rules dropped". Returns 0, or -1 with the reason.
 */
int lab_counters(struct lab *l, int node, void (*found)(void *argument, const char *name, uint64_t packets),
                 void *argument, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Measures a box of that spec in a world of its own; `sabotage` as lab_add_box()'s. Returns 0, or -1 with the reason in
 * `error`: no such spec, or it could not be measured.
 */
int lab_check(const char *spec, const char *sabotage, struct measurement *out, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * The box a host stands behind, or TOPOLOGY_INTERNET: plain punching is foretold (nat/oracle.h) for no other place. -2
 * with the reason in `error`.
 */
int lab_only_box(const struct lab *l, int host, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
