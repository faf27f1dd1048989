/*
 * The names of a lab by a real name server: dnsmasq on a host of its own, `dns`, on the internet, which answers for all
 * that /etc/hosts says and for records of one's choice, and NXDOMAIN for the rest. Every box that translates forwards
 * to it, as at home; resolv.conf of whoever stands behind one names it. A world that does not ask for it has none.
 */
#ifndef LAB_DNS_H
#define LAB_DNS_H

#include "lab/lab.h"
#include "model/dns_record.h"

#define LAB_DNS_HOST "dns"
#define LAB_DNS_RECORDS 64
#define LAB_DNS_TTL_MAX 604800

/* Of a lab that asks for one. */
struct lab_dns {
	unsigned ttl_s;
	char records[LAB_DNS_RECORDS][DNS_RECORD_SIZE];
	size_t count;
	struct process *server;                /* once it runs */
	struct process *dns64[TOPOLOGY_NODES]; /* those of boxes that make addresses up, once they run */
};

/* Where a lab has it. */
struct lab_dns *lab_dns_of(struct lab *l);

/* Why there cannot be one on this machine: one line with the fix; or NULL. */
const char *lab_dns_missing(void);

/*
 * Before the world stands: there is a name server, whose answers are good for so many seconds, and leave so late
 * ("50ms"; NULL: at once). 0, or -1 with a message.
 */
int lab_dns_ask(struct lab *l, unsigned ttl_s, const char *delay, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* One more record (dns_record.h), after lab_dns_ask(). 0, or -1 with a message. */
int lab_dns_add(struct lab *l, const char *record, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/* For lab.c, when the world stands: returns when all of it answers. And when a node's network has changed. */
int lab_dns_start(struct lab *l, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));
int lab_dns_follow(struct lab *l, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
