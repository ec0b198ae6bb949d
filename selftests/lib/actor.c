// SPDX-License-Identifier: GPL-2.0
/*
 * Gives actors their orders.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor_order.h"

/* Sends an order with a descriptor, hears the answer and what comes with it. */
static bool tell(struct actor *a, struct order *o, int with, struct answer *answer, int *got)
{
	struct pollfd ready = { .fd = a->fd, .events = POLLIN };

	if (!order_say(a->fd, o, sizeof(*o), with) || poll(&ready, 1, 60000) != 1 ||
	    !order_hear(a->fd, answer, sizeof(*answer), got)) {
		printf("# actor %d: no answer to order %d\n", a->pid, o->command);
		return false;
	}
	if (answer->error) {
		printf("# actor %d: order %d: %s\n", a->pid, o->command,
		       strerror(answer->error));
		return false;
	}
	if (answer->cookie) {
		a->cookie = answer->cookie;
		a->port = answer->port;
	}
	return true;
}

static bool simply(struct actor *a, enum command what, enum kind k, unsigned int number)
{
	struct order o = { .command = what, .kind = k, .number = number };
	struct answer answer;
	int fd;

	return tell(a, &o, -1, &answer, &fd);
}

bool actor_start(struct actor *a, const char *name)
{
	int pair[2];

	memset(a, 0, sizeof(*a));
	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		return false;
	fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	a->pid = fork();
	if (!a->pid) {
		close(pair[0]);
		order_obey(pair[1], name);
	}
	close(pair[1]);
	a->fd = pair[0];
	return a->pid > 0;
}

bool actor_fork(struct actor *a, struct actor *child, const char *name)
{
	struct order o = { .command = DO_FORK };
	struct answer answer;

	memset(child, 0, sizeof(*child));
	strncpy(o.name, name, sizeof(o.name) - 1);
	if (!tell(a, &o, -1, &answer, &child->fd))
		return false;
	child->pid = answer.pid;
	return true;
}

bool actor_exec(struct actor *a)
{
	return simply(a, DO_EXEC, 0, 0);
}

bool actor_setuid(struct actor *a, unsigned int uid)
{
	return simply(a, DO_SETUID, 0, uid);
}

bool actor_listen(struct actor *a, enum kind k)
{
	return simply(a, DO_LISTEN, k, 0);
}

bool actor_connect(struct actor *a, enum kind k, unsigned int port)
{
	return simply(a, DO_CONNECT, k, port);
}

bool actor_connect_by_thread(struct actor *a, enum kind k, unsigned int port)
{
	return simply(a, DO_CONNECT_BY_THREAD, k, port);
}

bool actor_accept(struct actor *a)
{
	return simply(a, DO_ACCEPT, 0, 0);
}

bool actor_send(struct actor *a)
{
	return simply(a, DO_SEND, 0, 0);
}

bool actor_shutdown(struct actor *a)
{
	return simply(a, DO_SHUTDOWN, 0, 0);
}

bool actor_close(struct actor *a, enum actor_slot slot)
{
	return simply(a, DO_CLOSE, 0, slot);
}

bool actor_pass(struct actor *from, struct actor *to, enum actor_slot slot)
{
	struct order give = { .command = DO_GIVE, .number = slot };
	struct order take = { .command = DO_TAKE, .number = slot };
	struct answer answer;
	int fd, none;
	bool done;

	if (!tell(from, &give, -1, &answer, &fd) || fd < 0)
		return false;
	done = tell(to, &take, fd, &answer, &none);
	close(fd);
	return done && actor_close(from, slot);
}

void actor_end(struct actor *a, int signal)
{
	struct order o = { .command = DO_EXIT };
	char byte;

	if (!a->pid)
		return;
	if (signal)
		kill(a->pid, signal);
	else
		order_say(a->fd, &o, sizeof(o), -1);
	/* End of file when its last descriptor is gone, its sockets before it. */
	while (read(a->fd, &byte, 1) > 0)
		;
	waitpid(a->pid, NULL, 0);
	close(a->fd);
	a->pid = 0;
}
