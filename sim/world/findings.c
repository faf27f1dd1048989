#include "world/findings.h"

struct finding *findings_add(struct findings *f, const char *name)
{
	struct finding *one = &f->all[f->count < FINDINGS_MAX ? f->count++ : FINDINGS_MAX - 1];

	*one = (struct finding){ .name = name, .is_ok = true, .is_needed = true };
	return one;
}

void finding_missing(struct finding *f, const char *detail, const char *fix)
{
	f->is_ok = false;
	snprintf(f->detail, sizeof f->detail, "%s", detail);
	snprintf(f->fix, sizeof f->fix, "%s", fix);
}

const struct finding *findings_first_missing(const struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (!f->all[i].is_ok && f->all[i].is_needed)
			return &f->all[i];
	return NULL;
}

const char *finding_reason(const struct finding *f, char text[FINDING_REASON_SIZE])
{
	snprintf(text, FINDING_REASON_SIZE, "%s: %s; to mend it: %s", f->name, f->detail, f->fix);
	return text;
}

void findings_print(const struct findings *f, FILE *out)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *one = &f->all[i];

		if (one->is_ok)
			fprintf(out, "ok       %-34s %s\n", one->name, one->detail);
		else
			fprintf(out, "%-8s %-34s %s\n         %-34s fix: %s\n", one->is_needed ? "MISSING" : "missing",
			        one->name, one->detail, "", one->fix);
	}
}
