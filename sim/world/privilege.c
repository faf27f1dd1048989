#include "world/privilege.h"

#include <linux/capability.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In the order of the bits. All stand in the first 32 of the kernel's. */
static const struct {
	const char *name;
	uint32_t mask;
} privileges[PRIVILEGES] = {
	{ "CAP_SYS_ADMIN", CAP_TO_MASK(CAP_SYS_ADMIN) },
	{ "CAP_NET_ADMIN", CAP_TO_MASK(CAP_NET_ADMIN) },
	{ "CAP_NET_RAW", CAP_TO_MASK(CAP_NET_RAW) },
	{ "CAP_NET_BIND_SERVICE", CAP_TO_MASK(CAP_NET_BIND_SERVICE) },
	{ "CAP_SYS_CHROOT", CAP_TO_MASK(CAP_SYS_CHROOT) },
	{ "CAP_SETFCAP", CAP_TO_MASK(CAP_SETFCAP) },
};

unsigned privilege_lacking(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct had[_LINUX_CAPABILITY_U32S_3] = { 0 };
	unsigned lacking = 0;

	if (syscall(SYS_capget, &header, had) != 0)
		had[0].effective = 0;
	for (unsigned i = 0; i < PRIVILEGES; i++)
		if ((had[0].effective & privileges[i].mask) == 0)
			lacking |= 1U << i;
	return lacking;
}

const char *privilege_name(unsigned number)
{
	return privileges[number].name;
}
