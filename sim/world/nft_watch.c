#include "world/nft_watch.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define NEW_GENERATION ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWGEN)
#define EVENTS_SIZE 16384

int nft_watch_open(struct nft_watch *w, const char *program, unsigned commits)
{
	int group = NFNLGRP_NFTABLES;
	int error;

	*w = (struct nft_watch){ .program = program, .commits = commits };
	w->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (w->socket != NULL && mnl_socket_bind(w->socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_setsockopt(w->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0)
		return 0;
	error = errno;
	nft_watch_close(w);
	errno = error;
	return -1;
}

int nft_watch_fd(const struct nft_watch *w)
{
	return w->socket != NULL ? mnl_socket_get_fd(w->socket) : -1;
}

static int take_attribute(const struct nlattr *a, void *data)
{
	struct nft_watch *w = data;
	size_t size = mnl_attr_get_payload_len(a);

	if (mnl_attr_get_type(a) != NFTA_GEN_PROC_NAME || size == 0 || size > sizeof w->by || w->commits == 0)
		return MNL_CB_OK;
	if (w->program != NULL && strncmp(mnl_attr_get_str(a), w->program, sizeof w->by - 1) != 0)
		return MNL_CB_OK;
	memcpy(w->by, mnl_attr_get_payload(a), size);
	w->by[sizeof w->by - 1] = '\0';
	w->commits--;
	return MNL_CB_OK;
}

/* A new generation of the rule set comes of each commit, and says who made it. */
static int take(const struct nlmsghdr *h, void *data)
{
	return h->nlmsg_type == NEW_GENERATION ? mnl_attr_parse(h, sizeof(struct nfgenmsg), take_attribute, data)
	                                       : MNL_CB_OK;
}

/* Events that did not fit into the socket (ENOBUFS) are lost; then the program's end tells. */
bool nft_watch_is_complete(struct nft_watch *w)
{
	_Alignas(struct nlmsghdr) char events[EVENTS_SIZE];
	ssize_t n;

	while (w->socket != NULL && (n = mnl_socket_recvfrom(w->socket, events, sizeof events)) > 0)
		mnl_cb_run(events, (size_t)n, 0, 0, take, w);
	return w->commits == 0;
}

void nft_watch_close(struct nft_watch *w)
{
	if (w->socket != NULL)
		mnl_socket_close(w->socket);
	w->socket = NULL;
}
