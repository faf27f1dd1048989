#include "evidence/record_words.h"

#include <netinet/in.h>

const char *const record_types[] = {
	[RECORD_WORLD] = "world",     [RECORD_NODE] = "node",
	[RECORD_MAPPING] = "mapping", [RECORD_GAP] = "gap",
	[RECORD_COUNTER] = "counter", [RECORD_START] = "start",
	[RECORD_INPUT] = "input",     [RECORD_OUTPUT] = "output",
	[RECORD_EXIT] = "exit",       [RECORD_STEP] = "step",
	[RECORD_RULES] = "rules",     [RECORD_REBOOT] = "reboot",
	[RECORD_RESULT] = "result",   [RECORD_WEATHER] = "weather",
	[RECORD_LINK] = "link",       [RECORD_INTERFACE] = "interface",
	[RECORD_CHANGE] = "change",   [RECORD_LEASE] = "lease",
	[RECORD_NETWORK] = "network", [RECORD_STOP] = "stop",
};
const char *const record_askers[] = { [MAPPER_UPNP] = "upnp", [MAPPER_NAT_PMP] = "nat-pmp", [MAPPER_PCP] = "pcp" };
const char *const record_events[] = { "new", "update", "destroy", "snapshot" };
const char *const record_directions[] = { [WEATHER_UP] = "up", [WEATHER_DOWN] = "down" };
const char *const record_changes[] = {
	[RECORD_REBOUND] = "rebound",
	[RECORD_RENUMBERED] = "renumbered",
	[RECORD_FORGOT_ANSWERS] = "forgot-answers",
	[RECORD_LINK_DOWN] = "link-down",
	[RECORD_LINK_UP] = "link-up",
	[RECORD_SLEEPS] = "sleeps",
	[RECORD_WAKES] = "wakes",
};
const char *const record_fates[] = {
	[RECORD_LOST] = "lost",           [RECORD_FULL] = "full",
	[RECORD_DROPPED] = "dropped",     [RECORD_DELAYED] = "delayed",
	[RECORD_SWALLOWED] = "swallowed", [RECORD_CUT] = "cut",
	[RECORD_DISABLED] = "disabled",   [RECORD_DUPLICATED] = "duplicated",
	[RECORD_OVERTOOK] = "overtook",
};
const char *const record_counted_words[] = {
	[RECORD_RX] = "rx",
	[RECORD_TX] = "tx",
	[RECORD_RX_DROPPED] = "rx dropped",
	[RECORD_TX_DROPPED] = "tx dropped",
	[RECORD_RULES_DROPPED] = "rules dropped",
	[RECORD_COUNTED_OTHER] = "other",
};
const struct record_protocol record_protocols[] = { { "udp", IPPROTO_UDP },
	                                            { "tcp", IPPROTO_TCP },
	                                            { "icmp", IPPROTO_ICMP } };
