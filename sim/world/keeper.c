#include "world/keeper.h"

#include "io/log.h"
#include "world/background.h"
#include "world/sandbox.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PLACES (TOPOLOGY_NODES + 1) /* the nodes, and the router behind them */
#define MESSAGE_SIZE 16384
#define SETTLE_MS 60000 /* as long as all it may wait for, and no answer after that is a fault */

struct kept_place {
	int node;
	struct mnl_socket *events;
	uint64_t down[WIRING_INDEX_MAX / 64 + 1]; /* a bit for the index of each interface that is */
	bool is_due;                              /* an interface came up */
};

/* What is asked of it, one datagram each; the answer is a byte, 0 where it is done. */
struct order {
	enum {
		ORDER_SETTLE, /* all that came up is to have its routes */
		ORDER_AWAIT,  /* the links of a node are to be what their carriers are */
		ORDER_CHANGE, /* the links of a node become these */
	} kind;
	int node;
	struct link links[TOPOLOGY_LINKS];
};

struct keeper {
	struct wiring *wiring;
	struct kept_place places[PLACES];
	size_t count;
};

/* --- listening ------------------------------------------------------------------------------- */

static int listen_to(struct keeper *k, int node, int netns_fd)
{
	struct kept_place *p = &k->places[k->count];

	*p = (struct kept_place){ .node = node };
	if (sandbox_enter_netns(netns_fd) != 0)
		return -1;
	p->events = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (p->events == NULL)
		return -1;
	k->count++;
	return mnl_socket_bind(p->events, RTMGRP_LINK, MNL_SOCKET_AUTOPID);
}

static int take_link(const struct nlmsghdr *h, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(h);
	struct kept_place *p = data;
	size_t index = (size_t)link->ifi_index;
	uint64_t *word, bit = UINT64_C(1) << index % 64;

	if (h->nlmsg_type != RTM_NEWLINK || index / 64 >= sizeof p->down / sizeof *p->down)
		return MNL_CB_OK;
	word = &p->down[index / 64];
	if ((link->ifi_flags & IFF_UP) == 0)
		*word |= bit;
	else if ((*word & bit) != 0) {
		*word &= ~bit;
		p->is_due = true;
	}
	return MNL_CB_OK;
}

/* Takes in what happened, and puts back what is gone. */
static void keep(struct keeper *k, struct kept_place *p)
{
	char message[MESSAGE_SIZE];
	ssize_t n;

	while ((n = mnl_socket_recvfrom(p->events, message, sizeof message)) > 0 || errno == ENOBUFS)
		if (n > 0)
			mnl_cb_run(message, (size_t)n, 0, 0, take_link, p);
	if (p->is_due) {
		wiring_restore(k->wiring, p->node);
		if (p->node != TOPOLOGY_INTERNET)
			(void)wiring_wait(k->wiring, p->node); /* it says on the log what is wrong */
	}
	p->is_due = false;
}

/* --- the process ----------------------------------------------------------------------------- */

static int obey(struct keeper *k, const struct order *o)
{
	switch (o->kind) {
	case ORDER_AWAIT: return wiring_wait(k->wiring, o->node);
	case ORDER_CHANGE: return wiring_change(k->wiring, o->node, o->links);
	case ORDER_SETTLE: break; /* by what it took in before */
	}
	return 0;
}

/* Returns false when the world is gone. */
static bool serve(struct keeper *k, int socket)
{
	struct order o;
	char byte;

	if (recv(socket, &o, sizeof o, 0) != sizeof o)
		return false;
	byte = obey(k, &o) != 0;
	return send(socket, &byte, 1, MSG_NOSIGNAL) == 1;
}

static void run(struct keeper *k, int socket)
{
	struct pollfd polled[PLACES + 1] = { { .fd = socket, .events = POLLIN } };

	for (size_t i = 0; i < k->count; i++)
		polled[i + 1] = (struct pollfd){ .fd = mnl_socket_get_fd(k->places[i].events), .events = POLLIN };
	do {
		if (poll(polled, k->count + 1, -1) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < k->count; i++)
			keep(k, &k->places[i]);
	} while (polled[0].revents == 0 || serve(k, socket));
}

static void __attribute__((noreturn)) be_keeper(struct wiring *w, int socket)
{
	int keep_open[2 * PLACES + 1] = { socket, w->home_fd };
	struct keeper k = { .wiring = w };
	size_t count = 2;
	char byte = 0;
	int result;

	keep_open[count++] = mnl_socket_get_fd(w->router.socket);
	for (size_t i = 0; i < w->topology->count; i++) {
		keep_open[count++] = w->netns_fds[i];
		keep_open[count++] = mnl_socket_get_fd(w->nodes[i].socket);
	}
	background_become(keep_open, count);
	result = listen_to(&k, TOPOLOGY_INTERNET, w->home_fd);
	for (int i = 0; i < (int)w->topology->count && result == 0; i++)
		result = listen_to(&k, i, w->netns_fds[i]);
	if (result == 0 && send(socket, &byte, 1, MSG_NOSIGNAL) == 1)
		run(&k, socket);
	_exit(result == 0 ? 0 : 1);
}

/* --- its world ------------------------------------------------------------------------------- */

static int hear(int socket)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	char byte;
	int ready;

	do
		ready = poll(&p, 1, SETTLE_MS);
	while (ready < 0 && errno == EINTR);
	if (ready == 1 && recv(socket, &byte, 1, 0) == 1)
		return byte == 0 ? 0 : -1;
	log_error("the process that keeps the world's routes %s", ready == 0 ? "does not answer" : "died");
	return -1;
}

int keeper_start(struct wiring *w)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		log_error("cannot keep the world's routes: %s", strerror(errno));
		return -1;
	}
	pid = background_fork();
	if (pid == 0)
		be_keeper(w, ends[1]);
	close(ends[1]);
	if (pid > 0 && hear(ends[0]) == 0)
		return ends[0];
	if (pid < 0)
		log_error("cannot keep the world's routes: %s", strerror(errno));
	close(ends[0]);
	return -1;
}

static int ask(int socket, const struct order *o)
{
	if (send(socket, o, sizeof *o, MSG_NOSIGNAL) == sizeof *o)
		return hear(socket);
	log_error("the process that keeps the world's routes died");
	return -1;
}

int keeper_settle(int socket)
{
	return ask(socket, &(struct order){ .kind = ORDER_SETTLE });
}

int keeper_await(int socket, int node)
{
	return ask(socket, &(struct order){ .kind = ORDER_AWAIT, .node = node });
}

int keeper_change(int socket, int node, const struct link links[TOPOLOGY_LINKS])
{
	struct order o = { .kind = ORDER_CHANGE, .node = node };

	memcpy(o.links, links, sizeof o.links);
	return ask(socket, &o);
}
