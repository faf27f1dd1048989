/* The container this process is in, if any, and how its start is told to allow what the lab needs. */
#ifndef CONTAINER_H
#define CONTAINER_H

#include <stddef.h>

enum container_kind {
	CONTAINER_NONE,
	CONTAINER_DOCKER,
	CONTAINER_PODMAN,
	CONTAINER_KUBERNETES,
	CONTAINER_OTHER, /* of a kind that is not known here */
};

enum container_kind container_find(void);

/* What may be allowed; bits of a set. Capabilities are those of world/privilege.h that `lacking` names. */
enum container_permission {
	CONTAINER_CAPABILITIES = 1 << 0,
	CONTAINER_APPARMOR = 1 << 1,
	CONTAINER_SECCOMP = 1 << 2,
	CONTAINER_PROC = 1 << 3, /* a /proc without anything masked */
};

/* "start the container with --cap-add NET_ADMIN"; CONTAINER_NONE as CONTAINER_OTHER. Returns `text`. */
const char *container_allow(enum container_kind kind, unsigned permissions, unsigned lacking, char *text, size_t size);

#endif
