#include "session/session_nodes.h"

#include "base/text.h"
#include "io/log.h"
#include "lab/lab_dns.h"
#include "lab/lab_given.h"
#include "lab/lab_link.h"
#include "model/topology_ipv6.h"
#include "result/outcome.h"
#include "script/script.h"

#include <stdio.h>
#include <string.h>

static const char *const host_names[SESSION_HOSTS_MAX + 1] = {
	"alice", "bob",  "carol", "dave",   "erin",  "frank",  "grace", "heidi", "ivan",
	"judy",  "mike", "niaj",  "olivia", "peggy", "rupert", "sybil", "trent",
};

static int refuse(const char *error)
{
	log_error("%s", error);
	return -1;
}

static const char *all_names(const struct topology *t, char text[LAB_ERROR_SIZE])
{
	struct text out = text_in(text, LAB_ERROR_SIZE);

	for (size_t i = 0; i < t->count; i++)
		text_add(&out, "%s%s", i > 0 ? ", " : "", t->nodes[i].name);
	return text;
}

/* "alice:lte" is what alice's cable is like, "nat-a:lte" that of her box. */
static int set_link(struct lab *lab, const char *text)
{
	const char *weather = strchr(text, ':') + 1;
	char name[TOPOLOGY_NAME_SIZE], error[LAB_ERROR_SIZE] = "";
	int node;

	snprintf(name, sizeof name, "%.*s", (int)(weather - 1 - text), text);
	node = topology_find(lab_topology(lab), name);
	if (node < 0)
		log_error("--link %s: there is no %s; there are %s", text, name, all_names(lab_topology(lab), error));
	else if (lab_link_set(lab, (struct cable_link){ node, 0 }, weather, error) != 0)
		log_error("--link %s: %s", text, error);
	else
		return 0;
	return -1;
}

int session_nodes_add(struct lab *lab, const struct session_options *o)
{
	char error[LAB_ERROR_SIZE] = "";

	/* Two addresses: RFC 5780 needs them. */
	if (lab_add_host(lab, "server", TOPOLOGY_INTERNET, 2, error) < 0)
		return refuse(error);
	for (size_t i = 0; i < o->count; i++) {
		int box = lab_add_box_for(lab, host_names[i], o->specs[i], NULL, error);

		if (box < TOPOLOGY_INTERNET || lab_add_host(lab, host_names[i], box, 1, error) < 0)
			return refuse(error);
	}
	if (o->has_peer && lab_add_host(lab, host_names[o->count], TOPOLOGY_INTERNET, 1, error) < 0)
		return refuse(error);
	for (size_t i = 0; i < o->host_count; i++)
		if (lab_tell_host(lab, o->hosts[i], error) < 0)
			return refuse(error);
	if (o->has_dns && lab_dns_ask(lab, 0, NULL, error) != 0)
		return refuse(error);
	for (size_t i = 0; i < o->record_count; i++)
		if (lab_dns_add(lab, o->records[i], error) != 0)
			return refuse(error);
	for (size_t i = 0; i < o->link_count; i++)
		if (set_link(lab, o->links[i]) != 0)
			return -1;
	return topology_check_ipv6(lab_topology(lab), error) == 0 ? 0 : refuse(error);
}

bool session_nodes_can_be(const struct session_options *o)
{
	const struct lab_settings settings = { .deadline_ms = UINT64_MAX,
		                               .addresses = o->addresses,
		                               .families = o->families };
	struct lab *lab = lab_new(&settings);
	char error[LAB_ERROR_SIZE];
	struct lab_left left;
	bool can_be = lab != NULL && (o->scenario != NULL || session_nodes_add(lab, o) == 0);

	return lab != NULL && lab_end(lab, &left, error) == 0 && can_be;
}

const char *session_first_host(void)
{
	return host_names[0];
}

void session_nodes_run(struct lab *lab, const struct session_options *o)
{
	unsigned limit_s = o->scenario->timeout_s != 0 ? o->scenario->timeout_s : SESSION_SCENARIO_S;
	struct outcome out = { 0 };

	script_run(o->scenario, lab, limit_s, &out);
	log_info("scenario \"%s\" %s%s%s%s%s", o->scenario->name, outcome_name(out.result),
	         out.message != NULL ? ": " : "", out.message != NULL ? out.message : "", out.at != NULL ? "; " : "",
	         out.at != NULL ? out.at : "");
	outcome_clear(&out);
}

/* Returns the program; NULL (logged) where there is no such host, or it cannot be started. */
static const struct process *start(struct lab *lab, const char *program)
{
	const char *command = strchr(program, '=') + 1;
	const char *argv[] = { "sh", "-c", command, NULL };
	struct process_options options = { .argv = argv };
	char host[TOPOLOGY_NAME_SIZE], error[LAB_ERROR_SIZE] = "";
	const struct process *started = NULL;
	int node;

	snprintf(host, sizeof host, "%.*s", (int)(command - 1 - program), program);
	node = topology_find(lab_topology(lab), host);
	if (node < 0)
		log_error("--on %s: there is no host or box named %s", program, host);
	else if ((started = lab_run(lab, node, &options, error)) == NULL)
		log_error("--on %s: %s", program, error);
	return started;
}

int session_nodes_start(struct lab *lab, const struct session_options *o,
                        const struct process *started[SESSION_PROGRAMS_MAX])
{
	for (size_t i = 0; i < o->program_count; i++)
		if ((started[i] = start(lab, o->programs[i])) == NULL)
			return -1;
	return 0;
}
