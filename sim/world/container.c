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

static void add_permissions(struct text *t, enum container_kind kind, unsigned permissions)
{
	static const struct {
		unsigned permission;
		const char *flag, *field;
	} words[] = {
		{ CONTAINER_APPARMOR, "apparmor=unconfined", "appArmorProfile.type Unconfined" },
		{ CONTAINER_SECCOMP, "seccomp=unconfined", "seccompProfile.type Unconfined" },
		{ CONTAINER_PROC, "systempaths=unconfined", "procMount Unmasked (with hostUsers: false in the pod)" },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if ((permissions & words[i].permission) == 0)
			continue;
		if (kind == CONTAINER_KUBERNETES)
			text_add(t, "%s %s", t->at[t->len - 1] == ':' ? "" : ",", words[i].field);
		else if (kind == CONTAINER_PODMAN && words[i].permission == CONTAINER_PROC)
			text_add(t, " --security-opt unmask=ALL");
		else
			text_add(t, " --security-opt %s", words[i].flag);
	}
	if (kind == CONTAINER_OTHER && (permissions & CONTAINER_PROC) != 0)
		text_add(t, " (podman: unmask=ALL)");
}

const char *container_allow(enum container_kind kind, unsigned permissions, unsigned lacking, char *text, size_t size)
{
	struct text t = text_in(text, size);
	bool is_pod = kind == CONTAINER_KUBERNETES;

	text_add(&t, is_pod ? "in the securityContext:" : "start the container with");
	if ((permissions & CONTAINER_CAPABILITIES) != 0) {
		text_add(&t, is_pod ? " capabilities.add [" : "");
		add_capabilities(&t, is_pod ? "" : " --cap-add ", is_pod ? ", " : "", lacking);
		text_add(&t, is_pod ? "]" : "");
	}
	add_permissions(&t, is_pod || kind != CONTAINER_NONE ? kind : CONTAINER_OTHER, permissions);
	text_add(&t, is_pod ? "" : "; --privileged allows that too, and much more");
	return text;
}
