#include "report/number_columns.h"

#include "report/compressed_json.h"

#include <inttypes.h>
#include <stdlib.h>

void number_columns_begin(struct number_columns *c, const char *const *names, size_t count)
{
	*c = (struct number_columns){ .names = names, .count = count, .texts = json_array(), .places = json_object() };
	for (size_t i = 0; i < count; i++) {
		c->list[i].f = open_memstream(&c->list[i].text, &c->list[i].len);
		c->failed = c->failed || c->list[i].f == NULL;
	}
}

static void close_columns(struct number_columns *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->list[i].f != NULL && fclose(c->list[i].f) != 0)
			c->failed = true;
		c->list[i].f = NULL;
	}
}

void number_columns_free(struct number_columns *c)
{
	close_columns(c);
	for (size_t i = 0; i < c->count; i++)
		free(c->list[i].text);
	json_decref(c->texts);
	json_decref(c->places);
}

void number_columns_add(struct number_columns *c, size_t column, int64_t value)
{
	struct number_column *n = &c->list[column];

	if (n->f == NULL || fprintf(n->f, "%s%" PRId64, n->count > 0 ? "," : "", value) < 0)
		c->failed = true;
	if (n->count++ == 0)
		n->first = value;
	n->mixed = n->mixed || value != n->first;
}

void number_columns_step(struct number_columns *c, size_t column, int64_t value)
{
	number_columns_add(c, column, value - c->list[column].last);
	c->list[column].last = value;
}

static int64_t place_of(struct number_columns *c, const char *text)
{
	const json_t *known = json_object_get(c->places, text);
	json_int_t place = (json_int_t)json_array_size(c->texts);

	if (known != NULL)
		return json_integer_value(known);
	if (json_array_append_new(c->texts, json_string(text)) != 0 ||
	    json_object_set_new(c->places, text, json_integer(place)) != 0)
		c->failed = true;
	return place;
}

void number_columns_text(struct number_columns *c, size_t column, const char *text)
{
	number_columns_add(c, column, text != NULL ? place_of(c, text) : -1);
}

static void write_all(struct number_columns *c, FILE *f)
{
	fputs("{\"texts\":", f);
	if (json_dumpf(c->texts, f, JSON_COMPACT) != 0)
		c->failed = true;
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].count > 0 && !c->list[i].mixed)
			fprintf(f, ",\"%s\":{\"all\":%" PRId64 ",\"count\":%zu}", c->names[i], c->list[i].first,
			        c->list[i].count);
		else
			fprintf(f, ",\"%s\":[%s]", c->names[i], c->list[i].text);
	fputs("}", f);
}

json_t *number_columns_pack(struct number_columns *c)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	json_t *packed = NULL;

	close_columns(c);
	if (f != NULL && !c->failed)
		write_all(c, f);
	if (f != NULL && fclose(f) == 0 && !c->failed)
		packed = compressed_text(text, len);
	free(text);
	return packed;
}
