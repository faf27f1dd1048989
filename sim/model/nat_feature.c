#include "model/nat_feature.h"

/* Each holds one of all that the generator writes of its kind: the words are the same, addresses and names any. */

static const char filter[] = "*filter\n"
			     ":knocks - [0:0]\n"
			     "-A FORWARD -i wan -o lan -s 10.0.1.0/24 -d 203.0.113.1 -p tcp --syn -j knocks\n"
			     "-A FORWARD -p tcp ! --tcp-flags FIN,RST NONE -j ACCEPT\n"
			     "-A FORWARD -p udp --sport 61000:65095 -g knocks\n"
			     "-A INPUT -j DROP\n"
			     "COMMIT\n";

static const char nat[] = "*nat\n"
			  "-A POSTROUTING -o wan -p udp -j SNAT --to-source 203.0.113.1:20000-20511\n"
			  "-A PREROUTING -i wan -p udp -j DNAT --to-destination 10.0.1.2\n"
			  "COMMIT\n";

static const char random_ports[] =
    "*nat\n"
    "-A POSTROUTING -o wan -p udp -j SNAT --to-source 203.0.113.1:1024-65535 --random-fully\n"
    "COMMIT\n";

static const char conntrack[] = "*filter\n"
				"-A FORWARD -m conntrack --ctstate ESTABLISHED --ctstatus SEEN_REPLY --ctdir REPLY -j "
				"ACCEPT\n"
				"-A FORWARD -m conntrack --ctstate INVALID,UNTRACKED -j DROP\n"
				"-A FORWARD -m conntrack --ctstate DNAT --ctdir ORIGINAL -j ACCEPT\n"
				"-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n"
				"-A FORWARD -m conntrack --ctstatus ASSURED --ctexpire 6:4294967295 -j ACCEPT\n"
				"COMMIT\n";

static const char mark[] = "*mangle\n"
			   "-A FORWARD -m mark --mark 0x1 -j MARK --set-mark 0x2\n"
			   "COMMIT\n";

static const char connmark[] = "*filter\n"
			       "-A FORWARD -m connmark --mark 0x1 -j ACCEPT\n"
			       "COMMIT\n";

static const char reject[] = "*filter\n"
			     "-A FORWARD -p udp -j REJECT --reject-with icmp-port-unreachable\n"
			     "-A FORWARD -p tcp -j REJECT --reject-with tcp-reset\n"
			     "COMMIT\n";

static const char set[] = "*mangle\n"
			  "-A POSTROUTING -m set --match-set " NAT_FEATURE_TRIAL_SET " src "
			  "-j SET --add-set " NAT_FEATURE_TRIAL_SET " src --exist\n"
			  "-A POSTROUTING -j SET --del-set " NAT_FEATURE_TRIAL_SET " dst\n"
			  "COMMIT\n";

static const char port_sets[] = "create trial bitmap:port range 0-65535 timeout 30\n";

static const char socket_sets[] = "create trial hash:ip,port timeout 30\n"
				  "create trial6 hash:ip,port family inet6 timeout 30\n";

static const char pair_sets[] = "create trial hash:ip,port,ip timeout 30\n"
				"create trial6 hash:ip,port,ip family inet6 timeout 30\n";

static const char lists[] = "create trial list:set size 128\n";

static const char nft_filter[] =
    "table ip lab {\n"
    "chain knocks {\n"
    "}\n"
    "chain arrive {\n"
    "type filter hook prerouting priority raw; policy accept;\n"
    "}\n"
    "chain input {\n"
    "type filter hook input priority filter; policy accept;\n"
    "}\n"
    "chain output {\n"
    "type filter hook output priority mangle; policy accept;\n"
    "}\n"
    "chain leave {\n"
    "type filter hook postrouting priority 110; policy accept;\n"
    "}\n"
    "chain forward {\n"
    "type filter hook forward priority filter; policy drop;\n"
    "iifname \"wan\" oifname \"lan\" ip saddr 10.0.1.0/24 ip daddr { 203.0.113.1, 203.0.113.2 } "
    "meta l4proto icmp drop\n"
    "iifname != \"wan\" tcp flags & (fin | syn | rst | ack) == syn goto knocks\n"
    "meta l4proto tcp tcp flags & (fin | rst) != 0 tcp sport 1 tcp dport != 61000-65095 "
    "accept\n"
    "meta l4proto udp udp sport & 1 == 0 udp dport 1 jump knocks\n"
    "meta mark 0x1 meta l4proto != udp meta mark set 0x2 accept\n"
    "}\n"
    "}\n";

static const char nft_conntrack[] =
    "table ip lab {\n"
    "chain trial {\n"
    "type filter hook forward priority filter; policy accept;\n"
    "ct state established,related accept\n"
    "ct state invalid,untracked drop\n"
    "ct state new ct direction reply accept\n"
    "ct status dnat ct direction original accept\n"
    "ct status assured ct expiration > 240s accept\n"
    "ct status & (assured | confirmed) == 0 ct mark 0x1 accept\n"
    "meta l4proto udp ct original proto-src 1 ct original proto-dst 1 ct reply proto-src 1 "
    "ct reply proto-dst 1 accept\n"
    "ct original ip saddr 10.0.1.2 ct original ip daddr 203.0.113.1 ct reply ip saddr "
    "10.0.1.2 ct reply ip daddr 203.0.113.1 accept\n"
    "}\n"
    "}\n";

static const char nft_maps[] = "table ip lab {\n"
			       "map owner { type inet_service : ipv4_addr; flags dynamic,timeout; timeout 30s; }\n"
			       "map port { type ipv4_addr . inet_service . ipv4_addr : inet_service; flags "
			       "dynamic,timeout; timeout 30s; }\n"
			       "set asked { typeof ip saddr . tcp sport . ip daddr . tcp dport; flags dynamic,timeout; "
			       "timeout 6s; }\n"
			       "map life { type inet_service : mark; flags dynamic,timeout; timeout 30s; }\n"
			       "set permit { type ipv4_addr . inet_service . mark; flags dynamic,timeout; timeout 30s; "
			       "size 16; }\n"
			       "chain trial {\n"
			       "type filter hook postrouting priority 110; policy accept;\n"
			       "ip saddr . udp sport . meta mark @permit accept\n"
			       "update @permit { ip saddr . udp sport . meta mark timeout 60s }\n"
			       "oifname \"wan\" update @owner { udp sport : ip saddr }\n"
			       "udp sport != @owner add @port { ip saddr . udp dport . ip daddr : udp sport }\n"
			       "delete @owner { tcp sport : ip saddr }\n"
			       "meta mark set udp dport map @life\n"
			       "}\n"
			       "}\n";

static const char nft_nat[] = "table ip lab {\n"
			      "map owner { type inet_service : ipv4_addr; flags dynamic,timeout; }\n"
			      "map port { type inet_service : inet_service; flags dynamic,timeout; }\n"
			      "map paired { type ipv4_addr : ipv4_addr; }\n"
			      "chain translate {\n"
			      "type nat hook postrouting priority 99; policy accept;\n"
			      "meta l4proto udp snat ip to 203.0.113.1:20000-20511 fully-random\n"
			      "meta l4proto tcp snat ip to 203.0.113.1 : tcp sport\n"
			      "snat ip to ip saddr map @paired\n"
			      "}\n"
			      "chain admit {\n"
			      "type nat hook prerouting priority -101; policy accept;\n"
			      "dnat ip to udp dport map @owner : udp dport map @port\n"
			      "}\n"
			      "}\n";

static const char nft_numbers[] = "table ip lab {\n"
				  "chain pick {\n"
				  "udp sport set numgen inc mod 2 map { 0 : 20000, 1 : 20001 }\n"
				  "tcp sport set numgen random mod 2 map { 0 : 20000, 1 : 20001 }\n"
				  "}\n"
				  "}\n";

static const char nft_hashes[] =
    "table ip lab {\n"
    "chain hash {\n"
    "meta l4proto udp meta mark set jhash ct original ip saddr . ct original proto-src mod "
    "4294967295 seed 0x706f6f6c\n"
    "ct zone set jhash udp dport mod 32767 offset 1\n"
    "}\n"
    "}\n";

static const char nft_zones[] = "table ip lab {\n"
				"map delivered { typeof @nh,96,96 : ct zone; flags dynamic,timeout; timeout 5s; }\n"
				"map taker { typeof udp sport : ct zone; flags dynamic,timeout; timeout 5s; }\n"
				"chain trial {\n"
				"type filter hook prerouting priority raw; policy accept;\n"
				"ct zone 0 icmp type { destination-unreachable, time-exceeded, parameter-problem } "
				"@th,64,8 0x45 ct zone set @th,160,96 map @delivered\n"
				"meta l4proto udp ct zone set udp dport map @taker\n"
				"ct zone != 0 update @delivered { @nh,96,96 : ct zone }\n"
				"update @taker { udp sport : ct zone }\n"
				"}\n"
				"}\n";

static const char nft_timeouts[] =
    "table ip lab {\n"
    "ct timeout brief { protocol udp; l3proto ip; policy = { unreplied : 5, replied : 5 }; }\n"
    "chain admit {\n"
    "type nat hook prerouting priority -100; policy accept;\n"
    "ct timeout set \"brief\"\n"
    "}\n"
    "}\n";

static const char nft_untracked[] = "table ip lab {\n"
				    "chain trial {\n"
				    "type filter hook prerouting priority raw; policy accept;\n"
				    "udp dport 9 notrack accept\n"
				    "}\n"
				    "}\n";

static const char nft_reject[] = "table ip lab {\n"
				 "chain trial {\n"
				 "type filter hook input priority filter; policy accept;\n"
				 "udp dport 9 reject with icmp type port-unreachable\n"
				 "tcp dport 9 reject with tcp reset\n"
				 "}\n"
				 "}\n";

static const char nft_catch_all[] = "table ip lab {\n"
				    "map paired { type ipv4_addr : ipv4_addr; elements = { * : 203.0.113.1, 10.0.1.2 : "
				    "203.0.113.2 }; }\n"
				    "}\n";

static const char nft_fragments[] =
    "table ip lab {\n"
    "set begun { typeof ip saddr . ip daddr . ip id; flags dynamic,timeout; timeout 30s; }\n"
    "chain trial {\n"
    "type filter hook prerouting priority -450; policy accept;\n"
    "ip frag-off & 0x1fff != 0 ip saddr . ip daddr . ip id != @begun drop\n"
    "ip frag-off & 0x2000 != 0 update @begun { ip saddr . ip daddr . ip id }\n"
    "}\n"
    "}\n";

static const char nft_counters[] = "table ip lab {\n"
				   "counter refused { }\n"
				   "chain trial {\n"
				   "type filter hook output priority -5; policy accept;\n"
				   "counter name \"refused\" drop\n"
				   "}\n"
				   "}\n";

static const char nft_payloads[] = "table ip lab {\n"
				   "set own { typeof @th,64,32; flags dynamic; size 4; }\n"
				   "chain trial {\n"
				   "type filter hook forward priority mangle; policy accept;\n"
				   "udp checksum 0 add @own { @nh,128,32 }\n"
				   "@th,64,32 @own @th,64,32 set @nh,128,32 udp checksum set 0\n"
				   "}\n"
				   "}\n";

static const char ipv6[] = "*mangle\n"
			   ":POSTROUTING ACCEPT [0:0]\n"
			   "COMMIT\n"
			   "*filter\n"
			   "-A FORWARD -m conntrack --ctstate RELATED -j ACCEPT\n"
			   "-A FORWARD -p ipv6-icmp --icmpv6-type echo-request -j ACCEPT\n"
			   "COMMIT\n";

static const char ipv6_nat[] = "*nat\n"
			       "-A POSTROUTING -o wan -p udp -j SNAT --to-source [2001:db8::1]:20000-20511\n"
			       "-A PREROUTING -i wan -p udp -j DNAT --to-destination fd44::2\n"
			       "COMMIT\n";

static const char ipv6_prefix[] = "*mangle\n"
				  "-A POSTROUTING -s fd44::/48 -j SNPT --src-pfx fd44::/48 --dst-pfx 2001:db8::/48\n"
				  "-A PREROUTING -d 2001:db8::/48 -j DNPT --src-pfx 2001:db8::/48 --dst-pfx fd44::/48\n"
				  "COMMIT\n";

static const char ipv6_nft[] =
    "table ip6 lab {\n"
    "map owner { type inet_service : ipv6_addr; flags dynamic,timeout; }\n"
    "map ports { type inet_service : inet_service; flags dynamic,timeout; }\n"
    "map port { typeof @th,0,32 : udp sport; flags dynamic,timeout; }\n"
    "map delivered { typeof @th,0,32 : ct zone; flags dynamic,timeout; timeout 5s; }\n"
    "ct timeout own { protocol udp; l3proto ip6; policy = { unreplied : 5, replied : 5 }; }\n"
    "chain trial {\n"
    "type filter hook prerouting priority raw; policy accept;\n"
    "iifname \"lan\" icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, "
    "parameter-problem } @th,64,4 6 @th,112,8 17 ct zone set jhash @th,128,128 . @th,256,128 "
    ". @th,384,32 mod 4294967295 seed 0x77617973 map @delivered\n"
    "ip6 daddr 2001:db8::1 meta l4proto ipv6-icmp accept\n"
    "reject with icmpv6 type port-unreachable\n"
    "}\n"
    "chain translate {\n"
    "type nat hook postrouting priority 99; policy accept;\n"
    "ct timeout set \"own\" update @owner { udp sport : ct reply ip6 saddr }\n"
    "meta mark set jhash ct original ip6 daddr mod 4294967295 seed 0x6d617070\n"
    "meta l4proto udp snat ip6 to [2001:db8::1]:20000-20511 fully-random\n"
    "meta l4proto udp snat ip6 to 2001:db8::1 : jhash ct original ip6 saddr . ct original "
    "proto-src mod 4294967295 seed 0x6d617070 map @port\n"
    "}\n"
    "chain admit {\n"
    "type nat hook prerouting priority -101; policy accept;\n"
    "dnat ip6 to udp dport map @owner : udp dport map @ports\n"
    "}\n"
    "}\n";

const struct nat_feature_trial nat_feature_trials[NAT_FEATURES] = {
	[NAT_FEATURE_FILTER] = { "iptables filtering", NAT_FEATURE_IPTABLES, filter, "xt_tcpudp" },
	[NAT_FEATURE_NAT] = { "iptables SNAT, DNAT", NAT_FEATURE_IPTABLES, nat, "xt_nat" },
	[NAT_FEATURE_RANDOM_PORTS] = { "iptables --random-fully", NAT_FEATURE_IPTABLES, random_ports, "xt_nat" },
	[NAT_FEATURE_CONNTRACK] = { "iptables conntrack", NAT_FEATURE_IPTABLES, conntrack, "xt_conntrack" },
	[NAT_FEATURE_MARK] = { "iptables mark, MARK", NAT_FEATURE_IPTABLES, mark, "xt_mark" },
	[NAT_FEATURE_CONNMARK] = { "iptables connmark", NAT_FEATURE_IPTABLES, connmark, "xt_connmark" },
	[NAT_FEATURE_REJECT] = { "iptables REJECT", NAT_FEATURE_IPTABLES, reject, "ipt_REJECT" },
	[NAT_FEATURE_SET] = { "iptables set, SET", NAT_FEATURE_IPTABLES, set, "xt_set" },
	[NAT_FEATURE_PORT_SETS] = { "ipset bitmap:port", NAT_FEATURE_IPSET, port_sets, "ip_set_bitmap_port" },
	[NAT_FEATURE_SOCKET_SETS] = { "ipset hash:ip,port", NAT_FEATURE_IPSET, socket_sets, "ip_set_hash_ipport" },
	[NAT_FEATURE_PAIR_SETS] = { "ipset hash:ip,port,ip", NAT_FEATURE_IPSET, pair_sets, "ip_set_hash_ipportip" },
	[NAT_FEATURE_LISTS] = { "ipset list:set", NAT_FEATURE_IPSET, lists, "ip_set_list_set" },
	[NAT_FEATURE_NFT_FILTER] = { "nft filtering", NAT_FEATURE_NFTABLES, nft_filter, "nf_tables" },
	[NAT_FEATURE_NFT_CONNTRACK] = { "nft conntrack", NAT_FEATURE_NFTABLES, nft_conntrack, "nft_ct" },
	[NAT_FEATURE_NFT_MAPS] = { "nft maps filled by packets", NAT_FEATURE_NFTABLES, nft_maps, "nf_tables" },
	[NAT_FEATURE_NFT_NAT] = { "nft nat", NAT_FEATURE_NFTABLES, nft_nat, "nft_chain_nat" },
	[NAT_FEATURE_NFT_NUMBERS] = { "nft numgen", NAT_FEATURE_NFTABLES, nft_numbers, "nft_numgen" },
	[NAT_FEATURE_NFT_HASHES] = { "nft jhash", NAT_FEATURE_NFTABLES, nft_hashes, "nft_hash" },
	[NAT_FEATURE_NFT_ZONES] = { "nft conntrack zones", NAT_FEATURE_NFTABLES, nft_zones, "nft_ct" },
	[NAT_FEATURE_NFT_TIMEOUTS] = { "nft conntrack timeouts", NAT_FEATURE_NFTABLES, nft_timeouts, "nft_ct" },
	[NAT_FEATURE_NFT_UNTRACKED] = { "nft notrack", NAT_FEATURE_NFTABLES, nft_untracked, "nft_ct" },
	[NAT_FEATURE_NFT_REJECT] = { "nft reject", NAT_FEATURE_NFTABLES, nft_reject, "nft_reject_ipv4" },
	[NAT_FEATURE_NFT_CATCH_ALL] = { "nft maps with a default", NAT_FEATURE_NFTABLES, nft_catch_all, "nf_tables" },
	[NAT_FEATURE_NFT_FRAGMENTS] = { "nft fragments", NAT_FEATURE_NFTABLES, nft_fragments, "nf_tables" },
	[NAT_FEATURE_NFT_COUNTERS] = { "nft counters with a name", NAT_FEATURE_NFTABLES, nft_counters, "nft_objref" },
	[NAT_FEATURE_NFT_PAYLOADS] = { "nft payloads changed", NAT_FEATURE_NFTABLES, nft_payloads, "nf_tables" },
	[NAT_FEATURE_IPV6] = { "ip6tables (ipv6=firewall)", NAT_FEATURE_IP6TABLES, ipv6, "ip6table_filter" },
	[NAT_FEATURE_IPV6_NAT] = { "ip6tables SNAT, DNAT (ipv6=nat66)", NAT_FEATURE_IP6TABLES, ipv6_nat,
	                           "ip6table_nat" },
	[NAT_FEATURE_IPV6_PREFIX] = { "ip6tables SNPT, DNPT (ipv6=nptv6)", NAT_FEATURE_IP6TABLES, ipv6_prefix,
	                              "ip6t_NPT" },
	[NAT_FEATURE_IPV6_NFT] = { "nft of IPv6 (ipv6=nat66)", NAT_FEATURE_NFTABLES, ipv6_nft, "nft_chain_nat" },
};

void nat_feature_add(unsigned *features, enum nat_feature feature)
{
	*features |= 1U << feature;
}
