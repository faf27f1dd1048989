#include "client_commands.h"

#include "chat/peer/client_command.h"
#include "client_effects.h"
#include "io/clock.h"
#include "io/console.h"
#include "io/output.h"
#include "io/udp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void show_help(struct client *c)
{
	for (enum client_command_name name = CLIENT_COMMAND_HELP; name < COMMANDS; name++) {
		char line[160];

		snprintf(line, sizeof line, "  %-24s%s", client_command_usage(name), client_command_help(name));
		client_print(c, line);
	}
}

static bool can_be_reached(struct client *c, const struct client_command *command)
{
	char problem[UDP_ERROR_SIZE];
	bool can = udp_can_reach(&c->who, problem);

	if (!can)
		client_complain(c, "\"%s\": %s", command->word, problem);
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
		client_complain(c, "\"%s\" is no name: it %s", word, name_fault_words(word, words));
		return false;
	}
	name_pad(word, name);
	return true;
}

/* The command names somebody who is not found: a text to him is not to be gone without a word. */
static void complain_of_nobody(struct client *c, const struct client_command *command, const uint8_t name[NAME_SIZE],
                               enum reason reason)
{
	char words[REASON_SIZE];

	client_complain(c, "\"%.*s\": %s", NAME_SIZE, (const char *)name, reason_words(reason, client_style(), words));
	if (command->text_len > 0)
		peer_give_up_text(&c->peer, name, reason, (const uint8_t *)command->text, command->text_len);
}

/* Where somebody is who has that name. Returns false if the server is asked first, or there is nobody. */
static bool find_named(struct client *c, const struct client_command *command, const uint8_t name[NAME_SIZE])
{
	enum reason reason;

	if (!peer_find(&c->peer, name, &c->who, &reason, clock_now_us())) {
		c->finding = true;
		return false;
	}
	if (reason != REASON_NONE)
		complain_of_nobody(c, command, name, reason);
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
		return read_name(c, command->word, called) && find_named(c, command, called);
	if (c->who.address.family != ADDRESS_NONE)
		return true;
	if (endpoint_parse(command->word, &c->who) == 0)
		return can_be_reached(c, command);
	if (resolver_start(&c->resolver, command->word, 0, c->options.config.server.address.family) != 0)
		client_complain(c, "\"%s\": cannot look it up: %s", command->word, strerror(errno));
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

/* The command in c->line waits; `who` may be NULL if it is for all. */
static void hold(struct client *c, enum held held, const struct endpoint *who)
{
	c->held = held;
	c->held_for = who != NULL ? *who : (struct endpoint){ 0 };
	if (console_is_terminal())
		client_print(c, "waiting for what was asked before; Ctrl-C leaves at once");
}

/* True if what a command is held for has come. */
static bool may_go_on(struct client *c)
{
	const struct path *path = paths_to(&c->peer.paths, &c->held_for);

	switch (c->held) {
	case HELD_NOT: break;
	case HELD_FOR_ANSWERS: return peer_is_idle(&c->peer);
	case HELD_FOR_ROOM: return peer_has_room(&c->peer, &c->held_for);
	case HELD_FOR_PATH: return path == NULL || !path_is_undecided(path);
	}
	return false;
}

/* Whether there is a path is not decided yet: the command in c->line waits until it is. */
static bool waits_for_path(struct client *c, const struct path *path)
{
	bool waits = path != NULL && path_is_undecided(path);

	if (waits)
		hold(c, HELD_FOR_PATH, &path->peer);
	return waits;
}

/* To c->who. A name that has no path is punched first. */
static void send_text(struct client *c, const struct client_command *command, const uint8_t called[NAME_SIZE])
{
	if (!peer_has_room(&c->peer, &c->who)) {
		hold(c, HELD_FOR_ROOM, &c->who);
		return;
	}
	remember_partner(c, called);
	if (called[0] != 0 && !peer_takes_texts(&c->peer, &c->who))
		peer_punch(&c->peer, &c->who, called, clock_now_us());
	peer_send(&c->peer, &c->who, called[0] != 0 ? called : NULL, (const uint8_t *)command->text, command->text_len,
	          clock_now_us());
}

static bool is_too_long(struct client *c, const struct client_command *command)
{
	if (command->text_len > WIRE_TEXT_MAX)
		client_complain(c, "the text has %zu bytes, a datagram carries %d", command->text_len, WIRE_TEXT_MAX);
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
		client_complain(c, "say it to whom? punch or send first");
	else if (called[0] == 0 || find_named(c, command, called))
		send_text(c, command, called);
}

static void do_verify(struct client *c, const struct client_command *command)
{
	uint8_t called[NAME_SIZE];

	if (find_peer(c, command, called) && !peer_verify(&c->peer, &c->who) &&
	    !waits_for_path(c, paths_to(&c->peer.paths, &c->who)))
		client_complain(c, "there is no path to \"%s\"; punch it first", command->word);
}

static void do_accept(struct client *c, const struct client_command *command)
{
	uint8_t name[NAME_SIZE];

	if (read_name(c, command->word, name) && !peer_accept(&c->peer, name) &&
	    !waits_for_path(c, paths_called(&c->peer.paths, name)))
		client_complain(c, "\"%s\" came with no other key", command->word);
}

/* What is under way by itself, after the server was lost, may as well be under another name. */
static bool has_other_name(const struct login *l, const char *name)
{
	bool settled = l->state == LOGIN_IN || (l->state == LOGIN_ENTERING && !l->automatic);

	return settled && strcmp(l->name, name) != 0;
}

static void do_login(struct client *c, const struct client_command *command)
{
	uint8_t name[NAME_SIZE];

	if (command->word[0] == '\0') {
		peer_login(&c->peer, c->name, clock_now_us());
	} else if (!read_name(c, command->word, name)) {
		return;
	} else if (has_other_name(&c->peer.login, command->word)) {
		client_complain(c, "you are logged in, or about to be; logout first, for another name");
	} else {
		c->name_is_told = true;
		peer_login(&c->peer, command->word, clock_now_us());
	}
}

static void do_list(struct client *c, const struct client_command *command)
{
	if (strlen(command->word) >= LISTING_PATTERN_SIZE)
		client_complain(c, "the pattern is longer than %d bytes", LISTING_PATTERN_SIZE - 1);
	else
		peer_list(&c->peer, command->word, clock_now_us());
}

static void do_logout(struct client *c)
{
	if (!peer_is_in(&c->peer))
		client_complain(c, "not logged in");
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
	client_carry_out(c);
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
		client_complain(c, "%s", problem);
		return;
	}
	c->held = HELD_NOT;
	if (waits_for_answers(&command) && !peer_is_idle(&c->peer))
		hold(c, HELD_FOR_ANSWERS, NULL);
	else
		do_command(c, &command);
}

/* The name in c->line is looked up. */
void client_commands_answer(struct client *c)
{
	struct client_command command;
	char problem[UDP_ERROR_SIZE + CLIENT_COMMAND_PROBLEM_SIZE];

	if (client_command_parse(c->line, &command, problem) != 0)
		return; /* it was read before */
	if (resolver_take(&c->resolver, &c->who, problem) != 0)
		client_complain(c, "\"%s\": %s", command.word, problem);
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
bool client_commands_are_taken(const struct client *c)
{
	bool waits = c->held || c->finding || resolver_is_busy(&c->resolver) || output_is_waiting();

	return !waits && !c->quitting && !peer_is_leaving(&c->peer);
}

void client_commands_run(struct client *c)
{
	if (c->finding && !peer_is_finding(&c->peer))
		on_found(c);
	if (may_go_on(c))
		run_line(c);
	while (client_commands_are_taken(c)) {
		switch (console_take_line(c->line)) {
		case CONSOLE_NOTHING: return;
		case CONSOLE_LINE:
			c->who = (struct endpoint){ 0 };
			run_line(c);
			break;
		case CONSOLE_TOO_LONG:
			client_complain(c, "the line is longer than %d bytes", CONSOLE_LINE_SIZE - 1);
			break;
		case CONSOLE_NO_TEXT: client_complain(c, "the line has a zero byte in it"); break;
		case CONSOLE_END:
			c->input_ended = true;
			c->quitting = peer_is_idle(&c->peer);
			return;
		}
	}
}

/* What may stand behind that on a line: a command first, then a name where one belongs. */
const char *client_commands_word(void *context, const char *before, unsigned i)
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
