#include "world/container.h"

#include "world/privilege.h"

#include "base/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The marks that the makers of containers leave: podman's and systemd's in the environment, too. */
enum container_kind container_find(void)
{
	const char *name = getenv("container");

	if (getenv("KUBERNETES_SERVICE_HOST") != NULL)
		return CONTAINER_KUBERNETES;
	if (access("/run/.containerenv", F_OK) == 0 || (name != NULL && strcmp(name, "podman") == 0))
		return CONTAINER_PODMAN;
	if (access("/.dockerenv", F_OK) == 0)
		return CONTAINER_DOCKER;
	return name != NULL ? CONTAINER_OTHER : CONTAINER_NONE;
}

/* " --cap-add SYS_ADMIN", or "SYS_ADMIN, NET_ADMIN" */
static void add_capabilities(struct text *t, const char *before, const char *between, unsigned lacking)
{
	bool is_first = true;

	for (unsigned i = 0; i < PRIVILEGES; i++) {
		if ((lacking & 1U << i) == 0)
			continue;
		text_add(t, "%s%s%s", is_first ? "" : between, before, privilege_name(i) + strlen("CAP_"));
		is_first = false;
	}
}

static void add_pod_fields(struct text *t, unsigned permissions, unsigned lacking)
{
	const char *between = "";

	text_add(t, "in the securityContext: ");
	if (permissions & CONTAINER_CAPABILITIES) {
		text_add(t, "capabilities.add [");
		add_capabilities(t, "", ", ", lacking);
		text_add(t, "]");
		between = ", ";
	}
	if (permissions & CONTAINER_APPARMOR)
		text_add(t, "%sappArmorProfile.type Unconfined", between), between = ", ";
	if (permissions & CONTAINER_SECCOMP)
		text_add(t, "%sseccompProfile.type Unconfined", between), between = ", ";
	if (permissions & CONTAINER_PROC)
		text_add(t, "%sprocMount Unmasked (with hostUsers: false in the pod)", between);
}

static void add_flags(struct text *t, enum container_kind kind, unsigned permissions, unsigned lacking)
{
	text_add(t, "start the container with");
	if (permissions & CONTAINER_CAPABILITIES)
		add_capabilities(t, " --cap-add ", "", lacking);
	if (permissions & CONTAINER_APPARMOR)
		text_add(t, " --security-opt apparmor=unconfined");
	if (permissions & CONTAINER_SECCOMP)
		text_add(t, " --security-opt seccomp=unconfined");
	if (permissions & CONTAINER_PROC)
		text_add(t, " --security-opt %s%s", kind == CONTAINER_PODMAN ? "unmask=ALL" : "systempaths=unconfined",
		         kind == CONTAINER_PODMAN || kind == CONTAINER_DOCKER ? "" : " (podman: unmask=ALL)");
	text_add(t, "; --privileged allows that too, and much more");
}

const char *container_allow(enum container_kind kind, unsigned permissions, unsigned lacking, char *text, size_t size)
{
	struct text t = text_in(text, size);

	if (kind == CONTAINER_KUBERNETES)
		add_pod_fields(&t, permissions, lacking);
	else
		add_flags(&t, kind, permissions, lacking);
	return text;
}
