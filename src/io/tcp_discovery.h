/* Asks a STUN server over TCP what tcp_mapping.h wants to know. Takes as long as the server does. */
#ifndef TCP_DISCOVERY_H
#define TCP_DISCOVERY_H

#include "io/stun_tcp.h"
#include "nat_type/tcp_mapping.h"

/*
 * From that local address (its port does not matter). What the first question came to: if it was answered *out holds as
 * much as could be found out. A server that names no other address shows the ports alone.
 */
enum stun_tcp_outcome tcp_discovery(const struct endpoint *local, const struct endpoint *server, unsigned timeout_ms,
                                    struct tcp_mapping_findings *out);

#endif
