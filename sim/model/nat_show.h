/* A NAT put into words and into a script: what `punchlab nat` prints. Pure. */
#ifndef NAT_SHOW_H
#define NAT_SHOW_H

#include "nat/nat.h"

#define NAT_SUMMARY_SIZE 320
#define NAT_SCRIPT_SIZE 196608

/*
 * The behaviours in one line: "mapping endpoint-independent, filtering address-dependent, ports preserved, ...".
 * Returns `text`.
 */
const char *nat_summary(const struct nat *nat, char text[NAT_SUMMARY_SIZE]);

/*
 * A shell script that makes a router such a NAT: the very rules the lab loads for `host_count` (1 to 8) inside hosts,
 * with the site's facts as variables at its top. It first removes what it, or that of another NAT, made there before.
 * Returns 0, or -1 if it does not fit in NAT_SCRIPT_SIZE.
 */
int nat_script(const struct nat *nat, size_t host_count, char text[NAT_SCRIPT_SIZE])
    __attribute__((warn_unused_result));

#endif
