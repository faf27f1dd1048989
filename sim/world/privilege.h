/* The capabilities that root needs to make worlds without a user namespace of their own. */
#ifndef PRIVILEGE_H
#define PRIVILEGE_H

/* Each a bit of a set. */
enum privilege {
	PRIVILEGE_SYS_ADMIN = 1 << 0,        /* namespaces, mounts */
	PRIVILEGE_NET_ADMIN = 1 << 1,        /* links, addresses, rules */
	PRIVILEGE_NET_RAW = 1 << 2,          /* captures */
	PRIVILEGE_NET_BIND_SERVICE = 1 << 3, /* servers on ports below 1024, measuring such ports */
	PRIVILEGE_SYS_CHROOT = 1 << 4,       /* joining a world */
	PRIVILEGE_SETFCAP = 1 << 5,          /* for root alone: being root in a user namespace, too */
};

#define PRIVILEGE_ANY_WORLD 0x1F /* without one of these root needs a user namespace */

/* Those that this process lacks: 0 for root on most machines, all of them for an ordinary user. */
unsigned privilege_lacking(void);

/* "CAP_NET_ADMIN" */
#define PRIVILEGES 6
const char *privilege_name(unsigned number);

#endif
