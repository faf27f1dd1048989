#include "world/neighbours.h"

#include "io/clock.h"
#include "io/log.h"

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#define PATIENCE_MS 10000
#define PAUSE_MS 20

static int take_attribute(const struct nlattr *a, void *data)
{
	const void *value = mnl_attr_get_payload(a);
	struct neighbours *n = data;

	switch (mnl_attr_get_type(a)) {
	case NDTA_THRESH3: n->most = mnl_attr_get_u32(a); break;
	case NDTA_CONFIG: n->entries = ((const struct ndt_config *)value)->ndtc_entries; break;
	case NDTA_STATS: n->refused = ((const struct ndt_stats *)value)->ndts_table_fulls; break;
	default: break;
	}
	return MNL_CB_OK;
}

/* Of a table there is one message for what is common to all, and one for each interface. */
static int take(const struct nlmsghdr *h, void *data)
{
	struct neighbours one = { 0 };
	int status = mnl_attr_parse(h, sizeof(struct ndtmsg), take_attribute, &one);

	if (status == MNL_CB_OK && one.most > 0)
		*(struct neighbours *)data = one;
	return status;
}

static int receive(struct mnl_socket *nl, struct neighbours *n)
{
	char answer[8192];
	ssize_t len;
	int status = MNL_CB_OK;

	while (status == MNL_CB_OK) {
		len = mnl_socket_recvfrom(nl, answer, sizeof answer);
		status = len > 0 ? mnl_cb_run(answer, (size_t)len, 0, 0, take, n) : MNL_CB_ERROR;
	}
	return status == MNL_CB_ERROR ? -1 : 0;
}

int neighbours_read(int family, struct neighbours *n)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char request[64] = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	struct ndtmsg *table = mnl_nlmsg_put_extra_header(h, sizeof *table);
	int result = -1;

	*n = (struct neighbours){ 0 };
	h->nlmsg_type = RTM_GETNEIGHTBL;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	table->ndtm_family = (unsigned char)family;
	if (nl == NULL)
		return -1;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0 && mnl_socket_sendto(nl, h, h->nlmsg_len) >= 0)
		result = receive(nl, n);
	mnl_socket_close(nl);
	return result;
}

void neighbours_wait_for_room(int family)
{
	uint64_t end_ms = clock_now_ms() + PATIENCE_MS;
	struct neighbours n;

	while (neighbours_read(family, &n) == 0 && n.most > 0 && n.entries >= (n.most + 1) / 2 &&
	       clock_now_ms() < end_ms)
		poll(NULL, 0, PAUSE_MS);
}

void neighbours_tell_refused(int family, uint64_t before)
{
	struct neighbours n;

	if (neighbours_read(family, &n) == 0 && n.refused > before)
		log_warning(
		    "the kernel's table of neighbours was full meanwhile, and packets to new ones were refused: it has "
		    "%u for all worlds of this machine; run fewer at once (-j), or let root raise "
		    "net.ipv%c.neigh.default.gc_thresh3",
		    n.most, family == AF_INET6 ? '6' : '4');
}
