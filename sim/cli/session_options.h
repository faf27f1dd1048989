/* The options that `shell` and `up` share. */
#ifndef SESSION_OPTIONS_H
#define SESSION_OPTIONS_H

#include "cli/cli.h"
#include "session/session.h"

enum {
	SESSION_OPTION_NAME = 256,
	SESSION_OPTION_OUT,
	SESSION_OPTION_JSON,
	SESSION_OPTION_STDIN,
	SESSION_OPTION_ADDRESSES,
	SESSION_OPTION_FAMILIES,
	SESSION_OPTION_HOST,
	SESSION_OPTION_DNS,
	SESSION_OPTION_RECORD,
	SESSION_OPTION_LINK,
	SESSION_OPTION_SEED,
	SESSION_OPTION_ON,
	SESSION_OPTION_QUIET,
	SESSION_OPTION_KEEP,
	SESSION_OPTION_UPLINK,
	SESSION_OPTION_IN
};

/* Both have them: the first entries of a command's table. */
#define SESSION_OPTIONS                                                                                                \
	{ SESSION_OPTION_NAME, "name", "NAME",                                                                         \
	  "the world's name (default: lab, or the first of lab-2, ... that is free)" },                                \
	    { SESSION_OPTION_QUIET, "quiet", NULL, "say nothing on standard error but what is wrong" },                \
	    { SESSION_OPTION_KEEP, "keep", "WHICH",                                                                    \
	      "what is kept when the world ends: none (default), or all, in out or the DIR of --out" },                \
	    { SESSION_OPTION_OUT, "out", "DIR", "keep the capture, in DIR" },                                          \
	    { SESSION_OPTION_ADDRESSES, "addresses", "PLAN", CLI_ADDRESSES_HELP },                                     \
	    { SESSION_OPTION_FAMILIES, "families", "FAMILIES",                                                         \
	      "which addresses hosts have: 4 (default), 6, or 46, both; behind a box IPv6 where its ipv6= says so" },  \
	    { SESSION_OPTION_LINK, "link", "[WHO:]WEATHER",                                                            \
	      "what the link of a host or box is like, 'alice:lte', 'nat-a:loss=1%'; without a name: all links to "    \
	      "the internet that are given nothing else. May be repeated" },                                           \
	    { SESSION_OPTION_UPLINK, "uplink", NULL,                                                                   \
	      "let the world's internet reach this machine's network and what is beyond, by pasta (passt), which "     \
	      "is neither measured nor captured. Without it a world is sealed" },                                      \
	    { SESSION_OPTION_SEED, "seed", "N", CLI_SEED_HELP },                                                       \
	    { SESSION_OPTION_DNS, "dns", NULL,                                                                         \
	      "a name server on the internet, 'dns' (dnsmasq): boxes forward to it, resolv.conf leads there" },        \
	    { SESSION_OPTION_RECORD, "record", "RECORD",                                                               \
	      "the same with one more record, '_stun._udp.example.org SRV 0 5 3478 stun.example.org', "                \
	      "'example.org TXT words', 'v6.example.org AAAA 2001:db8::1'; may be repeated" },                         \
	{                                                                                                              \
		SESSION_OPTION_HOST, "host", "HOST",                                                                   \
		    "one more host on the internet, 'stun:address=74.125.250.129,names=stun.example.org' or just "     \
		    "'stun', or in a home, 'carol:behind=nat-a'; or what a host that is there has, 'alice:temporary' " \
		    "(IPv6 addresses that change), 'alice:clat' (a translator behind a NAT64); may be repeated"        \
	}

/*
 * Reads the options; ends the program on a bad one. `optind` is then the first operand. `own` is set to what the
 * command's own option, -k of `up` or --in of `shell`, was given. Returns how many options there were.
 */
int session_options_parse(struct session_options *o, const char **own, const struct cli_command *command, int argc,
                          char **argv);

/* Checks name, NATs and machine before anything is started, then runs the session. Returns the exit status. */
int session_options_run(const struct session_options *o);

#endif
