#include "check/measure.h"

#include "io/clock.h"
#include "model/igd.h"
#include "model/port_mapper.h"
#include "world/igd_exchange.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * An inside socket that has sent nothing asks for its port, and a packet of somebody it never heard of must then come
 * in. RFC 6886 is NAT-PMP, RFC 6887 PCP; they share a port.
 */
enum { UPNP, NAT_PMP, PCP, PROTOCOLS };

#define REQUEST_PORT 5351
#define SSDP_GROUP 0xeffffffa /* 239.255.255.250 */
#define SSDP_PORT 1900
#define TRIES 30 /* of what should answer; once of what should not */
#define TRY_MS 400
#define EXCHANGE_MS 30000
#define LEASE_S 600
#define LOOK_MS 250
#define LOOKS 8
#define OUTLIVES_MS ((NAT_SHORT_LEASE_S + 3) * UINT64_C(1000))

struct port_request {
	struct probe *p;
	const struct nat *asked;
	struct endpoint gateway; /* the box's inside address; port 0 */
	struct endpoint device;  /* the Internet gateway device; port 0: none was found */
	struct address outside;
};

static bool should_answer(const struct port_request *a, int protocol)
{
	const bool speaks[PROTOCOLS] = { a->asked->upnp != NAT_MAPPER_NONE, a->asked->nat_pmp, a->asked->pcp };

	return speaks[protocol] && a->asked->upnp != NAT_MAPPER_SILENT;
}

/* --- requests ------------------------------------------------------------------------------------ */

static int open_socket(const struct port_request *a, int type)
{
	return world_socket(a->p->world, a->p->hosts[0], AF_INET, type, 0);
}

/* Sends the request until an answer comes. Its length, or -1. */
static ssize_t exchange(const struct port_request *a, int protocol, struct endpoint to, const void *request, size_t len,
                        void *answer, size_t size)
{
	int tries = should_answer(a, protocol) ? TRIES : 1;
	struct sockaddr_storage address;
	socklen_t address_len = (socklen_t)endpoint_to_sockaddr(&to, &address);
	struct pollfd p = { .fd = open_socket(a, SOCK_DGRAM), .events = POLLIN };
	ssize_t n = -1;

	if (p.fd < 0)
		probe_fail(a->p, "cannot ask for a port");
	for (int i = 0; i < tries && n < 0 && p.fd >= 0; i++)
		if (sendto(p.fd, request, len, 0, (struct sockaddr *)&address, address_len) == (ssize_t)len &&
		    poll(&p, 1, TRY_MS) == 1)
			n = recv(p.fd, answer, size, 0);
	if (p.fd >= 0)
		close(p.fd);
	return n;
}

static void put_16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint16_t get_16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* What was given for `wanted`; 0: nothing. */
static uint16_t ask_nat_pmp(const struct port_request *a, uint16_t inside, uint16_t wanted, bool *answers)
{
	struct endpoint to = { a->gateway.address, REQUEST_PORT };
	uint8_t request[12] = { 0, 1 }, answer[16];

	put_16(request + 4, inside);
	put_16(request + 6, wanted);
	put_16(request + 10, LEASE_S);
	*answers = exchange(a, NAT_PMP, to, request, sizeof request, answer, sizeof answer) == sizeof answer &&
	           answer[0] == 0 && answer[1] == 129;
	return *answers && get_16(answer + 2) == 0 ? get_16(answer + 10) : 0;
}

static void put_mapped(uint8_t *at, const struct address *a)
{
	put_16(at + 10, 0xffff);
	memcpy(at + 12, a->bytes, 4);
}

static uint16_t ask_pcp(const struct port_request *a, const struct endpoint *inside, uint16_t wanted, bool *answers)
{
	struct endpoint to = { a->gateway.address, REQUEST_PORT };
	uint8_t request[60] = { 2, 1 }, answer[sizeof request];
	const struct address any = address_ipv4(0);

	put_16(request + 6, LEASE_S);
	put_mapped(request + 8, &inside->address);
	put_16(request + 24, inside->port); /* the nonce */
	request[36] = IPPROTO_UDP;
	put_16(request + 40, inside->port);
	put_16(request + 42, wanted);
	put_mapped(request + 44, &any);
	*answers = exchange(a, PCP, to, request, sizeof request, answer, sizeof answer) == sizeof answer &&
	           answer[0] == 2 && answer[1] == 129;
	return *answers && answer[3] == 0 ? get_16(answer + 42) : 0;
}

static uint16_t ask_upnp(const struct port_request *a, const struct endpoint *inside, uint16_t wanted, bool *answers)
{
	char request[IGD_TEXT_SIZE], answer[IGD_TEXT_SIZE];
	int code;

	*answers = a->device.port != 0;
	if (!*answers)
		return 0;
	igd_add_mapping(&a->device, wanted, inside, LEASE_S, request);
	code = igd_exchange(open_socket(a, SOCK_STREAM), &a->device, request, EXCHANGE_MS, answer);
	*answers = code >= 0;
	return code == 0 ? wanted : 0;
}

/* Whom the inside host finds when it looks for a gateway. */
static void find_device(struct port_request *a)
{
	static const char search[] =
	    "M-SEARCH * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
	    "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n";
	char answer[IGD_TEXT_SIZE], text[ENDPOINT_TEXT_SIZE];
	ssize_t n = exchange(a, UPNP, endpoint_ipv4(SSDP_GROUP, SSDP_PORT), search, sizeof search - 1, answer,
	                     sizeof answer - 1);
	const char *at;

	answer[n > 0 ? n : 0] = '\0';
	at = strstr(answer, "LOCATION: http://");
	if (at == NULL)
		return;
	at += strlen("LOCATION: http://");
	snprintf(text, sizeof text, "%.*s", (int)strcspn(at, "/\r"), at);
	if (endpoint_parse(text, &a->device) != 0)
		a->device.port = 0;
}

static uint16_t ask(const struct port_request *a, int protocol, const struct endpoint *inside, uint16_t wanted,
                    bool *answers)
{
	if (protocol == UPNP)
		return ask_upnp(a, inside, wanted, answers);
	if (protocol == NAT_PMP)
		return ask_nat_pmp(a, inside->port, wanted, answers);
	return ask_pcp(a, inside, wanted, answers);
}

/* --- what comes of them --------------------------------------------------------------------------- */

/* From a socket that nobody has sent to yet. */
static bool stranger_reaches(const struct port_request *a, int socket, uint16_t port)
{
	struct endpoint to = { a->outside, port };

	return probe_reaches(a->p, probe_socket(a->p, a->p->server, 0), to, socket);
}

/*
 * The same of a port that was given. A box that was slow to answer was asked twice, and miniupnpd shuts a port for a
 * moment when it is asked for again: one that is shut stays so.
 */
static bool is_open(const struct port_request *a, int socket, uint16_t port)
{
	bool reached = stranger_reaches(a, socket, port);

	for (int i = 1; i < LOOKS && !reached && !probe_failed(a->p); i++) {
		poll(NULL, 0, LOOK_MS);
		reached = stranger_reaches(a, socket, port);
	}
	return reached;
}

/* Returns the port that was opened, 0: none. */
static uint16_t try_protocol(const struct port_request *a, int protocol, int socket, struct observation *seen)
{
	struct endpoint inside = probe_local(a->p, socket);
	uint16_t port = ask(a, protocol, &inside, inside.port, &seen->mapper_answers[protocol]);

	seen->mapper_opens[protocol] = port != 0 && is_open(a, socket, port);
	return seen->mapper_opens[protocol] ? port : 0;
}

/* Another port than the wanted one is no better than a refusal to whoever has told others of it. */
static bool gives_usual(const struct port_request *a, int protocol)
{
	int socket = probe_socket(a->p, a->p->hosts[0], 0);
	struct endpoint inside = probe_local(a->p, socket);
	uint16_t usual = port_mapper_taken(0);
	bool answers;

	return ask(a, protocol, &inside, usual, &answers) == usual;
}

static bool has_public_address(const struct port_request *a)
{
	struct endpoint to = { a->gateway.address, REQUEST_PORT };
	char request[IGD_TEXT_SIZE], answer[IGD_TEXT_SIZE];
	uint8_t question[2] = { 0, 0 }, reply[12];

	if (a->device.port == 0)
		return exchange(a, NAT_PMP, to, question, sizeof question, reply, sizeof reply) == sizeof reply &&
		       get_16(reply + 2) == 0;
	igd_get_address(&a->device, request);
	return igd_exchange(open_socket(a, SOCK_STREAM), &a->device, request, EXCHANGE_MS, answer) == 0 &&
	       igd_answer_is_public(answer);
}

/* Until a while after it should have ended, if it is to end early. */
static bool outlives(const struct port_request *a, int socket, uint16_t port)
{
	uint64_t until = clock_now_ms() + OUTLIVES_MS;
	bool is_there = true;

	while (is_there && clock_now_ms() < until && !probe_failed(a->p)) {
		poll(NULL, 0, LOOK_MS);
		is_there = stranger_reaches(a, socket, port);
	}
	return is_there;
}

static bool survives_reboot(const struct port_request *a, int box, int socket, uint16_t port)
{
	if (world_reboot(a->p->world, box) != 0)
		probe_fail(a->p, "the box could not be rebooted");
	return stranger_reaches(a, socket, port);
}

void measure_port_mapping(struct probe *p, const struct nat *asked, bool waits, struct observation *seen)
{
	const struct topology *t = &p->world->topology;
	int box = topology_way_out(t, p->hosts[0])->behind, works = PROTOCOLS, socket = 0;
	struct port_request a = { .p = p, .asked = asked, .gateway.address = topology_lan_address(t, box) };
	uint16_t port = 0;

	a.outside = topology_way_out(t, box)->addresses[0];
	find_device(&a);
	for (int i = 0; i < PROTOCOLS && !probe_failed(p); i++) {
		int own = probe_socket(p, p->hosts[0], 0);
		uint16_t opened = try_protocol(&a, i, own, seen);

		if (opened != 0 && works == PROTOCOLS) {
			works = i;
			socket = own;
			port = opened;
		}
	}
	seen->mapper_seen = seen->mapper_outlives = true;
	seen->mapper_is_public = has_public_address(&a);
	if (works == PROTOCOLS)
		return;
	seen->mapper_gives_usual = gives_usual(&a, works);
	if (waits)
		seen->mapper_outlives = outlives(&a, socket, port);
	seen->mapper_survives_reboot = seen->mapper_outlives && survives_reboot(&a, box, socket, port);
}
