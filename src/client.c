/* p2pchat's client: commands, sockets and time around the state machine of peer. */
#include "client_options.h"
#include "io/clock.h"
#include "chat/peer/client_command.h"
#include "io/console.h"
#include "io/identity_file.h"
#include "io/log.h"
#include "io/loop.h"
#include "io/options.h"
#include "io/output.h"
#include "chat/peer/peer.h"
#include "io/resolver.h"
#include "io/udp.h"
#include "io/send_errors.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROMPT ">>> "
#define RECEIVE_ROOM 2048 /* what is longer than any datagram of ours is refused for its size */

struct client {
	struct peer peer;
	struct client_options options;
	int fds[SOCKET_SET_MAX + 1]; /* the first is always open, the others while they are wanted; -1: closed */
	struct send_errors unsent;
	bool input_ended;
	struct resolver resolver; /* finds `who` */
	struct endpoint who;      /* the peer that `line` names, once it is found */
	bool held;                /* the command in `line` waits until what was asked before is answered, */
	struct endpoint held_for; /* or, if this is an address, until there is room for a text to it */
	bool quitting;            /* told to, or the input is over */
	bool failed;              /* something typed has failed */
	char line[CONSOLE_LINE_SIZE];
};

/* One that cannot be kept where nobody asked for it is no reason not to chat; a bad file always is one. */
static void take_identity(struct client *c)
{
	char path[PATH_MAX], error[IDENTITY_FILE_ERROR_SIZE];
	const char *told = c->options.identity;
	bool keeps = told == NULL || strcmp(told, "none") != 0;

	randombytes_buf(c->options.config.identity, sizeof c->options.config.identity);
	if (!keeps)
		return;
	if (told == NULL && identity_file_default(path, sizeof path) != 0) {
		log_warning("no home folder: peers will know you by a new identity the next time; see --identity");
	} else if (identity_file_read(told != NULL ? told : path, c->options.config.identity, error) != 0) {
		log_error("identity: %s", error);
		exit(OPTIONS_USAGE_STATUS);
	}
}

static void start(struct client *c)
{
	char text[ENDPOINT_TEXT_SIZE];

	if (c->options.bind.address.family == ADDRESS_NONE)
		c->options.bind.address.family = c->options.config.server.address.family;
	if (sodium_init() < 0) {
		log_error("no randomness: libsodium cannot start");
		exit(OPTIONS_USAGE_STATUS);
	}
	take_identity(c);
	for (unsigned i = 0; i <= SOCKET_SET_MAX; i++)
		c->fds[i] = -1;
	c->fds[0] = udp_open(&c->options.bind);
	if (c->fds[0] < 0 || udp_local(c->fds[0], &c->options.bind) != 0) {
		log_error("cannot use %s: %s", endpoint_format(&c->options.bind, text), strerror(errno));
		exit(OPTIONS_USAGE_STATUS);
	}
	c->options.config.host_count =
	    (uint8_t)udp_host_addresses(&c->options.bind, c->options.config.hosts, WIRE_HOSTS_MAX);
	randombytes_buf(c->options.config.seed, sizeof c->options.config.seed);
	peer_init(&c->peer, &c->options.config);
	log_debug("local %s", endpoint_format(&c->options.bind, text));
	log_debug("server %s", endpoint_format(&c->options.config.server, text));
}

/* --- what comes out
 * --------------------------------------------------------------------------------------------------- */

static void print(struct client *c, const char *line)
{
	if (!console_print(line))
		c->quitting = true; /* nobody hears of it any more */
}

static void __attribute__((format(printf, 2, 3))) complain(struct client *c, const char *format, ...)
{
	char line[CONSOLE_LINE_SIZE];
	size_t len = (size_t)snprintf(line, sizeof line, "error: ");
	va_list args;

	va_start(args, format);
	vsnprintf(line + len, sizeof line - len, format, args);
	va_end(args);
	c->failed = true;
	print(c, line);
}

static void send_datagram(struct client *c, const struct datagram *d)
{
	int fd = c->fds[d->socket];
	int error = udp_send(fd, &d->to, d->bytes, d->len) == 0 ? 0 : errno;

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

/* Opens and closes what the state machine wants, and does not want any more. */
static void follow_sockets(struct client *c)
{
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

/* Carries out what the state machine has to send and to say. */
static void carry_out(struct client *c)
{
	char line[EVENT_LINE_SIZE];
	struct datagram datagram;
	struct event event;

	follow_sockets(c);
	while (peer_next_datagram(&c->peer, &datagram))
		send_datagram(c, &datagram);
	while (peer_next_event(&c->peer, &event)) {
		c->failed |= event_is_failure(&event);
		print(c, event_format(&event, line));
	}
}

/* --- commands ----------------------------------------------------------------------------------------------------- */

static void show_help(struct client *c)
{
	for (enum client_command_name name = CLIENT_COMMAND_HELP; name < COMMANDS; name++) {
		char line[160];

		snprintf(line, sizeof line, "  %-24s%s", client_command_usage(name), client_command_help(name));
		print(c, line);
	}
}

static bool can_be_reached(struct client *c, const struct client_command *command)
{
	char problem[UDP_ERROR_SIZE];
	bool can = udp_can_reach(&c->who, problem);

	if (!can)
		complain(c, "\"%s\": %s", command->peer, problem);
	return can;
}

/* Makes c->who the peer that the command names. Returns false if it must be looked up first, or cannot be. */
static bool find_peer(struct client *c, const struct client_command *command)
{
	if (c->who.address.family != ADDRESS_NONE)
		return true;
	if (endpoint_parse(command->peer, &c->who) == 0)
		return can_be_reached(c, command);
	if (resolver_start(&c->resolver, command->peer, 0, c->options.config.server.address.family) != 0)
		complain(c, "\"%s\": cannot look it up: %s", command->peer, strerror(errno));
	return false;
}

static void do_punch(struct client *c, const struct client_command *command)
{
	if (find_peer(c, command))
		peer_punch(&c->peer, &c->who, clock_now_us());
}

/* The command in c->line waits: for room for a text to `room_for`, or, if that is NULL, for all answers. */
static void hold(struct client *c, const struct endpoint *room_for)
{
	c->held = true;
	c->held_for = room_for != NULL ? *room_for : (struct endpoint){ 0 };
	if (console_is_terminal())
		print(c, "waiting for what was asked before; Ctrl-C leaves at once");
}

/* True if what a command is held for has come. */
static bool may_go_on(struct client *c)
{
	if (c->held_for.address.family == ADDRESS_NONE)
		return peer_is_idle(&c->peer);
	return peer_has_room(&c->peer, &c->held_for);
}

static void do_send(struct client *c, const struct client_command *command)
{
	if (command->text_len > WIRE_TEXT_MAX)
		complain(c, "the text has %zu bytes, a datagram carries %d", command->text_len, WIRE_TEXT_MAX);
	else if (!find_peer(c, command))
		return;
	else if (!peer_has_room(&c->peer, &c->who))
		hold(c, &c->who);
	else
		peer_send(&c->peer, &c->who, (const uint8_t *)command->text, command->text_len, clock_now_us());
}

static void do_verify(struct client *c, const struct client_command *command)
{
	if (find_peer(c, command) && !peer_verify(&c->peer, &c->who))
		complain(c, "there is no path to \"%s\"; punch it first", command->peer);
}

static void do_logout(struct client *c)
{
	if (!peer_is_in(&c->peer))
		complain(c, "not logged in");
	else
		peer_logout(&c->peer, clock_now_us());
}

static void do_command(struct client *c, const struct client_command *command)
{
	switch (command->name) {
	case CLIENT_COMMAND_NONE: break;
	case CLIENT_COMMAND_HELP: show_help(c); break;
	case CLIENT_COMMAND_LOGIN: peer_login(&c->peer, clock_now_us()); break;
	case CLIENT_COMMAND_LIST: peer_list(&c->peer, clock_now_us()); break;
	case CLIENT_COMMAND_PUNCH: do_punch(c, command); break;
	case CLIENT_COMMAND_SEND: do_send(c, command); break;
	case CLIENT_COMMAND_VERIFY: do_verify(c, command); break;
	case CLIENT_COMMAND_LOGOUT: do_logout(c); break;
	case CLIENT_COMMAND_QUIT: c->quitting = true; break;
	case COMMANDS: break;
	}
	carry_out(c);
}

static bool waits_for_answers(const struct client_command *command)
{
	return command->name == CLIENT_COMMAND_LOGOUT || command->name == CLIENT_COMMAND_QUIT;
}

/* Carries out the command in c->line, or holds it. */
static void run_line(struct client *c)
{
	struct client_command command;
	char problem[CLIENT_COMMAND_PROBLEM_SIZE];

	if (client_command_parse(c->line, &command, problem) != 0) {
		complain(c, "%s", problem);
		return;
	}
	c->held = false;
	if (waits_for_answers(&command) && !peer_is_idle(&c->peer))
		hold(c, NULL);
	else
		do_command(c, &command);
}

/* The name in c->line is looked up. */
static void on_answer(struct client *c)
{
	struct client_command command;
	char problem[UDP_ERROR_SIZE + CLIENT_COMMAND_PROBLEM_SIZE];

	if (client_command_parse(c->line, &command, problem) != 0)
		return; /* it was read before */
	if (resolver_take(&c->resolver, &c->who, problem) != 0)
		complain(c, "\"%s\": %s", command.peer, problem);
	else if (can_be_reached(c, &command))
		do_command(c, &command);
}

/* Nothing is read while the one before is not through, or what came of it not taken. */
static bool takes_commands(const struct client *c)
{
	bool waits = c->held || resolver_is_busy(&c->resolver) || output_is_waiting();

	return !waits && !c->quitting && !peer_is_leaving(&c->peer);
}

static void run_commands(struct client *c)
{
	if (c->held && may_go_on(c))
		run_line(c);
	while (takes_commands(c)) {
		switch (console_take_line(c->line)) {
		case CONSOLE_NOTHING: return;
		case CONSOLE_LINE:
			c->who = (struct endpoint){ 0 };
			run_line(c);
			break;
		case CONSOLE_TOO_LONG: complain(c, "the line is longer than %d bytes", CONSOLE_LINE_SIZE - 1); break;
		case CONSOLE_NO_TEXT: complain(c, "the line has a zero byte in it"); break;
		case CONSOLE_END:
			c->input_ended = true;
			c->quitting = peer_is_idle(&c->peer);
			return;
		}
	}
}

/* --- the loop ------------------------------------------------------------------------------------------------------
 */

/* Takes what has come to a socket, but the input and the clock are to get theirs. Returns whether nothing is left. */
static bool receive(struct client *c, uint16_t number)
{
	uint8_t bytes[RECEIVE_ROOM];
	struct endpoint from;

	for (unsigned i = 0; i < LOOP_DATAGRAMS && c->fds[number] >= 0; i++) {
		ssize_t len = udp_receive(c->fds[number], bytes, sizeof bytes, &from);

		if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		if (len < 0)
			continue; /* an ICMP error */
		peer_receive(&c->peer, number, &from, bytes, (size_t)len, clock_now_us());
		carry_out(c);
	}
	return false;
}

#define OTHERS 3 /* descriptors that are none of the sockets */

/* One wait, and what came of it. */
static void turn(struct client *c, bool with_input)
{
	struct pollfd fds[OTHERS + SOCKET_SET_MAX + 1] = {
		output_pollfd(),
		resolver_pollfd(&c->resolver),
		{ .fd = with_input ? STDIN_FILENO : -1, .events = POLLIN },
	};
	unsigned sockets = 0;
	bool empty = true;

	for (unsigned i = 0; i <= SOCKET_SET_MAX; i++) {
		fds[OTHERS + i] = (struct pollfd){ .fd = c->fds[i], .events = POLLIN };
		sockets = c->fds[i] >= 0 ? i + 1 : sockets;
	}
	loop_wait(fds, OTHERS + sockets, peer_deadline(&c->peer));
	console_follow_terminal();
	for (uint16_t i = 0; i < sockets; i++)
		if (fds[OTHERS + i].revents != 0)
			empty &= receive(c, i);
	if (fds[0].revents != 0)
		output_flush();
	if (fds[1].revents != 0)
		on_answer(c);
	if (fds[2].revents != 0)
		console_read();
	if (loop_may_judge(empty))
		peer_tick(&c->peer, clock_now_us());
	carry_out(c);
}

static void run(struct client *c)
{
	run_commands(c);
	while (!c->quitting && !loop_is_stopping() && !output_has_failed()) {
		turn(c, takes_commands(c) && !c->input_ended);
		run_commands(c);
	}
}

/* Says goodbye to everybody, and waits for their answers for a second at most. */
static void leave(struct client *c)
{
	resolver_stop(&c->resolver);
	if (peer_is_in(&c->peer) && !peer_is_leaving(&c->peer))
		peer_logout(&c->peer, clock_now_us());
	carry_out(c);
	while (peer_is_leaving(&c->peer))
		turn(c, false);
}

static void report(const struct client *c)
{
	const struct drops *d = &c->peer.fx.drops;

	log_debug("%llu datagrams received, %llu dropped", (unsigned long long)c->peer.received,
	          (unsigned long long)drops_total(d));
	for (unsigned i = 0; i < DROPS; i++)
		if (d->count[i] > 0)
			log_debug("dropped: %llu %s", (unsigned long long)d->count[i], drop_name(i));
}

int main(int argc, char **argv)
{
	static struct client client;
	bool failed;

	log_init(program_invocation_short_name, LOG_INFO);
	client_options_read(&client.options, argc, argv);
	log_init(program_invocation_short_name, client.options.level);
	loop_init();
	log_never_wait();
	start(&client);
	console_open(PROMPT);
	run(&client);
	failed = client.failed && !console_is_terminal();
	console_close();
	leave(&client);
	failed |= output_finish() != 0;
	report(&client);
	for (unsigned i = 0; i <= SOCKET_SET_MAX; i++)
		if (client.fds[i] >= 0)
			close(client.fds[i]);
	return failed ? 1 : 0;
}
