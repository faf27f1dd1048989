/* How the kernel is asked, for the files of rtnetlink alone. */
#ifndef RTNETLINK_REQUEST_H
#define RTNETLINK_REQUEST_H

#include "world/rtnetlink.h"

#include <libmnl/libmnl.h>

#define RTNETLINK_REQUEST_SIZE 1024

/* Begins a request that is to be acknowledged. */
struct nlmsghdr *rtnetlink_begin(char buffer[RTNETLINK_REQUEST_SIZE], uint16_t type, unsigned flags);

/* Makes a request, which does what the `ip` command of that text does. Returns as all of rtnetlink.h. */
int rtnetlink_request(struct rtnetlink *nl, struct nlmsghdr *h, const char *format, ...)
    __attribute__((format(printf, 3, 4), warn_unused_result));

#endif
