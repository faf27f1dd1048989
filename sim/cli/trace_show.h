/* The ways `punchlab trace` shows a trace: each returns the exit status. */
#ifndef TRACE_SHOW_H
#define TRACE_SHOW_H

#include "cli/trace_options.h"
#include "trace/ladder.h"
#include "trace/spoken.h"
#include "trace/why.h"

/* What a run through the trace carries along. */
struct trace_view {
	const struct trace_options *options;
	struct trace *trace;
	struct why *why;
	struct ladder ladder;
	bool used[SCENE_NODES]; /* nodes that the wanted journeys were seen at */
	size_t what_width;      /* of the longest label */
	uint64_t shown;
	uint64_t fates[FATES]; /* of the wanted journeys */
	size_t step;           /* of the record, the next to show */
	struct spoken spoken;  /* with --programs */
	size_t line;           /* of it, the next to show */
};

int trace_show_ladder(struct trace_view *v);
int trace_show_json(struct trace_view *v);
int trace_show_mappings(struct trace_view *v);
int trace_show_why(struct trace_view *v);
int trace_show_pcapng(struct trace_view *v);
int trace_show_html(struct trace_view *v);
int trace_show_audit(struct trace_view *v);

#endif
