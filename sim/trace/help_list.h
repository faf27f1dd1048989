/*
 * What would help, a row each: the constant HELP_x, its name for JSON and scenarios, and how it is told (words:
 * explain_help.c). When it is offered is verdict_help.c's business.
 */
#ifndef HELP_LIST_H
#define HELP_LIST_H

/* clang-format off */

#define HELP_LIST(ROW) \
	/* Ports look sequential: aim at the next ones. */ \
	ROW(PREDICTION, "prediction", "port prediction{ports}{?arbitrary:, at each of its {addresses} outside addresses}") \
	/* Ports are kept for a socket's first destination: make the peer that. */ \
	ROW(FRESH_SOCKET, "fresh-socket", \
	    "punching from a fresh socket whose port is announced before it sends anything: {chooser} keeps the port of a " \
	    "new socket for its first destination, and for that one alone") \
	/* One side opens many ports, the other tries many. */ \
	ROW(BIRTHDAY, "birthday", \
	    "birthday probing: {mapped} opens many ports, {unmapped} tries many" \
	    "{?arbitrary:, at each of the {addresses} outside addresses}") \
	ROW(RELAY, "relay", "a relay") \
	ROW(LEARN, "learn", "answering to where the peer's packets really come from (peer-reflexive learning)") \
	/* Make the box drop strangers instead of taking them in. Both sides' boxes may be traps. */ \
	ROW(INPUT_DROP, "input-drop", \
	    "making {box}{?other: and {other}} drop unsolicited packets on {?other:their|its} wan side (iptables -A INPUT " \
	    "-i wan -m conntrack --ctstate NEW -j DROP)") \
	ROW(HAIRPIN, "hairpin", "hairpinning at {box}") \
	ROW(HOST_CANDIDATE, "host-candidate", \
	    "trying the inside addresses (host candidates): both stand in one lan") \
	/* More often than the mapping lives. */ \
	ROW(KEEPALIVE, "keepalive", \
	    "{?life:a keepalive more often than every {life} on this very path, the time {box} keeps a mapping" \
	    "|a keepalive on this very path, well within the {idle} it was idle here}") \
	ROW(PUNCH_AGAIN, "punch-again", "logging in and punching again, which makes new mappings") \
	/* TCP: the flow is forgotten, and nothing brings it back. */ \
	ROW(RECONNECT, "reconnect", "a new connection, which makes a new mapping") \
	/* The trap takes what comes before the host inside has sent. */ \
	ROW(TRAPPED_FIRST, "trapped-first", "sending first from behind {box}, the other side only after that") \
	ROW(LOW_TTL, "low-ttl", \
	    "a first probe from the other side with so low a hop limit (TTL) that it dies before {box}") \
	/* Another host holds the port. */ \
	ROW(OTHER_PORT, "other-port", \
	    "another inside port for the socket: {?holder:{holder} has|another host has} this one behind {chooser}") \
	ROW(SLOWER, "slower", "sending more slowly: the rest of the packets then pass") \
	ROW(TCP, "tcp", "a relay that is reached by TCP") \
	/* The box has forgotten this flow's answers, not those of others. */ \
	ROW(NEW_FLOW, "new-flow", "a new socket, which makes a flow that {node} has not forgotten") \
	/* The loss may pass; */ \
	ROW(RETRY, "retry", "sending again") \
	/* it does not: */ \
	ROW(RULE, "rule", \
	    "changing the rule of {box} that drops them (iptables-save -c there shows which one counts)") \
	/* The box had no port left to give. */ \
	ROW(POOL, "pool", \
	    "a larger range of ports at {box}, or fewer sockets at a time: {used} of its {size} ports were in use") \
	/* The box kept as many mappings as it does. */ \
	ROW(LIMIT, "limit", "fewer sockets at a time: {box} keeps {size} mappings{?of-host: of a host}, and no more") \
	/* A box resets what comes before its own host has dialed. */ \
	ROW(CROSSING, "crossing", \
	    "both dialing at the same moment, by one word of the server, so that their SYNs cross, and again after a " \
	    "refusal") \
	/* Start the program, or open the host's firewall. */ \
	ROW(LISTEN, "listen", \
	    "a program that listens and answers there{?silent:, |, and }a host firewall that lets it" \
	    "{?silent:, and a route back}") \
	/* The answer comes from elsewhere than was asked. */ \
	ROW(SAME_SOURCE, "same-source", "{sender} answering from {remote}, where it was asked") \
	/* The other side must send too. A box that may choose a new port for that helps only who can learn the port. */ \
	ROW(BOTH_SEND, "both-send", \
	    "{other-side} sending to {src} as well{?new-port:; if {node} gives that flow a port of its own, {sender} has " \
	    "to learn that port and send to it}") \
	/* TCP: the side behind the box has to connect. */ \
	ROW(FROM_INSIDE, "from-inside", \
	    "a connection from inside: {other-side} connecting to {sender}{?behind-too:, both at the same " \
	    "time}") \
	/* The address is somebody's, and the way there is wrong. */ \
	ROW(ROUTE, "route", \
	    "a route {?astray:that leads to {dst} instead of to {node}" \
	    "|{?beyond:beyond|at} {node} that leads to {dst}}") \
	/* A box with several outside addresses gave the flow another one. */ \
	ROW(SEEN_ADDRESS, "seen-address", \
	    "{sender} sending to {external}, where {remote} sees {other-side}" \
	    "{?for-others:, once {other-side} has sent to {src} as well}") \
	/* A box that keeps parity gives half of the ports only. */ \
	ROW(SAME_PARITY, "same-parity", "trying {?even:even|odd} ports alone: {node} keeps parity") \
	/* The address is wrong. */ \
	ROW(ADDRESS, "address", "{?owner:the address that a server sees of {owner}|the right address}") \
	ROW(TTL, "ttl", "sending with a larger hop limit (TTL)") \
	ROW(SMALLER, "smaller", \
	    "smaller datagrams{?fits:: {fits} bytes of payload are the most that fits the path MTU of {mtu}}")

/* clang-format on */

#endif
