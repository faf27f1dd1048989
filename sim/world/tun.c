#include "world/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What mends it, by errno: its mode, the kernel's module, or the device file itself, as in many containers. */
static const char *fix_of(int error)
{
	switch (error) {
	case EACCES:
	case EPERM: return "sudo chmod 666 " TUN_DEVICE " (a container: --device " TUN_DEVICE ")";
	case ENODEV:
	case ENXIO: return "sudo modprobe tun";
	default: return "sudo modprobe tun (a container: --device " TUN_DEVICE ")";
	}
}

int tun_try(char what[TUN_TEXT_SIZE], char fix[TUN_TEXT_SIZE])
{
	int fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC), error = errno;

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	snprintf(what, TUN_TEXT_SIZE, "%s: %s%s", TUN_DEVICE, strerror(error),
	         error == EACCES ? " (it is root's alone here)" : "");
	snprintf(fix, TUN_TEXT_SIZE, "%s", fix_of(error));
	return -1;
}
