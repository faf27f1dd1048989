#include "lab/lab_why.h"

#include "trace/explain.h"
#include "trace/explain_json.h"

_Static_assert(TRACE_ERROR_SIZE <= LAB_ERROR_SIZE, "an error of the trace fits a lab's");

static json_t *find_verdict(const struct why *w, const char *a, const char *b, int protocol, char error[LAB_ERROR_SIZE])
{
	int from = explain_host(w, a, error), to = from >= 0 ? explain_host(w, b, error) : -1;
	uint8_t protocols[VERDICT_PROTOCOLS] = { PACKET_UDP };
	struct pair_verdict v;
	unsigned count, i = 0;

	if (from < 0 || to < 0)
		return NULL;
	count = verdict_protocols(w, from, to, protocols);
	while (protocol >= 0 && i < count && protocols[i] != protocol)
		i++;
	verdict_of_pair(w, from, to, i < count || i == 0 ? protocols[i] : 0, &v);
	return explain_to_json(w, &v);
}

json_t *lab_why(struct lab *l, int a, int b, int protocol, char error[LAB_ERROR_SIZE])
{
	const struct node *nodes = lab_topology(l)->nodes;
	json_t *verdict = NULL;
	struct trace *t;
	struct why *w;

	if (lab_flush(l, error) != 0)
		return NULL;
	t = trace_open(lab_folder(l), error);
	w = t != NULL ? why_read(t, NULL, error) : NULL;
	if (w != NULL)
		verdict = find_verdict(w, nodes[a].name, nodes[b].name, protocol, error);
	why_free(w);
	trace_free(t);
	return verdict;
}
