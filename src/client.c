/* p2pchat's client: commands, sockets and time around the state machine of peer. */
#include "client_names.h"
#include "client_options.h"
#include "client_pins.h"
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
#include <pwd.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROMPT ">>> "
#define RECEIVE_ROOM 2048 /* what is longer than any datagram of ours is refused for its size */

/* Whom the user had to do with last: by name, if that is how, because addresses change. */
struct partner {
	struct endpoint who;
	uint8_t called[NAME_SIZE]; /* all zero if by address */
};

struct client {
	struct peer peer;
	struct client_options options;
	int fds[SOCKET_SET_MAX + 1]; /* the first is always open, the others while they are wanted; -1: closed */
	struct send_errors unsent;
	bool input_ended;
	struct resolver resolver; /* finds `who` */
	struct endpoint who;      /* the peer that `line` names, once it is found */
	bool finding;             /* the server is asked where that is */
	struct partner partner;   /* of `say` */
	char identity[PATH_MAX];  /* the file; "" for none */
	struct client_pins pins;
	struct client_names names;
	char name[NAME_TEXT_SIZE]; /* to log in with if none is typed */
	bool name_is_told;         /* by --name; else one can do without it */
	bool held;                 /* the command in `line` waits until what was asked before is answered, */
	struct endpoint held_for;  /* or, if this is an address, until there is room for a text to it */
	bool quitting;             /* told to, or the input is over */
	bool failed;               /* something typed has failed */
	char line[CONSOLE_LINE_SIZE];
};

/* Who keeps an identity is called as this computer calls him, if that can be a name. */
static void take_user_name(struct client *c)
{
	const struct passwd *user = getpwuid(geteuid());

	if (c->name[0] == '\0' && user != NULL &&
	    name_check((const uint8_t *)user->pw_name, strlen(user->pw_name), NULL) == NAME_IS_GOOD)
		snprintf(c->name, sizeof c->name, "%s", user->pw_name);
}

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
	} else {
		snprintf(c->identity, sizeof c->identity, "%s", told != NULL ? told : path);
		take_user_name(c);
	}
}

static void take_known_names(struct client *c)
{
	char error[PRIVATE_FILE_ERROR_SIZE];

	if (c->identity[0] != '\0' && client_pins_read(&c->pins, &c->peer.pins, c->identity, error) != 0) {
		log_error("known names: %s", error);
		exit(OPTIONS_USAGE_STATUS);
	}
}
static void start(struct client *c)
{
	char text[ENDPOINT_TEXT_SIZE];
	uint8_t name[NAME_SIZE];

	if (c->options.bind.address.family == ADDRESS_NONE)
		c->options.bind.address.family = c->options.config.server.address.family;
	if (sodium_init() < 0) {
		log_error("no randomness: libsodium cannot start");
		exit(OPTIONS_USAGE_STATUS);
	}
	if (c->options.name != NULL)
		snprintf(c->name, sizeof c->name, "%s", c->options.name);
	c->name_is_told = c->options.name != NULL;
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
	take_known_names(c);
	name_pad(c->name, name);
	client_names_note(&c->names, name);
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
	enum event_style style = console_is_terminal() ? EVENT_FOR_PEOPLE : EVENT_FOR_PROGRAMS;
	char line[EVENT_LINE_SIZE + 16] = "";
	size_t len = 0;
	time_t now = time(NULL);
	struct tm local;

	if (!event_is_for(e, style))
		return;
	if (style == EVENT_FOR_PEOPLE && localtime_r(&now, &local) != NULL)
		len = strftime(line, sizeof line, "%H:%M:%S ", &local);
	event_format(e, style, line + len);
	print(c, line);
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

/* Carries out what the state machine has to send and to say. */
static void carry_out(struct client *c)
{
	char error[PRIVATE_FILE_ERROR_SIZE];
	struct datagram datagram;
	struct event event;

	follow_sockets(c);
	while (peer_next_datagram(&c->peer, &datagram))
		send_datagram(c, &datagram);
	while (peer_next_event(&c->peer, &event))
		on_event(c, &event);
	if (client_pins_keep(&c->pins, &c->peer.pins, error) != 0)
		log_warning("known names: %s", error);
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
		complain(c, "\"%s\": %s", command->word, problem);
	return can;
}

/* An address has a port; no name has a colon in it. */
static bool is_name(const char *word)
{
	return strchr(word, ':') == NULL;
}

/* Reads a name that was typed. Returns false if it cannot be one, and says why. */
static bool read_name(struct client *c, const char *word, uint8_t name[NAME_SIZE])
{
	char words[NAME_FAULT_SIZE];

	if (name_check((const uint8_t *)word, strlen(word), NULL) != NAME_IS_GOOD) {
		complain(c, "\"%s\" is no name: it %s", word, name_fault_words(word, words));
		return false;
	}
	name_pad(word, name);
	return true;
}

/* Where somebody is who has that name. Returns false if the server is asked first, or there is nobody. */
static bool find_named(struct client *c, const uint8_t name[NAME_SIZE])
{
	enum reason reason;

	if (!peer_find(&c->peer, name, &c->who, &reason, clock_now_us())) {
		c->finding = true;
		return false;
	}
	if (reason != REASON_NONE)
		complain(c, "\"%.*s\": %s", NAME_SIZE, (const char *)name, reason_words(reason));
	return reason == REASON_NONE;
}

/*
 * Makes c->who the peer that the command names, and `called` its name if that is how. Returns false if it must be
 * looked up first, or cannot be.
 */
static bool find_peer(struct client *c, const struct client_command *command, uint8_t called[NAME_SIZE])
{
	memset(called, 0, NAME_SIZE);
	if (is_name(command->word))
		return read_name(c, command->word, called) && find_named(c, called);
	if (c->who.address.family != ADDRESS_NONE)
		return true;
	if (endpoint_parse(command->word, &c->who) == 0)
		return can_be_reached(c, command);
	if (resolver_start(&c->resolver, command->word, 0, c->options.config.server.address.family) != 0)
		complain(c, "\"%s\": cannot look it up: %s", command->word, strerror(errno));
	return false;
}

static void remember_partner(struct client *c, const uint8_t called[NAME_SIZE])
{
	c->partner.who = c->who;
	memcpy(c->partner.called, called, sizeof c->partner.called);
}

static void do_punch(struct client *c, const struct client_command *command)
{
	uint8_t called[NAME_SIZE];

	if (!find_peer(c, command, called))
		return;
	remember_partner(c, called);
	peer_punch(&c->peer, &c->who, called[0] != 0 ? called : NULL, clock_now_us());
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

/* To c->who. A name that has no path is punched first. */
static void send_text(struct client *c, const struct client_command *command, const uint8_t called[NAME_SIZE])
{
	if (!peer_has_room(&c->peer, &c->who)) {
		hold(c, &c->who);
		return;
	}
	remember_partner(c, called);
	if (called[0] != 0 && !peer_takes_texts(&c->peer, &c->who))
		peer_punch(&c->peer, &c->who, called, clock_now_us());
	peer_send(&c->peer, &c->who, (const uint8_t *)command->text, command->text_len, clock_now_us());
}

static bool is_too_long(struct client *c, const struct client_command *command)
{
	if (command->text_len > WIRE_TEXT_MAX)
		complain(c, "the text has %zu bytes, a datagram carries %d", command->text_len, WIRE_TEXT_MAX);
	return command->text_len > WIRE_TEXT_MAX;
}

static void do_send(struct client *c, const struct client_command *command)
{
	uint8_t called[NAME_SIZE];

	if (!is_too_long(c, command) && find_peer(c, command, called))
		send_text(c, command, called);
}

static void do_say(struct client *c, const struct client_command *command)
{
	uint8_t called[NAME_SIZE];

	memcpy(called, c->partner.called, sizeof called);
	c->who = c->partner.who;
	if (is_too_long(c, command))
		return;
	if (c->who.address.family == ADDRESS_NONE)
		complain(c, "say it to whom? punch or send first");
	else if (called[0] == 0 || find_named(c, called))
		send_text(c, command, called);
}

static void do_verify(struct client *c, const struct client_command *command)
{
	uint8_t called[NAME_SIZE];

	if (find_peer(c, command, called) && !peer_verify(&c->peer, &c->who))
		complain(c, "there is no path to \"%s\"; punch it first", command->word);
}

static void do_accept(struct client *c, const struct client_command *command)
{
	uint8_t name[NAME_SIZE];

	if (read_name(c, command->word, name) && !peer_accept(&c->peer, name))
		complain(c, "\"%s\" came with no other key", command->word);
}

static void do_login(struct client *c, const struct client_command *command)
{
	uint8_t name[NAME_SIZE];

	if (command->word[0] == '\0') {
		peer_login(&c->peer, c->name, clock_now_us());
	} else if (!read_name(c, command->word, name)) {
		return;
	} else if (c->peer.login.state == LOGIN_IN && strcmp(c->peer.login.name, command->word) != 0) {
		complain(c, "you are logged in; logout first, for another name");
	} else {
		c->name_is_told = true;
		peer_login(&c->peer, command->word, clock_now_us());
	}
}

static void do_list(struct client *c, const struct client_command *command)
{
	if (strlen(command->word) >= LISTING_PATTERN_SIZE)
		complain(c, "the pattern is longer than %d bytes", LISTING_PATTERN_SIZE - 1);
	else
		peer_list(&c->peer, command->word, clock_now_us());
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
	case CLIENT_COMMAND_LOGIN: do_login(c, command); break;
	case CLIENT_COMMAND_LIST: do_list(c, command); break;
	case CLIENT_COMMAND_STATUS: peer_status(&c->peer, clock_now_us()); break;
	case CLIENT_COMMAND_PUNCH: do_punch(c, command); break;
	case CLIENT_COMMAND_SAY: do_say(c, command); break;
	case CLIENT_COMMAND_SEND: do_send(c, command); break;
	case CLIENT_COMMAND_VERIFY: do_verify(c, command); break;
	case CLIENT_COMMAND_ACCEPT: do_accept(c, command); break;
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
		complain(c, "\"%s\": %s", command.word, problem);
	else if (can_be_reached(c, &command))
		do_command(c, &command);
}

/* The server has told who has the name in c->line, or that nobody has. */
static void on_found(struct client *c)
{
	struct client_command command;
	char problem[CLIENT_COMMAND_PROBLEM_SIZE];

	c->finding = false;
	if (client_command_parse(c->line, &command, problem) == 0)
		do_command(c, &command);
}

/* Nothing is read while the one before is not through, or what came of it not taken. */
static bool takes_commands(const struct client *c)
{
	bool waits = c->held || c->finding || resolver_is_busy(&c->resolver) || output_is_waiting();

	return !waits && !c->quitting && !peer_is_leaving(&c->peer);
}

static void run_commands(struct client *c)
{
	if (c->finding && !peer_is_finding(&c->peer))
		on_found(c);
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

/* What may stand behind that on a line: a command first, then a name where one belongs. */
static const char *words_for(void *context, const char *before, unsigned i)
{
	const struct client *c = context;
	struct client_command command;
	char problem[CLIENT_COMMAND_PROBLEM_SIZE];

	if (before[0] == '\0')
		return i + CLIENT_COMMAND_HELP < COMMANDS ? client_command_word(i + CLIENT_COMMAND_HELP) : NULL;
	if (client_command_parse(before, &command, problem) == 0 || strchr(before, ' ') != before + strlen(before) - 1)
		return NULL;
	return client_command_takes_name(command.name) ? client_names_at(&c->names, i) : NULL;
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
		turn(c, (takes_commands(c) || console_has_room()) && !c->input_ended);
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
	console_complete(words_for, &client);
	if (console_is_terminal())
		print(&client, "p2pchat: help shows what can be typed, Tab completes it");
	if (client.options.name != NULL)
		peer_login(&client.peer, client.name, clock_now_us());
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
