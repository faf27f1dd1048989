#include "world/lease_reaper.h"

#include "io/clock.h"
#include "io/log.h"
#include "model/port_mapper.h"
#include "world/background.h"
#include "world/igd_exchange.h"
#include "world/lease_watch.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXCHANGE_MS 30000

struct lease_reaper {
	const char *box;
	struct endpoint device;
	struct lease leases[LEASE_FILE_MAX];
	uint64_t due_ms[LEASE_FILE_MAX]; /* of each */
	size_t count;
};

/* What was asked for, or again, since the last look is due in a while; the rest as it was. */
static void look(struct lease_reaper *r)
{
	struct lease now[LEASE_FILE_MAX];
	uint64_t due_ms[LEASE_FILE_MAX] = { 0 };
	size_t count = lease_watch_read(r->box, now, NULL);

	for (size_t i = 0; i < count; i++) {
		due_ms[i] = clock_now_ms() + NAT_SHORT_LEASE_S * UINT64_C(1000);
		for (size_t k = 0; k < r->count; k++)
			if (lease_same(&now[i], &r->leases[k]) && now[i].ends_s == r->leases[k].ends_s)
				due_ms[i] = r->due_ms[k];
	}
	memcpy(r->leases, now, count * sizeof now[0]);
	memcpy(r->due_ms, due_ms, count * sizeof due_ms[0]);
	r->count = count;
}

static void end_lease(const struct lease_reaper *r, const struct lease *l)
{
	char request[IGD_TEXT_SIZE], answer[IGD_TEXT_SIZE];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int code;

	igd_delete_mapping(&r->device, l->outside, l->protocol == IPPROTO_TCP ? "TCP" : "UDP", request);
	code = igd_exchange(fd, &r->device, request, EXCHANGE_MS, answer);
	if (code != 0)
		log_error("%s: a mapping could not be ended: %d", r->box, code);
}

/* Returns in how many milliseconds the next one is due; -1: there is none. */
static int end_due(struct lease_reaper *r)
{
	uint64_t now = clock_now_ms(), next = UINT64_MAX;

	for (size_t i = 0; i < r->count; i++) {
		if (r->due_ms[i] <= now) {
			end_lease(r, &r->leases[i]);
			r->due_ms[i] = UINT64_MAX;
		}
		if (r->due_ms[i] < next)
			next = r->due_ms[i];
	}
	return next == UINT64_MAX ? -1 : (int)(next - now);
}

static void __attribute__((noreturn)) be_reaper(struct lease_reaper *r)
{
	struct pollfd p = { .events = POLLIN };

	background_become(NULL, 0);
	p.fd = lease_watch_open();
	while (p.fd >= 0) {
		look(r);
		if (poll(&p, 1, end_due(r)) < 0 && errno != EINTR)
			break;
		lease_watch_clear(p.fd);
	}
	_exit(1);
}

int lease_reaper_start(const struct topology *t, int box)
{
	static struct lease_reaper r; /* large */

	r = (struct lease_reaper){ .box = t->nodes[box].name };
	r.device = (struct endpoint){ topology_lan_address(t, box), PORT_MAPPER_HTTP_PORT };
	switch (background_fork()) {
	case 0: be_reaper(&r); break;
	case -1: log_error("%s: cannot end its mappings early: %s", r.box, strerror(errno)); return -1;
	default: return 0;
	}
}
