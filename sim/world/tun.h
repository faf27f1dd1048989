/* /dev/net/tun: what makes network interfaces of a program's own (VPNs, pasta). On most machines it is everybody's. */
#ifndef TUN_H
#define TUN_H

#define TUN_DEVICE "/dev/net/tun"
#define TUN_TEXT_SIZE 160

/* Opens it. Returns 0, or -1: `what` is one line that says why not, `fix` the command that mends it. */
int tun_try(char what[TUN_TEXT_SIZE], char fix[TUN_TEXT_SIZE]) __attribute__((warn_unused_result));

#endif
