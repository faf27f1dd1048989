/*
 * Why a world cannot be made here: who forbids it (a limit, a sysctl, a chroot, the container), and the narrowest thing
 * that allows it.
 */
#ifndef DENIAL_H
#define DENIAL_H

#include "world/findings.h"
#include "world/sandbox.h"

/* Marks the finding as missing, with the reason and the fix for what sandbox_try() came upon. */
void denial_explain(const struct sandbox_problem *problem, struct finding *world);

#endif
