/*
 * squat UID NAME: holds the name of a world of that user's, and answers whoever asks as if it were one, until it is
 * killed. For tests/cli/shell.sh, as another user.
 */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const char lie[] = "{\"name\":\"lie\",\"init\":1,\"folder\":\"/tmp\",\"began\":0,\"nodes\":[]}";
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int len, client;

	if (argc != 3)
		return 2;
	len = snprintf(sa.sun_path + 1, sizeof sa.sun_path - 1, "punchlab/%s/%s", argv[1], argv[2]);
	if (bind(fd, (struct sockaddr *)&sa, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) !=
	        0 ||
	    listen(fd, 16) != 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	puts("holds it");
	fflush(stdout);
	while ((client = accept(fd, NULL, NULL)) >= 0) {
		(void)!write(client, lie, sizeof lie - 1);
		close(client);
	}
	return 1;
}
