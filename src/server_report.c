#include "server_report.h"

#include <stdarg.h>
#include <stdio.h>

#define SECOND_US UINT64_C(1000000)
#define FLOOD_A_SECOND 1000u
#define FLOOD_TOLD_US (10 * SECOND_US)

#define DROPS_TEXT_SIZE 512

/* Text that grows, and is cut where there is no more room. */
struct page {
	char *text;
	size_t len, room;
};

static void __attribute__((format(printf, 2, 3))) add(struct page *p, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(p->text + p->len, p->room - p->len, format, args);
	va_end(args);
	if (len > 0)
		p->len += (size_t)len < p->room - p->len ? (size_t)len : p->room - p->len - 1;
}

/* ": 5 bad magic, 2 late"; nothing if nothing was dropped since `before`. */
static const char *drops_text(const struct drops *now, const struct drops *before, char text[DROPS_TEXT_SIZE])
{
	struct page p = { text, 0, DROPS_TEXT_SIZE };

	text[0] = '\0';
	for (unsigned i = 0; i < DROPS; i++)
		if (now->count[i] > before->count[i])
			add(&p, "%s %llu %s", p.len > 0 ? "," : ":",
			    (unsigned long long)(now->count[i] - before->count[i]), drop_name(i));
	return text;
}

static uint64_t untold(const struct notices *n)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < NOTICES_REASONS; i++)
		total += n->untold[i];
	return total;
}

/* ": 5 over the rate, 2 no room"; nothing if all was told. */
static const char *untold_text(const struct notices *n, char text[DROPS_TEXT_SIZE])
{
	struct page p = { text, 0, DROPS_TEXT_SIZE };

	text[0] = '\0';
	for (unsigned i = 0; i < NOTICES_REASONS; i++)
		if (n->untold[i] > 0)
			add(&p, "%s %llu %s", p.len > 0 ? "," : ":", (unsigned long long)n->untold[i],
			    notices_untold_name(i));
	return text;
}

static uint64_t stun_dropped(const struct stun_service *s)
{
	return s->counts.malformed + s->counts.ignored + s->counts.limited;
}

void server_report(const struct server_counts *c, enum log_level level)
{
	static const struct drops none;
	const struct rendezvous *r = c->rendezvous;
	const struct stun_service_counts *stun = &c->stun->counts;
	char text[DROPS_TEXT_SIZE];

	log_line(level, "%llu datagrams received, %llu dropped%s; %u logged in", (unsigned long long)r->received,
	         (unsigned long long)drops_total(&r->drops), drops_text(&r->drops, &none, text),
	         roster_count(&r->roster));
	log_line(level, "of who comes and goes: %llu told, %llu not%s", (unsigned long long)r->notices.told,
	         (unsigned long long)untold(&r->notices), untold_text(&r->notices, text));
	log_line(level, "stun: %llu answered, %llu refused; dropped: %llu malformed, %llu no request, %llu too many",
	         (unsigned long long)stun->answered, (unsigned long long)stun->refused,
	         (unsigned long long)stun->malformed, (unsigned long long)stun->ignored,
	         (unsigned long long)stun->limited);
}

bool server_flood_watch_is_due(const struct flood_watch *w, uint64_t now_us)
{
	return w->since_us == 0 || now_us - w->since_us >= (w->is_told ? FLOOD_TOLD_US : SECOND_US);
}

void server_watch_for_floods(struct flood_watch *w, const struct server_counts *c, uint64_t now_us)
{
	const struct drops *drops = &c->rendezvous->drops;
	uint64_t stun = stun_dropped(c->stun), passed_us = now_us - w->since_us;
	uint64_t overruns = c->overruns - w->overruns, unsaid = untold(&c->rendezvous->notices);
	uint64_t dropped = drops_total(drops) - drops_total(&w->drops) + stun - w->stun + overruns;
	char text[DROPS_TEXT_SIZE];

	w->is_told = w->since_us != 0 && dropped / FLOOD_A_SECOND >= passed_us / SECOND_US && dropped > 0;
	if (w->is_told)
		log_warning("dropped %llu datagrams in %.1f s%s; %llu of STUN; %llu that came too fast; "
		            "not told: %llu who came or went",
		            (unsigned long long)dropped, (double)passed_us / (double)SECOND_US,
		            drops_text(drops, &w->drops, text), (unsigned long long)(stun - w->stun),
		            (unsigned long long)overruns, (unsigned long long)(unsaid - w->untold));
	w->drops = *drops;
	w->untold = unsaid;
	w->stun = stun;
	w->overruns = c->overruns;
	w->since_us = now_us;
}

static void add_metric(struct page *p, const char *name, const char *type, const char *help)
{
	add(p, "# HELP p2pchat_%s %s\n# TYPE p2pchat_%s %s\n", name, help, name, type);
}

static void add_value(struct page *p, const char *name, const char *type, const char *help, uint64_t value)
{
	add_metric(p, name, type, help);
	add(p, "p2pchat_%s %llu\n", name, (unsigned long long)value);
}

static void add_reason(struct page *p, const char *name, const char *reason, uint64_t value)
{
	add(p, "p2pchat_%s{reason=\"%s\"} %llu\n", name, reason, (unsigned long long)value);
}

size_t server_metrics(const struct server_counts *c, char *text, size_t room)
{
	const struct rendezvous *r = c->rendezvous;
	const struct stun_service_counts *stun = &c->stun->counts;
	struct page p = { text, 0, room };

	add_value(&p, "peers", "gauge", "Peers that are logged in.", roster_count(&r->roster));
	add_value(&p, "places", "gauge", "How many can be.", r->roster.max_peers);
	add_value(&p, "logins_total", "counter", "Logins.", r->logins);
	add_value(&p, "introductions_total", "counter", "Introductions, repeated ones too.", r->introductions);
	add_value(&p, "relayed_total", "counter", "Datagrams passed on between peers.", r->relayed);
	add_value(&p, "received_total", "counter", "Datagrams received, but for STUN.", r->received);
	add_value(&p, "unsent_total", "counter", "Datagrams the kernel did not take.", c->unsent);
	add_value(&p, "overruns_total", "counter", "Datagrams that came faster than they could be taken, STUN's too.",
	          c->overruns);
	add_metric(&p, "dropped_total", "counter", "Datagrams dropped, but for STUN.");
	for (unsigned i = WIRE_OK + 1; i < DROPS; i++)
		add_reason(&p, "dropped_total", drop_name(i), r->drops.count[i]);
	add_value(&p, "notices_total", "counter", "Logins and logouts that the others were told of.", r->notices.told);
	add_metric(&p, "notices_untold_total", "counter", "Logins and logouts that they were not told of.");
	for (unsigned i = 0; i < NOTICES_REASONS; i++)
		add_reason(&p, "notices_untold_total", notices_untold_name(i), r->notices.untold[i]);
	add_value(&p, "stun_answered_total", "counter", "STUN requests answered.", stun->answered);
	add_value(&p, "stun_refused_total", "counter", "STUN requests answered by an error.", stun->refused);
	add_metric(&p, "stun_dropped_total", "counter", "STUN messages dropped.");
	add_reason(&p, "stun_dropped_total", "malformed", stun->malformed);
	add_reason(&p, "stun_dropped_total", "no request", stun->ignored);
	add_reason(&p, "stun_dropped_total", "too many", stun->limited);
	return p.len;
}
