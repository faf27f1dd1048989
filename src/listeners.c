#include "listeners.h"

#include "io/log.h"
#include "io/options.h"
#include "io/output.h"
#include "stun/stun_service.h"
#include "io/udp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char *what, const struct endpoint *where)
{
	char text[ENDPOINT_TEXT_SIZE];

	log_error("%s %s: %s", what, endpoint_format(where, text), strerror(errno));
	exit(OPTIONS_USAGE_STATUS);
}

static void listen_on(struct listeners *l, struct endpoint where, uint16_t port, bool may_fail)
{
	struct listener *u = &l->list[l->count];

	where.port = port;
	u->fd = udp_open(&where);
	if (u->fd < 0 || udp_local(u->fd, &u->local) != 0) {
		if (may_fail && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
			return; /* a machine without IPv6 */
		die("cannot listen on", &where);
	}
	udp_hold_more(u->fd);
	l->count++;
}

static bool is_pair(const struct endpoint *a, const struct endpoint *b)
{
	return a->address.family == b->address.family && !endpoint_same_address(a, b) &&
	       address_scope(&a->address) != ADDRESS_UNSPECIFIED && address_scope(&b->address) != ADDRESS_UNSPECIFIED;
}

unsigned listeners_count_pairs(const struct listeners_binds *binds)
{
	const struct endpoint *list = binds->list;

	if (binds->count == 2 && is_pair(&list[0], &list[1]))
		return 1;
	return binds->count == 4 && is_pair(&list[0], &list[1]) && is_pair(&list[2], &list[3]) &&
	               list[0].address.family != list[2].address.family
	           ? 2
	           : 0;
}

/* The second port of each. With pairs of addresses their sockets stand in front, and have stun_service's numbers. */
static void listen_on_second_ports(struct listeners *l, bool pair)
{
	unsigned first = l->count;

	for (unsigned i = 0; i < first; i++) {
		struct listener *u = &l->list[l->count];
		struct endpoint where = l->list[i].local;

		where.port = stun_service_other_port(where.port);
		*u = (struct listener){ .fd = udp_open(&where), .local = where, .is_second = true };
		if (u->fd >= 0) {
			udp_hold_more(u->fd);
			l->count++;
		} else if (pair)
			die("cannot listen for STUN on", &where);
		if (pair) {
			u->stun = 2 * i + 1;
			l->list[i].stun = 2 * i;
		}
	}
}

void listeners_open(struct listeners *l, const struct listeners_binds *binds)
{
	static const struct endpoint any4 = { .address.family = ADDRESS_IPV4 };
	static const struct endpoint any6 = { .address.family = ADDRESS_IPV6 };

	for (unsigned i = 0; i < binds->count; i++)
		listen_on(l, binds->list[i], binds->port, false);
	if (binds->count == 0) {
		listen_on(l, any4, binds->port, false);
		listen_on(l, any6, binds->port, true);
	}
	listen_on_second_ports(l, listeners_count_pairs(binds) > 0);
}

void listeners_announce(const struct listeners *l)
{
	for (unsigned i = 0; i < l->count; i++) {
		char where[ENDPOINT_TEXT_SIZE];
		char line[ENDPOINT_TEXT_SIZE + 32];
		const char *what = l->list[i].is_second ? "listening for STUN on" : "listening on";
		int len = snprintf(line, sizeof line, "%s %s\n", what, endpoint_format(&l->list[i].local, where));

		output_write(line, (size_t)len);
	}
}

uint64_t listeners_overruns(const struct listeners *l)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < l->count; i++)
		total += udp_overruns(l->list[i].fd);
	return total;
}

void listeners_close(struct listeners *l)
{
	for (unsigned i = 0; i < l->count; i++)
		close(l->list[i].fd);
	l->count = 0;
}

const struct listener *listeners_find(const struct listeners *l, const struct endpoint *local)
{
	for (unsigned i = 0; i < l->count; i++) {
		const struct endpoint *bound = &l->list[i].local;
		bool same_family = bound->address.family == local->address.family && bound->port == local->port;

		if (same_family &&
		    (address_scope(&bound->address) == ADDRESS_UNSPECIFIED || endpoint_same_address(bound, local)))
			return &l->list[i];
	}
	return NULL;
}
