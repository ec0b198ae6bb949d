/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that do with sockets what the test tells them, so that a socket can
 * be one process's and then another's. Each has a name (comm) and room for two
 * sockets.
 *
 * Must not know what is told of them.
 */
#ifndef TCPSTATE_TEST_ACTOR_H
#define TCPSTATE_TEST_ACTOR_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

#include "ends.h"

/* What an actor holds. */
enum actor_slot {
	ACTOR_LISTENER,
	ACTOR_SOCKET,
	ACTOR_SLOTS,
};

/**
 * struct actor - a process
 * @pid: process
 * @fd: how to talk to it
 * @cookie: of the socket that was last spoken of
 * @port: its local port
 */
struct actor {
	pid_t pid;
	int fd;
	__u64 cookie;
	unsigned int port;
};

/* All of these say what went wrong. */
bool actor_start(struct actor *a, const char *name);

/* @a forks: @child has all that @a has. */
bool actor_fork(struct actor *a, struct actor *child, const char *name);

/* It goes on under the name "exe" with what it has. */
bool actor_exec(struct actor *a);
bool actor_setuid(struct actor *a, unsigned int uid);

/* On loopback. A connection can be made by another thread than the first. */
bool actor_listen(struct actor *a, enum kind k);
bool actor_connect(struct actor *a, enum kind k, unsigned int port);
bool actor_connect_by_thread(struct actor *a, enum kind k, unsigned int port);
bool actor_accept(struct actor *a);
bool actor_send(struct actor *a);
bool actor_shutdown(struct actor *a);
bool actor_close(struct actor *a, enum actor_slot slot);

/* By SCM_RIGHTS; @from does not have it any more. */
bool actor_pass(struct actor *from, struct actor *to, enum actor_slot slot);

/* Ends it by exit() or by a signal, and waits until it is gone. */
void actor_end(struct actor *a, int signal);

#endif
