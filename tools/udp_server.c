/*
 * udp_server PORT: prints where each datagram came from, and tells its sender. For checking a NAT by hand.
 */
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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option_row rows[] = {
	{ 'b', "bind", "ADDRESS", "serve on one address (default: 0.0.0.0, all IPv4 addresses)" },
	{ 0, NULL, NULL, NULL },
};

static const struct options options = {
	.usage = "[-b ADDRESS] PORT",
	.purpose = "Prints the address and port each UDP datagram came from, and answers it with the same.",
	.rows = rows,
};

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	static char line[ESCAPE_ROOM(UDP_MAX_DATAGRAM) + 128];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof line - 1, format, args);
	va_end(args);
	len = len < (int)sizeof line - 2 ? len : (int)sizeof line - 2;
	line[len] = '\n';
	output_write(line, (size_t)len + 1);
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
	static char shown[ESCAPE_ROOM(UDP_MAX_DATAGRAM)];
	char where[ENDPOINT_TEXT_SIZE];
	struct endpoint from;
	ssize_t len = udp_receive(fd, bytes, sizeof bytes, &from);

	if (len < 0)
		return; /* nothing there after all, or an ICMP error about an earlier answer */
	escape_text(shown, sizeof shown, bytes, (size_t)len, ESCAPE_KEPT_ASCII);
	say("recv %zd bytes from [%s]: %s", len, endpoint_format(&from, where), shown);
	answer(fd, &from);
}

static void serve(int fd)
{
	while (!loop_is_stopping() && !output_has_failed()) {
		struct pollfd waiting[] = { { .fd = fd, .events = POLLIN }, output_pollfd() };

		loop_wait(waiting, 2, UINT64_MAX);
		if (waiting[1].revents != 0)
			output_flush();
		if (waiting[0].revents != 0)
			serve_one(fd);
	}
}

static void read_options(int argc, char **argv, struct endpoint *at)
{
	const char *address = "0.0.0.0";
	const char *argument;
	uint16_t port;

	while (options_next(&options, argc, argv, &argument) != -1)
		address = argument; /* there is but one option */
	if (optind + 1 != argc)
		options_refuse(optind == argc ? "which PORT?" : "one PORT, and nothing behind it");
	if (endpoint_parse_port(argv[optind], &port) != 0)
		options_refuse("\"%s\" is not a port, 1 to 65535", argv[optind]);
	if (endpoint_parse_address(address, port, at) != 0)
		options_refuse("-b: \"%s\" is not an IP address", address);
}

int main(int argc, char **argv)
{
	char where[ENDPOINT_TEXT_SIZE];
	struct endpoint at;
	int fd;

	log_init(program_invocation_short_name, LOG_INFO);
	read_options(argc, argv, &at);
	endpoint_format(&at, where);
	fd = udp_open(&at);
	if (fd < 0) {
		log_error("cannot bind to %s: %s", where, strerror(errno));
		return OPTIONS_USAGE_STATUS;
	}
	loop_init();
	output_open();
	say("UDP bind on %s", where);
	serve(fd);
	close(fd);
	return output_finish() == 0 ? 0 : 1;
}
