/* Runs a fuzzer's entry point over every file of the folders and files named: the corpus as an ordinary test. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *f = fopen(path, "rb");
	size_t len;

	if (f == NULL) {
		fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
		return -1;
	}
	len = fread(data, 1, sizeof data, f);
	fclose(f);
	/* An exact-size heap copy, so that ASan sees a read past the end. */
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		return -1;
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	return 0;
}

static int replay_folder(const char *path, unsigned *count)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int status = 0;

	if (dir == NULL) {
		fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
		return -1;
	}
	while ((entry = readdir(dir)) != NULL) {
		char file[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		status |= replay_file(file);
		++*count;
	}
	closedir(dir);
	return status;
}

int main(int argc, char **argv)
{
	unsigned count = 0;
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= replay_folder(argv[i], &count);
	printf("replayed %u inputs of %s\n", count, argc > 1 ? argv[1] : "nothing");
	return status != 0 || count == 0;
}
