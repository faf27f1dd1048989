/* What a program does not need it gives up before it hears anybody. Where the kernel does not have it, all goes on. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

/* Nothing that this process may run can have more rights than itself (no-new-privs). */
void privileges_give_up(void);

/* What a program still does when it serves or talks. */
enum privileges_kept {
	PRIVILEGES_SOCKETS_OPEN, /* it talks over the sockets that it has, and accepts at them */
	PRIVILEGES_FILES_TOO,    /* it also opens sockets and files, and forks to look names up; it runs no program */
};

/*
 * From now on every other system call fails with EPERM (a seccomp filter; of this process, and for good). Gives
 * privileges up first. Does nothing in builds for a sanitizer, which calls what it likes, and on processors that are
 * not in the list of privileges.c.
 */
void privileges_confine(enum privileges_kept kept);

#endif
