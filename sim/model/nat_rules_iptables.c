#include "model/nat_rules_parts.h"
#include "model/port_mapper.h"

#include <string.h>

/*
 * The sets, each a list:set of one set per lifetime:
 *   own-N    bitmap:port      ports mapped to host N; external and inside port are the same
 *   mapped   all own-N
 *   moved    hash:ip,port     inside sockets whose ports nft gives out, as they may be another's (several hosts only)
 *   permit   hash:ip,port     (remote address, port) that the socket of that port has sent to (restricted)
 * and for a firewall, whose hosts keep their addresses:
 *   open     hash:ip,port     sockets that have sent, or hash:ip,port,ip with the address sent to
 *
 * Sets are filled in mangle POSTROUTING, on the way out; refreshed in mangle FORWARD by answers, which is what
 * conntrack does. Strangers refresh nothing. TCP has the same with "tcp-" before each name, IPv6 with "six-".
 */
struct rules {
	const struct nat *nat;
	const struct nat_transport *how; /* of `nat` */
	const char *l4;                  /* "udp" */
	const char *own;                 /* what its sets and chains begin with: "", "tcp-", "six-", "six-tcp-" */
	const struct nat_site *site;
	struct lifetimes lives;
	struct text *ipset, *iptables, *reboot;
	unsigned *features;
};

/* Ports of a cone must have one owner; a box with one host that lets nobody else in gets that from conntrack. */
static bool has_owners(const struct rules *r)
{
	const struct nat_transport *how = r->how;

	if (r->nat->kind != NAT_TRANSLATE || how->blocked || how->mapping != NAT_ENDPOINT_INDEPENDENT ||
	    how->ports != NAT_PORTS_PRESERVE)
		return false;
	return r->site->host_count > 1 || how->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT ||
	       how->hairpin != NAT_HAIRPIN_NONE;
}

static bool has_moved(const struct rules *r)
{
	return has_owners(r) && r->site->host_count > 1;
}

static bool has_permits(const struct rules *r)
{
	return has_owners(r) && r->how->filtering == NAT_ADDRESS_DEPENDENT;
}

static bool lets_strangers_in(const struct rules *r)
{
	return has_owners(r) && r->how->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

static bool is_open_firewall(const struct rules *r)
{
	return r->nat->kind == NAT_FIREWALL && !r->how->blocked && r->how->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

static struct rules rules_of(const struct nat *nat, enum nat_protocol protocol, const struct nat_site *site)
{
	static const char *const names[2][NAT_PROTOCOLS] = { { "", "tcp-" }, { "six-", "six-tcp-" } };

	return (struct rules){ .nat = nat,
		               .how = &nat->transport[protocol],
		               .l4 = protocol == NAT_TCP ? "tcp" : "udp",
		               .own = names[site->is_ipv6][protocol],
		               .site = site,
		               .lives = lifetimes_of(nat, protocol) };
}

bool iptables_needs_nft_beside(const struct nat *nat, enum nat_protocol protocol, const struct nat_site *site)
{
	const struct rules r = rules_of(nat, protocol, site);

	return has_moved(&r);
}

bool iptables_names_hosts(const struct nat *nat, const struct nat_site *site)
{
	const struct rules udp = rules_of(nat, NAT_UDP, site), tcp = rules_of(nat, NAT_TCP, site);

	return has_owners(&udp) || has_owners(&tcp);
}

static bool is_tcp(const struct rules *r)
{
	return r->how == &r->nat->transport[NAT_TCP];
}

/* --- sets -------------------------------------------------------------------------------------- */

static const char *const set_types[] = { [NAT_FEATURE_PORT_SETS] = "bitmap:port range 0-65535",
	                                 [NAT_FEATURE_SOCKET_SETS] = "hash:ip,port",
	                                 [NAT_FEATURE_PAIR_SETS] = "hash:ip,port,ip" };

/* A set named `name` (with a number, unless 0) of the given type: one per lifetime, and the list of them. */
static void make_set(const struct rules *r, const char *name, size_t number, enum nat_feature type)
{
	char full[24];
	struct text full_text = text_in(full, sizeof full);

	nat_feature_add(r->features, NAT_FEATURE_LISTS);
	nat_feature_add(r->features, type);
	text_add(&full_text, number > 0 ? "%s%s-%zu" : "%s%s", r->own, name, number);
	text_add(r->ipset, "create %s list:set\n", full);
	for (size_t i = 0; i < r->lives.count; i++) {
		text_add(r->ipset, "create %s-%s %s%s timeout %u\n", full, r->lives.of[i].name, set_types[type],
		         r->site->is_ipv6 && type != NAT_FEATURE_PORT_SETS ? " family inet6" : "",
		         r->lives.of[i].seconds);
		text_add(r->ipset, "add %s %s-%s\n", full, full, r->lives.of[i].name);
		text_add(r->reboot, "flush %s-%s\n", full, r->lives.of[i].name);
	}
}

static void make_sets(const struct rules *r)
{
	for (size_t n = 1; has_owners(r) && n <= r->site->host_count; n++)
		make_set(r, "own", n, NAT_FEATURE_PORT_SETS);
	if (has_moved(r)) {
		text_add(r->ipset, "create %smapped list:set size 128\n", r->own);
		for (size_t n = 1; n <= r->site->host_count; n++)
			for (size_t i = 0; i < r->lives.count; i++)
				text_add(r->ipset, "add %smapped %sown-%zu-%s\n", r->own, r->own, n,
				         r->lives.of[i].name);
		make_set(r, "moved", 0, NAT_FEATURE_SOCKET_SETS);
	}
	if (has_permits(r))
		make_set(r, "permit", 0, NAT_FEATURE_SOCKET_SETS);
	if (is_open_firewall(r))
		make_set(r, "open", 0,
		         r->how->filtering == NAT_ADDRESS_DEPENDENT ? NAT_FEATURE_PAIR_SETS : NAT_FEATURE_SOCKET_SETS);
}

/* " -j SET --add-set own-1-idle src" */
static void write_set_change(const struct rules *r, const char *change, const char *set, size_t number, size_t life,
                             const char *fields)
{
	nat_feature_add(r->features, NAT_FEATURE_SET);
	text_add(r->iptables, " -j SET --%s-set %s%s", change, r->own, set);
	if (number > 0)
		text_add(r->iptables, "-%zu", number);
	text_add(r->iptables, "-%s %s%s\n", r->lives.of[life].name, fields,
	         strcmp(change, "add") == 0 ? " --exist" : "");
}

/* A connection that is closed keeps nothing for as long as one that stands. */
static void end_in_set(const struct rules *r, const char *chain, const char *set, size_t number, const char *fields)
{
	static const char ends[] = "-p tcp ! --tcp-flags FIN,RST NONE";

	text_add(r->iptables, "-A %s%s %s", r->own, chain, ends);
	write_set_change(r, "del", set, number, 1, fields);
	text_add(r->iptables, "-A %s%s %s", r->own, chain, ends);
	write_set_change(r, "add", set, number, 0, fields);
}

/* In `chain`: puts the packet's `fields` in the set, for the lifetime its flow has reached. */
static void add_to_set(const struct rules *r, const char *chain, const char *set, size_t number, const char *fields)
{
	if (is_tcp(r) && r->lives.count > 1)
		end_in_set(r, chain, set, number, fields);
	for (size_t i = 0; i < r->lives.count; i++) {
		text_add(r->iptables, "-A %s%s%s", r->own, chain, r->lives.of[i].iptables);
		write_set_change(r, "add", set, number, i, fields);
	}
}

/* --- mangle: keeping the sets ------------------------------------------------------------------ */

/* Where a packet's own port is another host's, its socket moves and stays moved. */
static void write_moving(const struct rules *r, size_t n)
{
	struct text *t = r->iptables;
	const char *own = r->own;

	text_add(t, "-A %sown-%zu -m set --match-set %smoved src,src -g %smoved\n", own, n, own, own);
	text_add(t, "-A %sown-%zu -p %s --sport %d:%d -g %smoved\n", own, n, r->l4, MOVED_LOW, MOVED_HIGH, own);
	text_add(t, "-A %sown-%zu -m set --match-set %smapped src -m set ! --match-set %sown-%zu src -g %smoved\n", own,
	         n, own, own, n, own);
}

static void write_own_chain(const struct rules *r, size_t n)
{
	char chain[24];
	struct text name = text_in(chain, sizeof chain);

	text_add(&name, "own-%zu", n);
	if (has_moved(r))
		write_moving(r, n);
	add_to_set(r, chain, "own", n, "src");
	if (has_permits(r))
		add_to_set(r, chain, "permit", 0, "dst,src");
}

static void write_answer_chain(const struct rules *r, size_t n)
{
	char chain[24];
	struct text name = text_in(chain, sizeof chain);

	text_add(&name, "answer-%zu", n);
	if (has_moved(r))
		text_add(r->iptables, "-A %s%s -m set --match-set %smoved dst,dst -g %sanswer-moved\n", r->own, chain,
		         r->own, r->own);
	add_to_set(r, chain, "own", n, "dst");
	if (has_permits(r))
		add_to_set(r, chain, "permit", 0, "src,dst");
}

static void write_host_sets(const struct rules *r, size_t n)
{
	const struct nat_site *s = r->site;
	const char *host = s->hosts[n - 1];
	struct text *t = r->iptables;

	text_add(t, "-A POSTROUTING -s %s -o %s -p %s -j %sown-%zu\n", host, s->wan, r->l4, r->own, n);
	if (r->how->hairpin == NAT_HAIRPIN_EXTERNAL)
		text_add(t,
		         "-A POSTROUTING -s %s -o %s -p %s -m conntrack --ctstate DNAT --ctdir ORIGINAL -j %sown-%zu\n",
		         host, s->lan, r->l4, r->own, n);
	text_add(t, "-A FORWARD -i %s -d %s -p %s -m conntrack --ctstatus SEEN_REPLY%s -j %sanswer-%zu\n", s->wan, host,
	         r->l4, is_tcp(r) ? " --ctdir REPLY" : "", r->own, n);
	write_own_chain(r, n);
	write_answer_chain(r, n);
}

static void write_firewall_sets(const struct rules *r)
{
	bool by_address = r->how->filtering == NAT_ADDRESS_DEPENDENT;
	const struct nat_site *s = r->site;

	text_add(r->iptables, "-A POSTROUTING -o %s -p %s -j %ssent\n", s->wan, r->l4, r->own);
	text_add(r->iptables, "-A FORWARD -i %s -p %s -m conntrack --ctstatus SEEN_REPLY%s -j %sanswered\n", s->wan,
	         r->l4, is_tcp(r) ? " --ctdir REPLY" : "", r->own);
	add_to_set(r, "sent", "open", 0, by_address ? "src,src,dst" : "src,src");
	add_to_set(r, "answered", "open", 0, by_address ? "dst,dst,src" : "dst,dst");
}

static void write_mangle_of(const struct rules *r)
{
	struct text *t = r->iptables;

	if (is_open_firewall(r))
		text_add(t, ":%ssent - [0:0]\n:%sanswered - [0:0]\n", r->own, r->own);
	for (size_t n = 1; has_owners(r) && n <= r->site->host_count; n++)
		text_add(t, ":%sown-%zu - [0:0]\n:%sanswer-%zu - [0:0]\n", r->own, n, r->own, n);
	if (has_moved(r)) {
		nat_feature_add(r->features, NAT_FEATURE_MARK);
		text_add(t, ":%smoved - [0:0]\n:%sanswer-moved - [0:0]\n-A %smoved -j MARK --set-mark " MOVED_MARK "\n",
		         r->own, r->own, r->own);
		add_to_set(r, "moved", "moved", 0, "src,src");
		add_to_set(r, "answer-moved", "moved", 0, "dst,dst");
	}
	for (size_t n = 1; has_owners(r) && n <= r->site->host_count; n++)
		write_host_sets(r, n);
	if (is_open_firewall(r))
		write_firewall_sets(r);
}

/* `of`: each protocol's. */
static void write_mangle(const struct rules of[NAT_PROTOCOLS])
{
	bool is_needed = false;

	for (int i = 0; i < NAT_PROTOCOLS; i++)
		is_needed |= has_owners(&of[i]) || is_open_firewall(&of[i]);
	if (!is_needed)
		return;
	text_add(of->iptables, "*mangle\n");
	for (int i = 0; i < NAT_PROTOCOLS; i++)
		write_mangle_of(&of[i]);
	text_add(of->iptables, "COMMIT\n");
}

/* --- nat --------------------------------------------------------------------------------------- */

static void write_dnat(const struct rules *r, size_t n)
{
	const struct nat_site *s = r->site;
	struct text *t = r->iptables;

	if (lets_strangers_in(r)) {
		text_add(t, "-A PREROUTING -i %s -d %s -p %s%s", s->wan, s->wan_address, r->l4,
		         is_tcp(r) ? " --syn" : "");
		if (has_permits(r))
			text_add(t, " -m set --match-set %spermit src,dst", r->own);
		text_add(t, " -m set --match-set %sown-%zu dst -j DNAT --to-destination %s\n", r->own, n,
		         s->hosts[n - 1]);
	}
	if (r->how->hairpin != NAT_HAIRPIN_NONE)
		text_add(t,
		         "-A PREROUTING -i %s -d %s -p %s -m set --match-set %sown-%zu dst -j DNAT --to-destination "
		         "%s\n",
		         s->lan, s->wan_address, r->l4, r->own, n, s->hosts[n - 1]);
}

/* The end of a rule; `how`: ports and options. */
static void write_snat(const struct rules *r, const char *how)
{
	text_add(r->iptables, r->site->is_ipv6 ? " -j SNAT --to-source [%s]%s\n" : " -j SNAT --to-source %s%s\n",
	         r->site->wan_address, how);
}

static void write_random_snat(const struct rules *r)
{
	if (r->how->ports != NAT_PORTS_RANDOM || r->how->blocked)
		return;
	nat_feature_add(r->features, NAT_FEATURE_RANDOM_PORTS);
	text_add(r->iptables, "-A POSTROUTING -o %s -p %s", r->site->wan, r->l4);
	write_snat(r, ":1024-65535 --random-fully");
}

static void write_hairpin_snat(const struct rules *r)
{
	const struct nat_site *s = r->site;

	if (!has_owners(r) || r->how->hairpin != NAT_HAIRPIN_EXTERNAL)
		return;
	text_add(r->iptables, "-A POSTROUTING -s %s -o %s -p %s -m conntrack --ctstate DNAT", s->lan_network, s->lan,
	         r->l4);
	write_snat(r, "");
}

static void write_nat(const struct rules of[NAT_PROTOCOLS])
{
	const struct nat_site *s = of->site;
	struct text *t = of->iptables;

	if (of->nat->kind != NAT_TRANSLATE)
		return;
	nat_feature_add(of->features, s->is_ipv6 ? NAT_FEATURE_IPV6_NAT : NAT_FEATURE_NAT);
	text_add(t, "*nat\n");
	for (int i = 0; i < NAT_PROTOCOLS; i++)
		for (size_t n = 1; has_owners(&of[i]) && n <= s->host_count; n++)
			write_dnat(&of[i], n);
	if (s->serves_names)
		text_add(t, "-A POSTROUTING -o %s -s %s -j ACCEPT\n", s->wan, s->wan_address);
	write_random_snat(&of[NAT_UDP]);
	write_random_snat(&of[NAT_TCP]);
	text_add(t, "-A POSTROUTING -o %s", s->wan);
	write_snat(of, "");
	write_hairpin_snat(&of[NAT_UDP]);
	write_hairpin_snat(&of[NAT_TCP]);
	text_add(t, "COMMIT\n");
}

/* --- filter ------------------------------------------------------------------------------------ */

#define REJECT_TCP "REJECT --reject-with tcp-reset"
#define REJECT_UDP "REJECT --reject-with icmp-port-unreachable"
static const char *rejecting(const struct rules *r, const char *target)
{
	nat_feature_add(r->features, NAT_FEATURE_REJECT);
	return target;
}

/* Of TCP, where the box itself would answer, or where it would not. */
static void write_input_of_tcp(const struct rules *r)
{
	if (r->nat->unsolicited == NAT_UNSOLICITED_DROP)
		text_add(r->iptables, "-A INPUT -d %s -p tcp -j DROP\n", r->site->wan_address);
	else if (r->nat->input != NAT_INPUT_ACCEPT)
		text_add(r->iptables, "-A INPUT -d %s -p tcp -j %s\n", r->site->wan_address, rejecting(r, REJECT_TCP));
}

static void write_input(const struct rules of[NAT_PROTOCOLS])
{
	const struct nat_site *s = of->site;
	enum nat_input input = of->nat->input;
	struct text *t = of->iptables;

	/* Neighbours are found by it; the rest does no harm (RFC 4890 section 4.4). */
	if (s->is_ipv6)
		text_add(t, "-A INPUT -i %s -p ipv6-icmp -j ACCEPT\n", s->wan);
	if (input != NAT_INPUT_ACCEPT)
		text_add(t,
		         "-A INPUT -i %s -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n"
		         "-A INPUT -d %s -p udp -j %s\n",
		         s->wan, s->wan_address, input == NAT_INPUT_REJECT ? rejecting(of, REJECT_UDP) : "DROP");
	write_input_of_tcp(&of[NAT_TCP]);
	if (input != NAT_INPUT_ACCEPT)
		text_add(t, "-A INPUT -i %s -j DROP\n", s->wan);
}

/* A connection of TCP is let in once, by its first packet. */
static void write_admission_of_tcp(const struct rules *r)
{
	if (lets_strangers_in(r))
		text_add(r->iptables, "-A FORWARD -i %s -p tcp -m conntrack --ctstate DNAT -j ACCEPT\n", r->site->wan);
}

static void write_admission_of_udp(const struct rules *r)
{
	const struct nat_site *s = r->site;
	struct text *t = r->iptables;

	if (nat_maps_ports(r->nat)) {
		nat_feature_add(r->features, NAT_FEATURE_CONNMARK);
		text_add(t, "-A FORWARD -i %s -m connmark --mark " PORT_MAPPER_MARK " -j ACCEPT\n", s->wan);
	}
	for (size_t n = 1; lets_strangers_in(r) && n <= s->host_count; n++) {
		text_add(t, "-A FORWARD -i %s -d %s -p udp", s->wan, s->hosts[n - 1]);
		if (has_permits(r))
			text_add(t, " -m set --match-set %spermit src,dst", r->own);
		text_add(t, " -m set --match-set %sown-%zu dst -j ACCEPT\n", r->own, n);
	}
	if (has_moved(r) && lets_strangers_in(r))
		text_add(t, "-A FORWARD -i %s -p udp -m mark --mark " DELIVERED_MARK " -j ACCEPT\n", s->wan);
}

static void write_admission_of_firewall(const struct rules *r)
{
	if (is_open_firewall(r))
		text_add(r->iptables, "-A FORWARD -i %s -p %s%s -m set --match-set %sopen %s -j ACCEPT\n", r->site->wan,
		         r->l4, is_tcp(r) ? " --syn" : "", r->own,
		         r->how->filtering == NAT_ADDRESS_DEPENDENT ? "dst,dst,src" : "dst,dst");
	/* The rest of a connection that was let in. */
	if (is_open_firewall(r) && is_tcp(r))
		text_add(r->iptables, "-A FORWARD -i %s -p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT\n",
		         r->site->wan);
}

static void write_refusals(const struct rules *r)
{
	const char *wan = r->site->wan;

	if (r->nat->kind != NAT_FIREWALL)
		return;
	if (r->nat->input == NAT_INPUT_REJECT)
		text_add(r->iptables, "-A FORWARD -i %s -p udp -j %s\n", wan, rejecting(r, REJECT_UDP));
	if (r->nat->unsolicited == NAT_UNSOLICITED_RESET)
		text_add(r->iptables, "-A FORWARD -i %s -p tcp --syn -j %s\n", wan, rejecting(r, REJECT_TCP));
}

static void write_blockings(const struct rules of[NAT_PROTOCOLS])
{
	for (int i = 0; i < NAT_PROTOCOLS; i++)
		if (of[i].how->blocked)
			text_add(of->iptables, "-A FORWARD -p %s -j DROP\n", of[i].l4);
	if (of->nat->simultaneous_broken)
		text_add(of->iptables, "-A FORWARD -i %s -p tcp --syn -m conntrack --ctdir REPLY -j DROP\n",
		         of->site->wan);
}

static bool hairpins(const struct rules of[NAT_PROTOCOLS])
{
	return (has_owners(&of[NAT_UDP]) && of[NAT_UDP].how->hairpin != NAT_HAIRPIN_NONE) ||
	       (has_owners(&of[NAT_TCP]) && of[NAT_TCP].how->hairpin != NAT_HAIRPIN_NONE);
}

static void write_forward(const struct rules of[NAT_PROTOCOLS])
{
	const struct nat_site *s = of->site;
	struct text *t = of->iptables;

	write_blockings(of);
	/* What conntrack does not know is not translated: it would show an inside address. */
	if (of->nat->kind == NAT_TRANSLATE)
		text_add(t, "-A FORWARD -i %s -o %s -m conntrack --ctstate INVALID,UNTRACKED -j DROP\n", s->lan,
		         s->wan);
	text_add(t, "-A FORWARD -i %s -o %s -j ACCEPT\n", s->lan, s->wan);
	text_add(t, "-A FORWARD -m conntrack --ctstate RELATED -j ACCEPT\n");
	/* RFC 4890 section 4.3.1: nobody finds a host by asking all there may be. */
	if (s->is_ipv6 && of->nat->kind == NAT_FIREWALL)
		text_add(t, "-A FORWARD -i %s -p ipv6-icmp --icmpv6-type echo-request -j ACCEPT\n", s->wan);
	write_admission_of_udp(&of[NAT_UDP]);
	write_admission_of_tcp(&of[NAT_TCP]);
	for (int i = 0; i < NAT_PROTOCOLS; i++)
		write_admission_of_firewall(&of[i]);
	text_add(t, "-A FORWARD -i %s -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT\n", s->wan);
	if (hairpins(of))
		text_add(t, "-A FORWARD -i %s -o %s -m conntrack --ctstate DNAT -j ACCEPT\n", s->lan, s->lan);
	write_refusals(of);
}

void iptables_write(const struct nat *nat, const struct nat_site *site, struct text *ipset, struct text *iptables,
                    struct text *reboot, unsigned *features)
{
	struct rules of[NAT_PROTOCOLS];

	for (enum nat_protocol i = 0; i < NAT_PROTOCOLS; i++) {
		of[i] = rules_of(nat, i, site);
		of[i].ipset = ipset;
		of[i].iptables = iptables;
		of[i].reboot = reboot;
		of[i].features = features;
		make_sets(&of[i]);
	}
	nat_feature_add(of->features, NAT_FEATURE_FILTER);
	nat_feature_add(of->features, NAT_FEATURE_CONNTRACK);
	if (site->is_ipv6)
		nat_feature_add(of->features, NAT_FEATURE_IPV6);
	write_mangle(of);
	write_nat(of);
	text_add(iptables, "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n");
	write_input(of);
	write_forward(of);
	text_add(iptables, "COMMIT\n");
}
