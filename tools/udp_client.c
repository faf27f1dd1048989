/*
 * udp_client: sends datagrams typed by hand from one socket, and prints what comes back. For checking a NAT by hand.
 */
#include "clock.h"
#include "endpoint.h"
#include "log.h"
#include "printable.h"
#include "udp.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
        "Usage: udp_client [-b ADDRESS:PORT] [-w SECONDS]\n"
        "Sends UDP datagrams from one socket and prints what comes back. Type `help` for its commands.\n"
        "\n"
        "  -b, --bind ADDRESS:PORT  the local address and port (default: 0.0.0.0, any port)\n"
        "  -w, --wait SECONDS       at the end of input, wait so long for answers still missing (default: 2)\n"
        "  -h, --help               this text\n"
        "      --version            the version\n";

static const char help[] =
        "  sendto HOST:PORT TEXT   send TEXT as one datagram\n"
        "  help                    this list\n"
        "  quit                    leave\n";

#define LINE_ROOM 4096
#define TEXT_MAX 1400 /* fits one packet on any path worth testing: fragments are another test */

struct client {
	int fd;
	bool prompt;             /* input and output are a terminal */
	unsigned unanswered;     /* sent, and nothing came back yet */
	char line[LINE_ROOM];
	size_t len;              /* of `line` */
	bool skipping;           /* the rest of a line that was too long */
	bool done;
};

static void prompt(const struct client *c)
{
	if (c->prompt && !c->done) {
		fputs(">>> ", stdout);
		fflush(stdout);
	}
}

static void receive(struct client *c)
{
	static uint8_t bytes[UDP_MAX_DATAGRAM];
	static char shown[PRINTABLE_ROOM(UDP_MAX_DATAGRAM)];
	char where[ENDPOINT_TEXT_SIZE];
	struct endpoint from;
	ssize_t len = udp_receive(c->fd, bytes, sizeof bytes, &from);

	if (len < 0)
		return; /* nothing there after all, or an ICMP error */
	if (c->unanswered > 0)
		c->unanswered--;
	printf("%srecv %zd bytes from [%s]: %s\n", c->prompt ? "\r" : "", len, endpoint_format(&from, where),
	       printable_text(bytes, (size_t)len, shown, sizeof shown));
	prompt(c);
}

static void send_text(struct client *c, char *arguments)
{
	char *text = strchr(arguments, ' ');
	char error[UDP_ERROR_SIZE];
	struct endpoint own, to;

	if (text == NULL || text[1] == '\0') {
		puts("sendto: write sendto HOST:PORT TEXT");
		return;
	}
	*text++ = '\0';
	if (strlen(text) > TEXT_MAX) {
		printf("sendto: the text is longer than %d bytes\n", TEXT_MAX);
		return;
	}
	if (udp_local(c->fd, &own) != 0 || udp_resolve(arguments, 0, own.family, &to, error) != 0) {
		printf("sendto: %s: %s\n", arguments, error);
		return;
	}
	if (udp_send(c->fd, &to, (const uint8_t *)text, strlen(text)) != 0) {
		printf("sendto: %s: %s\n", arguments, strerror(errno));
		return;
	}
	c->unanswered++;
}

static void obey(struct client *c, char *line)
{
	line += strspn(line, " \t");
	if (strncmp(line, "sendto ", 7) == 0)
		send_text(c, line + 7 + strspn(line + 7, " "));
	else if (strcmp(line, "sendto") == 0)
		puts("sendto: write sendto HOST:PORT TEXT");
	else if (strcmp(line, "help") == 0)
		fputs(help, stdout);
	else if (strcmp(line, "quit") == 0)
		c->done = true;
	else if (line[0] != '\0')
		printf("unknown command \"%.40s\"; try help\n", line);
}

/* Takes the whole lines out of what was typed. */
static void obey_lines(struct client *c)
{
	char *end;

	while (!c->done && (end = memchr(c->line, '\n', c->len)) != NULL) {
		size_t used = (size_t)(end - c->line) + 1;

		*end = '\0';
		if (end > c->line && end[-1] == '\r')
			end[-1] = '\0';
		if (!c->skipping)
			obey(c, c->line);
		c->skipping = false;
		c->len -= used;
		memmove(c->line, c->line + used, c->len);
		prompt(c);
	}
	if (c->len == LINE_ROOM - 1) {
		if (!c->skipping)
			puts("that line is too long");
		c->skipping = true;
		c->len = 0;
	}
}

/* Reads what was typed. Returns false at the end of input. */
static bool read_input(struct client *c)
{
	ssize_t got = read(STDIN_FILENO, c->line + c->len, LINE_ROOM - 1 - c->len);

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	if (got == 0 && c->len > 0) { /* a last line without its end */
		c->line[c->len++] = '\n';
		obey_lines(c);
	}
	if (got == 0)
		return false;
	c->len += (size_t)got;
	obey_lines(c);
	return true;
}

static void converse(struct client *c)
{
	struct pollfd waiting[] = { { .fd = c->fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	bool more = true;

	prompt(c);
	while (more && !c->done) {
		if (poll(waiting, 2, -1) < 0)
			continue;
		if (waiting[0].revents != 0)
			receive(c);
		if (waiting[1].revents != 0)
			more = read_input(c);
	}
}

/* After the end of input: until everything sent has an answer, or the time is up. */
static void await_answers(struct client *c, uint64_t wait_ms)
{
	struct pollfd waiting = { .fd = c->fd, .events = POLLIN };
	uint64_t deadline = clock_now_ms() + wait_ms;
	uint64_t now;

	while (c->unanswered > 0 && (now = clock_now_ms()) < deadline)
		if (poll(&waiting, 1, (int)(deadline - now)) > 0)
			receive(c);
}

static void bad_option(const char *what, const char *text, const char *allowed)
{
	log_error("bad %s \"%s\"; %s", what, text, allowed);
	exit(2);
}

static uint64_t read_wait(const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end != '\0' || !(seconds >= 0 && seconds <= 3600))
		bad_option("time", text, "it is a number of seconds from 0 to 3600");
	return (uint64_t)(seconds * 1000);
}

static void read_options(int argc, char **argv, struct endpoint *at, uint64_t *wait_ms)
{
	static const struct option options[] = {
		{ "bind", required_argument, NULL, 'b' },
		{ "wait", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "b:w:h", options, NULL)) != -1) {
		if (option == 'b') {
			if (endpoint_parse(optarg, at) != 0 && endpoint_parse_address(optarg, 0, at) != 0)
				bad_option("address", optarg, "write ADDRESS:PORT or ADDRESS");
		} else if (option == 'w') {
			*wait_ms = read_wait(optarg);
		} else if (option == 'h') {
			fputs(usage, stdout);
			exit(0);
		} else if (option == 'V') {
			puts("udp_client " VERSION);
			exit(0);
		} else {
			exit(2); /* getopt_long() has said why */
		}
	}
	if (optind != argc)
		bad_option("argument", argv[optind], "addresses are typed at the prompt: sendto HOST:PORT TEXT");
}

int main(int argc, char **argv)
{
	static struct client c;
	struct endpoint at = endpoint_ipv4(0, 0);
	char where[ENDPOINT_TEXT_SIZE];
	uint64_t wait_ms = 2000;

	log_init("udp_client", LOG_INFO);
	read_options(argc, argv, &at, &wait_ms);
	c.fd = udp_open(&at);
	if (c.fd < 0 || udp_local(c.fd, &at) != 0) {
		log_error("cannot bind to %s: %s", endpoint_format(&at, where), strerror(errno));
		return 2;
	}
	c.prompt = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("UDP bind on %s\n", endpoint_format(&at, where));
	converse(&c);
	if (!c.done)
		await_answers(&c, wait_ms);
	close(c.fd);
	return 0;
}
