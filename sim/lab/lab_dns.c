#include "lab/lab_dns.h"

#include "io/clock.h"
#include "lab/lab_fail.h"
#include "lab/lab_wait.h"
#include "model/topology_ipv6.h"
#include "model/topology_names.h"
#include "model/weather.h"
#include "world/mounts.h"
#include "world/program_path.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "dnsmasq"
#define START_MS 60000
#define FORWARDER_PORT "1023" /* that it asks from: below all that a box maps to */

/* What both kinds are: no settings of the machine's, no user of its own, what it says on standard error. */
#define COMMON                                                                                                         \
	PROGRAM, "--no-daemon", "--user=root", "--no-resolv", "--no-poll", "--pid-file=", "--bind-interfaces",         \
	    "--port=53"

const char *lab_dns_missing(void)
{
	char path[PATH_MAX];

	return program_path_find(PROGRAM, path, sizeof path) == 0
	           ? NULL
	           : "a name server needs dnsmasq, which is not installed: sudo apt-get install -y "
	             "--no-install-recommends dnsmasq-base";
}

/* --- on paper -------------------------------------------------------------------------------- */

int lab_dns_ask(struct lab *l, unsigned ttl_s, const char *delay, char error[LAB_ERROR_SIZE])
{
	struct topology *t = lab_paper(l);
	struct weather w = { 0 };
	char weather[80];
	int host;

	if (t == NULL || t->has_dns) {
		snprintf(error, LAB_ERROR_SIZE, "%s",
		         t == NULL ? "the world stands already: a name server is asked for before the first use"
		                   : "there is a name server already");
		return -1;
	}
	snprintf(weather, sizeof weather, "delay=%.60s", delay != NULL ? delay : "0ms");
	if (strchr(weather, ',') != NULL)
		snprintf(error, LAB_ERROR_SIZE, "'%.70s': a name server is late, and nothing else", weather);
	if (strchr(weather, ',') != NULL || weather_parse(weather, &w, error) != 0)
		return -1;
	w.ways[WEATHER_DOWN].delay_us = 0; /* only its answers are */
	host = lab_add_host(l, LAB_DNS_HOST, TOPOLOGY_INTERNET, 1, error);
	if (host < 0)
		return -1;
	topology_set_weather(t, host, 0, &w);
	t->has_dns = true;
	t->dns = host;
	lab_dns_of(l)->ttl_s = ttl_s;
	return 0;
}

int lab_dns_add(struct lab *l, const char *record, char error[LAB_ERROR_SIZE])
{
	struct lab_dns *d = lab_dns_of(l);

	if (d->count == LAB_DNS_RECORDS) {
		snprintf(error, LAB_ERROR_SIZE, "a name server has at most %d records", LAB_DNS_RECORDS);
		return -1;
	}
	if (dns_record_read(record, d->records[d->count], error, LAB_ERROR_SIZE) != 0)
		return -1;
	d->count++;
	return 0;
}

/* --- in the world ---------------------------------------------------------------------------- */

/* Where each node asks. What translates nothing forwards nothing. */
static int write_resolvers(const struct topology *t, char error[LAB_ERROR_SIZE])
{
	for (int i = 0; i < (int)t->count; i++) {
		struct address server = topology_name_server(t, i);
		char address[ADDRESS_TEXT_SIZE], text[ADDRESS_TEXT_SIZE + 16];

		snprintf(text, sizeof text, "nameserver %s\n", address_format(&server, address));
		if (mounts_write_own(t->nodes[i].name, MOUNTS_RESOLVER, text) != 0)
			return lab_fail(error, "resolv.conf cannot be written", strerror(errno));
	}
	return 0;
}

static bool has_started(void *unused, const char *line)
{
	(void)unused;
	return strstr(line, "started, version") != NULL;
}

static struct process *run(struct lab *l, int node, const char *const *argv, char error[LAB_ERROR_SIZE])
{
	const struct process_options options = { .argv = argv };
	struct process *p = lab_run(l, node, &options, error);
	char words[LAB_WORDS_SIZE];
	enum lab_waited how;

	if (p == NULL)
		return NULL;
	how = lab_wait_line(l, p, has_started, NULL, clock_now_ms() + START_MS);
	if (how == LAB_CAME)
		return p;
	lab_fail(error, "the name server does not start", lab_last_line(p, words));
	return NULL;
}

/* Its records, in a file of the scenario's folder: evidence, too. Names are those of the world's /etc/hosts. */
static int write_records(const struct lab_dns *d, const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return -1;
	fprintf(f, "local-ttl=%u\naddress=/#/\n", d->ttl_s);
	for (size_t i = 0; i < d->count; i++)
		fprintf(f, "%s\n", d->records[i]);
	return fclose(f);
}

static int start_server(struct lab *l, char error[LAB_ERROR_SIZE])
{
	const struct topology *t = lab_topology(l);
	char records[PATH_MAX], address[ADDRESS_TEXT_SIZE], conf[PATH_MAX + 16], listen[ADDRESS_TEXT_SIZE + 24];
	const char *const argv[] = { COMMON, listen, conf, NULL };

	snprintf(records, sizeof records, "%s/dns.conf", lab_folder(l));
	snprintf(conf, sizeof conf, "--conf-file=%s", records);
	snprintf(listen, sizeof listen, "--listen-address=%s",
	         address_format(&t->nodes[t->dns].links[0].addresses[0], address));
	if (write_records(lab_dns_of(l), records) != 0)
		return lab_fail(error, records, strerror(errno));
	lab_dns_of(l)->server = run(l, t->dns, argv, error);
	return lab_dns_of(l)->server != NULL ? 0 : -1;
}

/* What a box answers itself whose hosts reach IPv4 by it; `option` says so to its program. */
static int write_dns64(struct lab *l, int box, char *option, size_t size)
{
	static const char word[] = "--addn-hosts=";
	static char text[TOPOLOGY_DNS64_SIZE];
	const struct topology *t = lab_topology(l);
	FILE *f;

	topology_dns64_file(t, box, text);
	snprintf(option, size, "%s%s/dns64-%s.hosts", word, lab_folder(l), t->nodes[box].name);
	f = fopen(option + strlen(word), "w");
	if (f == NULL)
		return -1;
	fputs(text, f);
	return fclose(f);
}

static int start_forwarder(struct lab *l, int box, char error[LAB_ERROR_SIZE])
{
	const struct topology *t = lab_topology(l);
	struct address lan =
	    topology_is_nat64(t, box) ? topology_ipv6_lan_address(t, box) : topology_lan_address(t, box);
	struct address next = topology_name_server(t, box);
	char address[ADDRESS_TEXT_SIZE], listen[ADDRESS_TEXT_SIZE + 24], server[ADDRESS_TEXT_SIZE + 16];
	bool is_dns64 = topology_is_nat64(t, box);
	struct process *forwarder;
	char hosts[PATH_MAX + 16];
	const char *const argv[] = {
		COMMON, "--conf-file=/dev/null", "--no-hosts", ("--query-port=" FORWARDER_PORT), listen,
		server, is_dns64 ? hosts : NULL, NULL
	};

	if (is_dns64 && write_dns64(l, box, hosts, sizeof hosts) != 0)
		return lab_fail(error, "the names of DNS64", strerror(errno));
	snprintf(listen, sizeof listen, "--listen-address=%s", address_format(&lan, address));
	snprintf(server, sizeof server, "--server=%s", address_format(&next, address));
	forwarder = run(l, box, argv, error);
	if (is_dns64)
		lab_dns_of(l)->dns64[box] = forwarder;
	return forwarder != NULL ? 0 : -1;
}

int lab_dns_start(struct lab *l, char error[LAB_ERROR_SIZE])
{
	const struct topology *t = lab_topology(l);

	if (!t->has_dns)
		return 0;
	if (write_resolvers(t, error) != 0 || start_server(l, error) != 0)
		return -1;
	for (int i = 0; i < (int)t->count; i++)
		if (topology_forwards_names(t, i) && start_forwarder(l, i, error) != 0)
			return -1;
	return 0;
}

/* What is made up of IPv4 addresses goes with them. */
static int follow_dns64(struct lab *l, char error[LAB_ERROR_SIZE])
{
	const struct lab_dns *d = lab_dns_of(l);
	char unused[PATH_MAX + 16];

	for (int i = 0; i < TOPOLOGY_NODES; i++) {
		if (d->dns64[i] == NULL)
			continue;
		if (write_dns64(l, i, unused, sizeof unused) != 0)
			return lab_fail(error, "the names of DNS64", strerror(errno));
		if (process_signal(d->dns64[i], SIGHUP) != 0)
			return lab_fail(error, "a box's name server is gone", strerror(errno));
	}
	return 0;
}

/* They read their names anew; who has another lan asks there. */
int lab_dns_follow(struct lab *l, char error[LAB_ERROR_SIZE])
{
	if (!lab_topology(l)->has_dns || lab_dns_of(l)->server == NULL)
		return 0;
	if (process_signal(lab_dns_of(l)->server, SIGHUP) != 0)
		return lab_fail(error, "the name server is gone", strerror(errno));
	return follow_dns64(l, error) == 0 ? write_resolvers(lab_topology(l), error) : -1;
}
