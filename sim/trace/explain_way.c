#include "trace/explain_way.h"

#include "trace/explain_asked.h"

#include <stdio.h>

void explain_admission(FILE *f, const struct why *w, const struct direction *d)
{
	const struct admission *a = d->opened_by != NULL ? &d->opened_by->admitted : NULL;
	const struct mapping *in = a != NULL && a->kind != ADMISSION_NONE ? &w->mappings.list[a->let_in] : NULL;
	char text[SCENE_ENDPOINT_SIZE];
	const char *owner, *box;

	/* What was asked for says itself why it is open. */
	if (in == NULL || explain_asked_opened(w, d) != NULL)
		return;
	box = scene_name(w->scene, a->box);
	owner = scene_name(w->scene, scene_owner_at(w->scene, a->box, &in->inside));
	fprintf(f, " %s let %s's first in ", box, scene_name(w->scene, d->from));
	if (a->kind == ADMISSION_RULE)
		fprintf(f, "because a rule says so (a port forward): %s had sent nothing from %s.", owner,
		        scene_format(w->scene, &in->external, text));
	else if (a->kind == ADMISSION_ADDRESS)
		fprintf(f, "because %s had sent to %s, another port of that address.", owner,
		        scene_format(w->scene, &w->mappings.list[a->opened].remote, text));
	else
		fprintf(f, "though %s had sent to others only, to %s for one.", owner,
		        scene_format(w->scene, &w->mappings.list[a->opened].remote, text));
}

void explain_rule(FILE *f, const struct why *w, const struct direction *d)
{
	if (d->opened_by->admitted.kind == ADMISSION_RULE)
		explain_admission(f, w, d);
}

void explain_relay(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	if (v->relay < 0)
		return;
	fprintf(f, "They talk through %s%s: it passed %llu of %s's packets on to %s, and %llu of %s's to %s.\n",
	        scene_name(w->scene, v->relay), v->outcome == PAIR_OPEN ? ", too" : "",
	        (unsigned long long)relays_count(&w->relays, v->a, v->relay, v->b), scene_name(w->scene, v->a),
	        scene_name(w->scene, v->b), (unsigned long long)relays_count(&w->relays, v->b, v->relay, v->a),
	        scene_name(w->scene, v->b), scene_name(w->scene, v->a));
}
