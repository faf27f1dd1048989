/*
 * Networks that change: interfaces that are plugged in elsewhere, boxes with another address. As in lab.h, errors are
 * one line in `error`, and each call returns 0 or -1. Each is noted as a step; what it changed stands in the record.
 */
#ifndef LAB_ROAMING_H
#define LAB_ROAMING_H

#include "lab/lab.h"

/* The interface's plug is pulled: no carrier, and as DHCP has it no address and no route. Refused if it is out. */
int lab_unplug(struct lab *l, int node, int link, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* It is plugged in behind that box, or at the internet; with the address and the routes that it gets there. */
int lab_plug(struct lab *l, int node, int link, int behind, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* The interface becomes the node's way out. */
int lab_route(struct lab *l, int node, int link, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * A translating box gets another address outside. Its mappings are forgotten; or, where it keeps flows, those that are
 * there go on translating to the address that is now nobody's, as long as they are kept alive.
 */
int lab_renumber(struct lab *l, int box, bool keep_flows, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * A translating box goes on with other ports: every mapping that comes from now on has one that no mapping had. Ports
 * are random from then on, as they were kept or counted before.
 */
int lab_rebind(struct lab *l, int box, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* A translating box loses what answers the UDP flows that are there now, as long as something keeps them alive. */
int lab_forget_answers(struct lab *l, int box, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * A host's lid is closed: all that runs on it is stopped, daemons too, and its interfaces are down. And opened:
 * interfaces that are plugged in are up, programs go on. Programs that are started meanwhile are not stopped.
 */
int lab_close_lid(struct lab *l, int host, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));
int lab_open_lid(struct lab *l, int host, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
