/* What a NAT does with TCP where its spec does not say it. */
#include "nat/nat_words.h"

/* RFC 5382 REQ-5: the least that is allowed; and the kernel's own (net/netfilter/nf_conntrack_proto_tcp.c). */
#define DEFAULT_TIMEOUT_S 7440
#define DEFAULT_TRANSITORY_S 240
#define LINUX_TIMEOUT_S 432000
#define LINUX_TRANSITORY_S 120

unsigned nat_tcp_timeout_s(const struct nat *nat)
{
	const struct nat_transport *tcp = &nat->transport[NAT_TCP];

	if (tcp->stream_timeout_s != 0)
		return tcp->stream_timeout_s;
	return nat->tcp == NAT_TCP_LINUX ? LINUX_TIMEOUT_S : DEFAULT_TIMEOUT_S;
}

unsigned nat_tcp_transitory_s(const struct nat *nat)
{
	const struct nat_transport *tcp = &nat->transport[NAT_TCP];
	unsigned usual = nat->tcp == NAT_TCP_LINUX ? LINUX_TRANSITORY_S : DEFAULT_TRANSITORY_S;
	unsigned established = nat_tcp_timeout_s(nat);

	if (tcp->timeout_s != 0)
		return tcp->timeout_s;
	return usual < established ? usual : established;
}

void nat_treat_tcp(struct nat *nat, enum nat_tcp_policy policy)
{
	struct nat_transport *tcp = &nat->transport[NAT_TCP];

	nat->tcp = policy;
	/* Plain Linux: one port for all, which several hosts may share. */
	if (policy == NAT_TCP_LINUX)
		*tcp = (struct nat_transport){ .filtering = NAT_ADDRESS_AND_PORT_DEPENDENT,
			                       .ports = nat->kind == NAT_TRANSLATE ? NAT_PORTS_OVERLOAD
			                                                           : NAT_PORTS_PRESERVE };
	tcp->blocked = policy == NAT_TCP_BLOCKED;
}

void nat_mirror_tcp(struct nat *nat)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];
	bool accepts = nat->kind != NAT_OPEN && nat->input == NAT_INPUT_ACCEPT;

	nat->transport[NAT_TCP] = (struct nat_transport){
		.mapping = udp->mapping,
		.filtering = udp->filtering,
		.ports = udp->ports,
		.hairpin = udp->hairpin,
	};
	/* A port that two hosts share is plain Linux's way (nat_parse.c), and so is its TCP. */
	nat_treat_tcp(nat, udp->ports == NAT_PORTS_OVERLOAD ? NAT_TCP_LINUX : NAT_TCP_ALLOWED);
	nat->unsolicited = accepts ? NAT_UNSOLICITED_RESET : NAT_UNSOLICITED_DROP;
	nat->simultaneous_broken = false;
}

enum nat_ports nat_unsaid_tcp_ports(const struct nat *nat, const struct nat *mirrored)
{
	const struct nat_transport *tcp = &nat->transport[NAT_TCP], *like = &mirrored->transport[NAT_TCP];
	bool may_share = tcp->filtering == NAT_ADDRESS_AND_PORT_DEPENDENT;

	if (tcp->mapping == like->mapping && (like->ports != NAT_PORTS_OVERLOAD || may_share))
		return like->ports;
	return tcp->mapping == NAT_ENDPOINT_INDEPENDENT ? NAT_PORTS_PRESERVE : NAT_PORTS_RANDOM;
}
