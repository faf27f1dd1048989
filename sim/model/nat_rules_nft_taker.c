#include "model/nat_rules_nft.h"

/*
 * Where of an inside socket the port alone counts (mapping=port), each host's flows are tracked in a conntrack zone of
 * their own, so that those of two hosts may have the very same outside. What comes in goes to the zone of who sent
 * last: taker      external port -> that zone taken_way  addresses and ports of a packet as it left -> the same, for
 * errors that quote it
 */
#define TAKEN_WAY_S 5 /* an error comes at once, or after the three seconds of an ARP request without an answer */

/* One seed for all rules, which are to find the same zone. */
#define ZONE_OF_HOST "ct zone set jhash ip saddr mod 32767 seed 0x706f7274 offset 1\n"
#define ERRORS "icmp type { destination-unreachable, time-exceeded, parameter-problem } @th,64,8 0x45 "

/* A port is somebody's for as long as any of its flows may live. */
static void write_maps(const struct nft_rules *r)
{
	text_add(r->t,
	         "\tmap taker { typeof udp sport : ct zone; flags dynamic,timeout; timeout %us; }\n"
	         "\tmap taken_way { typeof @nh,96,96 : ct zone; flags dynamic,timeout; timeout %ds; }\n",
	         r->lives.of[r->lives.count - 1].seconds, TAKEN_WAY_S);
	text_add(r->reboot, "flush map ip " NFT_TABLE " taker\nflush map ip " NFT_TABLE " taken_way\n");
}

/* 17: what an inside host's error quotes is UDP. */
void nft_write_takers(const struct nft_rules *r)
{
	const struct nat_site *s = r->site;

	if (!r->how->by_port)
		return;
	nat_feature_add(r->features, NAT_FEATURE_NFT_ZONES);
	nat_feature_add(r->features, NAT_FEATURE_NFT_HASHES);
	write_maps(r);
	text_add(r->t,
	         "\tchain take {\n\t\ttype filter hook prerouting priority raw; policy accept;\n"
	         "\t\tiifname \"%s\" meta l4proto udp " ZONE_OF_HOST "\t\tiifname \"%s\" " ERRORS
	         "@th,136,8 17 " ZONE_OF_HOST
	         "\t\tiifname \"%s\" ip daddr %s meta l4proto udp ct zone set udp dport map @taker\n"
	         "\t\tiifname \"%s\" " ERRORS "ct zone set @th,160,96 map @taken_way\n\t}\n",
	         s->lan, s->lan, s->wan, r->outside, s->wan);
}

void nft_write_taking(const struct nft_rules *r, const char *field)
{
	if (!r->how->by_port)
		return;
	if (field[0] == 'd')
		text_add(r->t, "\t\tmeta l4proto udp update @taker { udp dport : ct zone }\n");
	else
		text_add(
		    r->t,
		    "\t\tmeta l4proto udp delete @taker { udp sport : ct zone } add @taker { udp sport : ct zone }\n"
		    "\t\tdelete @taken_way { @nh,96,96 : ct zone } add @taken_way { @nh,96,96 : ct zone }\n");
}
