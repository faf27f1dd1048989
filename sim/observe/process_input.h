/* What is typed to one program: written as far as it reads, the rest kept until it reads on. */
#ifndef PROCESS_INPUT_H
#define PROCESS_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct process_input {
	int fd;        /* non-blocking; -1: the program reads no more */
	bool terminal; /* ends with Ctrl-D */
	char *bytes;   /* typed, not yet read */
	size_t len;
	bool ends; /* after those */
};

/* 0, or -1 if the program no longer reads or there is no memory. */
int process_input_add(struct process_input *in, const char *bytes, size_t len) __attribute__((warn_unused_result));
/* No more will be typed. */
void process_input_end(struct process_input *in);
/* Writes what the program takes just now. */
void process_input_feed(struct process_input *in);
/* True if something waits for the program to read on. */
bool process_input_waits(const struct process_input *in);
void process_input_close(struct process_input *in);

#endif
