#include "observe/conntrack_log.h"

#include "io/clock.h"
#include "io/kernel_file.h"
#include "model/nat_rules.h"
#include "base/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* For events that come while the recorder waits for a processor; taken only as far as they come. Bytes. */
#define EVENTS_ROOM (4 * 1024 * 1024)

struct conntrack_log {
	const char *box;
	struct record *record;
	struct nfct_handle *events;
	struct nfct_handle *queries;
};

/* --- an entry for the record ------------------------------------------------------------------- */

static struct endpoint end_of(const struct nf_conntrack *ct, enum nf_conntrack_attr ipv4, enum nf_conntrack_attr ipv6,
                              enum nf_conntrack_attr port)
{
	uint16_t number = nfct_attr_is_set(ct, port) > 0 ? ntohs(nfct_get_attr_u16(ct, port)) : 0;
	struct endpoint e = { .port = number };

	if (nfct_get_attr_u8(ct, ATTR_L3PROTO) == AF_INET)
		return endpoint_ipv4(ntohl(nfct_get_attr_u32(ct, ipv4)), number);
	e.address.family = ADDRESS_IPV6;
	memcpy(e.address.bytes, nfct_get_attr(ct, ipv6), sizeof e.address.bytes);
	return e;
}

/* Of the two families there are ends of. */
static bool has_ends(const struct nf_conntrack *ct)
{
	uint8_t family = nfct_get_attr_u8(ct, ATTR_L3PROTO);

	return family == AF_INET || family == AF_INET6;
}

/*
 * The kernel says when an entry was made and when it ended (net.netfilter.nf_conntrack_timestamp); the rest, and all of
 * it on a kernel without, bears the time at which we were told.
 */
static uint64_t time_of(const struct nf_conntrack *ct, enum record_event event)
{
	uint64_t time = 0;

	if (event == RECORD_NEW && nfct_attr_is_set(ct, ATTR_TIMESTAMP_START) > 0)
		time = nfct_get_attr_u64(ct, ATTR_TIMESTAMP_START);
	if (event == RECORD_DESTROY && nfct_attr_is_set(ct, ATTR_TIMESTAMP_STOP) > 0)
		time = nfct_get_attr_u64(ct, ATTR_TIMESTAMP_STOP);
	return time != 0 ? time : clock_wall_ns();
}

/* What is tracked for the sake of ICMP alone. */
static bool is_no_mapping(const struct nf_conntrack *ct)
{
	return nfct_attr_is_set(ct, ATTR_ZONE) > 0 && nfct_get_attr_u16(ct, ATTR_ZONE) >= NAT_RULES_ZONE_OF_STRANGERS;
}

static void record_entry(const struct conntrack_log *l, const struct nf_conntrack *ct, enum record_event event)
{
	uint32_t status = nfct_get_attr_u32(ct, ATTR_STATUS);

	if (!has_ends(ct) || is_no_mapping(ct))
		return;
	record_write(l->record,
	             &(struct record_line){
			 .type = RECORD_MAPPING,
			 .time_ns = time_of(ct, event),
			 .mapping = {
			     .box = l->box,
			     .event = event,
			     .protocol = nfct_get_attr_u8(ct, ATTR_L4PROTO),
			     .orig = { end_of(ct, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC, ATTR_ORIG_PORT_SRC),
			               end_of(ct, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST, ATTR_ORIG_PORT_DST) },
			     .reply = { end_of(ct, ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC, ATTR_REPL_PORT_SRC),
			                end_of(ct, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_DST, ATTR_REPL_PORT_DST) },
			     .timeout_s = nfct_get_attr_u32(ct, ATTR_TIMEOUT),
			     .replied = (status & IPS_SEEN_REPLY) != 0,
			     .assured = (status & IPS_ASSURED) != 0,
			 },
		     });
}

/* --- from the kernel ------------------------------------------------------------------------- */

static int take_event(enum nf_conntrack_msg_type type, struct nf_conntrack *ct, void *data)
{
	const struct conntrack_log *l = data;

	if ((type & NFCT_T_NEW) != 0)
		record_entry(l, ct, RECORD_NEW);
	else if ((type & NFCT_T_UPDATE) != 0)
		record_entry(l, ct, RECORD_UPDATE);
	else if ((type & NFCT_T_DESTROY) != 0)
		record_entry(l, ct, RECORD_DESTROY);
	return NFCT_CB_CONTINUE;
}

static int take_entry(enum nf_conntrack_msg_type type, struct nf_conntrack *ct, void *data)
{
	(void)type;
	record_entry(data, ct, RECORD_SNAPSHOT);
	return NFCT_CB_CONTINUE;
}

/* Older kernels know neither file, or do not let an ordinary user's world have it: then events tell less exactly. */
static void set_sysctl(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof path, "/proc/sys/net/netfilter/%s", name);
	(void)!kernel_file_write(path, value);
}

static int open_handles(struct conntrack_log *l)
{
	l->events =
	    nfct_open(CONNTRACK, NF_NETLINK_CONNTRACK_NEW | NF_NETLINK_CONNTRACK_UPDATE | NF_NETLINK_CONNTRACK_DESTROY);
	l->queries = l->events != NULL ? nfct_open(CONNTRACK, 0) : NULL;
	if (l->queries == NULL)
		return -1;
	nfnl_rcvbufsiz(nfct_nfnlh(l->events), EVENTS_ROOM);
	if (fcntl(nfct_fd(l->events), F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(nfct_fd(l->events), F_SETFD, FD_CLOEXEC) != 0 || fcntl(nfct_fd(l->queries), F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	return nfct_callback_register(l->events, NFCT_T_ALL, take_event, l) == 0 &&
	               nfct_callback_register(l->queries, NFCT_T_ALL, take_entry, l) == 0
	           ? 0
	           : -1;
}

static void release(struct conntrack_log *l)
{
	if (l->events != NULL)
		nfct_close(l->events);
	if (l->queries != NULL)
		nfct_close(l->queries);
	free(l);
}

struct conntrack_log *conntrack_log_open(const char *box, struct record *r)
{
	struct conntrack_log *l = calloc(1, sizeof *l);
	int error;

	if (l == NULL)
		return NULL;
	l->box = box;
	l->record = r;
	set_sysctl("nf_conntrack_timestamp", "1");
	set_sysctl("nf_conntrack_events", "1");
	if (open_handles(l) == 0)
		return l;
	error = errno;
	release(l);
	errno = error;
	return NULL;
}

int conntrack_log_fd(const struct conntrack_log *l)
{
	return nfct_fd(l->events);
}

int conntrack_log_read(struct conntrack_log *l)
{
	/* returns only when there is no more (EAGAIN) or on an error */
	if (nfct_catch(l->events) >= 0 || errno == EAGAIN || errno == EINTR)
		return 0;
	if (errno != ENOBUFS)
		return -1;
	record_write(l->record, &(struct record_line){ .type = RECORD_GAP, .gap.box = l->box });
	return conntrack_log_snapshot(l);
}

int conntrack_log_snapshot(struct conntrack_log *l)
{
	uint32_t family = AF_UNSPEC;

	return nfct_query(l->queries, NFCT_Q_DUMP, &family) == 0 ? 0 : -1;
}
