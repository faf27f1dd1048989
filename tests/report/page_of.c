/*
 * page_of DATA.json PAGE.html: the report's page from given data, by the code punchlab itself writes it with. Each
 * scenario's "detail", "journeys", "close" and "payloads" are given as they are and packed here.
 */
#include "report/compressed_json.h"
#include "report/page.h"

#include <stdio.h>
#include <stdlib.h>

static void pack(json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	if (value != NULL && !json_is_null(value))
		json_object_set_new(object, name, compressed_json(value));
}

static void pack_details(json_t *data)
{
	size_t i, n;
	json_t *scenario, *piece;

	json_array_foreach (json_object_get(data, "scenarios"), i, scenario) {
		json_t *payloads = json_object_get(scenario, "payloads");

		pack(scenario, "detail");
		pack(scenario, "journeys");
		pack(scenario, "close");
		json_array_foreach (payloads, n, piece) {
			json_array_set_new(payloads, n, compressed_json(piece));
		}
	}
}

int main(int argc, char **argv)
{
	json_error_t error;

	if (argc != 3) {
		fprintf(stderr, "usage: page_of DATA.json PAGE.html\n");
		return 2;
	}
	json_t *data = json_load_file(argv[1], JSON_ALLOW_NUL, &error);
	if (!data) {
		fprintf(stderr, "page_of: %s:%d: %s\n", argv[1], error.line, error.text);
		return 2;
	}
	pack_details(data);
	FILE *f = fopen(argv[2], "we");
	int status = f && page_write(f, data) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	if (!f || fclose(f) != 0 || status != EXIT_SUCCESS) {
		perror(argv[2]);
		status = EXIT_FAILURE;
	}
	json_decref(data);
	return status;
}
