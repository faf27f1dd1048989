#include "nat/nat.h"

/*
 * The classic ones are RFC 3489's names in RFC 4787's words. The boxes people meet below them have their figures from
 * the sources named; where a source gives a spread, the median or the commonest value is taken.
 */
const struct nat_preset nat_presets[] = {
	{ "open", "open", "no NAT: a public address, nothing filtered" },
	{ "full-cone", "mapping=ei,filtering=ei,ports=preserve",
	  "RFC 3489 full cone: anybody may send to a mapped port" },
	{ "restricted", "mapping=ei,filtering=ad,ports=preserve",
	  "RFC 3489 address-restricted cone: addresses sent to may answer, from any port" },
	{ "port-restricted", "mapping=ei,filtering=apd,ports=preserve",
	  "RFC 3489 port-restricted cone: only endpoints sent to may answer" },
	{ "symmetric", "mapping=apd,filtering=apd,ports=random",
	  "RFC 3489 symmetric: a new random port for every destination" },
	{ "firewall", "firewall,filtering=apd", "public addresses behind a stateful firewall, no translation" },

	/*
	 * Plain SNAT as every Linux router ships it: netfilter's defaults of 30 s and 120 s
	 * (nf_conntrack_proto_udp.c), the inside port kept and shared towards different destinations, and a default
	 * INPUT policy of ACCEPT.
	 */
	{ "linux-router", "mapping=ei,filtering=apd,ports=overload,input=accept,timeout=30,stream-timeout=120",
	  "a Linux router with masquerade and nothing else: INPUT accepts, which breaks simultaneous punching" },
	/*
	 * OpenWrt's fw4 defaults: the wan zone's input is REJECT, masquerade, netfilter's UDP defaults except
	 * net.netfilter.nf_conntrack_udp_timeout=60 and nf_conntrack_udp_timeout_stream=180 (its sysctl.d/11-nf-
	 * conntrack.conf).
	 */
	{ "openwrt", "mapping=ei,filtering=apd,ports=overload,input=reject,timeout=60,stream-timeout=180",
	  "an OpenWrt router with its default firewall (its sysctl.d: 60 s, 180 s; wan input REJECT)" },
	/*
	 * A carrier NAT as RFC 6888 asks for it: RFC 4787's mapping and hairpinning (REQ-1), endpoint-independent
	 * filtering (REQ-7), a limited number of ports per subscriber (REQ-4; 512 is this lab's choice). Timeout:
	 * the 35 s median of fixed lines of Richter et al., IMC 2016.
	 */
	{ "carrier", "mapping=ei,filtering=ei,ports=random,range=20480-20991,hairpin,timeout=35,stream-timeout=35",
	  "a carrier NAT by RFC 6888: cone, hairpins, 512 ports, 35 s (Richter et al. 2016)" },
	/* About 40 % of cellular networks are symmetric, median UDP timeout 65 s (Richter et al., IMC 2016). */
	{ "cellular", "mapping=apd,filtering=apd,ports=random,timeout=65,stream-timeout=65",
	  "a cellular carrier's symmetric NAT, 65 s (Richter et al. 2016)" },
	/*
	 * Port preservation (RFC 4787 §4.2.1) with endpoint-dependent mapping: looks like a cone to whoever asks
	 * only one server. 30 s is the shortest timeout among 34 home gateways (Haetoenen et al., IMC 2010).
	 */
	{ "symmetric-preserving", "mapping=apd,filtering=apd,ports=preserve,timeout=30",
	  "symmetric, but the first mapping of a socket keeps its port (RFC 4787 section 4.2.1)" },
	/* Counts ports up by one: the case for port prediction (Guha and Francis 2005; RFC 5128 §3.4's N+1). */
	{ "symmetric-sequential", "mapping=apd,filtering=apd,ports=sequential",
	  "symmetric, ports one after the other: can be predicted (RFC 5128 section 3.4)" },
	/*
	 * An enterprise firewall with dynamic port address translation: endpoint-dependent on both sides, random
	 * ports; two minutes are RFC 4787's minimum (REQ-5) and the default of Cisco ASA (timeout udp 0:02:00).
	 */
	{ "office-firewall", "mapping=apd,filtering=apd,ports=random,timeout=120,stream-timeout=120",
	  "an office firewall with address translation: symmetric, 2 min (RFC 4787 REQ-5's minimum)" },
	/* RFC 8445's reason for relays over TCP: networks where no UDP passes at all. */
	{ "udp-blocked", "mapping=apd,filtering=apd,ports=random,udp=blocked",
	  "an office that lets no UDP out at all" },
	{ 0 },
};
