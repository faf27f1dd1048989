/* punchlab trace: what became of every packet, and why. */
#include "cli/commands.h"
#include "cli/trace_options.h"
#include "cli/trace_show.h"

#include "io/log.h"

#include <string.h>

static int show(struct trace_view *v)
{
	switch (v->options->mode) {
	case TRACE_LADDER: return trace_show_ladder(v);
	case TRACE_JSON: return trace_show_json(v);
	case TRACE_MAPPINGS: return trace_show_mappings(v);
	case TRACE_WHY: return trace_show_why(v);
	case TRACE_PCAPNG: return trace_show_pcapng(v);
	case TRACE_HTML: return trace_show_html(v);
	case TRACE_AUDIT: return trace_show_audit(v);
	}
	return CLI_USAGE;
}

/* What could not be read or is missing, a line each. Returns the exit status. */
static int tell_flaws(const struct trace *t, int status)
{
	char text[TRACE_ERROR_SIZE], name[PACKET_LINK_NAME_SIZE];

	if (status != CLI_OK)
		return status;
	if (trace_lacks(t, text))
		log_warning("%s", text);
	if (t->events.flaws.count > 0)
		log_warning("the record: %u lines could not be used, the first is line %u", t->events.flaws.count,
		            t->events.flaws.first);
	for (size_t i = 0; i < t->scene.node_count; i++)
		if (t->scene.nodes[i].has_gap)
			log_warning("%s had more mappings at once than its record could take: of some it is known only "
			            "what packets show",
			            t->scene.nodes[i].name);
	if (t->unread_link > 0)
		log_warning("%llu packets are of a link type that is not understood: %s",
		            (unsigned long long)t->unread_link, packet_link_name(t->unread_type, name));
	for (size_t i = 0; i < t->source_count; i++)
		if (trace_clock(t, i, text))
			log_warning("%s", text);
	if (t->doubled > 0)
		log_warning("%llu packets were there twice within 1 ms, byte for byte, as a mirror port shows them: "
		            "each is told "
		            "of once",
		            (unsigned long long)t->doubled);
	if (t->late > 0)
		log_warning(
		    "%llu packets stand behind later ones, up to %.3f s: a clock was set back, or parts are out of "
		    "order (reordercap IN OUT sorts them); times are as in the file",
		    (unsigned long long)t->late, (double)t->late_ns / 1e9);
	if (t->without_interface > 0)
		log_warning("%llu packets are of interfaces beyond the first %d: left out",
		            (unsigned long long)t->without_interface, SCENE_INTERFACES);
	if (t->dropped > 0)
		log_warning("the capture lost %llu packets: journeys may have holes", (unsigned long long)t->dropped);
	if (t->damage[0] == '\0')
		return status;
	log_error("%s; what came before is shown", t->damage);
	return CLI_FAILED;
}

/* Which of several traces this is. */
static void tell_choice(const struct found *found)
{
	if (found->others > 0)
		log_info("%s%s; %zu more in %s/*", found->path, found->failed ? " (failed)" : "", found->others,
		         found->folder);
}

static int check_names(const struct trace_view *v)
{
	char error[TRACE_ERROR_SIZE];

	if (select_check_names(&v->options->selection, &v->trace->scene, error) == 0)
		return CLI_OK;
	log_error("%s", error);
	return CLI_USAGE;
}

/* The names are known before where there is a record, else after. */
static int show_selected(struct trace_view *v)
{
	int status = v->trace->has_record ? check_names(v) : CLI_OK;

	if (status == CLI_OK)
		status = show(v);
	return status == CLI_OK && !v->trace->has_record ? check_names(v) : status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	static struct trace_view v; /* too large for a stack */
	static struct trace_options o;
	char error[TRACE_ERROR_SIZE];
	int status = trace_options_parse(&o, self, argc, argv);

	memset(&v, 0, sizeof v);
	v.options = &o;
	if (status == CLI_OK) {
		tell_choice(&o.found);
		v.trace = o.capture_count > 0
		              ? trace_open_captures(o.captures, o.capture_count, o.names, o.name_count, error)
		              : trace_open(o.found.path, error);
		if (v.trace == NULL)
			log_error("%s", error);
		status = v.trace != NULL ? tell_flaws(v.trace, show_selected(&v)) : CLI_USAGE;
	}
	spoken_free(&v.spoken);
	why_free(v.why);
	trace_free(v.trace);
	select_free(&o.selection);
	return options_finish(status);
}

const struct cli_command cli_trace = {
	.name = "trace",
	.arguments = "[OPTIONS] [[SIDE=]FILE...] [FILTER EXPRESSION | A B]",
	.summary = "what happened to every packet, and why",
	.about = "Without a file it shows the latest run's trace, with --name that of a world that stands. FILTER "
		 "EXPRESSION is a pcap filter (pcap-filter(7)); "
		 "it stands "
		 "for the whole way of every packet that fits it anywhere. A and B are the hosts --why is asked about. "
		 "Several captures are one trace: \"router lan=lan.pcap\" \"router wan=wan.pcap\" alice=alice.pcap.",
	.options = trace_option_table,
	.run = run,
};
