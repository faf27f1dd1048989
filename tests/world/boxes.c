/*
 * Sabotage: each box is built as its spec says and then broken by a rule or two; the measurement must report the very
 * behaviour that was broken. So every row of a measurement is shown to be able to fail. Needs what the lab needs.
 */
#include "in_world.h"

#include "check/check.h"
#include "io/log.h"
#include "world/mapper_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_ONCE 8

/* A table of its own beside the box's, for what the box's tables have no word for. */
#define BESIDE(hook, priority)                                                                                         \
	"nft add table ip sabotage\nnft add chain ip sabotage c { type " hook " priority " priority " ; }\n"
#define SNAT_FIRST "iptables -t nat -I POSTROUTING -o wan -p udp -j SNAT --to-source 33.33.33.1"

/* The same of IPv6: the box is 2333::3, behind a NAT66 are fd44:0:3:3::4 and ::5. */
#define PEERS6 "2333::/64"
#define SNAT6_FIRST "ip6tables -t nat -I POSTROUTING -o wan -p "
#define BESIDE6(hook, priority)                                                                                        \
	"nft add table ip6 sabotage\nnft add chain ip6 sabotage c { type " hook " priority " priority " ; }\n"
#define TO_FIRST_HOST6(protocol)                                                                                       \
	"ip6tables -t nat -I PREROUTING -i wan -p " protocol " -j DNAT --to-destination fd44:0:3:3::4\n"               \
	"ip6tables -I FORWARD -i wan -p " protocol " -j ACCEPT"
/* Two words of a probe that are always the same, each in the place of the other: the checksum stays right. */
#define SWAP_PAYLOAD6 "nft add rule ip6 sabotage c udp length 48 @th,144,16 set 0x5a5a @th,368,16 set 0"

#define PEERS "33.33.33.0/24" /* where the boxes of peers are; servers and strangers are in 22.22.22.0/24 */

/* The box is 33.33.33.1; behind it are 10.0.1.2 and 10.0.1.3. */
static const struct sabotage {
	const char *spec;
	const char *rules;
	enum measurement_part row; /* that must differ */
	const char *measured;      /* how its measured text begins; NULL: whatever */
} sabotages[] = {
	{ "port-restricted", "iptables -I FORWARD -p udp -j DROP", MEASURED_PASSAGE, "blocked" },
	{ "udp-blocked", "iptables -D FORWARD -p udp -j DROP", MEASURED_PASSAGE, "passes" },
	{ "udp-blocked", "iptables -I FORWARD -p udp --dport 53 -j ACCEPT", MEASURED_PASSAGE, "passes to some" },
	{ "udp-blocked", "iptables -I FORWARD -d 22.22.22.2 -j ACCEPT", MEASURED_PASSAGE, "passes to some" },
	{ "udp-blocked", "iptables -I FORWARD -d " PEERS " -j ACCEPT", MEASURED_PASSAGE, "passes to some" },
	{ "udp-blocked",
	  "iptables -t nat -I PREROUTING -i wan -p udp -j DNAT --to-destination 10.0.1.2\n"
	  "iptables -I FORWARD -i wan -p udp -j ACCEPT",
	  MEASURED_PASSAGE, "blocked, but comes in" },
	{ "port-restricted", "iptables -I FORWARD -i lan -d " PEERS " -j DROP", MEASURED_PASSAGE, "passes to some" },
	{ "port-restricted", "iptables -I FORWARD -i lan -d " PEERS " -j DROP", MEASURED_MAPPING,
	  "endpoint-independent (peers: not reached)" },
	{ "port-restricted", "iptables -t nat -I POSTROUTING -p udp -j ACCEPT", MEASURED_TRANSLATION, "no" },
	{ "port-restricted", SNAT_FIRST ":1024-65535 --random-fully", MEASURED_MAPPING, "address-and-port-dependent" },
	{ "symmetric", "iptables -t nat -D POSTROUTING 1", MEASURED_MAPPING, "endpoint-independent" },
	{ "port-restricted",
	  "iptables -t nat -I POSTROUTING -o wan -p udp -d " PEERS " -j SNAT --to-source 33.33.33.1 --random-fully",
	  MEASURED_MAPPING, "endpoint-independent (peers: address-and-port-dependent)" },
	{ "symmetric", "iptables -t nat -I POSTROUTING -o wan -p udp -d " PEERS " -j SNAT --to-source 33.33.33.1",
	  MEASURED_MAPPING, "address-and-port-dependent (peers: " },
	{ "mapping=ad", "nft flush map ip punchlab mapping_idle\nnft flush chain ip punchlab sent_idle",
	  MEASURED_MAPPING, "address-and-port-dependent" },
	{ "full-cone", "iptables -t nat -F PREROUTING\nnft flush chain ip punchlab arrive", MEASURED_FILTERING,
	  "address-and-port-dependent" },
	{ "restricted", "iptables -t nat -F PREROUTING", MEASURED_FILTERING, "address-and-port-dependent" },
	{ "restricted",
	  "iptables -t nat -I PREROUTING -i wan -p udp -j DNAT --to-destination 10.0.1.2\n"
	  "iptables -I FORWARD -i wan -p udp -j ACCEPT",
	  MEASURED_FILTERING, "endpoint-independent" },
	{ "port-restricted", "iptables -I FORWARD -i wan -p udp -j DROP", MEASURED_FILTERING, "everything" },
	{ "port-restricted", "iptables -I FORWARD -i wan -p udp -s " PEERS " -j DROP", MEASURED_FILTERING,
	  "address-and-port-dependent (peers: everything" },
	{ "full-cone", "iptables -I FORWARD -i wan -p udp -s " PEERS " -j DROP", MEASURED_FILTERING,
	  "endpoint-independent (peers: everything" },
	{ "full-cone",
	  "iptables -I FORWARD -i wan -p udp -s " PEERS " -m conntrack --ctstate NEW -j DROP\n"
	  "iptables -I FORWARD -i wan -p udp -s " PEERS " -m conntrack --ctstate UNTRACKED -j DROP",
	  MEASURED_FILTERING, "endpoint-independent (peers: address-dependent" },
	{ "mapping=apd,filtering=ei", "nft flush chain ip punchlab deliver", MEASURED_FILTERING,
	  "address-and-port-dependent" },
	{ "port-restricted", SNAT_FIRST ":20000-30000", MEASURED_PORTS, "preserve, only in a pool" },
	{ "port-restricted", SNAT_FIRST ":20000-30000", MEASURED_PORT_PARITY, "not kept" },
	{ "symmetric,ports=sequential", "nft flush chain ip punchlab pick", MEASURED_PORTS, "preserve" },
	{ "port-restricted", "iptables -t mangle -F POSTROUTING", MEASURED_PORTS, "overload" },
	{ "linux-router",
	  "iptables -t nat -I POSTROUTING -o wan -p udp -s 10.0.1.3 -j SNAT --to-source 33.33.33.1:20000-30000",
	  MEASURED_SAME_PORT, "a port each" },
	{ "symmetric,range=20000-20511",
	  BESIDE("nat hook postrouting",
	         "90") "nft add rule ip sabotage c meta l4proto udp oifname wan snat to 33.33.33.1:40000-41000 random",
	  MEASURED_RANGE, "40" },
	{ "port-restricted",
	  "iptables -t nat -I POSTROUTING -o wan -p udp -m statistic --mode nth --every 2 --packet 0 -j SNAT "
	  "--to-source 33.33.33.77",
	  MEASURED_EXTERNAL_ADDRESS, "several" },
	{ "port-restricted", "iptables -t mangle -F POSTROUTING", MEASURED_SAME_PORT, "one port for both" },
	{ "port-restricted", "iptables -t mangle -F POSTROUTING", MEASURED_AFTER_CLASH, "another" },
	{ "full-cone",
	  "iptables -t nat -I PREROUTING -i wan -p udp -j DNAT --to-destination 10.0.1.2\n"
	  "iptables -I FORWARD -i wan -p udp -j ACCEPT\n"
	  "nft flush chain ip punchlab arrive",
	  MEASURED_ANSWERS, "to another host" },
	{ "full-cone,hairpin", "iptables -t nat -F PREROUTING", MEASURED_HAIRPIN, "none" },
	{ "restricted,hairpin",
	  "iptables -t nat -D POSTROUTING -s 10.0.1.0/24 -o lan -p udp -m conntrack --ctstate DNAT -j SNAT "
	  "--to-source 33.33.33.1",
	  MEASURED_HAIRPIN, "internal" },
	{ "symmetric,hairpin", "nft flush chain ip punchlab hairpin", MEASURED_HAIRPIN, "none" },
	{ "port-restricted",
	  "iptables -t nat -A PREROUTING -i lan -d 33.33.33.1 -p udp -j DNAT --to-destination 10.0.1.2\n"
	  "iptables -t nat -A POSTROUTING -s 10.0.1.0/24 -o lan -j SNAT --to-source 33.33.33.1\n"
	  "iptables -A FORWARD -i lan -o lan -j ACCEPT",
	  MEASURED_HAIRPIN, "external" },
	{ "port-restricted", "iptables -F INPUT", MEASURED_UNSOLICITED, "accept" },
	{ "port-restricted", "iptables -F INPUT", MEASURED_EARLY_PACKET, "moves the port" },
	{ "port-restricted", "iptables -I INPUT -p udp --dport 4000 -j ACCEPT", MEASURED_EARLY_PACKET,
	  "moves the port" },
	{ "port-restricted", "iptables -I INPUT -p udp --sport 4000 -j ACCEPT", MEASURED_EARLY_PACKET,
	  "moves the port" },
	{ "port-restricted", "iptables -I INPUT -p udp -s " PEERS " -j ACCEPT", MEASURED_EARLY_PACKET,
	  "moves the port" },
	{ "port-restricted", "iptables -I INPUT -i wan -p udp -j REJECT", MEASURED_UNSOLICITED, "reject" },
	{ "port-restricted,input=reject", "iptables -I INPUT -i wan -p udp -j DROP", MEASURED_UNSOLICITED, "drop" },
	{ "port-restricted,input=accept", "iptables -I INPUT -i wan -p udp -j DROP", MEASURED_EARLY_PACKET,
	  "harmless" },
	{ "symmetric,ports=sequential,input=reject",
	  "nft flush chain ip punchlab input\nnft add rule ip punchlab input drop", MEASURED_UNSOLICITED, "drop" },
	{ "firewall", "iptables -I FORWARD -i wan -p udp -j ACCEPT", MEASURED_UNSOLICITED, "let in" },
	{ "firewall,filtering=ad", "iptables -t mangle -F", MEASURED_FILTERING, "address-and-port-dependent" },
	{ "port-restricted",
	  BESIDE("filter hook forward",
	         "0") "nft add rule ip sabotage c meta l4proto udp @th,96,16 set 0x1234 udp checksum set 0",
	  MEASURED_PAYLOAD, "changed" },
	{ "port-restricted",
	  BESIDE("filter hook prerouting",
	         "-200") "nft add set ip sabotage s { type ipv4_addr ; flags dynamic ; }\n"
	                 "nft add rule ip sabotage c icmp type destination-unreachable add @s { ip saddr }\n"
	                 "nft add rule ip sabotage c meta l4proto udp ip saddr @s drop",
	  MEASURED_ICMP_ERROR, "arrives, mapping ends" },
	{ "port-restricted", "iptables -I FORWARD -p icmp -j DROP", MEASURED_ICMP_ERROR, "lost, mapping stays" },
	{ "restricted", "iptables -t raw -I PREROUTING -i wan -p icmp -j DROP", MEASURED_ICMP_ERROR,
	  "lost, mapping stays" },
	{ "port-restricted", "iptables -I FORWARD -p udp -m length --length 1000:1500 -j DROP", MEASURED_SIZES,
	  "1200 bytes" },
	{ "port-restricted", "iptables -I FORWARD -i wan -m length --length 1500 -j DROP", MEASURED_SIZES,
	  "1472 bytes" },
	{ "port-restricted", "iptables -t mangle -A POSTROUTING -o wan -j TTL --ttl-set 3", MEASURED_TTL,
	  "75 less out, 2 in" },
	{ "port-restricted", "iptables -t mangle -A PREROUTING -i wan -j TTL --ttl-inc 1", MEASURED_TTL,
	  "2 less out, 1 in" },
	{ "symmetric", "iptables -t mangle -A FORWARD -j TTL --ttl-set 62", MEASURED_TTL, "16 less out, 15 in" },
	{ "port-restricted", "iptables -I FORWARD -p udp -m length --length 2000:65535 -j DROP", MEASURED_FRAGMENTS,
	  "drop" },
	{ "icmp=blocked", "nft flush chain ip punchlab silence", MEASURED_ICMP_ERROR, "arrives" },
	{ "port-restricted", "iptables -I FORWARD -p icmp -j DROP", MEASURED_ICMP_ERROR, "lost" },
	{ "mtu=1400,icmp=blocked", "nft flush chain ip punchlab own_silence", MEASURED_LONGER_PACKETS,
	  "an ICMP error" },
	{ "mtu=1400", "iptables -I OUTPUT -p icmp -j DROP", MEASURED_LONGER_PACKETS, "lost silently" },
	{ "port-restricted", "ip link set wan mtu 1400", MEASURED_WAN_MTU, "1400" },
	{ "fragments=drop", "nft flush chain ip punchlab fragments", MEASURED_FRAGMENTS, "pass" },
	{ "fragments=in-order", "nft flush chain ip punchlab fragments", MEASURED_FRAGMENTS, "pass" },
	{ "fragments=in-order", "nft insert rule ip punchlab fragments ip frag-off & 0x3fff != 0 drop",
	  MEASURED_FRAGMENTS, "drop" },
	{ "hairpin=mapped", "nft flush chain ip punchlab hairpin", MEASURED_HAIRPIN, "none" },
	{ "hairpin=mapped",
	  "nft insert rule ip punchlab hairpin iifname lan ip daddr 33.33.33.1 dnat ip to udp dport map "
	  "@owner_address_idle : udp dport map @owner_port_idle",
	  MEASURED_HAIRPIN, "external" },
	{ "symmetric,parity",
	  BESIDE("nat hook postrouting",
	         "90") "nft add rule ip sabotage c meta l4proto udp oifname wan snat to 33.33.33.1:40000-41000 random",
	  MEASURED_PORT_PARITY, "not kept" },
	{ "symmetric,addresses=2",
	  BESIDE("nat hook postrouting",
	         "90") "nft add rule ip sabotage c meta l4proto udp oifname wan snat to 33.33.33.1",
	  MEASURED_ADDRESSES, "1 for" },
	{ "symmetric,addresses=2",
	  BESIDE("nat hook postrouting", "90") "nft add rule ip sabotage c meta l4proto udp oifname wan snat to numgen "
	                                       "random mod 2 map { 0 : 33.33.33.1, 1 : 33.33.33.2 }",
	  MEASURED_EXTERNAL_ADDRESS, "several" },
	{ "symmetric,addresses=2,pooling=arbitrary",
	  BESIDE("nat hook postrouting",
	         "90") "nft add rule ip sabotage c meta l4proto udp oifname wan snat to 33.33.33.1",
	  MEASURED_EXTERNAL_ADDRESS, "one" },
	{ "mapping=port", "nft flush chain ip punchlab take", MEASURED_TAKE_OVER, "no" },
	{ "clobber", "nft flush chain ip punchlab clobber", MEASURED_CLOBBER, "kept" },
	{ "port-restricted",
	  BESIDE("filter hook forward", "0") "nft add rule ip sabotage c iifname wan meta l4proto udp @th,128,32 "
	                                     "0x21212101 @th,128,32 set @nh,128,32 udp checksum set 0",
	  MEASURED_CLOBBER, "clobbered" },
	{ "clobber",
	  BESIDE("filter hook forward",
	         "0") "nft add rule ip sabotage c meta l4proto udp @th,96,16 set 0x1234 udp checksum set 0",
	  MEASURED_PAYLOAD, "changed" },
	{ "limit=20", "nft flush chain ip punchlab limits", MEASURED_LIMIT, "at least" },
	{ "limit-per-host=10", "nft flush chain ip punchlab in_bound_1", MEASURED_LIMIT_PER_HOST, "at least" },
	{ "limit-per-host=10", "nft flush chain ip punchlab in_bound_2", MEASURED_LIMIT, "1" },
	{ "upnp", "iptables -I FORWARD -i wan -m connmark --mark 0x61736b -j DROP", MEASURED_PORT_MAPPING, "none" },
	{ "upnp,nat-pmp", "nft add rule inet punchlab_mapper requests udp dport 1900 drop", MEASURED_PORT_MAPPING,
	  "nat-pmp" },
	{ "nat-pmp,pcp", "nft add rule inet punchlab_mapper requests udp dport 5351 @th,64,8 2 drop",
	  MEASURED_PORT_MAPPING, "nat-pmp" },
	{ "symmetric,range=20000-20007",
	  BESIDE("nat hook postrouting",
	         "90") "nft add rule ip sabotage c meta l4proto udp oifname wan snat to 33.33.33.1:40000-41000 random",
	  MEASURED_RANGE, "40" },
	{ "open,ipv6=firewall", "ip6tables -I FORWARD -i wan -p udp -j ACCEPT", MEASURED_OF_IPV6(MEASURED_UNSOLICITED),
	  "let in" },
	{ "open,ipv6=firewall,ipv6.filtering=ad", "ip6tables -t mangle -F", MEASURED_OF_IPV6(MEASURED_FILTERING),
	  "address-and-port-dependent" },
	{ "open,ipv6=firewall", "ip6tables -I FORWARD -p ipv6-icmp -j DROP", MEASURED_OF_IPV6(MEASURED_ICMP_ERROR),
	  "lost, mapping stays" },
	{ "open,ipv6=firewall", "ip6tables -I FORWARD -i wan -p tcp --syn -j DROP",
	  MEASURED_OF_IPV6(MEASURED_TCP_SIMULTANEOUS), "no" },
	{ "firewall,timeout=6,stream-timeout=6,ipv6=firewall,ipv6.timeout=2", "nft flush chain ip6 punchlab lives",
	  MEASURED_OF_IPV6(MEASURED_TIMEOUT), NULL },
	{ "open,ipv6=nat66", "ip6tables -t nat -F POSTROUTING", MEASURED_OF_IPV6(MEASURED_TRANSLATION), "no" },
	{ "open,ipv6=nat66",
	  "ip6tables -t nat -I POSTROUTING -o wan -p udp -j SNAT --to-source [2333::3]:1024-65535 --random-fully",
	  MEASURED_OF_IPV6(MEASURED_MAPPING), "address-and-port-dependent" },
	{ "open,ipv6=nat66,ipv6.mapping=apd", "ip6tables -t nat -D POSTROUTING 1", MEASURED_OF_IPV6(MEASURED_MAPPING),
	  "endpoint-independent" },
	{ "open,ipv6=nat66,ipv6.filtering=ad", "ip6tables -t nat -F PREROUTING\nnft flush chain ip6 punchlab admit",
	  MEASURED_OF_IPV6(MEASURED_FILTERING), "address-and-port-dependent" },
	{ "open,ipv6=nat66,ipv6.mapping=ad,ipv6.filtering=ei", "nft flush chain ip6 punchlab deliver",
	  MEASURED_OF_IPV6(MEASURED_FILTERING), "address-and-port-dependent" },
	{ "open,ipv6=nat66", "ip6tables -t mangle -F POSTROUTING", MEASURED_OF_IPV6(MEASURED_PORTS), "overload" },
	{ "open,ipv6=nat66", "ip6tables -F INPUT", MEASURED_OF_IPV6(MEASURED_EARLY_PACKET), "moves the port" },
	{ "open,ipv6=nat66,ipv6.hairpin", "ip6tables -t nat -D PREROUTING 1", MEASURED_OF_IPV6(MEASURED_HAIRPIN),
	  "none" },
	{ "open,ipv6=nat66,ipv6.hairpin", "ip6tables -t nat -F PREROUTING", MEASURED_OF_IPV6(MEASURED_TCP_HAIRPIN),
	  "none" },
	{ "open,ipv6=nat66",
	  "ip6tables -t nat -I POSTROUTING -o wan -p tcp -j SNAT --to-source [2333::3]:1024-65535 --random-fully",
	  MEASURED_OF_IPV6(MEASURED_TCP_MAPPING), "address-and-port-dependent" },
	{ "open,ipv6=open", "ip6tables -I FORWARD -p udp -j DROP", MEASURED_OF_IPV6(MEASURED_PASSAGE), "blocked" },
	{ "open,ipv6=firewall", "ip6tables -I FORWARD -i lan -p udp -d " PEERS6 " -j DROP",
	  MEASURED_OF_IPV6(MEASURED_PASSAGE), "passes to some" },
	{ "open,ipv6=nat66", SNAT6_FIRST "udp -j SNAT --to-source [2333::3]:20000-30000",
	  MEASURED_OF_IPV6(MEASURED_PORT_PARITY), "not kept" },
	{ "open,ipv6=nat66",
	  SNAT6_FIRST "udp -m statistic --mode nth --every 2 --packet 0 -j SNAT --to-source 2333::77",
	  MEASURED_OF_IPV6(MEASURED_EXTERNAL_ADDRESS), "several" },
	{ "open,ipv6=nat66", "ip6tables -t mangle -F POSTROUTING", MEASURED_OF_IPV6(MEASURED_SAME_PORT),
	  "one port for both" },
	{ "open,ipv6=nat66", "ip6tables -t mangle -F POSTROUTING", MEASURED_OF_IPV6(MEASURED_AFTER_CLASH), "another" },
	{ "open,ipv6=nat66,ipv6.filtering=ei", "nft flush chain ip6 punchlab arrive\n" TO_FIRST_HOST6("udp"),
	  MEASURED_OF_IPV6(MEASURED_ANSWERS), "to another host" },
	{ "open,ipv6=firewall", BESIDE6("filter hook forward", "0") SWAP_PAYLOAD6, MEASURED_OF_IPV6(MEASURED_PAYLOAD),
	  "changed" },
	{ "open,ipv6=nat66", "ip6tables -I INPUT -i wan -p udp -j REJECT", MEASURED_OF_IPV6(MEASURED_UNSOLICITED),
	  "reject" },
	{ "open,ipv6=nat66",
	  TO_FIRST_HOST6("udp") "\nip6tables -t nat -A POSTROUTING -s fd44:0:3:3::/64 -o lan -j SNAT --to-source "
	                        "2333::3\nip6tables -t nat -A PREROUTING -i lan -d 2333::3 -p udp -j DNAT "
	                        "--to-destination fd44:0:3:3::4\nip6tables -A FORWARD -i lan -o lan -j ACCEPT",
	  MEASURED_OF_IPV6(MEASURED_HAIRPIN), "external" },
	{ "open,ipv6=nptv6,ipv6.hairpin=none", "ip6tables -F FORWARD", MEASURED_OF_IPV6(MEASURED_HAIRPIN), "external" },
	{ "open,ipv6=nptv6,ipv6.hairpin=none", "ip6tables -F FORWARD", MEASURED_OF_IPV6(MEASURED_TCP_HAIRPIN),
	  "external" },
	{ "firewall,timeout=6,stream-timeout=6,ipv6=firewall,ipv6.timeout=2", "nft flush chain ip6 punchlab lives",
	  MEASURED_OF_IPV6(MEASURED_STREAM_TIMEOUT), NULL },
	{ "open,ipv6=nat66,ipv6.filtering=ei,ipv6.timeout=2",
	  "ip6tables -t mangle -A FORWARD -i wan -p udp -d fd44:0:3:3::4 -j SET --add-set six-own-1-idle dst --exist",
	  MEASURED_OF_IPV6(MEASURED_REFRESH_BY_STRANGERS), "yes" },
	{ "open,ipv6=nat66,ipv6.filtering=ei,ipv6.timeout=2", "ip6tables -t mangle -F six-answer-1",
	  MEASURED_OF_IPV6(MEASURED_REFRESH_FOR_STRANGERS), "no" },
	{ "firewall,timeout=2,stream-timeout=2,ipv6=firewall", "ip6tables -I FORWARD -i wan -p udp -j DROP",
	  MEASURED_OF_IPV6(MEASURED_REFRESH), "nothing" },
	{ "open,ipv6=firewall", "ip6tables -I FORWARD -p tcp -j DROP", MEASURED_OF_IPV6(MEASURED_TCP), "blocked" },
	{ "open,ipv6=firewall", "ip6tables -t nat -I POSTROUTING -o wan -p tcp -j MASQUERADE",
	  MEASURED_OF_IPV6(MEASURED_TCP_TRANSLATION), "yes" },
	{ "open,ipv6=firewall,ipv6.filtering=ad", "ip6tables -t mangle -F", MEASURED_OF_IPV6(MEASURED_TCP_FILTERING),
	  "address-and-port-dependent" },
	{ "open,ipv6=nat66", "ip6tables -t mangle -F POSTROUTING", MEASURED_OF_IPV6(MEASURED_TCP_PORTS), "overload" },
	{ "open,ipv6=nat66,ipv6.mapping=apd",
	  "ip -6 address add 2333::77/128 dev wan nodad\nip -n internet route add 2333::77/128 via fe80::ff:fe00:201 "
	  "dev nat\n" BESIDE6("nat hook postrouting",
	                      "90") "nft add rule ip6 sabotage c meta l4proto tcp oifname wan snat to numgen random "
	                            "mod 2 map { 0 : 2333::3, 1 : 2333::77 }",
	  MEASURED_OF_IPV6(MEASURED_TCP_EXTERNAL_ADDRESS), "several" },
	{ "open,ipv6=nat66", "ip6tables -t mangle -F POSTROUTING", MEASURED_OF_IPV6(MEASURED_TCP_SAME_PORT),
	  "one port for both" },
	{ "open,ipv6=nat66", "ip6tables -t mangle -F POSTROUTING", MEASURED_OF_IPV6(MEASURED_TCP_AFTER_CLASH),
	  "another" },
	{ "open,ipv6=nat66,ipv6.filtering=ei", "nft flush chain ip6 punchlab tcp_arrive\n" TO_FIRST_HOST6("tcp"),
	  MEASURED_OF_IPV6(MEASURED_TCP_ANSWERS), "to another host" },
	{ "open,ipv6=nat66,ipv6.filtering=ei",
	  SNAT6_FIRST "tcp -s fd44:0:3:3::4 --sport 4000:4100 -j SNAT --to-source [2333::3]:1024-2000 --random-fully",
	  MEASURED_OF_IPV6(MEASURED_TCP_EARLY_PACKET), "moves the port" },
	{ "open,ipv6=nat66", "ip6tables -F INPUT", MEASURED_OF_IPV6(MEASURED_TCP_UNSOLICITED), "reset" },
	{ "open,ipv6=firewall", "ip6tables -I FORWARD -i wan -p tcp -j ACCEPT",
	  MEASURED_OF_IPV6(MEASURED_TCP_UNSOLICITED), "let in" },
	{ "open,ipv6=firewall",
	  BESIDE6("filter hook prerouting", "-200") "nft add set ip6 sabotage s { type ipv6_addr ; flags dynamic ; }\n"
	                                            "nft add rule ip6 sabotage c icmpv6 type destination-unreachable "
	                                            "@th,112,8 6 add @s { ip6 daddr }\n"
	                                            "nft add rule ip6 sabotage c meta l4proto tcp ip6 daddr @s drop",
	  MEASURED_OF_IPV6(MEASURED_TCP_ICMP_ERROR), "connection ends" },
	{ "symmetric,timeout=2,stream-timeout=2,ipv6=firewall,tcp.timeout=5,tcp.transitory=4",
	  "sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=1", MEASURED_OF_IPV6(MEASURED_TCP_TIMEOUT),
	  NULL },
	{ "symmetric,timeout=2,stream-timeout=2,ipv6=firewall,tcp.timeout=5,tcp.transitory=4",
	  "sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_syn_sent=1", MEASURED_OF_IPV6(MEASURED_TCP_TRANSITORY),
	  NULL },
	{ "open,ipv6=nat66,ipv6.filtering=ei,ipv6.timeout=2,tcp.timeout=4,tcp.transitory=2",
	  "ip6tables -t mangle -D six-tcp-own-1 -p tcp ! --tcp-flags FIN,RST NONE -j SET --del-set "
	  "six-tcp-own-1-stream src",
	  MEASURED_OF_IPV6(MEASURED_TCP_CLOSED), "kept" },
	{ "open,ipv6=nptv6", "ip6tables -t mangle -F", MEASURED_OF_IPV6(MEASURED_TRANSLATION), "no" },
	{ "open,ipv6=nptv6", "ip6tables -t nat -A POSTROUTING -o wan -j MASQUERADE",
	  MEASURED_OF_IPV6(MEASURED_TRANSLATION), "yes" },
	{ "open,ipv6=nptv6",
	  "ip6tables -t mangle -I POSTROUTING -o wan -s fd44:0:3:3::/64 -j SNPT --src-pfx fd44:0:3:3::/64 --dst-pfx "
	  "2444:0:3:1::/64",
	  MEASURED_OF_IPV6(MEASURED_INTERFACE_ID), "changed" },
	{ "open,ipv6=nptv6",
	  "ip6tables -t mangle -F\nip6tables -t nat -A POSTROUTING -o wan -s fd44:0:3::/48 -j NETMAP --to "
	  "2444:0:3::/48",
	  MEASURED_OF_IPV6(MEASURED_CHECKSUM), "changed" },
	{ "open,ipv6=nptv6,ipv6.inside=fd00:0:1:100::/56,ipv6.outside=2001:db8:7:100::/56",
	  "ip6tables -t mangle -I POSTROUTING -o wan -s fd00:0:1:100::/56 -j SNPT --src-pfx fd00:0:1:100::/56 "
	  "--dst-pfx "
	  "2001:db8:7:200::/56",
	  MEASURED_OF_IPV6(MEASURED_PREFIX), "2001:db8:7:200::/56" },
	{ "open,ipv6=nptv6", "ip6tables -t mangle -D POSTROUTING 2", MEASURED_OF_IPV6(MEASURED_HAIRPIN), "internal" },
	{ "open,ipv6=nptv6", "ip6tables -I FORWARD -i wan -m conntrack --ctstate NEW -j DROP",
	  MEASURED_OF_IPV6(MEASURED_UNSOLICITED), NULL },
	{ "port-restricted,ipv6=nat64",
	  BESIDE6("filter hook forward", "0") "nft add rule ip6 sabotage c ip6 daddr 64:ff9b::/96 meta l4proto udp "
	                                      "numgen inc mod 100000 >= 10 drop",
	  MEASURED_NAT64, "none" },
	{ "open,ipv6=firewall,ipv6.prefix=2001:db8:5::/48", "ip6tables -t nat -A POSTROUTING -o wan -j MASQUERADE",
	  MEASURED_OF_IPV6(MEASURED_PREFIX), "2333:" },
	{ "port-restricted,ipv6=nat64", "ip6tables -I FORWARD -i lan -d 64:ff9b::/96 -j DROP", MEASURED_PASSAGE,
	  "blocked" },
	{ "symmetric,ipv6=nat64", "iptables -t nat -D POSTROUTING 1", MEASURED_MAPPING, "endpoint-independent" },
	{ "port-restricted,ipv6=nat64",
	  "iptables -I OUTPUT -p icmp -j DROP\niptables -I FORWARD -i nat64 -p icmp -j DROP", MEASURED_NAT64_TOO_BIG,
	  "lost silently" },
	{ "port-restricted,ipv6=nat64",
	  "ip -n inside-1 address add 10.9.9.9/24 dev eth0\nip -n inside-1 route add 22.22.22.0/24 dev eth0",
	  MEASURED_IPV4_INSIDE, "there" },
	{ "open", "iptables -P FORWARD DROP", MEASURED_PASSAGE, "blocked" },
	{ "open,mtu=1300", "ip link set wan mtu 1200", MEASURED_WAN_MTU, "1200" },
	{ "port-restricted", "iptables -I FORWARD -p tcp -j DROP", MEASURED_TCP, "blocked" },
	{ "port-restricted,tcp=blocked", "iptables -D FORWARD -p tcp -j DROP", MEASURED_TCP, "passes" },
	{ "port-restricted", "iptables -I FORWARD -i lan -p tcp -d " PEERS " -j DROP", MEASURED_TCP, "passes to some" },
	{ "firewall", "iptables -t nat -I POSTROUTING -o wan -p tcp -j MASQUERADE", MEASURED_TCP_TRANSLATION, "yes" },
	{ "port-restricted",
	  "iptables -t nat -I POSTROUTING -o wan -p tcp -j SNAT --to-source 33.33.33.1:1024-65535 --random-fully",
	  MEASURED_TCP_MAPPING, "address-and-port-dependent" },
	{ "symmetric", "iptables -t nat -D POSTROUTING 2", MEASURED_TCP_MAPPING, "endpoint-independent" },
	{ "full-cone", "iptables -t nat -F PREROUTING\nnft flush chain ip punchlab tcp_arrive", MEASURED_TCP_FILTERING,
	  "address-and-port-dependent" },
	{ "restricted", "iptables -t nat -F PREROUTING", MEASURED_TCP_FILTERING, "address-and-port-dependent" },
	{ "port-restricted",
	  "iptables -t nat -I PREROUTING -i wan -p tcp -j DNAT --to-destination 10.0.1.2\n"
	  "iptables -I FORWARD -i wan -p tcp -j ACCEPT",
	  MEASURED_TCP_FILTERING, "endpoint-independent" },
	{ "port-restricted", "iptables -I FORWARD -i wan -p tcp -s " PEERS " -j DROP", MEASURED_TCP_FILTERING,
	  "address-and-port-dependent (peers: not reached" },
	{ "mapping=apd,filtering=ei", "nft flush chain ip punchlab tcp_admit", MEASURED_TCP_FILTERING,
	  "address-and-port-dependent" },
	{ "firewall,filtering=ad", "iptables -t mangle -F", MEASURED_TCP_FILTERING, "address-and-port-dependent" },
	{ "symmetric,ports=sequential", "nft flush chain ip punchlab tcp_pick", MEASURED_TCP_PORTS, "preserve" },
	{ "port-restricted", "iptables -t mangle -F POSTROUTING", MEASURED_TCP_PORTS, "overload" },
	{ "port-restricted", "iptables -t mangle -F POSTROUTING", MEASURED_TCP_SAME_PORT, "one port for both" },
	{ "symmetric,range=20000-20511",
	  BESIDE("nat hook postrouting",
	         "90") "nft add rule ip sabotage c meta l4proto tcp oifname wan snat to 33.33.33.1:40000-41000 random",
	  MEASURED_TCP_RANGE, "40" },
	{ "symmetric,range=20000-20007",
	  BESIDE("nat hook postrouting",
	         "90") "nft add rule ip sabotage c meta l4proto tcp oifname wan snat to 33.33.33.1:40000-41000 random",
	  MEASURED_TCP_RANGE, "40" },
	{ "symmetric,addresses=2",
	  BESIDE("nat hook postrouting", "90") "nft add rule ip sabotage c meta l4proto tcp oifname wan snat to numgen "
	                                       "random mod 2 map { 0 : 33.33.33.1, 1 : 33.33.33.2 }",
	  MEASURED_TCP_EXTERNAL_ADDRESS, "several" },
	{ "symmetric,addresses=2",
	  BESIDE("nat hook postrouting",
	         "90") "nft add rule ip sabotage c meta l4proto tcp oifname wan snat to 33.33.33.1",
	  MEASURED_TCP_ADDRESSES, "1 for" },
	{ "port-restricted", "iptables -t mangle -F POSTROUTING", MEASURED_TCP_AFTER_CLASH, "another" },
	{ "full-cone",
	  "iptables -t nat -I PREROUTING -i wan -p tcp -j DNAT --to-destination 10.0.1.2\n"
	  "iptables -I FORWARD -i wan -p tcp -j ACCEPT\n"
	  "nft flush chain ip punchlab tcp_arrive",
	  MEASURED_TCP_ANSWERS, "to another host" },
	{ "full-cone",
	  "iptables -t nat -I POSTROUTING -o wan -p tcp -s 10.0.1.2 --sport 4000:4100 -j SNAT --to-source "
	  "33.33.33.1:1024-2000 --random-fully",
	  MEASURED_TCP_EARLY_PACKET, "moves the port" },
	{ "full-cone,hairpin", "iptables -t nat -F PREROUTING", MEASURED_TCP_HAIRPIN, "none" },
	{ "restricted,hairpin",
	  "iptables -t nat -D POSTROUTING -s 10.0.1.0/24 -o lan -p tcp -m conntrack --ctstate DNAT -j SNAT "
	  "--to-source 33.33.33.1",
	  MEASURED_TCP_HAIRPIN, "internal" },
	{ "port-restricted", "iptables -F INPUT", MEASURED_TCP_UNSOLICITED, "reset" },
	{ "port-restricted", "iptables -I INPUT -p tcp -j REJECT", MEASURED_TCP_UNSOLICITED, "icmp, at once" },
	{ "port-restricted,tcp.unsolicited=reset", "iptables -I INPUT -i wan -p tcp -j DROP", MEASURED_TCP_UNSOLICITED,
	  "drop" },
	{ "port-restricted,tcp.unsolicited=icmp",
	  "nft flush chain ip punchlab unsolicited\nnft add rule ip punchlab unsolicited drop",
	  MEASURED_TCP_UNSOLICITED, "drop" },
	{ "firewall", "iptables -I FORWARD -i wan -p tcp -j ACCEPT", MEASURED_TCP_UNSOLICITED, "let in" },
	{ "port-restricted", "iptables -I FORWARD -i wan -p tcp --syn -j DROP", MEASURED_TCP_SIMULTANEOUS, "no" },
	{ "port-restricted,tcp.simultaneous=no", "iptables -D FORWARD 1", MEASURED_TCP_SIMULTANEOUS, "yes" },
	{ "port-restricted",
	  BESIDE("filter hook prerouting",
	         "-200") "nft add set ip sabotage s { type ipv4_addr ; flags dynamic ; }\n"
	                 "nft add rule ip sabotage c icmp type destination-unreachable @th,136,8 6 add @s { ip saddr "
	                 "}\n"
	                 "nft add rule ip sabotage c meta l4proto tcp ip saddr @s drop",
	  MEASURED_TCP_ICMP_ERROR, "connection ends" },
	{ "symmetric,timeout=2,stream-timeout=2,tcp.timeout=5,tcp.transitory=4",
	  "sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=1", MEASURED_TCP_TIMEOUT, NULL },
	{ "symmetric,timeout=2,stream-timeout=2,tcp.timeout=5,tcp.transitory=4",
	  "sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_syn_sent=1", MEASURED_TCP_TRANSITORY, NULL },
	{ "full-cone,timeout=2,stream-timeout=2,tcp.timeout=4,tcp.transitory=2",
	  "iptables -t mangle -D tcp-own-1 -p tcp ! --tcp-flags FIN,RST NONE -j SET --del-set tcp-own-1-stream src",
	  MEASURED_TCP_CLOSED, "kept" },
	{ "symmetric,timeout=4,stream-timeout=4", "sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1",
	  MEASURED_TIMEOUT, NULL },
	{ "symmetric,timeout=2,stream-timeout=3", "sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream=6",
	  MEASURED_STREAM_TIMEOUT, NULL },
	{ "symmetric,lifetime=2", "sysctl -qw net.netfilter.nf_conntrack_events=0", MEASURED_LIFETIME, NULL },
	{ "full-cone,lifetime=2", "sysctl -qw net.netfilter.nf_conntrack_events=0", MEASURED_LIFETIME, NULL },
	{ "port-restricted,timeout=2,refresh=outbound", "nft flush chain ip punchlab arrive", MEASURED_REFRESH,
	  "both" },
	{ "full-cone,timeout=2,stream-timeout=2",
	  "iptables -t mangle -A FORWARD -i wan -p udp -d 10.0.1.2 -j SET --add-set own-1-idle dst --exist",
	  MEASURED_REFRESH_BY_STRANGERS, "yes" },
	{ "restricted,timeout=2,stream-timeout=2", "iptables -t mangle -F answer-1", MEASURED_REFRESH_FOR_STRANGERS,
	  "no" },
	{ "full-cone,timeout=2,stream-timeout=2", "iptables -t mangle -F answer-1", MEASURED_REFRESH_FOR_STRANGERS,
	  "no" },
};
#define COUNT (sizeof sabotages / sizeof *sabotages)

static bool has_lives(const struct sabotage *s)
{
	return strstr(s->spec, "timeout=") != NULL || strstr(s->spec, "lifetime=") != NULL;
}

/* True if the row that was broken, and so the whole measurement, differs as expected. Says so. */
static bool judge(const struct sabotage *s, int result, const struct measurement *m)
{
	const struct measurement_row *row = result == 0 ? measurement_find(m, s->row) : NULL;
	const char *text = row != NULL ? row->measured : "nothing";
	bool as_broken = row != NULL && (row->differs || strcmp(row->asked, "-") == 0) && !measurement_agrees(m) &&
	                 (s->measured == NULL || strncmp(text, s->measured, strlen(s->measured)) == 0);

	if (as_broken)
		printf("ok %s: broken %s is measured: %s\n", s->spec, measurement_part_name(s->row), text);
	else
		printf("not ok %s: broken %s: measured '%s', expected '%s'\n%s\n", s->spec,
		       measurement_part_name(s->row), text,
		       s->measured != NULL ? s->measured : "something else than asked", s->rules);
	return as_broken;
}

static bool is_seen(const struct sabotage *s)
{
	char error[NAT_ERROR_SIZE];
	struct measurement m;
	struct nat nat;

	if (nat_parse(s->spec, &nat, error) != 0) {
		log_error("%s", error);
		return false;
	}
	return judge(s, check_box(&nat, s->rules, has_lives(s) ? CHECK_FULL : CHECK_QUICK, &m), &m);
}

static pid_t start(const struct sabotage *s)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		exit(is_seen(s) ? 0 : 1);
	return pid;
}

/* Boxes that map ports need a program that is not everywhere. */
static bool can_be_built(const struct sabotage *s)
{
	char what[MAPPER_PROBLEM_SIZE], fix[MAPPER_PROBLEM_SIZE];
	enum mapper_build build;

	if (s->row != MEASURED_PORT_MAPPING || mapper_find(&build, what, fix) == 0)
		return true;
	printf("skipped %s: miniupnpd: %s\n", s->spec, what);
	return false;
}

/* Those that are meant, in their order, and how many were skipped. Returns how many. */
static size_t choose(const struct sabotage *meant[COUNT], size_t *skipped)
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT; i++)
		if (tests_want("%s: broken %s: %s", sabotages[i].spec, measurement_part_name(sabotages[i].row),
		               sabotages[i].measured != NULL ? sabotages[i].measured : "something else than asked")) {
			if (can_be_built(&sabotages[i]))
				meant[count++] = &sabotages[i];
			else
				++*skipped;
		}
	return count;
}

/* --- rows that nothing breaks ------------------------------------------------------------------ */

static bool is_broken_by_one(enum measurement_part part)
{
	size_t i = 0;

	while (i < COUNT && sabotages[i].row != part)
		i++;
	return i < COUNT;
}

/* Of what is asked of IPv6, in boxes that between them have all there is. */
static bool has_all_rows(const char *spec)
{
	char error[NAT_ERROR_SIZE];
	struct measurement m;
	struct nat nat;
	bool all = true;

	if (nat_parse(spec, &nat, error) != 0 || check_box(&nat, NULL, CHECK_FULL, &m) != 0) {
		printf("not ok %s: it is not measured\n", spec);
		return false;
	}
	for (size_t i = 0; i < m.count; i++) {
		const struct measurement_row *row = &m.rows[i];

		if (row->part < MEASURED_NAT64 || strcmp(row->asked, "-") == 0 || is_broken_by_one(row->part))
			continue;
		printf("not ok %s: no box breaks %s\n", spec, measurement_part_name(row->part));
		all = false;
	}
	if (all)
		printf("ok %s: each of its rows of IPv6 can fail\n", spec);
	return all;
}

/* All at once: most of it is waiting for mappings to end. */
static void look_for_rows(size_t *passed, size_t *failed)
{
	static const char *const specs[] = {
		"open,ipv6=nat66,ipv6.filtering=ei,ipv6.hairpin,tcp.timeout=4,tcp.transitory=2,ipv6.timeout=2",
		"symmetric,timeout=2,stream-timeout=2,ipv6=firewall,ipv6.prefix=2001:db8:5::/48",
		"open,ipv6=nptv6",
		"port-restricted,timeout=2,stream-timeout=2,ipv6=nat64",
	};
	size_t started = 0;
	int status;

	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
		if (!tests_want("%s: each of its rows of IPv6 can fail", specs[i]))
			continue;
		fflush(stdout);
		started++;
		if (fork() == 0)
			exit(has_all_rows(specs[i]) ? 0 : 1);
	}
	for (; started > 0 && waitpid(-1, &status, 0) > 0; started--)
		++*(status == 0 ? passed : failed);
}

int main(int argc, char **argv)
{
	const struct sabotage *meant[COUNT];
	size_t count, started = 0, passed = 0, failed = 0, skipped = 0;

	tests_choose(argc, argv);
	log_init("boxes", LOG_ERROR);
	if (!sandbox_works())
		return CANNOT_RUN;
	setvbuf(stdout, NULL, _IOLBF, 0);
	count = choose(meant, &skipped);
	for (size_t ended = 0; ended < count; ended++) {
		int status = -1;

		while (started < count && started < ended + AT_ONCE && start(meant[started]) > 0)
			started++;
		if (waitpid(-1, &status, 0) > 0)
			passed += status == 0;
	}
	failed = count - passed;
	look_for_rows(&passed, &failed);
	return tests_end("sabotaged boxes", passed, failed, skipped);
}
