/* A cause in a few words: the words of the short forms, and cause_format(). */
#include "trace/cause.h"

#include "trace/manners.h"

#include <stdio.h>
#include <string.h>

int cause_inside_owner(const struct scene *s, const struct cause *c)
{
	int owner = address_scope(&c->dst.address) == ADDRESS_PRIVATE ? scene_owner(s, &c->dst) : -1;

	return owner >= 0 && (s->nodes[owner].kind == NODE_BOX || s->nodes[owner].behind >= 0) ? owner : -1;
}

static bool say_name(FILE *f, const struct cause_tale *t, int node)
{
	if (f != NULL)
		fputs(node >= 0 ? t->stage->nodes[node].name : "somebody", f);
	return node >= 0;
}

static bool say_endpoint(FILE *f, const struct cause_tale *t, const struct endpoint *e)
{
	char text[SCENE_ENDPOINT_SIZE];

	if (f != NULL && e != NULL)
		fputs(scene_format(t->stage, e, text), f);
	return e != NULL && e->address.family != ADDRESS_NONE;
}

static const struct mapping *mapping_of(const struct cause_tale *t)
{
	return t->c->mapping >= 0 ? &t->mappings->list[t->c->mapping] : NULL;
}

static bool say_node(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	return say_name(f, t, t->c->node);
}

static bool say_src(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	return say_endpoint(f, t, &t->c->src);
}

static bool say_dst(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	return say_endpoint(f, t, &t->c->dst);
}

static bool say_external(FILE *f, const void *context)
{
	const struct mapping *m = mapping_of(context);

	return say_endpoint(f, context, m != NULL ? &m->external : NULL);
}

static bool say_remote(FILE *f, const void *context)
{
	const struct mapping *m = mapping_of(context);

	return say_endpoint(f, context, m != NULL ? &m->remote : NULL);
}

static bool say_port(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	if (f != NULL)
		fprintf(f, "%u", (unsigned)t->c->dst.port);
	return true;
}

static bool say_mtu(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	if (f != NULL)
		fprintf(f, "%u", (unsigned)t->c->path_mtu);
	return t->c->path_mtu != 0;
}

static bool say_owner(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	return say_name(f, t, cause_inside_owner(t->stage, t->c));
}

static bool is_beyond(FILE *f, const void *context)
{
	(void)f;
	return ((const struct cause_tale *)context)->c->beyond;
}

static bool is_tcp(FILE *f, const void *context)
{
	(void)f;
	return ((const struct cause_tale *)context)->c->protocol == PACKET_TCP;
}

static bool is_ordered(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	(void)f;
	return t->c->node >= 0 && manners_fragments(t->stage, t->c->node) == NAT_FRAGMENTS_IN_ORDER;
}

static bool is_unmapped(FILE *f, const void *context)
{
	const struct cause_tale *t = context;

	(void)f;
	return t->c->node >= 0 && manners_hairpin_mapped(t->stage, t->c->node);
}

static const struct sentence_word words[] = {
	{ "node", say_node },     { "src", say_src },   { "dst", say_dst },        { "external", say_external },
	{ "remote", say_remote }, { "port", say_port }, { "mtu", say_mtu },        { "owner", say_owner },
	{ "beyond", is_beyond },  { "tcp", is_tcp },    { "ordered", is_ordered }, { "unmapped", is_unmapped },
};

const struct sentence_words cause_words = { words, sizeof words / sizeof words[0], NULL };

const char *cause_format(const struct scene *s, const struct mappings *m, const struct cause *c,
                         char text[CAUSE_TEXT_SIZE])
{
	const struct cause_tale tale = { s, m, c };
	const char *brief = cause_table[c->kind].brief;
	FILE *f = brief[0] != '\0' ? fmemopen(text, CAUSE_TEXT_SIZE, "w") : NULL;

	text[0] = '\0';
	if (f == NULL)
		return text;
	sentence_write(f, brief, &cause_words, &tale);
	fclose(f);
	text[CAUSE_TEXT_SIZE - 1] = '\0';
	return text;
}
