/* The protocols above IP that packets and ICMP errors are told apart by. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

enum packet_protocol { PACKET_ICMP = 1, PACKET_TCP = 6, PACKET_UDP = 17, PACKET_ICMPV6 = 58 };

#endif
