#include "trace/select.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINK_TYPES 8 /* a filter is compiled for each link type anew */
#define SNAP_LENGTH 262144

struct select_filter {
	char *text;
	struct {
		uint16_t link_type;
		bool usable; /* the expression means something on that link */
		struct bpf_program program;
	} compiled[LINK_TYPES];
	size_t count;
};

static int read_end(struct select_end *out, const char *text, size_t len, char error[SELECT_ERROR_SIZE])
{
	char word[SCENE_NAME_SIZE + 8];
	char *colon;

	*out = (struct select_end){ .port = 0 };
	if (len >= sizeof word) {
		snprintf(error, SELECT_ERROR_SIZE, "'%.*s': too long for a name or an address", 40, text);
		return -1;
	}
	memcpy(word, text, len);
	word[len] = '\0';
	if (endpoint_parse(word, &out->endpoint) == 0) {
		out->port = out->endpoint.port;
		return 0;
	}
	if (endpoint_parse_address(word, 0, &out->endpoint) == 0)
		return 0;
	colon = strrchr(word, ':');
	if (colon != NULL && endpoint_parse_port(colon + 1, &out->port) != 0) {
		snprintf(error, SELECT_ERROR_SIZE, "'%s': a port is 1 to 65535", word);
		return -1;
	}
	if (colon != NULL)
		*colon = '\0';
	snprintf(out->name, sizeof out->name, "%.*s", (int)sizeof out->name - 1, word);
	return 0;
}

int select_flow(struct selection *out, const char *text, char error[SELECT_ERROR_SIZE])
{
	const char *comma = strchr(text, ',');
	size_t len = comma != NULL ? (size_t)(comma - text) : strlen(text);

	if (text[0] == '\0') {
		snprintf(error, SELECT_ERROR_SIZE,
		         "a flow is a name or an address, with a port or without, or two with a comma");
		return -1;
	}
	out->has_flow = true;
	out->flow_both_ends = comma != NULL;
	if (read_end(&out->flow[0], text, len, error) != 0)
		return -1;
	return comma != NULL ? read_end(&out->flow[1], comma + 1, strlen(comma + 1), error) : 0;
}

int select_time(const char *text, uint64_t *ns, char error[SELECT_ERROR_SIZE])
{
	char *end;
	double value = strtod(text, &end);
	double unit = strcmp(end, "") == 0 || strcmp(end, "s") == 0 ? 1e9
	              : strcmp(end, "ms") == 0                      ? 1e6
	              : strcmp(end, "us") == 0                      ? 1e3
	                                                            : 0;

	if (end == text || unit <= 0 || !(value >= 0) || value * unit >= 1e18) {
		snprintf(error, SELECT_ERROR_SIZE,
		         "'%.40s' is no time: seconds since the start, or with a unit: 1.5, 200ms", text);
		return -1;
	}
	*ns = (uint64_t)(value * unit);
	return 0;
}

/* The compiled expression for a link type, or NULL if it means nothing there. */
static struct bpf_program *program_for(struct select_filter *f, uint16_t link_type)
{
	size_t i;
	pcap_t *dead;

	for (i = 0; i < f->count; i++)
		if (f->compiled[i].link_type == link_type)
			return f->compiled[i].usable ? &f->compiled[i].program : NULL;
	if (f->count == LINK_TYPES)
		return NULL;
	dead = pcap_open_dead(link_type, SNAP_LENGTH);
	f->compiled[i].link_type = link_type;
	f->compiled[i].usable =
	    dead != NULL && pcap_compile(dead, &f->compiled[i].program, f->text, 1, PCAP_NETMASK_UNKNOWN) == 0;
	f->count++;
	if (dead != NULL)
		pcap_close(dead);
	return f->compiled[i].usable ? &f->compiled[i].program : NULL;
}

int select_filter(struct selection *out, const char *text, char error[SELECT_ERROR_SIZE])
{
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, SNAP_LENGTH);
	struct bpf_program program;

	if (dead == NULL || pcap_compile(dead, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		snprintf(error, SELECT_ERROR_SIZE, "'%.80s' is neither a file nor a pcap filter expression: %.100s",
		         text, dead != NULL ? pcap_geterr(dead) : "out of memory");
		if (dead != NULL)
			pcap_close(dead);
		return -1;
	}
	pcap_freecode(&program);
	pcap_close(dead);
	out->filter = calloc(1, sizeof *out->filter);
	if (out->filter == NULL || (out->filter->text = strdup(text)) == NULL) {
		snprintf(error, SELECT_ERROR_SIZE, "out of memory");
		return -1;
	}
	return 0;
}

void select_free(struct selection *s)
{
	if (s->filter == NULL)
		return;
	for (size_t i = 0; i < s->filter->count; i++)
		if (s->filter->compiled[i].usable)
			pcap_freecode(&s->filter->compiled[i].program);
	free(s->filter->text);
	free(s->filter);
	s->filter = NULL;
}

void select_packet(const struct selection *s, uint16_t link_type, const struct pcapng_packet *raw, struct journey *j)
{
	struct bpf_program *program = s->filter != NULL && !j->marked ? program_for(s->filter, link_type) : NULL;
	struct pcap_pkthdr head = { .caplen = raw->captured, .len = raw->length };

	if (program != NULL && pcap_offline_filter(program, &head, raw->bytes) != 0)
		j->marked = true;
}

static bool end_is_named(const struct select_end *end, const struct scene *s, const struct endpoint *e)
{
	int owner = scene_owner(s, e);

	return owner >= 0 && strcmp(s->nodes[owner].name, end->name) == 0;
}

static bool end_fits(const struct select_end *end, const struct scene *s, const struct endpoint *e)
{
	if (end->port != 0 && end->port != e->port)
		return false;
	if (end->endpoint.address.family != ADDRESS_NONE && !endpoint_same_address(&end->endpoint, e))
		return false;
	return end->name[0] == '\0' || end_is_named(end, s, e);
}

/* A name behind a NAT is met on the inside alone: what was lost before is that host's if it was meant for it. */
static bool is_meant_for(const struct select_end *end, const struct scene *s, const struct journey *j, int target)
{
	return target >= 0 && end->name[0] != '\0' && strcmp(s->nodes[target].name, end->name) == 0 &&
	       (end->port == 0 || end->port == journey_first(j)->dst.port);
}

/* Each end may fit on another leg. */
static bool flow_fits(const struct selection *sel, const struct scene *s, const struct journey *j, int target)
{
	bool src[2] = { false };
	bool dst[2] = { is_meant_for(&sel->flow[0], s, j, target), is_meant_for(&sel->flow[1], s, j, target) };

	for (unsigned i = 0; i < j->leg_count; i++)
		for (unsigned e = 0; e < 2; e++) {
			src[e] |= end_fits(&sel->flow[e], s, &j->legs[i].src);
			dst[e] |= end_fits(&sel->flow[e], s, &j->legs[i].dst);
		}
	if (!sel->flow_both_ends)
		return src[0] || dst[0];
	return (src[0] && dst[1]) || (src[1] && dst[0]);
}

static bool host_fits(const char *host, const struct scene *s, const struct journey *j)
{
	struct endpoint address;
	bool is_address = endpoint_parse_address(host, 0, &address) == 0;
	int node = scene_find(s, host);

	for (unsigned i = 0; i < j->leg_count; i++) {
		const struct leg *l = &j->legs[i];

		if (is_address &&
		    (endpoint_same_address(&address, &l->src) || endpoint_same_address(&address, &l->dst)))
			return true;
		if (node >= 0 && s->interfaces[l->interface].node == node)
			return true;
	}
	return false;
}

bool select_journey(const struct selection *s, const struct trace *t, const struct journey *j, int target)
{
	if (s->filter != NULL && !j->marked)
		return false;
	if (s->has_from && journey_last(j)->time_ns < t->start_ns + s->from_ns)
		return false;
	if (s->has_to && journey_first(j)->time_ns > t->start_ns + s->to_ns)
		return false;
	if (s->host != NULL && !host_fits(s->host, &t->scene, j))
		return false;
	return !s->has_flow || flow_fits(s, &t->scene, j, target);
}

static bool is_known(const char *name, const struct scene *scene)
{
	struct endpoint address;

	return name == NULL || name[0] == '\0' || scene_find(scene, name) >= 0 ||
	       endpoint_parse_address(name, 0, &address) == 0;
}

int select_check_names(const struct selection *s, const struct scene *scene, char error[TRACE_ERROR_SIZE])
{
	const char *const names[] = { s->host, s->flow[0].name, s->flow[1].name };
	size_t i = 0, len;

	while (i < sizeof names / sizeof names[0] && is_known(names[i], scene))
		i++;
	if (i == sizeof names / sizeof names[0])
		return 0;
	len = (size_t)snprintf(error, TRACE_ERROR_SIZE, "no host or box '%.40s' in this trace; there are", names[i]);
	for (size_t n = 0; n < scene->node_count && len < TRACE_ERROR_SIZE; n++)
		len += (size_t)snprintf(error + len, TRACE_ERROR_SIZE - len, " %s", scene->nodes[n].name);
	return -1;
}
