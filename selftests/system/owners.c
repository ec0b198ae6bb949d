// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * Who owns a connection: the process that called connect(), or accept(), until
 * the end of TIME_WAIT, whoever has the socket then and whoever closes it;
 * before accept() whoever listened; nobody if the socket is older than the
 * module. Over IPv4, IPv6 and IPv4-mapped addresses.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cast.h"
#include "util.h"

#include "harness.h"

#define OPENS		"CLOSE SYN_SENT:connect@ ESTABLISHED:syn-ack "
#define COMES		"CLOSE SYN_RECV:syn/request* ESTABLISHED:ack* "
#define LISTENS		"CLOSE LISTEN:listen@ CLOSE:close@"
#define CLOSES		"FIN_WAIT1:close@ FIN_WAIT2:ack TIME_WAIT:fin/timewait CLOSE:expired/timewait"
#define SHUTS		"FIN_WAIT1:shutdown@ FIN_WAIT2:ack TIME_WAIT:fin/timewait CLOSE:expired/timewait"
#define IS_CLOSED	"CLOSE_WAIT:fin LAST_ACK:close@ CLOSE:ack"

/* Ann listens, Bob connects; Cid and Dee have to do with it too. */
FIXTURE(owners)
{
	struct cast cast;
	struct actor ann, bob, cid, dee, kid;
	struct part *listener;
};

FOR_EACH_KIND(owners);

FIXTURE_SETUP(owners)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(cast_up(&self->cast, variant->kind));
	ASSERT_TRUE(actor_start(&self->ann, "ann"));
	ASSERT_TRUE(actor_start(&self->bob, "bob"));
	ASSERT_TRUE(actor_start(&self->cid, "cid"));
	ASSERT_TRUE(actor_start(&self->dee, "dee"));
	self->cast.reader = device_open_main(O_NONBLOCK);
	ASSERT_LE(0, self->cast.reader);
	ASSERT_TRUE(actor_listen(&self->ann, variant->kind));
	self->listener = cast_add(&self->cast, &self->ann, "ann", 0, LISTENS);
}

FIXTURE_TEARDOWN(owners)
{
	actor_end(&self->kid, SIGKILL);
	actor_end(&self->dee, SIGKILL);
	actor_end(&self->cid, SIGKILL);
	actor_end(&self->bob, SIGKILL);
	actor_end(&self->ann, SIGKILL);
	cast_down(&self->cast);
}

#define LISTENER_PORT	addr_port(&self->listener->story.local)

#define CONNECT(words)								\
	({									\
		ASSERT_TRUE(actor_connect(&self->bob, variant->kind, LISTENER_PORT)); \
		cast_add(&self->cast, &self->bob, "bob", LISTENER_PORT, words);	\
	})

#define ACCEPT(who, name, words)						\
	({									\
		struct actor *accepter = who;					\
										\
		ASSERT_TRUE(actor_accept(accepter));				\
		cast_add_child(&self->cast, self->listener, accepter, name,	\
			       self->bob.port, words);				\
	})

/* TIME_WAIT is a minute. */
#define TOLD() EXPECT_TRUE(cast_told(&self->cast, 90))

TEST_F(owners, who_connects_and_who_accepts)
{
	CONNECT(OPENS CLOSES);
	ACCEPT(&self->ann, "ann", COMES IS_CLOSED);
	ASSERT_TRUE(actor_close(&self->bob, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_SOCKET));
	/* What is left of it is still Bob's. */
	actor_end(&self->bob, 0);
	actor_end(&self->ann, 0);
	TOLD();
}

TEST_F(owners, a_child_process_that_accepts)
{
	ASSERT_TRUE(actor_fork(&self->ann, &self->kid, "kid"));
	CONNECT(OPENS IS_CLOSED);
	ACCEPT(&self->kid, "kid", COMES CLOSES);
	ASSERT_TRUE(actor_close(&self->kid, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->bob, ACTOR_SOCKET));
	/* The listener goes with the last one who has it. */
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_LISTENER));
	ASSERT_TRUE(actor_close(&self->kid, ACTOR_LISTENER));
	self->listener->closer = self->kid.pid;
	TOLD();
}

TEST_F(owners, sockets_passed_on)
{
	struct part *client = CONNECT(OPENS SHUTS);
	struct part *server = ACCEPT(&self->ann, "ann", COMES IS_CLOSED);

	ASSERT_TRUE(actor_pass(&self->bob, &self->dee, ACTOR_SOCKET));
	ASSERT_TRUE(actor_pass(&self->ann, &self->cid, ACTOR_SOCKET));
	client->closer = self->dee.pid;
	server->closer = self->cid.pid;
	actor_end(&self->bob, 0);
	ASSERT_TRUE(actor_shutdown(&self->dee));
	ASSERT_TRUE(actor_close(&self->cid, ACTOR_SOCKET));
	actor_end(&self->ann, 0);
	TOLD();
}

TEST_F(owners, listener_of_a_process_that_is_gone)
{
	struct part *client, *server;

	ASSERT_TRUE(actor_pass(&self->ann, &self->cid, ACTOR_LISTENER));
	actor_end(&self->ann, 0);
	client = CONNECT(OPENS IS_CLOSED);
	server = ACCEPT(&self->cid, "cid", COMES CLOSES);
	ASSERT_NE(client, server);
	ASSERT_TRUE(actor_close(&self->cid, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->bob, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->cid, ACTOR_LISTENER));
	self->listener->closer = self->cid.pid;
	TOLD();
}

TEST_F(owners, another_program_in_the_same_process)
{
	ASSERT_TRUE(actor_exec(&self->ann));
	CONNECT(OPENS IS_CLOSED);
	ACCEPT(&self->ann, "exe", COMES CLOSES);
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->bob, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_LISTENER));
	TOLD();
}

TEST_F(owners, killed_server)
{
	CONNECT(OPENS IS_CLOSED);
	ACCEPT(&self->ann, "ann", COMES CLOSES);
	actor_end(&self->ann, SIGKILL);
	ASSERT_TRUE(actor_close(&self->bob, ACTOR_SOCKET));
	TOLD();
}

TEST_F(owners, killed_client)
{
	CONNECT(OPENS CLOSES);
	ACCEPT(&self->ann, "ann", COMES IS_CLOSED);
	actor_end(&self->bob, SIGKILL);
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_SOCKET));
	actor_end(&self->ann, SIGKILL);
	TOLD();
}

TEST_F(owners, killed_with_data_unread)
{
	CONNECT(OPENS "CLOSE:rst");
	ACCEPT(&self->ann, "ann", COMES "CLOSE:unread-data@");
	ASSERT_TRUE(actor_send(&self->bob));
	actor_end(&self->ann, SIGKILL);
	TOLD();
}

TEST_F(owners, nobody_accepts)
{
	CONNECT(OPENS "CLOSE:rst");
	cast_add_waiting(&self->cast, self->listener, self->bob.port,
			 COMES "CLOSE:listener-closed*@");
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_LISTENER));
	TOLD();
}

#ifndef AF_SMC
#define AF_SMC 43
#endif

/* What carries a socket of SMC is the kernel's own; who called connect() is not. */
TEST_F(owners, who_connects_by_smc)
{
	const char *here = variant->kind == KIND_V6 ? "::1" : "127.0.0.1";
	union addr to = addr_make(variant->kind, here, LISTENER_PORT);
	struct actor us = { .pid = getpid() };
	int fd;

	if (system("modprobe -q smc"))
		SKIP(return, "there is no module smc for this kernel");
	fd = socket(AF_SMC, SOCK_STREAM | SOCK_CLOEXEC, variant->kind != KIND_V4);
	if (fd < 0)
		SKIP(return, "no socket of SMC: %s", strerror(errno));
	/* The listener does not speak it: it is TCP from then on. */
	ASSERT_EQ(0, connect(fd, &to.any, addr_len(&to)));
	us.port = tcp_port(fd);
	cast_add(&self->cast, &us, "owners", LISTENER_PORT, OPENS "...");
	self->bob.port = us.port;
	ACCEPT(&self->ann, "ann", COMES "...");
	close(fd);
	actor_end(&self->ann, 0);
	TOLD();
	if (system("modprobe -qr smc"))
		printf("# the module stays\n");
}

/* The process is named, not the thread. */
TEST_F(owners, another_thread)
{
	ASSERT_TRUE(actor_connect_by_thread(&self->bob, variant->kind, LISTENER_PORT));
	cast_add(&self->cast, &self->bob, "bob", LISTENER_PORT, OPENS CLOSES);
	ACCEPT(&self->ann, "ann", COMES IS_CLOSED);
	ASSERT_TRUE(actor_close(&self->bob, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_LISTENER));
	TOLD();
}

/* The user is the socket's: that of accept() is who called it. */
TEST_F(owners, other_users)
{
	struct part *client, *server;

	ASSERT_TRUE(actor_setuid(&self->bob, 2000));
	ASSERT_TRUE(actor_setuid(&self->ann, 1000));
	client = CONNECT(OPENS CLOSES);
	server = ACCEPT(&self->ann, "ann", COMES IS_CLOSED);
	client->uid = 2000;
	server->uid = 1000;
	ASSERT_TRUE(actor_close(&self->bob, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_LISTENER));
	TOLD();
}

TEST_HARNESS_MAIN
