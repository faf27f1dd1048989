#include "model/dns_record.h"

#include "base/address.h"
#include "model/given.h"

#include <stdio.h>
#include <string.h>

#define WORD_SIZE 256
#define TEXT_MAX 255 /* of one string (RFC 1035 §3.3) */

struct asked_record {
	char name[WORD_SIZE], type[8];
	const char *data; /* behind the type, to the end */
};

/* Takes the next word, which must fit. Returns false if there is none. */
static bool next_word(const char **text, char *word, size_t size)
{
	const char *begin = *text + strspn(*text, " ");
	size_t len = strcspn(begin, " ");

	if (len == 0 || len >= size)
		return false;
	memcpy(word, begin, len);
	word[len] = '\0';
	*text = begin + len + strspn(begin + len, " ");
	return true;
}

/* The next word, as a number of 16 bits. */
static bool next_number(const char **text, unsigned *number)
{
	char word[6];

	if (!next_word(text, word, sizeof word) || word[strspn(word, "0123456789")] != '\0')
		return false;
	*number = 0;
	for (const char *p = word; *p != '\0'; p++)
		*number = *number * 10 + (unsigned)(*p - '0');
	return *number <= 65535;
}

static bool write_address(const struct asked_record *r, enum address_family family, char *line)
{
	struct address a;

	if (!given_is_name(r->name) || address_parse(r->data, &a) != 0 || a.family != family)
		return false;
	snprintf(line, DNS_RECORD_SIZE, "host-record=%s,%s", r->name, r->data);
	return true;
}

static bool write_service(const struct asked_record *r, char *line)
{
	unsigned priority, weight, port;
	const char *data = r->data;
	char target[WORD_SIZE];

	if (!given_is_name(r->name) || !next_number(&data, &priority) || !next_number(&data, &weight) ||
	    !next_number(&data, &port) || !next_word(&data, target, sizeof target) || data[0] != '\0' ||
	    !given_is_name(target))
		return false;
	snprintf(line, DNS_RECORD_SIZE, "srv-host=%s,%s,%u,%u,%u", r->name, target, port, priority, weight);
	return true;
}

static bool write_text(const struct asked_record *r, char *line)
{
	if (!given_is_name(r->name) || strlen(r->data) > TEXT_MAX || r->data[strcspn(r->data, "\"\\\r\n")] != '\0')
		return false;
	snprintf(line, DNS_RECORD_SIZE, "txt-record=%s,\"%s\"", r->name, r->data);
	return true;
}

static bool write_pointer(const struct asked_record *r, char *line)
{
	struct address a;

	if (address_parse(r->name, &a) != 0 || a.family != ADDRESS_IPV4 || !given_is_name(r->data))
		return false;
	snprintf(line, DNS_RECORD_SIZE, "ptr-record=%u.%u.%u.%u.in-addr.arpa,%s", a.bytes[3], a.bytes[2], a.bytes[1],
	         a.bytes[0], r->data);
	return true;
}

static bool write_record(const struct asked_record *r, char *line)
{
	if (strcmp(r->type, "A") == 0)
		return write_address(r, ADDRESS_IPV4, line);
	if (strcmp(r->type, "AAAA") == 0)
		return write_address(r, ADDRESS_IPV6, line);
	if (strcmp(r->type, "SRV") == 0)
		return write_service(r, line);
	if (strcmp(r->type, "TXT") == 0)
		return write_text(r, line);
	return strcmp(r->type, "PTR") == 0 && write_pointer(r, line);
}

int dns_record_read(const char *text, char line[DNS_RECORD_SIZE], char *error, size_t error_size)
{
	struct asked_record r = { .data = text };

	if (next_word(&r.data, r.name, sizeof r.name) && next_word(&r.data, r.type, sizeof r.type) &&
	    r.data[0] != '\0' && write_record(&r, line))
		return 0;
	snprintf(error, error_size,
	         "'%.80s' is no record: that is NAME A ADDRESS, NAME AAAA ADDRESS, NAME SRV PRIORITY WEIGHT PORT NAME, "
	         "NAME TXT TEXT or ADDRESS PTR NAME",
	         text);
	return -1;
}
