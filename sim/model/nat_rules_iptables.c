#include "model/nat_rules_parts.h"
#include "model/port_mapper.h"

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
 * conntrack does. Strangers refresh nothing.
 */
struct rules {
	const struct nat *nat;
	const struct nat_transport *udp; /* of `nat` */
	const struct nat_site *site;
	struct lifetimes lives;
	struct text *ipset, *iptables, *reboot;
};

/* Ports of a cone must have one owner; a box with one host that lets nobody else in gets that from conntrack. */
static bool has_owners(const struct rules *r)
{
	const struct nat_transport *udp = r->udp;

	if (r->nat->kind != NAT_TRANSLATE || udp->blocked || udp->mapping != NAT_ENDPOINT_INDEPENDENT ||
	    udp->ports != NAT_PORTS_PRESERVE)
		return false;
	return r->site->host_count > 1 || udp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT ||
	       udp->hairpin != NAT_HAIRPIN_NONE;
}

static bool has_moved(const struct rules *r)
{
	return has_owners(r) && r->site->host_count > 1;
}

static bool has_permits(const struct rules *r)
{
	return has_owners(r) && r->udp->filtering == NAT_ADDRESS_DEPENDENT;
}

static bool lets_strangers_in(const struct rules *r)
{
	return has_owners(r) && r->udp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

static bool is_open_firewall(const struct rules *r)
{
	return r->nat->kind == NAT_FIREWALL && !r->udp->blocked && r->udp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

bool iptables_needs_nft_beside(const struct nat *nat, const struct nat_site *site)
{
	const struct rules r = { .nat = nat, .udp = &nat->transport[NAT_UDP], .site = site };

	return has_moved(&r);
}

bool iptables_names_hosts(const struct nat *nat, const struct nat_site *site)
{
	const struct rules r = { .nat = nat, .udp = &nat->transport[NAT_UDP], .site = site };

	return has_owners(&r);
}

/* --- sets -------------------------------------------------------------------------------------- */

/* A set named `name` (with a number, unless 0) of the given type: one per lifetime, and the list of them. */
static void make_set(const struct rules *r, const char *name, size_t number, const char *type)
{
	char full[24];
	struct text full_text = text_in(full, sizeof full);

	text_add(&full_text, number > 0 ? "%s-%zu" : "%s", name, number);
	text_add(r->ipset, "create %s list:set\n", full);
	for (size_t i = 0; i < r->lives.count; i++) {
		text_add(r->ipset, "create %s-%s %s timeout %u\n", full, r->lives.of[i].name, type,
		         r->lives.of[i].seconds);
		text_add(r->ipset, "add %s %s-%s\n", full, full, r->lives.of[i].name);
		text_add(r->reboot, "flush %s-%s\n", full, r->lives.of[i].name);
	}
}

static void make_sets(const struct rules *r)
{
	for (size_t n = 1; has_owners(r) && n <= r->site->host_count; n++)
		make_set(r, "own", n, "bitmap:port range 0-65535");
	if (has_moved(r)) {
		text_add(r->ipset, "create mapped list:set size 128\n");
		for (size_t n = 1; n <= r->site->host_count; n++)
			for (size_t i = 0; i < r->lives.count; i++)
				text_add(r->ipset, "add mapped own-%zu-%s\n", n, r->lives.of[i].name);
		make_set(r, "moved", 0, "hash:ip,port");
	}
	if (has_permits(r))
		make_set(r, "permit", 0, "hash:ip,port");
	if (is_open_firewall(r))
		make_set(r, "open", 0, r->udp->filtering == NAT_ADDRESS_DEPENDENT ? "hash:ip,port,ip" : "hash:ip,port");
}

/* In `chain`: puts the packet's `fields` in the set, for the lifetime its flow has reached. */
static void add_to_set(const struct rules *r, const char *chain, const char *set, size_t number, const char *fields)
{
	for (size_t i = 0; i < r->lives.count; i++) {
		text_add(r->iptables, "-A %s%s -j SET --add-set %s", chain, r->lives.of[i].ctstatus, set);
		if (number > 0)
			text_add(r->iptables, "-%zu", number);
		text_add(r->iptables, "-%s %s --exist\n", r->lives.of[i].name, fields);
	}
}

/* --- mangle: keeping the sets ------------------------------------------------------------------ */

/* Where a packet's own port is another host's, its socket moves and stays moved. */
static void write_moving(const struct rules *r, size_t n)
{
	struct text *t = r->iptables;

	text_add(t, "-A own-%zu -m set --match-set moved src,src -g moved\n", n);
	text_add(t, "-A own-%zu -p udp --sport %d:%d -g moved\n", n, MOVED_LOW, MOVED_HIGH);
	text_add(t, "-A own-%zu -m set --match-set mapped src -m set ! --match-set own-%zu src -g moved\n", n, n);
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
		text_add(r->iptables, "-A %s -m set --match-set moved dst,dst -g answer-moved\n", chain);
	add_to_set(r, chain, "own", n, "dst");
	if (has_permits(r))
		add_to_set(r, chain, "permit", 0, "src,dst");
}

static void write_host_sets(const struct rules *r, size_t n)
{
	const struct nat_site *s = r->site;
	const char *host = s->hosts[n - 1];
	struct text *t = r->iptables;

	text_add(t, "-A POSTROUTING -s %s -o %s -p udp -j own-%zu\n", host, s->wan, n);
	if (r->udp->hairpin == NAT_HAIRPIN_EXTERNAL)
		text_add(t,
		         "-A POSTROUTING -s %s -o %s -p udp -m conntrack --ctstate DNAT --ctdir ORIGINAL -j own-%zu\n",
		         host, s->lan, n);
	text_add(t, "-A FORWARD -i %s -d %s -p udp -m conntrack --ctstatus SEEN_REPLY -j answer-%zu\n", s->wan, host,
	         n);
	write_own_chain(r, n);
	write_answer_chain(r, n);
}

static void write_firewall_sets(const struct rules *r)
{
	bool by_address = r->udp->filtering == NAT_ADDRESS_DEPENDENT;
	const struct nat_site *s = r->site;

	text_add(r->iptables, "-A POSTROUTING -o %s -p udp -j sent\n", s->wan);
	text_add(r->iptables, "-A FORWARD -i %s -p udp -m conntrack --ctstatus SEEN_REPLY -j answered\n", s->wan);
	add_to_set(r, "sent", "open", 0, by_address ? "src,src,dst" : "src,src");
	add_to_set(r, "answered", "open", 0, by_address ? "dst,dst,src" : "dst,dst");
}

/* Returns how many tables it wrote: 1 or 0. */
static unsigned write_mangle(const struct rules *r)
{
	struct text *t = r->iptables;

	if (!has_owners(r) && !is_open_firewall(r))
		return 0;
	text_add(t, "*mangle\n");
	if (is_open_firewall(r))
		text_add(t, ":sent - [0:0]\n:answered - [0:0]\n");
	for (size_t n = 1; has_owners(r) && n <= r->site->host_count; n++)
		text_add(t, ":own-%zu - [0:0]\n:answer-%zu - [0:0]\n", n, n);
	if (has_moved(r))
		text_add(t, ":moved - [0:0]\n:answer-moved - [0:0]\n-A moved -j MARK --set-mark " MOVED_MARK "\n");
	if (has_moved(r)) {
		add_to_set(r, "moved", "moved", 0, "src,src");
		add_to_set(r, "answer-moved", "moved", 0, "dst,dst");
	}
	for (size_t n = 1; has_owners(r) && n <= r->site->host_count; n++)
		write_host_sets(r, n);
	if (is_open_firewall(r))
		write_firewall_sets(r);
	text_add(t, "COMMIT\n");
	return 1;
}

/* --- nat --------------------------------------------------------------------------------------- */

static void write_dnat(const struct rules *r, size_t n)
{
	const struct nat_site *s = r->site;
	bool hairpin = r->udp->hairpin != NAT_HAIRPIN_NONE;
	const char *permitted = has_permits(r) ? " -m set --match-set permit src,dst" : "";
	struct text *t = r->iptables;

	if (lets_strangers_in(r))
		text_add(t,
		         "-A PREROUTING -i %s -d %s -p udp%s -m set --match-set own-%zu dst -j DNAT --to-destination "
		         "%s\n",
		         s->wan, s->wan_address, permitted, n, s->hosts[n - 1]);
	if (hairpin)
		text_add(t,
		         "-A PREROUTING -i %s -d %s -p udp -m set --match-set own-%zu dst -j DNAT --to-destination "
		         "%s\n",
		         s->lan, s->wan_address, n, s->hosts[n - 1]);
}

static void write_snat(const struct rules *r)
{
	const struct nat_site *s = r->site;
	struct text *t = r->iptables;

	if (s->serves_names)
		text_add(t, "-A POSTROUTING -o %s -s %s -j ACCEPT\n", s->wan, s->wan_address);
	if (r->udp->ports == NAT_PORTS_RANDOM && !r->udp->blocked)
		text_add(t, "-A POSTROUTING -o %s -p udp -j SNAT --to-source %s:1024-65535 --random-fully\n", s->wan,
		         s->wan_address);
	text_add(t, "-A POSTROUTING -o %s -j SNAT --to-source %s\n", s->wan, s->wan_address);
	if (has_owners(r) && r->udp->hairpin == NAT_HAIRPIN_EXTERNAL)
		text_add(t, "-A POSTROUTING -s %s -o %s -p udp -m conntrack --ctstate DNAT -j SNAT --to-source %s\n",
		         s->lan_network, s->lan, s->wan_address);
}

/* Returns how many tables it wrote: 1 or 0. */
static unsigned write_nat(const struct rules *r)
{
	if (r->nat->kind != NAT_TRANSLATE)
		return 0;
	text_add(r->iptables, "*nat\n");
	for (size_t n = 1; has_owners(r) && n <= r->site->host_count; n++)
		write_dnat(r, n);
	write_snat(r);
	text_add(r->iptables, "COMMIT\n");
	return 1;
}

/* --- filter ------------------------------------------------------------------------------------ */

static void write_input(const struct rules *r)
{
	const struct nat_site *s = r->site;
	struct text *t = r->iptables;

	if (r->nat->input == NAT_INPUT_ACCEPT)
		return;
	text_add(t, "-A INPUT -i %s -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n", s->wan);
	text_add(t, "-A INPUT -d %s -p udp -j %s\n", s->wan_address,
	         r->nat->input == NAT_INPUT_REJECT ? "REJECT --reject-with icmp-port-unreachable" : "DROP");
	text_add(t, "-A INPUT -i %s -j DROP\n", s->wan);
}

static void write_admission(const struct rules *r)
{
	const struct nat_site *s = r->site;
	const char *permitted = has_permits(r) ? " -m set --match-set permit src,dst" : "";
	struct text *t = r->iptables;

	if (nat_maps_ports(r->nat))
		text_add(t, "-A FORWARD -i %s -m connmark --mark " PORT_MAPPER_MARK " -j ACCEPT\n", s->wan);
	for (size_t n = 1; lets_strangers_in(r) && n <= s->host_count; n++)
		text_add(t, "-A FORWARD -i %s -d %s -p udp%s -m set --match-set own-%zu dst -j ACCEPT\n", s->wan,
		         s->hosts[n - 1], permitted, n);
	if (has_moved(r) && lets_strangers_in(r))
		text_add(t, "-A FORWARD -i %s -p udp -m mark --mark " DELIVERED_MARK " -j ACCEPT\n", s->wan);
	if (is_open_firewall(r))
		text_add(t, "-A FORWARD -i %s -p udp -m set --match-set open %s -j ACCEPT\n", s->wan,
		         r->udp->filtering == NAT_ADDRESS_DEPENDENT ? "dst,dst,src" : "dst,dst");
}

static void write_forward(const struct rules *r)
{
	const struct nat_site *s = r->site;
	struct text *t = r->iptables;

	if (r->udp->blocked)
		text_add(t, "-A FORWARD -p udp -j DROP\n");
	/* What conntrack does not know is not translated: it would show an inside address. */
	if (r->nat->kind == NAT_TRANSLATE)
		text_add(t, "-A FORWARD -i %s -o %s -m conntrack --ctstate INVALID,UNTRACKED -j DROP\n", s->lan,
		         s->wan);
	text_add(t, "-A FORWARD -i %s -o %s -j ACCEPT\n", s->lan, s->wan);
	text_add(t, "-A FORWARD -m conntrack --ctstate RELATED -j ACCEPT\n");
	write_admission(r);
	text_add(t, "-A FORWARD -i %s -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT\n", s->wan);
	if (has_owners(r) && r->udp->hairpin != NAT_HAIRPIN_NONE)
		text_add(t, "-A FORWARD -i %s -o %s -m conntrack --ctstate DNAT -j ACCEPT\n", s->lan, s->lan);
	if (r->nat->kind == NAT_FIREWALL && r->nat->input == NAT_INPUT_REJECT)
		text_add(t, "-A FORWARD -i %s -p udp -j REJECT --reject-with icmp-port-unreachable\n", s->wan);
}

unsigned iptables_write(const struct nat *nat, const struct nat_site *site, struct text *ipset, struct text *iptables,
                        struct text *reboot)
{
	const struct rules r = { nat, &nat->transport[NAT_UDP], site, lifetimes_of(nat), ipset, iptables, reboot };
	unsigned tables;

	make_sets(&r);
	tables = 1 + write_mangle(&r) + write_nat(&r);
	text_add(iptables, "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n");
	write_input(&r);
	write_forward(&r);
	text_add(iptables, "COMMIT\n");
	return tables;
}
