#include "trace/complaint.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* What fails, as whole words; `is_noun`: what is named so may be a setting, and have a value. */
static const struct phrase {
	const char *text;
	bool is_noun;
} phrases[] = {
	{ "timed out", false },    { "timed-out", false },   { "timeout", true },       { "timeouts", true },
	{ "time-out", true },      { "fail", false },        { "fails", false },        { "failed", false },
	{ "failing", false },      { "failure", false },     { "failures", false },     { "error", false },
	{ "errors", false },       { "exception", false },   { "unreachable", false },  { "refused", false },
	{ "gave up", false },      { "giving up", false },   { "no answer", false },    { "no response", false },
	{ "no route", false },     { "cannot", false },      { "can't", false },        { "could not", false },
	{ "couldn't", false },     { "unable", false },      { "econnrefused", false }, { "etimedout", false },
	{ "ehostunreach", false }, { "enetunreach", false },
};

static bool is_word(const char *text, size_t len, const char *const words[])
{
	for (size_t i = 0; words[i] != NULL; i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], text, len) == 0)
			return true;
	return false;
}

static size_t letters(const char *text)
{
	size_t len = 0;

	while (isalpha((unsigned char)text[len]))
		len++;
	return len;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* --- words, and parts of names ----------------------------------------------------------------- */

/* No part of a name, such as --fail, error_log or /var/log/error; but OSError is a word that begins within one. */
static bool begins_word(const char *line, const char *at)
{
	char before = at > line ? at[-1] : ' ';

	if (isalnum((unsigned char)before))
		return isupper((unsigned char)at[0]) && islower((unsigned char)at[1]);
	if (before == '.')
		return at - line > 1 && at[-2] == '.'; /* "connecting...failed" */
	return strchr("_-/", before) == NULL;
}

static bool ends_word(const char *after)
{
	if (after[0] == '-' || after[0] == '.')
		return !isalnum((unsigned char)after[1]);
	return !isalnum((unsigned char)after[0]) && after[0] != '_';
}

/* --- settings, and counts ---------------------------------------------------------------------- */

static bool is_nothing(const char *value)
{
	static const char *const words[] = { "none", "null", "nil", "false", NULL };

	if (value[0] == '0')
		return !isalnum((unsigned char)value[1]) && !(value[1] == '.' && isdigit((unsigned char)value[2]));
	return is_word(value, letters(value), words);
}

/* "0 errors", "no failures", "failed: 0", "error count 0", ... */
static bool counts_none(const char *line, const char *at, const char *after)
{
	static const char *const before[] = { "0", "no", "zero", "without", "none", NULL };
	static const char *const counted[] = { "code", "count", "rate", NULL };
	const char *end = at, *start;

	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	for (start = end; start > line && isalnum((unsigned char)start[-1]);)
		start--;
	if (end < at && is_word(start, (size_t)(end - start), before))
		return true;
	after = skip_blanks(after);
	if (is_word(after, letters(after), counted))
		after = skip_blanks(after + letters(after));
	return is_nothing(skip_blanks(after + (after[0] == ':' || after[0] == '=')));
}

/* "timeout of 2 s exceeded": it is over. */
static bool has_passed(const char *text)
{
	return strcasestr(text, "exceeded") != NULL || strcasestr(text, "reached") != NULL ||
	       strcasestr(text, "expired") != NULL || strcasestr(text, "elapsed") != NULL;
}

/* "timeout=30", "timeout: 30 s", "timeout is off", "timeout of 30 s" */
static bool has_value(const char *after)
{
	static const char *const between[] = { "is", "of", "set", "to", "was", NULL };
	static const char *const values[] = { "default", "disabled", "infinite",  "never", "none",
		                              "off",     "on",       "unlimited", NULL };

	after = skip_blanks(after);
	if (after[0] == '=')
		return true;
	after = skip_blanks(after + (after[0] == ':'));
	while (is_word(after, letters(after), between))
		after = skip_blanks(after + letters(after));
	return (isdigit((unsigned char)after[0]) || is_word(after, letters(after), values)) && !has_passed(after);
}

/* "error log", "error level": what there is for errors, and not one. */
static bool names_a_thing(const char *after)
{
	static const char *const things[] = { "correction", "handler", "handling",  "level",
		                              "log",        "page",    "reporting", NULL };

	after = skip_blanks(after);
	return is_word(after, letters(after), things);
}

static bool says(const char *line, const struct phrase *p)
{
	size_t len = strlen(p->text);

	for (const char *at = line; (at = strcasestr(at, p->text)) != NULL; at++) {
		const char *after = at + len;

		if (begins_word(line, at) && ends_word(after) && !counts_none(line, at, after) &&
		    !names_a_thing(after) && !(p->is_noun && has_value(after)))
			return true;
	}
	return false;
}

/* Without colours: ESC, "[", and what ends by a byte from 0x40 to 0x7e. */
static void strip(const char *from, char to[COMPLAINT_LINE_MAX])
{
	size_t len = 0;

	while (*from != '\0' && len + 1 < COMPLAINT_LINE_MAX) {
		if (from[0] != '\033' || from[1] != '[') {
			to[len++] = *from++;
			continue;
		}
		for (from += 2; *from != '\0' && !(*from >= 0x40 && *from <= 0x7e);)
			from++;
		from += *from != '\0';
	}
	to[len] = '\0';
}

bool complaint_is(const char *line)
{
	char plain[COMPLAINT_LINE_MAX];

	strip(line, plain);
	for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
		if (says(plain, &phrases[i]))
			return true;
	return false;
}
