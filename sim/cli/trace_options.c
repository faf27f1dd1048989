#include "cli/trace_options.h"

#include "cli/session_lookup.h"

#include "io/log.h"
#include "session/world_calls.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OPERANDS 64
#define FILTER_SIZE 1024

enum {
	OPT_JSON = 256,
	OPT_MAPPINGS,
	OPT_WHY,
	OPT_PCAPNG,
	OPT_HTML,
	OPT_AGAINST,
	OPT_AUDIT,
	OPT_FLOW,
	OPT_HOST,
	OPT_FROM,
	OPT_TO,
	OPT_ALL,
	OPT_PROGRAMS,
	OPT_NAME
};

const struct option_row trace_option_table[] = {
	{ OPT_WHY, "why", NULL, "explain what became of each pair of hosts, or of A and B" },
	{ OPT_MAPPINGS, "mappings", NULL, "show each box's mappings: born, refreshed, ended, by which packet" },
	{ OPT_JSON, "json", NULL,
	  "one JSON object a line for each journey (with --why, --mappings: for each of those)" },
	{ OPT_PCAPNG, "pcapng", "OUT",
	  "write the capture again with journeys, translations and drops as comments (-: to standard output)" },
	{ OPT_HTML, "html", "OUT", "write a page to look at, all in one file (-: to standard output)" },
	{ OPT_AGAINST, "against", "OUT", "with --html: say what changed since that earlier page" },
	{ OPT_AUDIT, "audit", NULL, "check that no packet is unaccounted for, against the boxes' own counters" },
	{ OPT_HOST, "host", "NAME", "only what this host or box (or address) sent, saw or was sent" },
	{ OPT_FLOW, "flow", "A[,B]", "only what bore this name or address, with a port or without; or between two" },
	{ OPT_NAME, "name", "NAME",
	  "of the standing world NAME, so far; or A=B, of captures without a record: host A has the address B, or "
	  "interface A is B, \"eth1=router wan\"" },
	{ OPT_ALL, "all", NULL, "also what goes no further than its link (ARP, broadcasts)" },
	{ OPT_PROGRAMS, "programs", NULL, "in the ladder, also what programs were told and said" },
	{ OPT_FROM, "from", "TIME", "only from this time on: seconds since the start, or with a unit: 1.5, 200ms" },
	{ OPT_TO, "to", "TIME", "only until this time" },
	{ 0 },
};

/* What is no option. */
struct words {
	const char *words[OPERANDS];
	size_t count;
};

static int bad(const char *error)
{
	log_error("%s", error);
	return CLI_USAGE;
}

/* "bob=198.51.100.7", "eth1=router wan" */
static int take_name(struct trace_options *o, const char *text)
{
	const char *equal = strchr(text, '=');
	struct infer_name *n = &o->names[o->name_count];

	if (equal == NULL && text[0] != '\0') {
		o->world = text;
		return CLI_OK;
	}
	if (o->name_count == TRACE_GIVEN)
		return bad("too many names");
	if (equal == NULL || equal == text || equal[1] == '\0' || (size_t)(equal - text) >= sizeof n->left ||
	    strlen(equal + 1) >= sizeof n->right) {
		log_error("'%.80s' is no world's name, NAME=ADDRESS or INTERFACE=NAME", text);
		return CLI_USAGE;
	}
	snprintf(n->left, sizeof n->left, "%.*s", (int)(equal - text), text);
	snprintf(n->right, sizeof n->right, "%s", equal + 1);
	o->name_count++;
	return CLI_OK;
}

static int take_option(struct trace_options *o, int letter)
{
	char error[SELECT_ERROR_SIZE];
	struct selection *s = &o->selection;
	int status = 0;

	switch (letter) {
	case OPT_FLOW: status = select_flow(s, optarg, error); break;
	case OPT_FROM:
		status = select_time(optarg, &s->from_ns, error);
		s->has_from = true;
		break;
	case OPT_TO:
		status = select_time(optarg, &s->to_ns, error);
		s->has_to = true;
		break;
	case OPT_HOST: s->host = optarg; break;
	case OPT_ALL: o->all = true; break;
	case OPT_PROGRAMS: o->programs = true; break;
	case OPT_AGAINST: o->against = optarg; break;
	case OPT_NAME: return take_name(o, optarg);
	default: break;
	}
	return status == 0 ? CLI_OK : bad(error);
}

static enum trace_mode mode_of(int letter)
{
	switch (letter) {
	case OPT_JSON: return TRACE_JSON;
	case OPT_MAPPINGS: return TRACE_MAPPINGS;
	case OPT_WHY: return TRACE_WHY;
	case OPT_PCAPNG: return TRACE_PCAPNG;
	case OPT_HTML: return TRACE_HTML;
	case OPT_AUDIT: return TRACE_AUDIT;
	default: return TRACE_LADDER;
	}
}

static int join_words(const struct words *w, size_t from, char text[FILTER_SIZE])
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = from; i < w->count; i++) {
		int n = snprintf(text + len, FILTER_SIZE - len, "%s%s", len > 0 ? " " : "", w->words[i]);

		if (n < 0 || (size_t)n >= FILTER_SIZE - len)
			return bad("the filter expression is too long");
		len += (size_t)n;
	}
	return CLI_OK;
}

/* "router lan=lan.pcap": the file behind the first '=', or NULL. A filter expression's '=' has no file behind it. */
static const char *file_of(const char *word)
{
	const char *equal = strchr(word, '=');

	return equal != NULL && equal != word && access(word, F_OK) != 0 && find_is_path(equal + 1) ? equal + 1 : NULL;
}

static int add_capture(struct trace_options *o, const char *word)
{
	const char *file = file_of(word);
	char error[FIND_ERROR_SIZE];
	struct found found;
	struct source *s = &o->captures[o->capture_count];

	if (o->capture_count == SOURCES_MAX)
		return bad("too many captures");
	if (find_trace(file != NULL ? file : word, &found, error) != 0)
		return bad(error);
	*s = (struct source){ .fd = -1 };
	snprintf(s->path, sizeof s->path, "%s", found.path);
	if (file != NULL)
		snprintf(s->name, sizeof s->name, "%.*s", (int)(file - word - 1), word);
	o->capture_count++;
	return CLI_OK;
}

/* Several captures, or one that is named. Returns how many words they are, or -1. */
static int take_captures(struct trace_options *o, const struct words *w)
{
	size_t count = 0;

	while (count < w->count && (file_of(w->words[count]) != NULL || find_is_path(w->words[count])))
		count++;
	if (count < 2 && o->name_count == 0 && (count == 0 || file_of(w->words[0]) == NULL))
		return 0;
	if (count == 0)
		return bad("--name is about captures that are named: name one"), -1;
	for (size_t i = 0; i < count; i++)
		if (add_capture(o, w->words[i]) != CLI_OK)
			return -1;
	return (int)count;
}

/* The packets until now, not those until the recorder last wrote; where that fails, what there is, with the reason
 * said. */
static void flush(const json_t *world)
{
	json_decref(world_call(world, "lab", "flush", json_array()));
}

/* The trace that grows in a standing world. Returns 0 (no word names it), or -1. */
static int find_world(struct trace_options *o)
{
	json_t *world = session_lookup(o->world);
	char error[FIND_ERROR_SIZE];
	int status = -1;

	if (world != NULL) {
		flush(world);
		status = find_trace(json_string_value(json_object_get(world, "folder")), &o->found, error);
		if (status != 0)
			log_error("%s", error);
	}
	json_decref(world);
	return status;
}

/* Beside a world's name: hosts are words, too, and a file may be called like one. */
static bool is_surely_capture(const char *word)
{
	return find_is_path(word) && (strcmp(word, "-") == 0 || strchr(word, '/') != NULL || strstr(word, ".pcap"));
}

/* The captures that are meant. Returns how many words name them, or -1. */
static int take_files(struct trace_options *o, const struct words *w)
{
	char error[FIND_ERROR_SIZE];
	int count;

	if (o->world != NULL && w->count > 0 && is_surely_capture(w->words[0])) {
		log_error("'%.80s' is not NAME=ADDRESS or INTERFACE=NAME", o->world);
		return -1;
	}
	if (o->world != NULL)
		return find_world(o);
	count = take_captures(o, w);

	if (count != 0)
		return count;
	count = w->count > 0 && find_is_path(w->words[0]) ? 1 : 0;
	if (find_trace(count == 1 ? w->words[0] : NULL, &o->found, error) == 0)
		return count;
	log_error("%s", error);
	return -1;
}

/* After the files: the two hosts of --why, or a filter expression. */
static int take_words(struct trace_options *o, const struct cli_command *command, const struct words *w)
{
	int files = take_files(o, w);
	size_t from = (size_t)files;
	char error[FIND_ERROR_SIZE], filter[FILTER_SIZE];

	if (files < 0)
		return CLI_USAGE;
	if (o->mode == TRACE_WHY && w->count > from) {
		if (w->count - from != 2)
			return cli_usage_error(command, "--why takes two hosts, or none");
		o->pair[0] = w->words[from];
		o->pair[1] = w->words[from + 1];
		return CLI_OK;
	}
	if (w->count == from)
		return CLI_OK;
	if (join_words(w, from, filter) != CLI_OK)
		return CLI_USAGE;
	return select_filter(&o->selection, filter, error) == 0 ? CLI_OK : bad(error);
}

/* --json goes with any other mode; of those there is one. */
static int take_mode(struct trace_options *o, const struct cli_command *command, int letter)
{
	enum trace_mode mode = mode_of(letter);

	if (mode == TRACE_LADDER)
		return CLI_OK;
	if (mode == TRACE_JSON) {
		o->json = true;
		return CLI_OK;
	}
	if (o->mode != TRACE_LADDER && o->mode != mode)
		return cli_usage_error(command, "--why, --mappings, --pcapng, --html and --audit exclude each other");
	o->mode = mode;
	if (mode == TRACE_PCAPNG || mode == TRACE_HTML)
		o->output = optarg;
	return CLI_OK;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

static int take_word(struct words *w, const struct cli_command *command, const char *word)
{
	if (w->count == OPERANDS)
		return cli_usage_error(command, "too many words");
	w->words[w->count++] = word;
	return CLI_OK;
}

/* Options may follow operands: the file comes first to most people's minds. After "--" there are none. */
static int take_all(struct trace_options *o, struct words *w, const struct cli_command *command, int argc, char **argv)
{
	bool options = true;
	int status = CLI_OK;

	while (optind < argc && status == CLI_OK) {
		int letter = options && is_option(argv[optind]) ? cli_next_option(command, argc, argv) : 0;

		if (letter < 0)
			options = false;
		else if (letter == 0)
			status = take_word(w, command, argv[optind++]);
		else if (take_mode(o, command, letter) != CLI_OK || take_option(o, letter) != CLI_OK)
			status = CLI_USAGE;
	}
	return status;
}

int trace_options_parse(struct trace_options *o, const struct cli_command *command, int argc, char **argv)
{
	struct words w = { .count = 0 };

	*o = (struct trace_options){ .mode = TRACE_LADDER, .command = cli_whole_line(command, argc, argv) };
	if (take_all(o, &w, command, argc, argv) != CLI_OK)
		return CLI_USAGE;
	if (o->against != NULL && o->mode != TRACE_HTML)
		return cli_usage_error(command, "--against goes with --html");
	if (o->mode == TRACE_LADDER && o->json)
		o->mode = TRACE_JSON;
	return take_words(o, command, &w);
}
