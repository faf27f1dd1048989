/*
 * udp_client: sends datagrams typed by hand from one socket, and prints what comes back. For checking a NAT by hand.
 */
#include "io/clock.h"
#include "io/console.h"
#include "base/endpoint.h"
#include "io/log.h"
#include "io/loop.h"
#include "io/options.h"
#include "io/output.h"
#include "base/escape.h"
#include "io/udp.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 1400 /* fits one packet on any path worth testing: fragments are another test */
#define DEFAULT_WAIT_US 2000000

static const struct option_row rows[] = {
	{ 'b', "bind", "ADDRESS:PORT", "the local address and port (default: 0.0.0.0, any port)" },
	{ 'w', "wait", "SECONDS", "at the end of input, wait so long for answers still missing (default: 2)" },
	{ 0, NULL, NULL, NULL },
};

static const struct options options = {
	.usage = "[-b ADDRESS:PORT] [-w SECONDS]",
	.purpose = "Sends UDP datagrams from one socket and prints what comes back. Type `help` for its commands.",
	.rows = rows,
};

struct udp_client {
	int fd;
	struct endpoint local;
	uint64_t wait_us;
	unsigned unanswered; /* sent, and nothing came back yet */
	bool done;
};

static void __attribute__((format(printf, 2, 3))) say(struct udp_client *c, const char *format, ...)
{
	static char line[ESCAPE_ROOM(UDP_MAX_DATAGRAM) + 128];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (!console_print(line))
		c->done = true; /* nobody reads it any more */
}

static void receive(struct udp_client *c)
{
	static uint8_t bytes[UDP_MAX_DATAGRAM];
	static char shown[ESCAPE_ROOM(UDP_MAX_DATAGRAM)];
	char where[ENDPOINT_TEXT_SIZE];
	struct endpoint from;
	ssize_t len = udp_receive(c->fd, bytes, sizeof bytes, &from);

	if (len < 0)
		return; /* nothing there after all, or an ICMP error */
	if (c->unanswered > 0)
		c->unanswered--;
	escape_text(shown, sizeof shown, bytes, (size_t)len, ESCAPE_KEPT_ASCII);
	say(c, "recv %zd bytes from [%s]: %s", len, endpoint_format(&from, where), shown);
}

static void send_text(struct udp_client *c, char *arguments)
{
	char *text = strchr(arguments, ' ');
	char error[UDP_ERROR_SIZE];
	struct endpoint to;

	if (text == NULL || text[1] == '\0') {
		say(c, "sendto: write sendto HOST:PORT TEXT");
		return;
	}
	*text++ = '\0';
	if (strlen(text) > TEXT_MAX)
		say(c, "sendto: the text is longer than %d bytes", TEXT_MAX);
	else if (udp_resolve(arguments, 0, (enum address_family)c->local.address.family, &to, error) != 0)
		say(c, "sendto: %s: %s", arguments, error);
	else if (udp_send(c->fd, &to, (const uint8_t *)text, strlen(text)) != 0)
		say(c, "sendto: %s: %s", arguments, strerror(errno));
	else
		c->unanswered++;
}

static void obey(struct udp_client *c, char *line)
{
	line += strspn(line, " \t");
	if (strncmp(line, "sendto ", 7) == 0) {
		send_text(c, line + 7 + strspn(line + 7, " "));
	} else if (strcmp(line, "sendto") == 0) {
		say(c, "sendto: write sendto HOST:PORT TEXT");
	} else if (strcmp(line, "help") == 0) {
		say(c, "sendto HOST:PORT TEXT   send TEXT as one datagram");
		say(c, "help                    this list");
		say(c, "quit                    leave");
	} else if (strcmp(line, "quit") == 0) {
		c->done = true;
	} else if (line[0] != '\0') {
		say(c, "unknown command \"%.40s\"; try help", line);
	}
}

/* Obeys the lines that were read. Returns false at the end of input. */
static bool obey_lines(struct udp_client *c)
{
	char line[CONSOLE_LINE_SIZE];

	while (!c->done) {
		switch (console_take_line(line)) {
		case CONSOLE_LINE: obey(c, line); break;
		case CONSOLE_TOO_LONG: say(c, "that line is too long"); break;
		case CONSOLE_NO_TEXT: say(c, "that line has a zero byte in it"); break;
		case CONSOLE_NOTHING: return true;
		case CONSOLE_END: return false;
		}
	}
	return true;
}

/* Until `quit`, or at the end of input until everything sent has an answer or the time is up. */
static void converse(struct udp_client *c)
{
	uint64_t deadline_us = UINT64_MAX;

	while (!c->done && !loop_is_stopping() && !output_has_failed() && clock_now_us() < deadline_us) {
		bool input_ended = deadline_us != UINT64_MAX;
		struct pollfd waiting[] = {
			{ .fd = c->fd, .events = POLLIN },
			{ .fd = input_ended ? -1 : STDIN_FILENO, .events = POLLIN },
			output_pollfd(),
		};

		if (input_ended && c->unanswered == 0)
			return;
		loop_wait(waiting, sizeof waiting / sizeof waiting[0], deadline_us);
		console_follow_terminal();
		if (waiting[0].revents != 0)
			receive(c);
		if (waiting[2].revents != 0)
			output_flush();
		if (waiting[1].revents == 0)
			continue;
		console_read();
		if (!obey_lines(c))
			deadline_us = clock_now_us() + c->wait_us;
	}
}

static void read_options(struct udp_client *c, int argc, char **argv)
{
	const char *argument;
	int letter;

	while ((letter = options_next(&options, argc, argv, &argument)) != -1) {
		if (letter == 'b' && endpoint_parse(argument, &c->local) != 0 &&
		    endpoint_parse_address(argument, 0, &c->local) != 0)
			options_refuse("-b: \"%s\" is not ADDRESS:PORT or ADDRESS", argument);
		if (letter != 'w')
			continue;
		c->wait_us = options_seconds(argument);
		if (c->wait_us == 0)
			options_refuse("-w: \"%s\" is not a number of seconds", argument);
	}
	if (optind != argc)
		options_refuse("addresses are typed at the prompt: sendto HOST:PORT TEXT");
}

int main(int argc, char **argv)
{
	static struct udp_client c = { .local = { .address.family = ADDRESS_IPV4 }, .wait_us = DEFAULT_WAIT_US };
	char where[ENDPOINT_TEXT_SIZE];

	log_init(program_invocation_short_name, LOG_INFO);
	read_options(&c, argc, argv);
	c.fd = udp_open(&c.local);
	if (c.fd < 0 || udp_local(c.fd, &c.local) != 0) {
		log_error("cannot bind to %s: %s", endpoint_format(&c.local, where), strerror(errno));
		return OPTIONS_USAGE_STATUS;
	}
	loop_init();
	console_open(">>> ");
	say(&c, "UDP bind on %s", endpoint_format(&c.local, where));
	converse(&c);
	console_close();
	close(c.fd);
	return output_finish() == 0 ? 0 : 1;
}
