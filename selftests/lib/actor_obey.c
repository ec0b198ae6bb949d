// SPDX-License-Identifier: GPL-2.0
/*
 * An actor: a process that does what the test tells it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actor_order.h"

/* How it finds its way back after exec(). */
#define AFTER_EXEC "TCPSTATE_TEST_ACTOR"

/* How it talks to the test, and what it has. */
static int test;
static int sock[ACTOR_SLOTS];

static const char *loopback(enum kind kind)
{
	return kind == KIND_V6 ? "::1" : "127.0.0.1";
}

static void *connect_in_thread(void *order)
{
	const struct order *o = order;

	prctl(PR_SET_NAME, "thread");
	sock[ACTOR_SOCKET] = tcp_connect_to(o->kind, loopback(o->kind), o->number);
	return NULL;
}

static void by_thread(struct order *o)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, connect_in_thread, o))
		pthread_join(thread, NULL);
}

static void __attribute__((noreturn)) obey_for_ever(void);

/* Returns the test's end of the child's way to talk, or -1. */
static int divide(const struct order *o, pid_t *pid)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		return -1;
	*pid = fork();
	if (!*pid) {
		close(test);
		close(pair[0]);
		test = pair[1];
		prctl(PR_SET_NAME, o->name);
		obey_for_ever();
	}
	close(pair[1]);
	return pair[0];
}

static void go_through_exec(void)
{
	char state[64];

	snprintf(state, sizeof(state), "%d %d %d", test, sock[0], sock[1]);
	setenv(AFTER_EXEC, state, 1);
	for (int i = 0; i < ACTOR_SLOTS; i++)
		if (sock[i] >= 0)
			fcntl(sock[i], F_SETFD, 0);
	execl("/proc/self/exe", "exe", NULL);
}

static void __attribute__((constructor)) come_out_of_exec(void)
{
	const char *state = getenv(AFTER_EXEC);
	struct answer answer = { 0 };

	if (!state || sscanf(state, "%d %d %d", &test, &sock[0], &sock[1]) != 3)
		return;
	unsetenv(AFTER_EXEC);
	order_say(test, &answer, sizeof(answer), -1);
	obey_for_ever();
}

static int drop(int fd)
{
	int error = close(fd);

	for (int i = 0; i < ACTOR_SLOTS; i++)
		if (sock[i] == fd)
			sock[i] = -1;
	return error;
}

/* Sets errno if it fails; @fd is what came with the order. */
static int obey(struct order *o, int fd, struct answer *answer, int *with)
{
	int about = o->command == DO_LISTEN ? ACTOR_LISTENER : ACTOR_SOCKET;
	int result = 0;

	errno = 0;
	switch (o->command) {
	case DO_FORK:
		*with = divide(o, &answer->pid);
		return *with;
	case DO_EXEC:
		go_through_exec();
		return -1;
	case DO_SETUID:
		return setuid(o->number);
	case DO_LISTEN:
		sock[about] = tcp_listen(o->kind, loopback(o->kind), 0, 8);
		break;
	case DO_CONNECT:
		sock[about] = tcp_connect_to(o->kind, loopback(o->kind), o->number);
		break;
	case DO_CONNECT_BY_THREAD:
		by_thread(o);
		break;
	case DO_ACCEPT:
		sock[about] = accept4(sock[ACTOR_LISTENER], NULL, NULL, SOCK_CLOEXEC);
		break;
	case DO_SEND:
		result = send(sock[about], "x", 1, MSG_NOSIGNAL);
		break;
	case DO_SHUTDOWN:
		result = shutdown(sock[about], SHUT_WR);
		break;
	case DO_CLOSE:
		return drop(sock[o->number]);
	case DO_GIVE:
		*with = sock[o->number];
		return *with;
	case DO_TAKE:
		sock[o->number] = fd;
		about = o->number;
		break;
	case DO_EXIT:
		exit(0);
	}
	if (sock[about] < 0)
		return -1;
	answer->cookie = tcp_cookie(sock[about]);
	answer->port = tcp_port(sock[about]);
	return result;
}

static void obey_for_ever(void)
{
	struct order order;
	int fd;

	while (order_hear(test, &order, sizeof(order), &fd)) {
		struct answer answer = { 0 };
		int with = -1;

		if (obey(&order, fd, &answer, &with) < 0)
			answer.error = errno ?: EINVAL;
		order_say(test, &answer, sizeof(answer), with);
		/* A child's way to talk is the test's from now on. */
		if (order.command == DO_FORK)
			close(with);
	}
	_exit(0);
}

void order_obey(int from, const char *name)
{
	test = from;
	sock[ACTOR_LISTENER] = -1;
	sock[ACTOR_SOCKET] = -1;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	/* A child of an actor is to be waited for by nobody. */
	signal(SIGCHLD, SIG_IGN);
	obey_for_ever();
}
