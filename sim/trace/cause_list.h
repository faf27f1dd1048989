/*
 * All that is known of each cause, a row each. A new cause is a row here, and where it is found: in cause.c by
 * one packet, in flow.c by several.
 *
 *     CAUSE_x     the constant
 *     name        for JSON and scenarios
 *     weight      of several causes the one of least weight is named for a pair: what explains others comes first
 *     short       for a ladder or a comment (words: cause_text.c)
 *     sentence    for --why, after the count (words: explain_loss.c, and those of the short form)
 *     advice      what would help: advise_x() in verdict_help.c
 *
 * Why a port is not the one expected is a table of its own: name, and the sentence that is added.
 */
#ifndef CAUSE_LIST_H
#define CAUSE_LIST_H

/* clang-format off */

#define CAUSE_LIST(ROW) \
	/* Nothing went wrong, or nobody can tell. */ \
	ROW(NONE, "none", 99, "", "", nothing) \
	\
	/* --- At a box, coming from outside. The box took it for its own: its INPUT chain accepts strangers. */ \
	ROW(SWALLOWED, "swallowed", 1, \
	    "{node} took it for itself: its INPUT chain accepts strangers", \
	    " ended in {box} itself. It accepts packets from strangers (INPUT chain): the first one, {src} to {dst}, " \
	    "became an entry of the box's own, and every retry keeps that entry alive.{moved}", trap) \
	/* The host inside did open a way for this sender, but on another port. */ \
	ROW(MAPPED_ELSEWHERE, "mapped-elsewhere", 7, \
	    "{node}: the way for {src} is {external}, not {?apart:{dst}|:{port}}", \
	    " died at {box}. {They} went to {dst}{?seer:, the address that {seer} saw}; but the way to {src} was opened " \
	    "on {external}.{because}", sender) \
	/* The host inside opened exactly this way a little later. */ \
	ROW(TOO_EARLY, "too-early", 18, \
	    "{node}: too early, :{port} was opened for {src} after that", \
	    " came to {box} too early: {inside} opened the way {later} after that.", retry) \
	/* The way is open for the sender's address, not for its port. */ \
	ROW(FILTERED_PORT, "filtered-port", 6, \
	    "{node}: :{port} is open for {remote}, not for {src}", \
	    " died at {box}. There {dst} was open for {permissions} only, because {?let-in:a rule had let that in (a port " \
	    "forward)|{inside} had sent there}; {these} came from {src}.{because}", sender) \
	/* The port is mapped, but the host inside sent nothing to the sender's address. */ \
	ROW(FILTERED_ADDRESS, "filtered-address", 8, \
	    "{node}: :{port} is open for {remote}, not for {src}", \
	    " died at {box}. There {dst} was open for {permissions} only, because {?let-in:a rule had let that in (a port " \
	    "forward)|{inside} had sent there}; {these} came from {src}.{because}", sender) \
	/* The way was open, and its time ran out. */ \
	ROW(EXPIRED, "mapping-expired", 4, \
	    "{node}: the mapping :{port} for {remote} had timed out", \
	    " died at {box}. The mapping {external} for {remote} was gone: it had been idle for {idle}" \
	    "{?life:, and the box keeps it for {life}}.", mapping) \
	/* The way was open, and nobody tells how long the box keeps it open. */ \
	ROW(IDLE, "mapping-idle", 4, \
	    "{node}: the mapping :{port} for {remote} may have timed out, or a rule dropped it", \
	    " died at {box}. The mapping {external} for {remote} had been idle for {idle}: it may have timed out, or a rule " \
	    "dropped {them}.", mapping) \
	/* The way was open and in use, and its mapping came to the age at which the box ends each. */ \
	ROW(TOO_OLD, "mapping-too-old", 5, \
	    "{node} had ended the mapping :{port} for {remote}, which was {lifetime} old", \
	    " died at {box}. The mapping {external} for {remote} was gone: the box ends each when it is {lifetime} old, " \
	    "however much it is used.", again) \
	/* The way was open, and another host inside that has the same port has used it since. */ \
	ROW(TAKEN_OVER, "mapping-taken-over", 5, \
	    "{node}: :{port} had been taken over by {holder}", \
	    " died at {box}. It goes by the inside port alone: {holder} had sent from the same port as {inside}, later, and " \
	    "{external} was {holder}'s by then.", other_port) \
	/* The way was open, and the box forgot it (reboot, flush). */ \
	ROW(DELETED, "mapping-deleted", 5, \
	    "{node} had forgotten the mapping :{port} for {remote}", \
	    " died at {box}. The mapping {external} for {remote} was gone: the box had removed it before its time " \
	    "({?rebound:it was rebound, and gave every socket another port|flushed, or rebooted}).", again) \
	/* TCP: a RST was the only answer to what had opened the way, and ended it. */ \
	ROW(ENDED_BY_RESET, "mapping-reset", 10, \
	    "{node}: a RST had ended the mapping :{port} for {remote}", \
	    " died at {box}. The mapping {external} for {remote} was gone: a RST had ended what {inside} began.", crossing) \
	/* The way is open, and the box loses answers to flows from before its own connection was renewed. */ \
	ROW(FORGOTTEN, "answers-forgotten", 6, \
	    "{node} loses what answers old flows", \
	    " died at {box}, which loses what answers flows that were there when its own connection was renewed, until " \
	    "they idle: that of {external} was.", fresh) \
	/* The box's own entry, made by an early packet of the peer, holds the only port the host inside could have. */ \
	ROW(PORT_HELD, "port-held", 2, \
	    "{node}: its own entry for an early packet of {dst} holds the port", \
	    " died at {box} on the way out. There was no port for {them}: the box had taken an early packet of {dst} for " \
	    "itself (its INPUT chain accepts strangers), and that entry holds the port that {sender}'s socket has to " \
	    "others.", trap) \
	/* The box had no port left to give: those of its range were all mapped. */ \
	ROW(POOL_EMPTY, "pool-empty", 3, \
	    "{node}: no port was left in its range", \
	    " died at {box} on the way out, when {used} of the {size} ports of its range were mapped: there was none for " \
	    "a new socket.", pool) \
	/* The box keeps so many mappings at a time and no more. */ \
	ROW(LIMIT, "limit-reached", 3, \
	    "{node}: it keeps no more mappings", \
	    " died at {box} on the way out, when it kept {used} mappings{?of-host: of {sender}}: no more than {size} are " \
	    "kept{?of-host: of one host}.", limit) \
	/* Some of a flow pass a rule, the others do not, turn and turn about. */ \
	ROW(RATE, "rate-limited", 9, \
	    "{node}: dropped by a rule, or lost in the box; others of the same flow passed", \
	    " died at {box} though {passed} of the same flow passed meanwhile, {rate} a second: that is what a limit on " \
	    "the rate does.", rate) \
	/* The large ones of a flow die without a word, the small ones pass; or all of it is longer than the box takes. */ \
	ROW(SIZE, "lost-by-size", 8, \
	    "{node}: {?mtu:too big for its link outward, {mtu} bytes fit, and no ICMP error says so|dropped or lost there; " \
	    "smaller ones of the same flow passed}", \
	    " {?beyond:left|died at} {box}{?beyond: and did not arrive}, all of them large: {large} bytes and more" \
	    "{?mtu: behind the headers, where its link outward takes {mtu} with them| died, up to {small} bytes passed}, and no " \
	    "ICMP error said why (a path MTU black hole).", smaller) \
	/* The port is in use, at another of the box's outside addresses. */ \
	ROW(OTHER_ADDRESS, "other-address", 7, \
	    "{node}: nobody behind it uses {dst}; that port is {external}'s", \
	    " died at {box}: nobody behind it uses {dst}. The box has {addresses} outside addresses, and {inside}'s way " \
	    "to {remote}, by the same port, was {external}: {?arbitrary:each mapping has any of them (pooling=arbitrary; " \
	    "RFC 4787 REQ-2 asks for paired)|a host has one of them, always (pooling=paired; RFC 4787 REQ-2)}.", \
	    other_address) \
	/* No mapping of who was meant could have that port: the box keeps parity. */ \
	ROW(OTHER_PARITY, "other-parity", 5, \
	    "{node} keeps parity: the way for {src} is {external}, :{port} could not be it", \
	    " died at {box}: nobody behind it uses {dst}. The way to {src} was {external}, and {?even:an odd|an even} port " \
	    "could not be it: the box gives {?even:an even port to an even one|an odd port to an odd one}, such as " \
	    "{inside}'s (parity, RFC 4787 REQ-4).{because}", other_parity) \
	/* Nobody inside uses that port. */ \
	ROW(NO_MAPPING, "no-mapping", 12, \
	    "{node}: {?tcp:no connection from inside has|nobody behind it uses} :{port}", \
	    " died at {box}: {?tcp:no connection from inside has|nobody behind it uses} {dst}.", nobody) \
	/* The way was open, and the box dropped the packet all the same. */ \
	ROW(RULE_IN, "rule-in", 10, \
	    "{node}: :{port} is open for {src}; a rule dropped it, or the box lost it", \
	    " died at {box} although the way was open for {src}: a rule dropped {them}, or the box lost {them}.", rule) \
	/* Both have dialed, and the box takes no SYN for an answer (RFC 5382 REQ-2). */ \
	ROW(NO_SIMULTANEOUS, "no-simultaneous-open", 9, \
	    "{node} lets in no SYN as the answer to a SYN", \
	    " died at {box} although {inside} had dialed {src}: it lets in no SYN as the answer to a SYN (no simultaneous " \
	    "open).", elsewhere) \
	/* The box lets no fragments through, or none that come before their datagram's first. */ \
	ROW(NO_FRAGMENTS, "no-fragments", 8, \
	    "{node} lets no fragments{?ordered: out of order} through", \
	    " died at {box}, which lets no fragments{?ordered: out of order} through.", smaller) \
	/* The box lets no ICMP through. */ \
	ROW(NO_ICMP, "no-icmp", 14, \
	    "{node} lets no ICMP through", \
	    " died at {box}, which lets no ICMP through.", rule) \
	/* A later fragment, without ports: boxes judge the whole datagram, by its first one. */ \
	ROW(FRAGMENT, "fragment", 17, \
	    "{node}: a fragment, dropped with the datagram it is part of", \
	    " died at {box} as {?one:a fragment of a datagram that was|fragments of datagrams that were} dropped.", \
	    retry) \
	\
	/* --- At a box, coming from inside. For the box's own outer address: it does not turn packets round. */ \
	ROW(NO_HAIRPIN, "no-hairpin", 3, \
	    "{node} does not hairpin{?unmapped: for sockets without a mapping}: {dst} is its own outer address", \
	    " died at {box}. {They} went to {dst}, which is that box's own outer address, and it does not turn packets " \
	    "round{?unmapped: for a socket that has no mapping yet} (no hairpinning).", hairpin) \
	/* Nothing of this protocol ever gets out from this host through this box. */ \
	ROW(BLOCKED, "blocked", 2, \
	    "{node} lets nothing of this protocol out", \
	    " died at {box}, which lets no {protocol} out: not one such packet of {sender} left it in the whole trace.", \
	    blocked) \
	/* Other packets of the host get out, this one did not. */ \
	ROW(RULE_OUT, "rule-out", 9, \
	    "{node}: a rule dropped it on its way out, or the box lost it", \
	    " died at {box} on the way out, though others of {sender} pass it: a rule dropped {them}, or the box lost " \
	    "{them}.", rule) \
	/* There was no way on: the box's link outward had no carrier, or was disabled. */ \
	ROW(LINK_DOWN, "link-down", 17, \
	    "{node}: its link outward was down", \
	    "{?beyond: {?one:was|were} lost on the link of {box} outward, which| died at {box} on the way out: its link outward} " \
	    "was down.", retry) \
	/* Its hop limit ran out. */ \
	ROW(TTL, "ttl", 16, \
	    "{node}: its hop limit (TTL) ran out{?beyond: beyond it}", \
	    "{?beyond: left {box}, and {their} hop limit (TTL) ran out at a router beyond it| died at {box}: {their} hop " \
	    "limit (TTL) ran out there}.", ttl) \
	/* Too big for the next link, and not to be cut up: an ICMP error says so. */ \
	ROW(TOO_BIG, "too-big", 11, \
	    "{node}: too big for {?beyond:a later|the next} link{?mtu:, {mtu} bytes fit}", \
	    "{?beyond: left {box} and died at a router beyond it: too big for a link there| died at {box}: too big for " \
	    "the next link}{?mtu:, which takes packets of at most {mtu} bytes}, and not to be cut up (DF).", smaller) \
	\
	/* --- Beyond boxes. It arrived, and an ICMP error came back: nobody listens, or a firewall. */ \
	ROW(REFUSED, "refused", 13, \
	    "{?beyond:{refuser}|{node}} refused it (ICMP)", \
	    "{?beyond: left {box} and {?one:was|were} refused by {refuser} on the way (ICMP): a firewall there lets nothing " \
	    "through to {dst}| arrived at {box} and {?one:was|were} refused (ICMP): no program listens at {dst}, or a " \
	    "firewall there says no}.", refused) \
	/* A TCP connection that was answered by a reset. */ \
	ROW(RESET, "reset", 13, \
	    "{node} refused it (RST)", \
	    " {?one:was|were} refused by {box} (TCP RST): no program listens at {dst}, or a firewall says no.", listen) \
	/* A box answers so what is no answer itself: it keeps nothing of what its own hosts have not asked for. */ \
	ROW(BOX_RESET, "reset-by-box", 9, \
	    "{node} resets what nobody behind it has asked for", \
	    " {?one:was|were} refused by {box} itself (TCP RST), which answers so what nobody behind it has asked for yet.", \
	    crossing) \
	/* It arrived at a host that does not have that address. */ \
	ROW(NOT_FOR_HOST, "not-for-host", 15, \
	    "{node} does not have the address {dst}", \
	    " arrived at {box}, which does not have the address {dst}.", address) \
	/* Its address is nobody's, or the box has no way there; without a record a router that says so is all that is known. */ \
	ROW(NO_ROUTE, "no-route", 14, \
	    "{?beyond:{?unrecorded:{refuser} says that {dst} cannot be reached (ICMP)|{?owner:{dst} is an inside " \
	    "address, no way leads there from outside|nobody has the address {dst}}}|{node} has no way to {dst}}", \
	    "{?beyond:{?unrecorded: left {box}, and {refuser} says that {dst} cannot be reached (ICMP)| left {box} for " \
	    "{?owner:{address}. That is {owner}'s inside address: it cannot be reached from outside {front}|{dst}, an " \
	    "address that nobody has}}| died at {box}, which says that it has no way to {dst}}.", \
	    address) \
	/* A link with weather lost it, as the record says. */ \
	ROW(LINK, "lost-on-link", 17, \
	    "lost on the link {link}: {nth} ({weather})", \
	    " {?one:was|were} lost on the link {link}: {?one:|the first }{nth} ({weather}).", retry) \
	/* Whose address it was had been plugged in elsewhere by then, or had been given another one. */ \
	ROW(HAD_LEFT, "had-left", 12, \
	    "left {node} for {dst}, which no longer had that address", \
	    " left {box} for {address}, when {dst} no longer had that address.", again) \
	/* It left one end of a wire and did not come in at the other; without a record routers may stand between them. */ \
	ROW(LOST_ON_WIRE, "lost-on-wire", 17, \
	    "left {node} and did not arrive", \
	    " left {box} and {?one:was|were} not seen again: lost {?unrecorded:or dropped on the way|on the wire}.", retry)

#define BECAUSE_LIST(ROW) \
	ROW(UNKNOWN, "unknown", "") \
	/* The box gives each destination a port of its own. */ \
	ROW(ENDPOINT_DEPENDENT, "endpoint-dependent-mapping", \
	    " {chooser} gives each of {user}'s flows a port of its own{?arbitrary:, and any of its {addresses} outside " \
	    "addresses (pooling=arbitrary; RFC 4787 REQ-2 asks for paired)}: {?usual-seer:{usual-seer} saw the same socket as " \
	    "{usual}|the same socket was {usual} as well}. Neither side could know the new port beforehand.") \
	/* Another host inside has that port towards this very end. */ \
	ROW(TAKEN, "port-taken", \
	    " The port is another because {holder} had {usual} towards the same end already: behind {chooser} two hosts may " \
	    "share a port only as long as they talk to different ends.") \
	/* An entry of the box itself, made by an early packet of the peer, held the port. */ \
	ROW(TRAP, "input-trap", \
	    " The port is another because {chooser} had taken an early packet from the other side for itself (its INPUT " \
	    "chain accepts strangers): that entry holds {usual}, and {user}'s own flow had to move.") \
	/* The older mapping had ended before. */ \
	ROW(REMAPPED, "remapped", \
	    " The same socket was {usual} before; that mapping of {chooser} ended, and a new one was made.")

/* clang-format on */

#endif
