/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the test and its actors talk: orders, answers, and descriptors that go
 * with them.
 */
#ifndef TCPSTATE_TEST_ACTOR_ORDER_H
#define TCPSTATE_TEST_ACTOR_ORDER_H

#include "actor.h"

enum command {
	DO_FORK,
	DO_EXEC,
	DO_SETUID,
	DO_LISTEN,
	DO_CONNECT,
	DO_CONNECT_BY_THREAD,
	DO_ACCEPT,
	DO_SEND,
	DO_SHUTDOWN,
	DO_CLOSE,
	DO_GIVE,
	DO_TAKE,
	DO_EXIT,
};

struct order {
	enum command command;
	enum kind kind;
	unsigned int number;
	char name[16];
};

struct answer {
	int error;
	pid_t pid;
	__u64 cookie;
	unsigned int port;
};

/* A message, with a descriptor unless that is -1. */
bool order_say(int to, const void *message, size_t len, int fd);
bool order_hear(int from, void *message, size_t len, int *fd);

/* What an actor does all its life: obeys the orders that come from @test. */
void __attribute__((noreturn)) order_obey(int test, const char *name);

#endif
