/* What a program needs not, it gives up before it hears anybody. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

/*
 * Nothing that this process may run can have more rights than itself (no-new-privs). For a program that starts no
 * others. Where the kernel does not have it, all goes on.
 */
void privileges_give_up(void);

#endif
