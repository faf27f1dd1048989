/*
 * page_of DATA.json PAGE.html: the report's page from given data, by the code punchlab itself writes it with. Each
 * scenario's "detail" is given as it is and packed here.
 */
#include "report/compressed_json.h"
#include "report/page.h"

#include <stdio.h>
#include <stdlib.h>

static void pack_details(json_t *data)
{
	size_t i;
	json_t *scenario;

	json_array_foreach(json_object_get(data, "scenarios"), i, scenario)
	{
		json_t *detail = json_object_get(scenario, "detail");
		if (json_is_object(detail))
			json_object_set_new(scenario, "detail", compressed_json(detail));
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
