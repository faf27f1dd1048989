#include "model/nat_rules_parts.h"

#include <string.h>

/*
 * nft says of IPv6 the same in a few other words. A header has its addresses at another place, and in one that an error
 * quotes the ports follow at once if the next header is UDP. What a map has as its key fits no register of 128 bits
 * (nft 1.0 gives up on that): it is hashed.
 */
#define WAY_HASH(saddr, daddr, ports) "jhash " saddr " . " daddr " . " ports " mod 4294967295 seed 0x77617973"

static const struct {
	const char *ipv4, *ipv6;
} words[] = {
	{ "type ipv4_addr . inet_service : inet_service", "typeof @th,0,32 : udp sport" },
	{ "type ipv4_addr . inet_service . ipv4_addr : inet_service", "typeof @th,0,32 : udp sport" },
	{ "ip", "ip6" },
	{ "ipv4_addr", "ipv6_addr" },
	{ "icmp", "icmpv6" },
	{ "time-exceeded", "packet-too-big, time-exceeded" },
	{ "typeof @nh,96,96", "typeof @th,0,32" },
	{ "@nh,96,96", WAY_HASH("@nh,64,128", "@nh,192,128", "@th,0,32") },
	{ "@th,64,8 0x45", "@th,64,4 6 @th,112,8 17" },
	{ "@th,160,96", WAY_HASH("@th,128,128", "@th,256,128", "@th,384,32") },
};

static bool is_in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Which of them begins there, or -1. */
static int find_word(const char *text, const char *at)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t len = strlen(words[i].ipv4);

		if (strncmp(at, words[i].ipv4, len) == 0 && !is_in_word(at[len]) && (at == text || !is_in_word(at[-1])))
			return (int)i;
	}
	return -1;
}

/* What stands in quotes is a name. */
void nft_write_ipv6(const char *ipv4, struct text *t)
{
	bool is_name = false;

	for (const char *at = ipv4; *at != '\0';) {
		int word = is_name ? -1 : find_word(ipv4, at);

		is_name ^= *at == '"';
		text_add(t, word < 0 ? "%.1s" : "%s", word < 0 ? at : words[word].ipv6);
		at += word < 0 ? 1 : strlen(words[word].ipv4);
	}
}
