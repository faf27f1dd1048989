/*
 * udp_server PORT: prints where each datagram came from, and tells its sender. For checking a NAT by hand.
 */
#include "endpoint.h"
#include "log.h"
#include "printable.h"
#include "udp.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
        "Usage: udp_server [-b ADDRESS] PORT\n"
        "Prints the address and port each UDP datagram came from, and answers it with the same.\n"
        "\n"
        "  -b, --bind ADDRESS  serve on one address (default: 0.0.0.0, all IPv4 addresses)\n"
        "  -h, --help          this text\n"
        "      --version       the version\n"
        "\n"
        "To check a NAT: run `udp_server 2222` and `udp_server 3333` on a public machine, send to both from one\n"
        "`udp_client` behind the NAT, and compare the addresses printed. The same in both: a cone NAT.\n";

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

/* The signals that stop it come in ppoll() alone, so that none is lost just before. */
static void catch_signals(sigset_t *while_waiting)
{
	struct sigaction action = { .sa_handler = stop };
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGINT);
	sigaddset(&both, SIGTERM);
	sigprocmask(SIG_BLOCK, &both, while_waiting);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void answer(int fd, const struct endpoint *from)
{
	char where[ENDPOINT_TEXT_SIZE];
	char text[ENDPOINT_TEXT_SIZE + 16];
	int len = snprintf(text, sizeof text, "you are %s", endpoint_format(from, where));

	if (!endpoint_is_sendable(from))
		return;
	if (udp_send(fd, from, (const uint8_t *)text, (size_t)len) != 0)
		log_warning("cannot answer %s: %s", where, strerror(errno));
}

static void serve_one(int fd)
{
	static uint8_t bytes[UDP_MAX_DATAGRAM];
	static char shown[PRINTABLE_ROOM(UDP_MAX_DATAGRAM)];
	char where[ENDPOINT_TEXT_SIZE];
	struct endpoint from;
	ssize_t len = udp_receive(fd, bytes, sizeof bytes, &from);

	if (len < 0)
		return; /* nothing there after all, or an ICMP error about an earlier answer */
	printf("recv %zd bytes from [%s]: %s\n", len, endpoint_format(&from, where),
	       printable_text(bytes, (size_t)len, shown, sizeof shown));
	answer(fd, &from);
}

static void serve(int fd)
{
	struct pollfd waiting = { .fd = fd, .events = POLLIN };
	sigset_t while_waiting;

	catch_signals(&while_waiting);
	while (!stopped)
		if (ppoll(&waiting, 1, NULL, &while_waiting) > 0)
			serve_one(fd);
}

static void read_options(int argc, char **argv, struct endpoint *at)
{
	static const struct option options[] = {
		{ "bind", required_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	const char *address = "0.0.0.0";
	uint16_t port = 0;
	int option;

	while ((option = getopt_long(argc, argv, "b:h", options, NULL)) != -1) {
		if (option == 'b') {
			address = optarg;
		} else if (option == 'h') {
			fputs(usage, stdout);
			exit(0);
		} else if (option == 'V') {
			puts("udp_server " VERSION);
			exit(0);
		} else {
			exit(2); /* getopt_long() has said why */
		}
	}
	if (optind + 1 != argc) {
		fputs("Usage: udp_server [-b ADDRESS] PORT (try --help)\n", stderr);
		exit(2);
	}
	if (endpoint_parse_port(argv[optind], &port) != 0) {
		log_error("bad port \"%s\"; it is a number from 1 to 65535", argv[optind]);
		exit(2);
	}
	if (endpoint_parse_address(address, port, at) != 0) {
		log_error("bad address \"%s\"; write an IPv4 or IPv6 address", address);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	char where[ENDPOINT_TEXT_SIZE];
	struct endpoint at;
	int fd;

	log_init("udp_server", LOG_INFO);
	read_options(argc, argv, &at);
	endpoint_format(&at, where);
	fd = udp_open(&at);
	if (fd < 0) {
		log_error("cannot bind to %s: %s", where, strerror(errno));
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("UDP bind on %s\n", where);
	serve(fd);
	close(fd);
	return 0;
}
