#include "model/port_mapper.h"

#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>

static const char *yes_or_no(bool b)
{
	return b ? "yes" : "no";
}

/*
 * Where it believes to have no public address outside it is shown the loopback interface. Mappings are deleted on
 * behalf of their owners where they are to end early: then anybody may.
 */
void port_mapper_configuration(const struct nat *nat, const char *wan, const char *leases,
                               char text[PORT_MAPPER_TEXT_SIZE])
{
	struct text t = text_in(text, PORT_MAPPER_TEXT_SIZE);

	text_add(&t, "ext_ifname=%s\nlistening_ip=lan\nipv6_disable=yes\nhttp_port=%d\n",
	         nat->upnp == NAT_MAPPER_PRIVATE_ADDRESS ? "lo" : wan, PORT_MAPPER_HTTP_PORT);
	text_add(&t, "enable_upnp=%s\nenable_natpmp=%s\n", yes_or_no(nat->upnp != NAT_MAPPER_NONE),
	         yes_or_no(nat->nat_pmp || nat->pcp));
	text_add(&t, "secure_mode=%s\n", yes_or_no(nat->upnp != NAT_MAPPER_SHORT_LEASE));
	text_add(&t, "upnp_table_name=" PORT_MAPPER_TABLE "\nupnp_nat_table_name=" PORT_MAPPER_TABLE "\n");
	text_add(&t, "upnp_nat_chain=" PORT_MAPPER_MAPPED "\nupnp_nat_postrouting_chain=" PORT_MAPPER_LEAVE "\n");
	text_add(&t, "upnp_forward_chain=" PORT_MAPPER_FORWARD "\nlease_file=%s\n", leases);
	text_add(&t, "uuid=70756e63-686c-6162-0000-000000000001\n");
	text_add(&t, "allow 1024-65535 0.0.0.0/0 1024-65535\ndeny 0-65535 0.0.0.0/0 0-65535\n");
}

/* NAT-PMP and PCP share a port; the first byte is the version, 0 and 2. A box that has one does not know the other. */
static void write_requests(const struct nat *nat, struct text *t)
{
	text_add(t, "\tchain requests {\n\t\ttype filter hook input priority -5; policy accept;\n");
	if (nat->upnp == NAT_MAPPER_SILENT)
		text_add(t,
		         "\t\tiifname \"lan\" udp dport { 1900, 5351 } drop\n\t\tiifname \"lan\" tcp dport %d drop\n",
		         PORT_MAPPER_HTTP_PORT);
	if (!nat->nat_pmp)
		text_add(t, "\t\tiifname \"lan\" udp dport 5351 @th,64,8 0 drop\n");
	if (!nat->pcp)
		text_add(t, "\t\tiifname \"lan\" udp dport 5351 @th,64,8 != 0 drop\n");
	text_add(t, "\t}\n");
}

/* What programs ask for when nobody tells them otherwise, and a hundred for tests. */
static const struct {
	uint16_t low, high;
} taken[] = {
	{ 4001, 4001 },                   /* libp2p */
	{ 4242, 4242 },                   /* Nebula */
	{ 6881, 6999 },                   /* BitTorrent */
	{ 7000, 7098 },   { 8333, 8333 }, /* Bitcoin */
	{ 9993, 9993 },                   /* ZeroTier */
	{ 30303, 30303 },                 /* Ethereum */
	{ 41641, 41641 },                 /* Tailscale */
	{ 51413, 51413 },                 /* Transmission */
	{ 51820, 51820 },                 /* WireGuard */
};

uint16_t port_mapper_taken(size_t i)
{
	for (size_t k = 0; k < sizeof taken / sizeof *taken; k++) {
		size_t count = (size_t)(taken[k].high - taken[k].low) + 1;

		if (i < count)
			return (uint16_t)(taken[k].low + i);
		i -= count;
	}
	return 0;
}

/* Whose they are: nobody stands there. */
static void write_holder(const struct subnet *lan, char text[ADDRESS_TEXT_SIZE])
{
	const struct address last = address_plus(&lan->network, (UINT32_C(1) << (32 - lan->prefix)) - 2);

	address_format(&last, text);
}

/* As miniupnpd reads them; the port inside, which nft lets nobody say of a protocol that it does not know, is the same.
 */
static void write_taken_nft(const char *wan, const struct subnet *lan, struct text *t)
{
	char holder[ADDRESS_TEXT_SIZE];
	uint16_t port;

	write_holder(lan, holder);
	for (size_t i = 0; (port = port_mapper_taken(i)) != 0; i++)
		for (int tcp = 0; tcp < 2; tcp++)
			text_add(t, "\t\tiif \"%s\" @nh,72,8 %d th dport %u dnat ip to %s\n", wan, tcp ? 6 : 17, port,
			         holder);
}

static void write_taken_legacy(const struct subnet *lan, struct text *t)
{
	char holder[ADDRESS_TEXT_SIZE];
	uint16_t port;

	write_holder(lan, holder);
	for (size_t i = 0; (port = port_mapper_taken(i)) != 0; i++)
		for (int tcp = 0; tcp < 2; tcp++)
			text_add(t, "-A " PORT_MAPPER_MAPPED " -p %s --dport %u -j DNAT --to-destination %s:%u\n",
			         tcp ? "tcp" : "udp", port, holder, port);
}

void port_mapper_nft(const struct nat *nat, const char *wan, const struct subnet *lan,
                     char text[PORT_MAPPER_RULES_SIZE])
{
	struct text t = text_in(text, PORT_MAPPER_RULES_SIZE);

	text_add(&t, "add table inet " PORT_MAPPER_TABLE "\ndelete table inet " PORT_MAPPER_TABLE "\n"
	             "table inet " PORT_MAPPER_TABLE " {\n\tchain " PORT_MAPPER_MAPPED " {\n");
	if (nat->upnp == NAT_MAPPER_CONFLICT)
		write_taken_nft(wan, lan, &t);
	text_add(&t, "\t}\n\tchain " PORT_MAPPER_LEAVE " { }\n\tchain " PORT_MAPPER_FORWARD " { }\n");
	text_add(&t, "\tchain " PORT_MAPPER_ARRIVE " {\n\t\tct mark set " PORT_MAPPER_MARK "\n"
	             "\t\tjump " PORT_MAPPER_MAPPED "\n\t\tct mark set 0\n\t}\n");
	text_add(&t,
	         "\tchain arrive {\n\t\ttype nat hook prerouting priority -105; policy accept;\n"
	         "\t\tiifname \"%s\" jump " PORT_MAPPER_ARRIVE "\n\t}\n",
	         wan);
	text_add(&t,
	         "\tchain leave {\n\t\ttype nat hook postrouting priority 95; policy accept;\n"
	         "\t\toifname \"%s\" jump " PORT_MAPPER_LEAVE "\n\t}\n",
	         wan);
	write_requests(nat, &t);
	text_add(&t, "}\n");
}

void port_mapper_legacy(const struct nat *nat, const struct subnet *lan, char text[PORT_MAPPER_RULES_SIZE])
{
	struct text t = text_in(text, PORT_MAPPER_RULES_SIZE);

	text_add(&t, "*nat\n:" PORT_MAPPER_ARRIVE " - [0:0]\n:" PORT_MAPPER_MAPPED " - [0:0]\n:" PORT_MAPPER_LEAVE
	             " - [0:0]\n-A " PORT_MAPPER_ARRIVE " -j CONNMARK --set-mark " PORT_MAPPER_MARK "\n"
	             "-A " PORT_MAPPER_ARRIVE " -j " PORT_MAPPER_MAPPED "\n"
	             "-A " PORT_MAPPER_ARRIVE " -j CONNMARK --set-mark 0\n");
	if (nat->upnp == NAT_MAPPER_CONFLICT)
		write_taken_legacy(lan, &t);
	text_add(&t, "COMMIT\n*filter\n:" PORT_MAPPER_FORWARD " - [0:0]\nCOMMIT\n");
}
