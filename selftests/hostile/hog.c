// SPDX-License-Identifier: GPL-2.0
/*
 * Takes as many listeners or connections as it is told, in a user namespace and
 * a network namespace of its own where it may have them. On SIGUSR1 it lets all
 * but the first and the last few go, and says so.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEPT 4
#define MAX 8192
#define BACKLOG 4096

static int fds[MAX];
static unsigned int count;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void keep(int fd)
{
	struct linger linger = { .l_onoff = 1 };

	if (fd < 0 || count == MAX)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	fds[count++] = fd;
}

static void lo_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (ioctl(fd, SIOCSIFFLAGS, &request))
		fail("lo");
	close(fd);
}

static struct sockaddr_in listen_one(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(fd, BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&at, &size))
		fail("listen");
	keep(fd);
	return at;
}

static void connect_all(unsigned int wanted)
{
	struct sockaddr_in at = listen_one();
	int listener = fds[0];

	while (wanted--) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(fd, (struct sockaddr *)&at, sizeof(at)))
			fail("connect");
		keep(fd);
		keep(accept(listener, NULL, NULL));
	}
}

int main(int argc, char **argv)
{
	struct rlimit files = { MAX + 64, MAX + 64 };
	unsigned int wanted;
	sigset_t signals;
	int got;

	if (argc != 5) {
		fputs("usage: hog listeners|connections COUNT UID own|here\n",
		      stderr);
		return 2;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (setrlimit(RLIMIT_NOFILE, &files))
		fail("setrlimit");
	if (setgid(atoi(argv[3])) || setuid(atoi(argv[3])))
		fail("setuid");
	if (!strcmp(argv[4], "own")) {
		if (unshare((getuid() ? CLONE_NEWUSER : 0) | CLONE_NEWNET))
			fail("unshare");
		lo_up();
	}
	wanted = atoi(argv[2]);
	if (!strcmp(argv[1], "listeners"))
		while (wanted--)
			listen_one();
	else
		connect_all(wanted);
	puts("ready");
	fflush(stdout);
	for (;;) {
		sigwait(&signals, &got);
		/* The last ones stay: it is they that found no room. */
		for (unsigned int i = 1; i + 2 * KEPT < count; i++)
			close(fds[i]);
		puts("less");
		fflush(stdout);
	}
}
