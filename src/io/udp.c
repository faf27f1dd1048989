#include "io/udp.h"

#include "io/log.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <linux/errqueue.h>
#include <linux/sock_diag.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int socket_for(const struct endpoint *e)
{
	int family = e->address.family == ADDRESS_IPV6 ? AF_INET6 : AF_INET;

	return socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int close_and_fail(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

static int set_on(int fd, int level, int name)
{
	int on = 1;

	return setsockopt(fd, level, name, &on, sizeof on);
}

/* What udp_batch.h needs, and what udp_open() promises. */
static int set_up(int fd, const struct endpoint *at)
{
	if (at->address.family != ADDRESS_IPV6)
		return set_on(fd, IPPROTO_IP, IP_PKTINFO);
	return set_on(fd, IPPROTO_IPV6, IPV6_V6ONLY) | set_on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
}

int udp_open(const struct endpoint *at)
{
	struct sockaddr_storage sa;
	size_t len = endpoint_to_sockaddr(at, &sa);
	int fd = socket_for(at);

	if (fd < 0)
		return -1;
	if (set_up(fd, at) != 0 || bind(fd, (const struct sockaddr *)&sa, (socklen_t)len) != 0)
		return close_and_fail(fd);
	return fd;
}

void udp_hold_more(int fd)
{
	int bytes = 1 << 20; /* fewer datagrams than loop_may_judge() reckons with */

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

uint32_t udp_overruns(int fd)
{
	uint32_t memory[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof memory;

	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &len) == 0 ? memory[SK_MEMINFO_DROPS] : 0;
}

int udp_local(int fd, struct endpoint *out)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof sa;

	if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
		return -1;
	return endpoint_from_sockaddr(&sa, out);
}

ssize_t udp_receive(int fd, uint8_t *bytes, size_t room, struct endpoint *from)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof sa;
	ssize_t got;

	do {
		got = recvfrom(fd, bytes, room, MSG_TRUNC, (struct sockaddr *)&sa, &len);
	} while (got < 0 && errno == EINTR);
	if (got >= 0 && endpoint_from_sockaddr(&sa, from) != 0) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	return got;
}

int udp_send(int fd, const struct endpoint *to, const uint8_t *bytes, size_t len)
{
	return udp_send_far(fd, to, bytes, len, 0);
}

static void set_hops(struct msghdr *m, const struct endpoint *to, int hops)
{
	bool is_v6 = to->address.family == ADDRESS_IPV6;
	struct cmsghdr *c;

	m->msg_controllen = CMSG_SPACE(sizeof hops);
	c = CMSG_FIRSTHDR(m);
	*c = (struct cmsghdr){ .cmsg_level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		               .cmsg_type = is_v6 ? IPV6_HOPLIMIT : IP_TTL,
		               .cmsg_len = CMSG_LEN(sizeof hops) };
	memcpy(CMSG_DATA(c), &hops, sizeof hops);
}

int udp_send_far(int fd, const struct endpoint *to, const uint8_t *bytes, size_t len, uint8_t hops)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct sockaddr_storage sa;
	struct iovec io = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = len };
	struct msghdr m = { .msg_name = &sa, .msg_iov = &io, .msg_iovlen = 1, .msg_control = control };
	ssize_t sent;

	m.msg_namelen = (socklen_t)endpoint_to_sockaddr(to, &sa);
	if (hops > 0)
		set_hops(&m, to, hops);
	do {
		sent = sendmsg(fd, &m, 0);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

int udp_keep_errors(int fd)
{
	struct endpoint local;
	int on = 1;

	if (udp_local(fd, &local) != 0)
		return -1;
	if (local.address.family == ADDRESS_IPV6)
		return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
	return setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
}

/* RFC 1122 §3.2.2.1 and RFC 1812 §5.2.7.1; RFC 4443 §3.1. */
static enum udp_error_kind kind_of(const struct sock_extended_err *e)
{
	bool icmp = e->ee_origin == SO_EE_ORIGIN_ICMP && e->ee_type == ICMP_DEST_UNREACH;

	if (e->ee_errno == ECONNREFUSED)
		return UDP_ERROR_PORT;
	if (e->ee_errno == EACCES || /* ICMPv6 */
	    (icmp && (e->ee_code == ICMP_NET_ANO || e->ee_code == ICMP_HOST_ANO || e->ee_code == ICMP_PKT_FILTERED)))
		return UDP_ERROR_PROHIBITED;
	return e->ee_errno == EHOSTUNREACH || e->ee_errno == ENETUNREACH ? UDP_ERROR_NO_WAY : UDP_ERROR_OTHER;
}

static void read_error(const struct cmsghdr *c, struct udp_error *out)
{
	struct sock_extended_err e;
	struct sockaddr_storage reporter = { 0 };
	size_t len = c->cmsg_len - CMSG_LEN(sizeof e);

	memcpy(&e, CMSG_DATA(c), sizeof e);
	memcpy(&reporter, CMSG_DATA(c) + sizeof e, len < sizeof reporter ? len : sizeof reporter);
	out->kind = kind_of(&e);
	if (endpoint_from_sockaddr(&reporter, &out->reporter) != 0)
		out->reporter = (struct endpoint){ 0 }; /* an error of this host's own */
	out->reporter.port = 0;
}

bool udp_next_error(int fd, struct udp_error *out)
{
	struct sockaddr_storage to = { 0 };
	_Alignas(struct cmsghdr) char control[512];
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof to, .msg_control = control, .msg_controllen = sizeof control
	};

	*out = (struct udp_error){ 0 };
	if (recvmsg(fd, &m, MSG_ERRQUEUE) < 0 || endpoint_from_sockaddr(&to, &out->to) != 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c))
		if (((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		     (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) &&
		    c->cmsg_len >= CMSG_LEN(sizeof(struct sock_extended_err)))
			read_error(c, out);
	return true;
}

unsigned udp_host_addresses(const struct endpoint *bound, struct endpoint *out, unsigned room)
{
	struct ifaddrs *all = NULL;
	unsigned count = 0;

	if (address_scope(&bound->address) != ADDRESS_UNSPECIFIED) {
		out[0] = *bound;
		return room > 0;
	}
	if (getifaddrs(&all) != 0)
		return 0;
	for (const struct ifaddrs *a = all; a != NULL && count < room; a = a->ifa_next) {
		struct sockaddr_storage sa = { 0 };
		struct endpoint e;

		if (a->ifa_addr == NULL || (a->ifa_flags & IFF_UP) == 0)
			continue;
		memcpy(&sa, a->ifa_addr,
		       a->ifa_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
		if (endpoint_from_sockaddr(&sa, &e) != 0 || e.address.family != bound->address.family ||
		    (address_scope(&e.address) != ADDRESS_PRIVATE && address_scope(&e.address) != ADDRESS_GLOBAL))
			continue;
		e.port = bound->port;
		out[count++] = e;
	}
	freeifaddrs(all);
	return count;
}

int udp_source_for(const struct endpoint *to, struct endpoint *out)
{
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(to, &sa);
	int fd = socket_for(to);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&sa, len) != 0 || udp_local(fd, out) != 0)
		return close_and_fail(fd);
	close(fd);
	out->port = 0;
	return 0;
}

static const char needs_no_scope[] =
    "a link-local address is of one interface only; write another address of that host";

bool udp_can_reach(const struct endpoint *to, char error[UDP_ERROR_SIZE])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	bool ipv6 = to->address.family == ADDRESS_IPV6;
	struct endpoint ipv4 = { .address.family = ADDRESS_IPV4, .port = to->port };
	char text[ENDPOINT_TEXT_SIZE];

	memcpy(ipv4.address.bytes, to->address.bytes + sizeof mapped, 4);
	if (!endpoint_is_sendable(to))
		snprintf(error, UDP_ERROR_SIZE, "nobody can be reached there");
	else if (ipv6 && memcmp(to->address.bytes, mapped, sizeof mapped) == 0)
		snprintf(error, UDP_ERROR_SIZE, "that is an IPv4 address; write %s", endpoint_format(&ipv4, text));
	else if (ipv6 && address_scope(&to->address) == ADDRESS_LINK_LOCAL)
		snprintf(error, UDP_ERROR_SIZE, "%s", needs_no_scope);
	else
		return true;
	return false;
}

/* Cuts "HOST:PORT" in two; a text without a port, or an IPv6 address without brackets, gives `port`. */
static int split(const char *text, char *host, size_t room, uint16_t *port, char *error)
{
	const char *colon = strrchr(text, ':');
	struct endpoint alone;
	size_t len = strlen(text);

	bool ends_in_bracket = len > 0 && text[len - 1] == ']';

	if (*port != 0 && (colon == NULL || ends_in_bracket || endpoint_parse_address(text, *port, &alone) == 0))
		colon = NULL;
	else if (colon == NULL) {
		snprintf(error, UDP_ERROR_SIZE, "no port; write HOST:PORT");
		return -1;
	} else if (endpoint_parse_port(colon + 1, port) != 0) {
		snprintf(error, UDP_ERROR_SIZE, "bad port; it is a number from 1 to 65535");
		return -1;
	} else if (text[0] != '[' && memchr(text, ':', (size_t)(colon - text)) != NULL) {
		snprintf(error, UDP_ERROR_SIZE, "an IPv6 address with a port is written [ADDRESS]:PORT");
		return -1;
	} else {
		len = (size_t)(colon - text);
	}
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= room) {
		snprintf(error, UDP_ERROR_SIZE, "bad host name");
		return -1;
	}
	memcpy(host, text, len);
	host[len] = '\0';
	return 0;
}

static int look_up(const char *host, int family, uint16_t port, struct endpoint *out)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;
	struct sockaddr_storage sa = { 0 };
	int failure = getaddrinfo(host, NULL, &hints, &found);

	if (failure != 0)
		return failure;
	memcpy(&sa, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (endpoint_from_sockaddr(&sa, out) != 0)
		return EAI_FAMILY;
	out->port = port;
	return 0;
}

static bool is_there_a_way(const struct endpoint *to)
{
	struct endpoint from;

	return udp_source_for(to, &from) == 0;
}

/* A name may have addresses of both: IPv4, unless this host has a way to the IPv6 one alone. */
static int look_up_either(const char *host, uint16_t port, struct endpoint *out)
{
	struct endpoint ipv6;
	int failure = look_up(host, AF_INET, port, out);

	if (failure != 0)
		return look_up(host, AF_INET6, port, out);
	if (!is_there_a_way(out) && look_up(host, AF_INET6, port, &ipv6) == 0 && is_there_a_way(&ipv6))
		*out = ipv6;
	return 0;
}

/* What the network's name server tells of its prefix. */
static bool ask_for_nat64(struct nat64_prefix *out)
{
	struct endpoint told;

	log_info("no way by IPv4: is there a NAT64? Asking for " NAT64_NAME);
	return look_up(NAT64_NAME, AF_INET6, 1, &told) == 0 && nat64_discover(&told.address, out);
}

bool udp_find_nat64(struct endpoint *to, bool by_name, struct nat64_prefix *out)
{
	const struct endpoint ipv4 = endpoint_ipv4(NAT64_NAME_FIRST, 1);
	bool is_ipv4 = to->address.family == ADDRESS_IPV4;
	struct nat64_prefix found = nat64_well_known();
	struct endpoint ipv6 = { .address = nat64_embed(&found, &ipv4.address), .port = 1 };
	struct address within = to->address;

	if (address_scope(&to->address) != ADDRESS_GLOBAL || is_there_a_way(is_ipv4 ? to : &ipv4) ||
	    !is_there_a_way(&ipv6))
		return false;
	if (is_ipv4 || !nat64_extract(&found, &to->address, &within)) {
		if ((!is_ipv4 && !by_name) || !ask_for_nat64(&found))
			return false;
		if (!is_ipv4 && !nat64_extract(&found, &to->address, &within))
			return false;
	}
	to->address = within;
	*out = found;
	return true;
}

int udp_resolve(const char *text, uint16_t port, enum address_family family, struct endpoint *out,
                char error[UDP_ERROR_SIZE])
{
	char host[NI_MAXHOST];
	int failure;

	if (split(text, host, sizeof host, &port, error) != 0)
		return -1;
	if (strchr(host, '%') != NULL) { /* its interface has no place in an endpoint */
		snprintf(error, UDP_ERROR_SIZE, "%s", needs_no_scope);
		return -1;
	}
	if (family == ADDRESS_NONE)
		failure = look_up_either(host, port, out);
	else
		failure = look_up(host, family == ADDRESS_IPV6 ? AF_INET6 : AF_INET, port, out);
	if (failure == 0)
		return 0;
	snprintf(error, UDP_ERROR_SIZE, "cannot find that host: %s",
	         failure == EAI_SYSTEM ? strerror(errno) : gai_strerror(failure));
	return -1;
}
