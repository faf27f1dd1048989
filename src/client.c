/* p2pchat's client: commands, sockets and time around the state machine of peer. */
#include "chat/peer/client_command.h"
#include "client_commands.h"
#include "client_effects.h"
#include "io/clock.h"
#include "io/console.h"
#include "io/identity_file.h"
#include "io/log.h"
#include "io/loop.h"
#include "io/options.h"
#include "io/output.h"
#include "io/privileges.h"
#include "io/udp.h"

#include <errno.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROMPT ">>> "
#define RECEIVE_ROOM 2048 /* what is longer than any datagram of ours is refused for its size */
#define OTHERS 3          /* descriptors that are none of the sockets */

/* Who keeps an identity is called as this computer calls him, if that can be a name. */
static void take_user_name(struct client *c)
{
	const struct passwd *user = getpwuid(geteuid());

	if (c->name[0] == '\0' && user != NULL &&
	    name_check((const uint8_t *)user->pw_name, strlen(user->pw_name), NULL) == NAME_IS_GOOD)
		snprintf(c->name, sizeof c->name, "%s", user->pw_name);
}

/* One that cannot be kept where nobody asked for it is no reason not to chat; a bad file always is one. */
static bool read_identity(struct client *c, const char *path, bool is_told)
{
	char error[IDENTITY_FILE_ERROR_SIZE];
	enum identity_file_outcome outcome = identity_file_read(path, c->options.config.identity, error);

	if (outcome == IDENTITY_FILE_IS_GOOD)
		return true;
	if (outcome == IDENTITY_FILE_IS_BAD || is_told) {
		log_error("identity: %s", error);
		exit(OPTIONS_USAGE_STATUS);
	}
	randombytes_buf(c->options.config.identity, sizeof c->options.config.identity);
	log_warning("identity: %s; the next time peers will know you by another key, and you will know none of them: "
	            "--identity FILE names another place",
	            error);
	return false;
}

static void take_identity(struct client *c)
{
	char path[PATH_MAX];
	const char *told = c->options.identity;
	bool keeps = told == NULL || strcmp(told, "none") != 0;

	randombytes_buf(c->options.config.identity, sizeof c->options.config.identity);
	if (!keeps)
		return;
	if (told == NULL && identity_file_default(path, sizeof path) != 0) {
		log_warning("no home folder: peers will know you by a new identity the next time; see --identity");
	} else if (read_identity(c, told != NULL ? told : path, told != NULL)) {
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

static void add_hosts(struct client *c, const struct endpoint *bound, unsigned room)
{
	struct peer_config *config = &c->options.config;

	config->host_count +=
	    (uint8_t)udp_host_addresses(bound, config->hosts + config->host_count, room - config->host_count);
}

/*
 * Where the server's family is bound to any address, so is the other, at the same port if that is free: peers of a
 * network that has both may reach each other by it when they do not by the server's. It is no harm if there is none.
 */
static void find_hosts(struct client *c)
{
	struct endpoint other = { .port = c->options.bind.port };
	int *fd = &c->fds[SOCKET_SET_OTHER_FAMILY];
	bool any = address_scope(&c->options.bind.address) == ADDRESS_UNSPECIFIED;

	if (!client_is_behind_nat64(c))
		add_hosts(c, &c->options.bind, any ? WIRE_HOSTS_MAX / 2 : WIRE_HOSTS_MAX);
	if (!any)
		return;
	other.address.family = c->options.config.server.address.family == ADDRESS_IPV6 ? ADDRESS_IPV4 : ADDRESS_IPV6;
	*fd = udp_open(&other);
	other.port = *fd >= 0 ? other.port : 0;
	if (*fd < 0)
		*fd = udp_open(&other);
	if (*fd < 0) /* of a family that the kernel does not have */
		c->options.config.other_server = (struct endpoint){ 0 };
	if (*fd >= 0 && udp_local(*fd, &other) == 0)
		add_hosts(c, &other, WIRE_HOSTS_MAX);
}

static void start(struct client *c)
{
	char text[ENDPOINT_TEXT_SIZE];
	uint8_t name[NAME_SIZE];

	if (sodium_init() < 0) {
		log_error("no randomness: libsodium cannot start");
		exit(OPTIONS_USAGE_STATUS);
	}
	if (c->options.name != NULL)
		snprintf(c->name, sizeof c->name, "%s", c->options.name);
	c->name_is_told = c->options.name != NULL;
	take_identity(c);
	for (unsigned i = 0; i <= SOCKET_SET_OTHER_FAMILY; i++)
		c->fds[i] = -1;
	c->options.config.keeps_port = c->options.bind.port != 0;
	c->fds[0] = udp_open(&c->options.bind);
	if (c->fds[0] < 0 || udp_local(c->fds[0], &c->options.bind) != 0) {
		log_error("cannot use %s: %s", endpoint_format(&c->options.bind, text), strerror(errno));
		exit(OPTIONS_USAGE_STATUS);
	}
	find_hosts(c);
	randombytes_buf(c->options.config.seed, sizeof c->options.config.seed);
	peer_init(&c->peer, &c->options.config);
	take_known_names(c);
	name_pad(c->name, name);
	client_names_note(&c->names, name);
	log_debug("local %s", endpoint_format(&c->options.bind, text));
	log_debug("server %s%s", endpoint_format(&c->options.config.server, text),
	          client_is_behind_nat64(c) ? ", through a NAT64" : "");
}

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
		client_take_from(c, number, &from);
		peer_receive(&c->peer, number, &from, bytes, (size_t)len, clock_now_us());
		client_carry_out(c);
	}
	return false;
}

/* One wait, and what came of it. */
static void turn(struct client *c, bool with_input)
{
	struct pollfd fds[OTHERS + SOCKET_SET_OTHER_FAMILY + 1] = {
		output_pollfd(),
		resolver_pollfd(&c->resolver),
		{ .fd = with_input ? STDIN_FILENO : -1, .events = POLLIN },
	};
	uint16_t numbers[SOCKET_SET_OTHER_FAMILY + 1], sockets = 0;
	bool empty = true;

	for (uint16_t i = 0; i <= SOCKET_SET_OTHER_FAMILY; i++) {
		if (c->fds[i] < 0)
			continue;
		fds[OTHERS + sockets] = (struct pollfd){ .fd = c->fds[i], .events = POLLIN };
		numbers[sockets++] = i;
	}
	loop_wait(fds, OTHERS + sockets,
	          retry_earlier(peer_deadline(&c->peer), client_pins_deadline(&c->pins, &c->peer)));
	console_follow_terminal();
	client_pins_look(&c->pins, &c->peer, clock_now_us());
	for (uint16_t i = 0; i < sockets; i++)
		if (fds[OTHERS + i].revents != 0)
			empty &= receive(c, numbers[i]);
	if (fds[0].revents != 0)
		output_flush();
	if (fds[1].revents != 0)
		client_commands_answer(c);
	if (fds[2].revents != 0)
		console_read();
	if (loop_may_judge(empty))
		peer_tick(&c->peer, clock_now_us());
	client_carry_out(c);
}

static void run(struct client *c)
{
	client_commands_run(c);
	while (!c->quitting && !loop_is_stopping() && !output_has_failed()) {
		turn(c, (client_commands_are_taken(c) || console_has_room()) && !c->input_ended);
		client_commands_run(c);
	}
}

/* Says goodbye to everybody, and waits for their answers for a second at most. */
static void leave(struct client *c)
{
	resolver_stop(&c->resolver);
	if (peer_is_in(&c->peer) && !peer_is_leaving(&c->peer))
		peer_logout(&c->peer, clock_now_us());
	client_carry_out(c);
	while (peer_is_leaving(&c->peer))
		turn(c, false);
}

static void report(const struct client *c)
{
	const struct drops *d = &c->peer.fx.drops;

	log_debug("%llu datagrams received, %llu dropped", (unsigned long long)c->peer.received,
	          (unsigned long long)drops_total(d));
	if (udp_overruns(c->fds[0]) > 0)
		log_debug("dropped: %u that came too fast", (unsigned)udp_overruns(c->fds[0]));
	for (unsigned i = 0; i < DROPS; i++)
		if (d->count[i] > 0)
			log_debug("dropped: %llu %s", (unsigned long long)d->count[i], drop_name(i));
}

int main(int argc, char **argv)
{
	static struct client client;
	static const struct line_completion completion = { client_commands_word, client_command_is_in_text, &client };
	bool failed;

	log_init(program_invocation_short_name, LOG_INFO);
	client_options_read(&client.options, argc, argv);
	log_init(program_invocation_short_name, client.options.level);
	loop_init();
	log_never_wait();
	privileges_give_up();
	start(&client);
	console_open(PROMPT);
	privileges_confine(PRIVILEGES_FILES_TOO);
	console_complete(&completion);
	if (console_is_terminal())
		client_print(&client, "p2pchat: help shows what can be typed, Tab completes it");
	if (client.options.name != NULL)
		peer_login(&client.peer, client.name, clock_now_us());
	run(&client);
	failed = client.failed && !console_is_terminal();
	console_close();
	leave(&client);
	client_pins_finish(&client.pins, &client.peer);
	failed |= output_finish() != 0;
	report(&client);
	for (unsigned i = 0; i <= SOCKET_SET_OTHER_FAMILY; i++)
		if (client.fds[i] >= 0)
			close(client.fds[i]);
	return failed ? 1 : 0;
}
