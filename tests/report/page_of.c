/* page_of DATA.json PAGE.html: the report's page from given data, by the code punchlab itself writes it with. */
#include "report/page.h"

#include <stdio.h>
#include <stdlib.h>

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
	FILE *f = fopen(argv[2], "we");
	int status = f && page_write(f, data) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	if (!f || fclose(f) != 0 || status != EXIT_SUCCESS) {
		perror(argv[2]);
		status = EXIT_FAILURE;
	}
	json_decref(data);
	return status;
}
