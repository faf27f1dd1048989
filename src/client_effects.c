#include "client_effects.h"

#include "io/clock.h"
#include "io/console.h"
#include "io/log.h"
#include "io/udp.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum event_style client_style(void)
{
	return console_is_terminal() ? EVENT_FOR_PEOPLE : EVENT_FOR_PROGRAMS;
}

void client_print(struct client *c, const char *line)
{
	if (!console_print(line))
		c->quitting = true; /* nobody hears of it any more */
}

void client_complain(struct client *c, const char *format, ...)
{
	char line[CONSOLE_LINE_SIZE];
	size_t len = (size_t)snprintf(line, sizeof line, "error: ");
	va_list args;

	va_start(args, format);
	vsnprintf(line + len, sizeof line - len, format, args);
	va_end(args);
	c->failed = true;
	client_print(c, line);
}

/* --- behind a NAT64 ---------------------------------------------------------------------------- */

bool client_is_behind_nat64(const struct client *c)
{
	return c->options.nat64.network.family != ADDRESS_NONE;
}

void client_take_from(const struct client *c, uint16_t socket, struct endpoint *from)
{
	const struct address as_it_came = from->address;

	if (client_is_behind_nat64(c) && socket != SOCKET_SET_OTHER_FAMILY)
		(void)nat64_extract(&c->options.nat64, &as_it_came, &from->address);
}

static struct endpoint destination(const struct client *c, const struct datagram *d)
{
	struct endpoint to = d->to;

	if (client_is_behind_nat64(c) && to.address.family == ADDRESS_IPV4)
		to.address = nat64_embed(&c->options.nat64, &to.address);
	return to;
}

/* ----------------------------------------------------------------------------------------------- */

static void send_datagram(struct client *c, const struct datagram *d)
{
	const struct endpoint to = destination(c, d);
	int fd = c->fds[d->socket];
	int error = udp_send_far(fd, &to, d->bytes, d->len, d->hops) == 0 ? 0 : errno;

	send_errors_note(&c->unsent, &d->to, endpoint_equal(&d->to, &c->options.config.server), error);
}

static void open_socket(struct client *c, uint16_t number)
{
	struct endpoint at = c->options.bind;

	at.port = 0;
	c->fds[number] = udp_open(&at);
	if (c->fds[number] >= 0 && udp_local(c->fds[number], &at) == 0)
		peer_socket_opened(&c->peer, number, at.port);
	else
		peer_socket_opened(&c->peer, number, 0);
}

/* One more while the first is still there: so it has another port. Where there is none, things stay as they are. */
static void renew_first(struct client *c)
{
	struct endpoint at = c->options.bind;
	int fd;

	at.port = 0;
	fd = udp_open(&at);
	if (fd < 0 || udp_local(fd, &at) != 0) {
		if (fd >= 0)
			close(fd);
		peer_fresh_socket_opened(&c->peer, 0, clock_now_us());
		return;
	}
	close(c->fds[0]);
	c->fds[0] = fd;
	log_debug("nobody is heard any more: local %u from now on", (unsigned)at.port);
	peer_fresh_socket_opened(&c->peer, at.port, clock_now_us());
}

/* What the first socket was bound to, and the server's address, are those of the other family from now on. */
static void take_other_family(struct client *c)
{
	struct peer_config *config = &c->options.config;
	struct endpoint lost = config->server;
	char from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE];
	int first = c->fds[0];

	log_warning("nobody answers at %s; taking %s", endpoint_format(&lost, from),
	            endpoint_format(&config->other_server, to));
	config->server = config->other_server;
	config->other_server = lost;
	c->fds[0] = c->fds[SOCKET_SET_OTHER_FAMILY];
	c->fds[SOCKET_SET_OTHER_FAMILY] = first;
	c->options.bind = (struct endpoint){ .address.family = config->server.address.family };
	peer_other_family_taken(&c->peer, clock_now_us());
}

/* Opens and closes what the state machine wants, and does not want any more. */
static void follow_sockets(struct client *c)
{
	if (peer_wants_fresh_socket(&c->peer))
		renew_first(c);
	for (uint16_t i = 1; i < peer_sockets_end(&c->peer); i++) {
		bool wanted = peer_wants_socket(&c->peer, i);

		if (wanted && c->fds[i] < 0) {
			open_socket(c, i);
		} else if (!wanted && c->fds[i] >= 0) {
			close(c->fds[i]);
			c->fds[i] = -1;
		}
	}
}

/* The name nobody asked for is taken here: one is still somebody without it. */
static bool does_without_name(struct client *c, const struct event *e)
{
	bool is_name =
	    e->type == EVENT_LOGIN_FAILED && (e->reason == REASON_NAME_TAKEN || e->reason == REASON_NAME_REFUSED);

	if (!is_name || c->name_is_told || strcmp(c->peer.login.name, c->name) != 0)
		return false;
	log_warning("\"%s\" is taken at this server: logged in without a name; logout, and login NAME", c->name);
	c->name[0] = '\0';
	peer_login(&c->peer, "", clock_now_us());
	return true;
}

/* People see when it was, and names. */
static void show_event(struct client *c, const struct event *e)
{
	enum event_style style = client_style();
	char line[EVENT_LINE_SIZE + 16] = "";
	size_t len = 0;
	time_t now = time(NULL);
	struct tm local;

	if (!event_is_for(e, style))
		return;
	if (style == EVENT_FOR_PEOPLE && localtime_r(&now, &local) != NULL)
		len = strftime(line, sizeof line, "%H:%M:%S ", &local);
	event_format(e, style, line + len);
	client_print(c, line);
}

/* Who moves is followed; who writes first is whom one talks to. */
static void follow_partner(struct client *c, const struct event *e)
{
	struct partner *partner = &c->partner;

	if (e->type == EVENT_READDRESSED && endpoint_equal(&e->who, &partner->who))
		partner->who = e->via;
	if (e->type == EVENT_TEXT && partner->who.address.family == ADDRESS_NONE) {
		partner->who = e->who;
		memcpy(partner->called, e->name, sizeof partner->called);
	}
}

static void on_event(struct client *c, const struct event *e)
{
	client_names_note(&c->names, e->name);
	follow_partner(c, e);
	if (does_without_name(c, e))
		return;
	c->failed |= event_is_failure(e);
	show_event(c, e);
}

static void send_all(struct client *c)
{
	struct datagram datagram;

	follow_sockets(c);
	while (peer_next_datagram(&c->peer, &datagram))
		send_datagram(c, &datagram);
}

/* Carries out what the state machine has to send and to say. */
void client_carry_out(struct client *c)
{
	struct event event;

	send_all(c);
	if (peer_wants_other_family(&c->peer, clock_now_us())) {
		take_other_family(c);
		send_all(c);
	}
	client_pins_keep(&c->pins, &c->peer, clock_now_us());
	while (peer_next_event(&c->peer, &event))
		on_event(c, &event);
}
