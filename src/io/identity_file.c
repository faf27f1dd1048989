#include "io/identity_file.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LINE_SIZE (2 * IDENTITY_FILE_SIZE + 1) /* with its line end */

int identity_file_default(char *path, size_t size)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int len = -1;

	if (data != NULL && data[0] == '/')
		len = snprintf(path, size, "%s/p2pchat/identity", data);
	else if (home != NULL && home[0] == '/')
		len = snprintf(path, size, "%s/.local/share/p2pchat/identity", home);
	return len > 0 && (size_t)len < size ? 0 : -1;
}

/* Returns 1 if there is none. */
static int read_file(const char *path, uint8_t secret[IDENTITY_FILE_SIZE], char error[IDENTITY_FILE_ERROR_SIZE])
{
	char line[LINE_SIZE];
	size_t bytes = 0, len = 0;
	int found = private_file_read(path, line, sizeof line, &len, error);

	if (found != 0)
		return found;
	if (len != LINE_SIZE || line[LINE_SIZE - 1] != '\n' ||
	    sodium_hex2bin(secret, IDENTITY_FILE_SIZE, line, LINE_SIZE - 1, NULL, &bytes, NULL) != 0 ||
	    bytes != IDENTITY_FILE_SIZE)
		return private_file_fail(path, "holds no identity: put the right one back, or remove it for a new one",
		                         error);
	sodium_memzero(line, sizeof line);
	return 0;
}

static int make_file(const char *path, char error[IDENTITY_FILE_ERROR_SIZE])
{
	uint8_t secret[IDENTITY_FILE_SIZE];
	char line[LINE_SIZE + 1];
	int status;

	randombytes_buf(secret, sizeof secret);
	sodium_bin2hex(line, sizeof line, secret, sizeof secret);
	line[LINE_SIZE - 1] = '\n';
	status = private_file_write(path, line, LINE_SIZE, true, error);
	sodium_memzero(line, sizeof line);
	sodium_memzero(secret, sizeof secret);
	return status;
}

/* Whether something is there, bad or good: not in a folder that is none, or that is closed to us. */
static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

enum identity_file_outcome identity_file_read(const char *path, uint8_t secret[IDENTITY_FILE_SIZE],
                                              char error[IDENTITY_FILE_ERROR_SIZE])
{
	int found = read_file(path, secret, error);

	if (found == 1 && make_file(path, error) != 0)
		return IDENTITY_FILE_CANNOT_BE_MADE;
	if (found == 1)
		found = read_file(path, secret, error);
	if (found == 0)
		return IDENTITY_FILE_IS_GOOD;
	return is_there(path) ? IDENTITY_FILE_IS_BAD : IDENTITY_FILE_CANNOT_BE_MADE;
}
