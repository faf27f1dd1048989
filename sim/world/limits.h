/*
 * Limits that stand in the way of worlds: of namespaces (user.max_*_namespaces), of processes (ulimit -u) and of open
 * files (ulimit -n).
 */
#ifndef LIMITS_H
#define LIMITS_H

#define LIMITS_TEXT_SIZE 256

/*
 * What lifts the limit that made a call which takes namespaces, processes or files fail with that errno; NULL: it was
 * none.
 * `kind` is the kind of namespace as the sysctl names it, "net"; NULL: it is found out.
 */
const char *limits_fix(int error, const char *kind, char fix[LIMITS_TEXT_SIZE]);

/*
 * A limit of namespaces, as far as it can be read here, that is too low for a run. One world would do with fewer, but
 * several stand at once, and the kernel gives those of an ended one back late. Returns 0, or -1 with which and what
 * mends it.
 */
int limits_check_namespaces(char problem[LIMITS_TEXT_SIZE], char fix[LIMITS_TEXT_SIZE])
    __attribute__((warn_unused_result));

/* The same of open files: a run that holds several worlds needs more than one does. */
int limits_check_descriptors(char problem[LIMITS_TEXT_SIZE], char fix[LIMITS_TEXT_SIZE])
    __attribute__((warn_unused_result));

/*
 * Whether there may be as many processes as a world has: where the limit is low, that is tried. Returns as
 * limits_check_namespaces().
 */
int limits_try_processes(char problem[LIMITS_TEXT_SIZE], char fix[LIMITS_TEXT_SIZE])
    __attribute__((warn_unused_result));

#endif
