/*
 * What may stand in the files that a client keeps, half-written ones too: the file of the identity is read as the 64
 * digits that it has, or refused in words, and so is that of known names.
 */
#include "client_pins.h"
#include "io/identity_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz_key_file.XXXXXX", key[64], peers[64];

static void remove_folder(void)
{
	unlink(key);
	unlink(peers);
	rmdir(folder);
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void start(void)
{
	must(mkdtemp(folder) != NULL);
	snprintf(key, sizeof key, "%s/key", folder);
	snprintf(peers, sizeof peers, "%s/key.peers", folder);
	atexit(remove_folder);
}

static void put(const char *path, const uint8_t *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && close(fd) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pins pins;
	struct client_pins kept;
	char error[IDENTITY_FILE_ERROR_SIZE] = "";
	uint8_t secret[IDENTITY_FILE_SIZE];

	if (key[0] == '\0')
		start();
	put(key, data, size);
	must((identity_file_read(key, secret, error) == IDENTITY_FILE_IS_GOOD) == (error[0] == '\0'));
	put(peers, data, size);
	error[0] = '\0';
	memset(&pins, 0, sizeof pins);
	must((client_pins_read(&kept, &pins, key, error) == 0) == (error[0] == '\0'));
	must(pins.count <= PINS_MAX);
	return 0;
}
