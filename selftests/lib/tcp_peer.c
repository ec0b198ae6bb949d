// SPDX-License-Identifier: GPL-2.0
/*
 * Makes TCP traffic for the shell tests: a server, a crowd of clients, and
 * sockets that rest in every state in which a full socket can rest.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/tcpstate.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"
#include "ends.h"
#include "util.h"

#define CONNECTIONS	1000

static const char usage[] =
	"usage: tcp_peer serve ADDRESS PORT\n"
	"       tcp_peer load ADDRESS PORT COUNT PROCESSES HOW\n"
	"       tcp_peer hold ADDRESS PORT COUNT\n"
	"       tcp_peer knock ADDRESS PORT COUNT\n"
	"       tcp_peer house PORT\n"
	"       tcp_peer crowd IPV4 IPV6 PORT COUNT AT_ONCE SEED\n"
	"serve answers each request and closes; it says \"ready\" and runs until killed.\n"
	"load makes COUNT connections from several processes. HOW they end:\n"
	"  get      the server closes first\n"
	"  first    the client closes first\n"
	"  reset    the client sends an RST\n"
	"  refused  nobody listens\n"
	"hold makes COUNT connections of each kind that rest in LISTEN, SYN_SENT,\n"
	"SYN_RECV, ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, CLOSING, LAST_ACK\n"
	"and TIME_WAIT, says \"ready\" and holds them until killed.\n"
	"knock makes COUNT sockets that go on connecting until killed.\n"
	"house serves a crowd on all addresses: it says \"ready\" and runs until killed.\n"
	"crowd makes COUNT connections of all kinds to a house, AT_ONCE at a time; with 0\n"
	"it goes on until killed.\n";

static enum kind kind;
static const char *address;
static unsigned int port;

static void die(const char *what)
{
	fprintf(stderr, "tcp_peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

/* One look at a connection; false when it is over. */
static bool answer(int fd)
{
	static const char page[] = "HTTP/1.0 200 OK\r\n\r\nhello\n";
	char request[4096];
	ssize_t len = read(fd, request, sizeof(request));

	if (len <= 0)
		return false;
	if (*request == 'W')
		return true;
	if (write(fd, page, sizeof(page) - 1) < 0)
		return false;
	return false;
}

static void __attribute__((noreturn)) serve(void)
{
	static struct pollfd p[CONNECTIONS + 1];
	int n = 1;

	p[0].fd = tcp_listen(kind, address, port, 512);
	if (p[0].fd < 0)
		die("listen");
	p[0].events = POLLIN;
	ready();
	for (;;) {
		p[0].events = n <= CONNECTIONS ? POLLIN : 0;
		if (poll(p, n, -1) < 0)
			die("poll");
		for (int i = n - 1; i > 0; i--)
			if (p[i].revents && !answer(p[i].fd)) {
				close(p[i].fd);
				p[i] = p[--n];
			}
		if (p[0].revents & POLLIN) {
			p[n].fd = accept(p[0].fd, NULL, NULL);
			p[n].events = POLLIN;
			p[n].revents = 0;
			if (p[n].fd >= 0)
				n++;
		}
	}
}

static void one_connection(const char *how)
{
	static const char request[] = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";
	char buf[4096];
	int fd = tcp_connect_to(kind, address, port);

	if (!strcmp(how, "refused")) {
		if (fd >= 0 || errno != ECONNREFUSED)
			die("connect() was not refused");
		return;
	}
	if (fd < 0)
		die("connect");
	if (!strcmp(how, "reset")) {
		tcp_abort(fd);
		return;
	}
	if (!strcmp(how, "first")) {
		if (write(fd, "W", 1) != 1 || shutdown(fd, SHUT_WR))
			die("write");
	} else if (write(fd, request, sizeof(request) - 1) < 0) {
		die("write");
	}
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	close(fd);
}

static int load(unsigned int count, unsigned int processes, const char *how)
{
	int status, failed = 0;

	if (!processes)
		processes = 1;
	for (unsigned int i = 0; i < processes; i++) {
		unsigned int share = count / processes + (i < count % processes);

		if (fork())
			continue;
		alarm(300 * (slow() > 4 ? 4 : slow()));
		while (share--)
			one_connection(how);
		exit(0);
	}
	while (wait(&status) > 0)
		failed |= status;
	return !!failed;
}

struct pair {
	int l, c, s;
};

static struct pair pair(int l)
{
	struct pair p = { .l = l, .c = tcp_connect_to(kind, address, port) };

	if (p.c < 0)
		die("connect");
	p.s = accept(l, NULL, NULL);
	if (p.s < 0)
		die("accept");
	return p;
}

/* Writes until the peer's window is shut: what follows stays behind it. */
static void fill(int fd)
{
	static char block[65536];
	__u64 until = deadline(2);
	int stuck = 0;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	/* Twice in a row: the first time acknowledgements may be on their way. */
	while (stuck < 5 && now_ns() < until + 10000000000ULL) {
		if (write(fd, block, sizeof(block)) > 0) {
			stuck = 0;
		} else {
			stuck++;
			again(until);
		}
	}
}

static void expect(int fd, unsigned int state)
{
	if (!tcp_wait_state(fd, state)) {
		fprintf(stderr, "tcp_peer: socket in %s instead of %s\n",
			state_name(tcp_state(fd)), state_name(state));
		exit(1);
	}
}

/* A listener with a full queue leaves further SYNs unanswered. */
static void hold_syn_sent(unsigned int count)
{
	union addr to = addr_make(kind, address, port + 1);
	int fd;

	if (tcp_listen(kind, address, port + 1, 0) < 0 ||
	    tcp_connect_to(kind, address, port + 1) < 0)
		die("full listener");
	while (count--) {
		fd = tcp_socket(kind, SOCK_NONBLOCK);
		if (!connect(fd, &to.any, addr_len(&to)) || errno != EINPROGRESS)
			die("connect to a full listener");
	}
}

/* A listener that waits for data leaves those half-open that send none. */
static void hold_syn_recv(unsigned int count)
{
	int l = tcp_listen(kind, address, port + 2, 64), seconds = 300;

	if (l < 0 || setsockopt(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)))
		die("listen for data");
	while (count--)
		if (tcp_connect_to(kind, address, port + 2) < 0)
			die("connect without data");
}

static void __attribute__((noreturn)) hold(unsigned int count)
{
	int l = tcp_listen(kind, address, port, 64);
	struct pair p;

	if (l < 0)
		die("listen");
	hold_syn_sent(count);
	hold_syn_recv(count);
	while (count--) {
		p = pair(l);			/* ESTABLISHED, both */
		p = pair(l);			/* FIN_WAIT2 and CLOSE_WAIT */
		shutdown(p.c, SHUT_WR);
		expect(p.c, TCPSTATE_FIN_WAIT2);
		p = pair(l);			/* FIN_WAIT1 and ESTABLISHED */
		fill(p.c);
		shutdown(p.c, SHUT_WR);
		expect(p.c, TCPSTATE_FIN_WAIT1);
		p = pair(l);			/* CLOSING and FIN_WAIT2 */
		fill(p.c);
		shutdown(p.c, SHUT_WR);
		shutdown(p.s, SHUT_WR);
		expect(p.c, TCPSTATE_CLOSING);
		expect(p.s, TCPSTATE_FIN_WAIT2);
		p = pair(l);			/* FIN_WAIT2 and LAST_ACK */
		shutdown(p.c, SHUT_WR);
		expect(p.s, TCPSTATE_CLOSE_WAIT);
		fill(p.s);
		shutdown(p.s, SHUT_WR);
		expect(p.s, TCPSTATE_LAST_ACK);
		expect(p.c, TCPSTATE_FIN_WAIT2);
		p = pair(l);			/* TIME_WAIT */
		shutdown(p.c, SHUT_WR);
		expect(p.c, TCPSTATE_FIN_WAIT2);
		close(p.s);
		expect(p.c, TCPSTATE_CLOSE);
		p = pair(l);			/* FIN_WAIT2, without a socket */
		shutdown(p.c, SHUT_WR);
		expect(p.c, TCPSTATE_FIN_WAIT2);
		close(p.c);
	}
	ready();
	for (;;)
		pause();
}

/* Whoever drops what the other side answers leaves it half-open. */
static void __attribute__((noreturn)) knock(unsigned int count)
{
	union addr to = addr_make(kind, address, port);

	while (count--) {
		int fd = tcp_socket(kind, SOCK_NONBLOCK);

		if (!connect(fd, &to.any, addr_len(&to)) || errno != EINPROGRESS)
			die("connect");
	}
	ready();
	for (;;)
		pause();
}

/* Of what follows "crowd". */
static int crowd(char **argv)
{
	struct crowd crowd = {
		.v4 = argv[0],
		.v6 = argv[1],
		.port = atoi(argv[2]),
		.count = atoi(argv[3]),
		.at_once = atoi(argv[4]),
		.seed = atoi(argv[5]),
	};

	return crowd_run(&crowd);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && !strcmp(argv[1], "house"))
		return crowd_serve(atoi(argv[2]), ready);
	if (argc == 8 && !strcmp(argv[1], "crowd"))
		return crowd(argv + 2);
	if (argc < 4) {
		fputs(usage, stderr);
		return 2;
	}
	address = argv[2];
	port = atoi(argv[3]);
	kind = strchr(address, ':') ? KIND_V6 : KIND_V4;
	if (!strcmp(argv[1], "serve") && argc == 4)
		serve();
	if (!strcmp(argv[1], "load") && argc == 7)
		return load(atoi(argv[4]), atoi(argv[5]), argv[6]);
	if (!strcmp(argv[1], "hold") && argc == 5)
		hold(atoi(argv[4]));
	if (!strcmp(argv[1], "knock") && argc == 5)
		knock(atoi(argv[4]));
	fputs(usage, stderr);
	return 2;
}
