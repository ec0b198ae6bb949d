// SPDX-License-Identifier: GPL-2.0
/*
 * Makes many of something, says "ready" and holds them until it is killed: live
 * connections (one end each, by TCP_REPAIR, to addresses of their own),
 * connections in TIME_WAIT, or network namespaces.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ends.h"

#define LOOPBACKS	0x7f010000	/* 127.1.0.0 on */
#define PORT		9000
#define EACH		10000	/* connections to one address, of some 14,000 ports tried first */

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static union addr address(unsigned int n, unsigned int port)
{
	union addr a = addr_make(KIND_V4, "127.0.0.1", port);

	a.v4.sin_addr.s_addr = htonl(LOOPBACKS + n);
	return a;
}

/* Nothing is sent, and nobody has to be there. */
static void one_end(unsigned int n)
{
	union addr to = address(n, PORT);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || !tcp_set(fd, TCP_REPAIR, 1) || connect(fd, &to.any, addr_len(&to)))
		fail("live connection");
}

static void timewait(unsigned int n)
{
	static int listener = -1;
	static union addr at;
	int c, s;

	if (n % EACH == 0) {
		close(listener);
		at = address(n / EACH, PORT);
		listener = tcp_socket(KIND_V4, 0);
		if (bind(listener, &at.any, addr_len(&at)) || listen(listener, 8))
			fail("listen");
	}
	c = socket(AF_INET, SOCK_STREAM, 0);
	if (c < 0 || connect(c, &at.any, addr_len(&at)))
		fail("connect");
	s = accept(listener, NULL, NULL);
	close(c);
	close(s);
}

static void namespace(unsigned int n)
{
	static int home = -1;

	if (home < 0)
		home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (unshare(CLONE_NEWNET) || open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) < 0)
		fail("namespace");
	if (setns(home, CLONE_NEWNET))
		fail("way home");
}

int main(int argc, char **argv)
{
	void (*make)(unsigned int n) = NULL;
	unsigned int count = argc > 2 ? atoi(argv[2]) : 0;
	struct rlimit files = { count + 100, count + 100 };

	if (argc == 3 && !strcmp(argv[1], "live"))
		make = one_end;
	if (argc == 3 && !strcmp(argv[1], "timewait"))
		make = timewait;
	if (argc == 3 && !strcmp(argv[1], "netns"))
		make = namespace;
	if (!make) {
		fprintf(stderr, "usage: hold live|timewait|netns COUNT\n");
		return 2;
	}
	if (setrlimit(RLIMIT_NOFILE, &files))
		fail("limit of files");
	for (unsigned int i = 0; i < count; i++)
		make(i);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
