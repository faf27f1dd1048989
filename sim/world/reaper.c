#include "world/reaper.h"

#include "io/clock.h"
#include "io/kernel_file.h"
#include "io/log.h"
#include "world/background.h"
#include "world/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <search.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EVENTS_ROOM (4 * 1024 * 1024) /* for those that come while it waits for a processor; bytes */

struct mortal_flow {
	struct nf_conntrack *entry;
	struct mortal_flow *next;
};

/* The addresses and ports that a mapping goes by, in the network's byte order; 0 where it does not depend on them. */
struct mapping_name {
	uint32_t inside, remote;
	uint16_t inside_port, remote_port;
};

struct mortal {
	struct mapping_name name; /* first: the tree compares names */
	uint64_t end_ms;
	struct mortal_flow *flows;
	struct mortal *older, *younger;
};

struct reaper {
	const char *box;
	enum nat_behaviour mapping;
	unsigned lifetime_ms;
	struct nfct_handle *events, *queries;
	void *by_name; /* tsearch(3)'s */
	struct mortal *oldest, *youngest;
	bool is_short_of_memory;
};

/* --- the table ------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct mapping_name));
}

static struct mapping_name name_of(const struct reaper *r, const struct nf_conntrack *ct)
{
	struct mapping_name name;

	memset(&name, 0, sizeof name);
	name.inside = nfct_get_attr_u32(ct, ATTR_ORIG_IPV4_SRC);
	name.inside_port = nfct_get_attr_u16(ct, ATTR_ORIG_PORT_SRC);
	if (r->mapping != NAT_ENDPOINT_INDEPENDENT)
		name.remote = nfct_get_attr_u32(ct, ATTR_ORIG_IPV4_DST);
	if (r->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT)
		name.remote_port = nfct_get_attr_u16(ct, ATTR_ORIG_PORT_DST);
	return name;
}

static struct mortal *find(struct reaper *r, const struct nf_conntrack *ct)
{
	struct mapping_name name = name_of(r, ct);
	struct mortal **found = tfind(&name, &r->by_name, compare);

	return found != NULL ? *found : NULL;
}

/* How long ago the kernel made the entry; what it does not tell is taken for now. A busy machine tells late. */
static unsigned age_ms(const struct nf_conntrack *ct)
{
	uint64_t now_ns = clock_wall_ns(), born_ns = 0;

	if (nfct_attr_is_set(ct, ATTR_TIMESTAMP_START) > 0)
		born_ns = nfct_get_attr_u64(ct, ATTR_TIMESTAMP_START);
	return born_ns != 0 && born_ns < now_ns ? (unsigned)((now_ns - born_ns) / 1000000) : 0;
}

static struct mortal *give_birth(struct reaper *r, const struct nf_conntrack *ct)
{
	struct mortal *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->name = name_of(r, ct);
	m->end_ms = clock_now_ms() + r->lifetime_ms - age_ms(ct);
	if (tsearch(m, &r->by_name, compare) == NULL) {
		free(m);
		return NULL;
	}
	m->older = r->youngest;
	if (m->older != NULL)
		m->older->younger = m;
	else
		r->oldest = m;
	r->youngest = m;
	return m;
}

/* The flows it had left are freed, whatever has become of them. */
static void bury(struct reaper *r, struct mortal *m)
{
	while (m->flows != NULL) {
		struct mortal_flow *f = m->flows;

		m->flows = f->next;
		nfct_destroy(f->entry);
		free(f);
	}
	*(m->older != NULL ? &m->older->younger : &r->oldest) = m->younger;
	*(m->younger != NULL ? &m->younger->older : &r->youngest) = m->older;
	tdelete(m, &r->by_name, compare);
	free(m);
}

static void add_flow(struct reaper *r, const struct nf_conntrack *ct)
{
	struct mortal *m = find(r, ct);
	struct mortal_flow *f = calloc(1, sizeof *f);

	if (m == NULL)
		m = give_birth(r, ct);
	if (f != NULL)
		f->entry = nfct_clone(ct);
	if (m == NULL || f == NULL || f->entry == NULL) {
		r->is_short_of_memory = true;
		free(f);
		return;
	}
	f->next = m->flows;
	m->flows = f;
}

/* A mapping all of whose flows were removed otherwise (a reboot) is gone: the same socket's next one is a new one. */
static void drop_flow(struct reaper *r, const struct nf_conntrack *ct)
{
	struct mortal *m = find(r, ct);

	for (struct mortal_flow **f = m != NULL ? &m->flows : NULL; f != NULL && *f != NULL; f = &(*f)->next) {
		struct mortal_flow *gone = *f;

		if (nfct_cmp(gone->entry, ct, NFCT_CMP_ORIG) == 0)
			continue;
		*f = gone->next;
		nfct_destroy(gone->entry);
		free(gone);
		break;
	}
	if (m != NULL && m->flows == NULL)
		bury(r, m);
}

/* --- conntrack ------------------------------------------------------------------------------- */

/* What is in another zone is tracked for the sake of ICMP alone (model/nat_rules_nft_arrive.c). */
static bool is_mortal(const struct nf_conntrack *ct)
{
	return nfct_get_attr_u8(ct, ATTR_L3PROTO) == AF_INET && nfct_get_attr_u8(ct, ATTR_L4PROTO) == IPPROTO_UDP &&
	       (nfct_attr_is_set(ct, ATTR_ZONE) <= 0 || nfct_get_attr_u16(ct, ATTR_ZONE) == 0);
}

static int take_event(enum nf_conntrack_msg_type type, struct nf_conntrack *ct, void *data)
{
	if (is_mortal(ct))
		((type & NFCT_T_NEW) != 0 ? add_flow : drop_flow)(data, ct);
	return NFCT_CB_CONTINUE;
}

/* One that has just gone by itself is not there any more, which is as well. */
static void end_old_ones(struct reaper *r)
{
	while (r->oldest != NULL && r->oldest->end_ms <= clock_now_ms()) {
		for (const struct mortal_flow *f = r->oldest->flows; f != NULL; f = f->next)
			(void)nfct_query(r->queries, NFCT_Q_DESTROY, f->entry);
		bury(r, r->oldest);
	}
}

static int open_handles(struct reaper *r)
{
	r->events = nfct_open(CONNTRACK, NF_NETLINK_CONNTRACK_NEW | NF_NETLINK_CONNTRACK_DESTROY);
	r->queries = r->events != NULL ? nfct_open(CONNTRACK, 0) : NULL;
	if (r->queries == NULL)
		return -1;
	/* Older kernels know neither, or do not let an ordinary user's world have it. */
	(void)!kernel_file_write("/proc/sys/net/netfilter/nf_conntrack_events", "1");
	(void)!kernel_file_write("/proc/sys/net/netfilter/nf_conntrack_timestamp", "1");
	nfnl_rcvbufsiz(nfct_nfnlh(r->events), EVENTS_ROOM);
	if (fcntl(nfct_fd(r->events), F_SETFL, O_NONBLOCK) != 0)
		return -1;
	return nfct_callback_register(r->events, NFCT_T_ALL, take_event, r);
}

/* --- the process ----------------------------------------------------------------------------- */

static int time_left_ms(const struct reaper *r)
{
	uint64_t now = clock_now_ms();

	if (r->oldest == NULL)
		return -1;
	if (r->oldest->end_ms <= now)
		return 0;
	return r->oldest->end_ms - now < INT_MAX ? (int)(r->oldest->end_ms - now) : INT_MAX;
}

/* Returns when the world is gone (0), or with -1 and the reason on the log. */
static int run(struct reaper *r, int socket)
{
	struct pollfd polled[] = { { .fd = socket, .events = POLLIN }, { .fd = nfct_fd(r->events), .events = POLLIN } };

	while (polled[0].revents == 0) {
		if (poll(polled, 2, time_left_ms(r)) < 0 && errno != EINTR)
			return -1;
		/* returns only when there is no more (EAGAIN) or on an error */
		if (polled[1].revents != 0 && nfct_catch(r->events) < 0 && errno != EAGAIN && errno != EINTR) {
			log_error("%s: conntrack's events are lost, and with them when mappings end: %s", r->box,
			          strerror(errno));
			return -1;
		}
		if (r->is_short_of_memory) {
			log_error("%s: no memory for when its mappings end", r->box);
			return -1;
		}
		end_old_ones(r);
	}
	return 0;
}

static void __attribute__((noreturn)) be_reaper(struct reaper *r, int netns_fd, int socket)
{
	int keep_open[] = { socket, netns_fd };
	char byte = 0;

	background_become(keep_open, 2);
	if (sandbox_enter_netns(netns_fd) != 0 || open_handles(r) != 0) {
		log_error("%s: nothing tells when its mappings begin: %s", r->box, strerror(errno));
		_exit(1);
	}
	_exit(send(socket, &byte, 1, MSG_NOSIGNAL) == 1 && run(r, socket) == 0 ? 0 : 1);
}

/* A sibling of the caller, not its child: the world's first process reaps it. */
int reaper_start(const char *box, const struct nat *nat, int netns_fd)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];
	struct reaper r = { .box = box, .mapping = udp->mapping, .lifetime_ms = udp->lifetime_s * 1000 };
	int ends[2];
	char byte;
	long pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		log_error("%s: its mappings cannot be made to end: %s", box, strerror(errno));
		return -1;
	}
	pid = syscall(SYS_clone, (unsigned long)CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		be_reaper(&r, netns_fd, ends[1]);
	close(ends[1]);
	if (pid > 0 && recv(ends[0], &byte, 1, 0) == 1)
		return ends[0];
	log_error("%s: its mappings cannot be made to end", box);
	close(ends[0]);
	return -1;
}

bool reaper_lives(int socket)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };

	return poll(&p, 1, 0) == 0;
}
