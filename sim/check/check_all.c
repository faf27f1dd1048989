#include "check/check_all.h"

#include <stdio.h>

/* Long enough for a busy machine to keep a mapping alive by looking at it, short enough to wait for. */
#define CUT "timeout=2,stream-timeout=3"

#define GRID ((size_t)9)
#define PORTS ((size_t)3)
#define COUNT(array) (sizeof(array) / sizeof *(array))

#define TCP_CUT "tcp.timeout=3,tcp.transitory=2"

/* Measured with lifetimes. */
static const char *const long_ones[] = {
	"linux-router," CUT,
	"openwrt," CUT,
	"carrier," CUT,
	"symmetric-preserving," CUT,
	"full-cone,hairpin," CUT,
	"restricted,hairpin," CUT,
	"port-restricted,input=accept," CUT,
	"firewall," CUT,
	"firewall,filtering=ad," CUT,
	"firewall,filtering=ei," CUT,
	"firewall,refresh=outbound,timeout=2",
	"firewall,filtering=ad,refresh=outbound,timeout=2",
	"firewall,filtering=ei,refresh=outbound,timeout=2",
	"port-restricted,lifetime=2",
	"symmetric,lifetime=2",
	"full-cone,ports=random,lifetime=2",
	"restricted,hairpin,lifetime=2",
	"mapping=ad,filtering=ei,lifetime=2",
	"symmetric,filtering=ad,ports=sequential,lifetime=2",
	"full-cone," CUT "," TCP_CUT,
	"restricted," CUT "," TCP_CUT ",tcp.simultaneous=no",
	"port-restricted," CUT "," TCP_CUT,
	"symmetric," CUT "," TCP_CUT,
	"mapping=apd,filtering=ei," CUT "," TCP_CUT,
	"mapping=ad,filtering=ad,hairpin," CUT "," TCP_CUT,
	"firewall,filtering=ad," CUT "," TCP_CUT,
	"linux-router," CUT "," TCP_CUT,
	"port-restricted," CUT "," TCP_CUT ",ipv6=nat64",
	"firewall," CUT "," TCP_CUT ",ipv6=firewall,ipv6.filtering=ad,ipv6.timeout=2",
};

static const char *const quick_ones[] = {
	"full-cone,hairpin",
	"restricted,hairpin",
	"port-restricted,hairpin",
	"symmetric,hairpin",
	"full-cone,hairpin=internal",
	"restricted,hairpin=internal",
	"port-restricted,hairpin=internal",
	"symmetric,hairpin=internal",
	"mapping=ad,hairpin=internal",
	"full-cone,input=reject",
	"restricted,input=reject",
	"port-restricted,input=reject",
	"symmetric,input=reject",
	"full-cone,input=accept",
	"restricted,input=accept",
	"port-restricted,input=accept",
	"symmetric,input=accept",
	"mapping=ad,input=accept",
	"mapping=ad,filtering=ad,input=reject",
	"firewall,input=reject",
	"port-restricted,udp=blocked",
	"port-restricted,parity",
	"symmetric,parity",
	"symmetric,addresses=2",
	"full-cone,addresses=2,hairpin",
	"symmetric,addresses=4,pooling=arbitrary",
	"restricted,addresses=3,pooling=arbitrary,hairpin",
	"port-restricted,hairpin=mapped",
	"symmetric,hairpin=mapped",
	"port-restricted,mapping=port",
	"mapping=port,ports=sequential",
	"mapping=port,ports=random,range=20000-20127,input=reject",
	"port-restricted,clobber",
	"symmetric,hairpin,clobber,addresses=2",
	"full-cone,clobber",
	"port-restricted,limit=20",
	"symmetric,limit=30,limit-per-host=20",
	"symmetric,range=20000-20007",
	"full-cone,ports=sequential,range=65530-65535",
	"port-restricted,range=20000-20000",
	"port-restricted,fragments=drop",
	"symmetric,fragments=in-order",
	"port-restricted,icmp=blocked",
	"port-restricted,mtu=1400",
	"symmetric,mtu=1280,icmp=blocked",
	"firewall,icmp=blocked",
	"open,mtu=1400",
	"symmetric,tcp=linux",
	"symmetric,range=20000-20511,tcp=linux",
	"full-cone,hairpin,tcp=linux",
	"full-cone,tcp=blocked",
	"full-cone,tcp.mapping=apd",
	"symmetric,tcp.mapping=ei,tcp.filtering=ad,tcp.ports=sequential,tcp.unsolicited=reset",
	"symmetric,addresses=2,tcp=linux",
	"port-restricted,tcp.unsolicited=icmp",
	"port-restricted,tcp.unsolicited=reset",
	"mapping=ad,tcp.unsolicited=reset",
	"port-restricted,input=accept,tcp.unsolicited=drop",
	"full-cone,tcp.simultaneous=no",
	"mapping=ad,tcp.simultaneous=no",
	"firewall,tcp.filtering=ei,tcp.unsolicited=icmp",
	"firewall,tcp.filtering=ad,tcp.unsolicited=reset,tcp.simultaneous=no",
	"symmetric,ipv6=open",
	"open,ipv6=open",
	"symmetric,ipv6=firewall",
	"open,ipv6=firewall,ipv6.filtering=ei",
	"port-restricted,ipv6=nptv6",
	"open,ipv6=nptv6,ipv6.inside=fd00:0:1:100::/56,ipv6.outside=2001:db8:7:100::/56,ipv6.hairpin=none",
	"open,ipv6=nat66,ipv6.hairpin,tcp.timeout=4,tcp.transitory=2,ipv6.timeout=2",
	"port-restricted,hairpin,ipv6=nat64",
	"port-restricted,mtu=1400,ipv6=nat64,ipv6.prefix=2001:db8:6::/48,ipv6.pref64=2001:db8:64::/64",
};

/* These need a program that is not everywhere (world/mapper_program.h). */
static const char *const mappers[] = {
	"port-restricted,upnp",
	"symmetric,nat-pmp",
	"mapping=ad,filtering=ad,pcp",
	"full-cone,upnp,nat-pmp,pcp",
	"port-restricted,refresh=outbound,upnp,pcp",
	"symmetric,hairpin,upnp=conflict,nat-pmp",
	"port-restricted,upnp=short-lease,nat-pmp",
	"restricted,upnp=private-address,nat-pmp,pcp",
	"port-restricted,upnp=silent,nat-pmp",
	"symmetric,ports=sequential,upnp=lost-on-reboot,nat-pmp",
};

static void mapper_spec(size_t i, char spec[NAT_TEXT_SIZE])
{
	snprintf(spec, NAT_TEXT_SIZE, "%s", mappers[i]);
}

static const char *behaviour(size_t i)
{
	return nat_behaviour_name((enum nat_behaviour)(i % 3));
}

/* A part of the list: the i-th of its specs. */
static void grid_spec(size_t i, char spec[NAT_TEXT_SIZE])
{
	snprintf(spec, NAT_TEXT_SIZE, "mapping=%s,filtering=%s,ports=%s," CUT, behaviour(i / 3), behaviour(i),
	         nat_ports_name((enum nat_ports)(i / GRID)));
}

static void outbound_spec(size_t i, char spec[NAT_TEXT_SIZE])
{
	snprintf(spec, NAT_TEXT_SIZE, "mapping=%s,filtering=%s,refresh=outbound,timeout=2", behaviour(i / 3),
	         behaviour(i));
}

static void long_spec(size_t i, char spec[NAT_TEXT_SIZE])
{
	snprintf(spec, NAT_TEXT_SIZE, "%s", long_ones[i]);
}

static void hairpin_spec(size_t i, char spec[NAT_TEXT_SIZE])
{
	snprintf(spec, NAT_TEXT_SIZE, "mapping=%s,filtering=%s,ports=%s,hairpin", behaviour(i / 3), behaviour(i),
	         nat_ports_name((enum nat_ports)(i % PORTS)));
}

static void range_spec(size_t i, char spec[NAT_TEXT_SIZE])
{
	snprintf(spec, NAT_TEXT_SIZE, "mapping=%s,ports=%s,range=20000-20127", behaviour(i / 3),
	         nat_ports_name((enum nat_ports)(i % PORTS)));
}

static void nat66_spec(size_t i, char spec[NAT_TEXT_SIZE])
{
	snprintf(spec, NAT_TEXT_SIZE, "open,ipv6=nat66,ipv6.mapping=%s,ipv6.filtering=%s", behaviour(i / 3),
	         behaviour(i));
}

static void quick_spec(size_t i, char spec[NAT_TEXT_SIZE])
{
	snprintf(spec, NAT_TEXT_SIZE, "%s", quick_ones[i]);
}

static size_t count_presets(void)
{
	size_t n = 0;

	while (nat_presets[n].name != NULL)
		n++;
	return n;
}

static void preset_spec(size_t i, char spec[NAT_TEXT_SIZE])
{
	snprintf(spec, NAT_TEXT_SIZE, "%s", nat_presets[i].name);
}

int check_all_spec(size_t i, char spec[NAT_TEXT_SIZE])
{
	const struct {
		void (*write)(size_t i, char spec[NAT_TEXT_SIZE]);
		size_t count;
		enum check_depth depth;
	} parts[] = {
		{ grid_spec, GRID * PORTS, CHECK_FULL },
		{ outbound_spec, GRID, CHECK_FULL },
		{ long_spec, COUNT(long_ones), CHECK_FULL },
		{ hairpin_spec, GRID, CHECK_QUICK },
		{ range_spec, GRID, CHECK_QUICK },
		{ nat66_spec, GRID, CHECK_QUICK },
		{ quick_spec, COUNT(quick_ones), CHECK_QUICK },
		{ preset_spec, count_presets(), CHECK_QUICK },
		{ mapper_spec, COUNT(mappers), CHECK_QUICK },
	};

	for (size_t part = 0; part < COUNT(parts); part++) {
		if (i < parts[part].count) {
			parts[part].write(i, spec);
			return (int)parts[part].depth;
		}
		i -= parts[part].count;
	}
	return -1;
}
