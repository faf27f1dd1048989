/*
 * Tells when the rules that a program hands to nftables are in force. The kernel announces every commit to whoever
 * listens in the network namespace, at once; the program that made it still has to wait for what the commit replaced to
 * be freed before its socket closes (an RCU grace period, some 10 to 20 ms), which nobody else has to.
 */
#ifndef NFT_WATCH_H
#define NFT_WATCH_H

#include <stdbool.h>

#define NFT_WATCH_NAME_SIZE 16 /* how much of a program's name the kernel keeps, with the zero at its end */

struct nft_watch {
	struct mnl_socket *socket;
	const char *program;
	unsigned commits;             /* still to come */
	char by[NFT_WATCH_NAME_SIZE]; /* who made the last one */
};

/*
 * Listens, in the network namespace the thread is in, for `commits` commits by programs called `program` (NULL: any).
 * To be opened before the program starts. Returns 0, or -1 with errno where the kernel does not tell: then only the
 * program's end does.
 */
int nft_watch_open(struct nft_watch *w, const char *program, unsigned commits) __attribute__((warn_unused_result));

/* To be polled for reading; -1 if it is not open. */
int nft_watch_fd(const struct nft_watch *w);

/* Takes in what was announced, without waiting. Returns true once all commits have been. */
bool nft_watch_is_complete(struct nft_watch *w);

void nft_watch_close(struct nft_watch *w);

#endif
