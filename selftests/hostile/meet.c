// SPDX-License-Identifier: GPL-2.0
/*
 * meet - what an unprivileged user can do to tables and walks.
 *
 *   meet chosen BITS COUNT	listens on COUNT sockets whose cookies meet in one
 *				of 2^BITS buckets by the kernel's hash_64(), and
 *				says so; ends when it is killed
 *   meet again COUNT		connects one socket again and again, whose earlier
 *				lives sit in TIME_WAIT; prints its cookie
 *   meet listeners COUNT FILE	listens on one port with COUNT sockets and reads
 *				FILE while every tenth of them goes and another
 *				comes: who stays is there once
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT	7100
#define SHIFT	16	/* who goes between two reads */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t cookie(int fd)
{
	socklen_t size = sizeof(uint64_t);
	uint64_t cookie;

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size))
		die("SO_COOKIE");
	return cookie;
}

static struct sockaddr_in loopback(unsigned int port)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	return in;
}

static int tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	return fd;
}

static int listener(unsigned int port, int backlog)
{
	struct sockaddr_in in = loopback(port);
	int fd = tcp(), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) || listen(fd, backlog))
		die("listen");
	return fd;
}

static unsigned int bucket(uint64_t cookie, unsigned int bits)
{
	return (cookie * 0x61C8864680B583EBull) >> (64 - bits);
}

static int chosen(unsigned int bits, unsigned int count)
{
	unsigned int want = bucket(cookie(tcp()), bits);

	while (count) {
		int fd = tcp();

		if (bucket(cookie(fd), bits) != want) {
			close(fd);
			continue;
		}
		if (listen(fd, 1))
			die("listen");
		count--;
	}
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}

static int again(unsigned int count)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_in in = loopback(PORT);
	int l = listener(PORT, 4), fd = tcp();
	char c;

	while (count--) {
		int peer;

		if (connect(fd, (struct sockaddr *)&in, sizeof(in)))
			die("connect");
		peer = accept(l, NULL, NULL);
		shutdown(fd, SHUT_WR);
		if (peer < 0 || read(peer, &c, 1))
			die("peer");
		close(peer);
		/* Its FIN is here when this says so: the timewait sock took over. */
		if (read(fd, &c, 1))
			die("end");
		if (connect(fd, &none, sizeof(none)))
			die("disconnect");
	}
	printf("%llu\n", (unsigned long long)cookie(fd));
	return 0;
}

/* Who stays has its number in order of its cookie, and how often it was seen. */
struct stayer {
	uint64_t cookie;
	unsigned int seen;
};

static int compare(const void *a, const void *b)
{
	const struct stayer *left = a, *right = b;

	return left->cookie < right->cookie ? -1 : left->cookie > right->cookie;
}

static struct stayer *stayers;
static unsigned int staying;

static void line(const char *text)
{
	const struct stayer key = { .cookie = strtoull(text, NULL, 10) };
	struct stayer *stayer = bsearch(&key, stayers, staying, sizeof(key), compare);

	if (*text == '#')
		printf("# %s\n", text);
	if (stayer)
		stayer->seen++;
}

static unsigned int verdict(void)
{
	unsigned int bad = 0;

	for (unsigned int i = 0; i < staying; i++) {
		if (stayers[i].seen == 1)
			continue;
		if (bad++ < 8)
			printf("# listener %llu is shown %u times\n",
			       (unsigned long long)stayers[i].cookie, stayers[i].seen);
	}
	printf("# %u of %u stayed and are not shown once\n", bad, staying);
	return bad;
}

static int listeners(unsigned int count, const char *path)
{
	unsigned int goers = 0, next = 0;
	static char text[1 << 16];
	size_t have = 0;
	ssize_t got;
	int *goer, fd;

	stayers = calloc(count, sizeof(*stayers));
	goer = calloc(count, sizeof(*goer));
	if (!stayers || !goer)
		die("memory");
	for (unsigned int i = 0; i < count; i++) {
		int l = listener(PORT, 1);

		if (i % 10)
			stayers[staying++].cookie = cookie(l);
		else
			goer[goers++] = l;
	}
	qsort(stayers, staying, sizeof(*stayers), compare);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		die(path);
	while ((got = read(fd, text + have, sizeof(text) - have - 1)) > 0) {
		char *from = text, *end;

		text[have + got] = 0;
		while ((end = strchr(from, '\n'))) {
			*end = 0;
			line(from);
			from = end + 1;
		}
		have = strlen(from);
		memmove(text, from, have);
		for (unsigned int i = 0; i < SHIFT; i++) {
			close(goer[next]);
			goer[next] = listener(PORT, 1);
			next = (next + 1) % goers;
		}
	}
	if (got < 0)
		die("read");
	return verdict() != 0;
}

int main(int argc, char **argv)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (argc == 4 && !strcmp(argv[1], "chosen"))
		return chosen(atoi(argv[2]), atoi(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "again"))
		return again(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "listeners"))
		return listeners(atoi(argv[2]), argv[3]);
	fprintf(stderr, "usage: meet chosen BITS COUNT | again COUNT | listeners COUNT FILE\n");
	return 2;
}
