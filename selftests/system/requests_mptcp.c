// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * A listener that speaks MPTCP: its subflows are connections of TCP as any
 * other, with a mark; so are those of peers that do not speak it, without.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "lobby_fixture.h"
#include "util.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

LOBBY_FIXTURE(mptcp)

static int mptcp_socket(enum kind kind)
{
	int one = 1, zero = 0, fd = socket(kind == KIND_V4 ? AF_INET : AF_INET6,
					   SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (kind != KIND_V4)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	return fd;
}

/* The first story is that of what is going to listen. */
static int mptcp_bound(struct lobby *lb, const char *words)
{
	int fd = mptcp_socket(lb->kind);
	struct story *s = &lb->story[0];

	if (fd < 0)
		return -1;
	lobby_follow_listener(lb, fd, words);
	/* That of the subflow, which listens, cannot be known. */
	s->cookie = 0;
	s->flags = TCPSTATE_F_MPTCP;
	return bind(fd, &s->local.any, addr_len(&s->local)) ? -1 : fd;
}

static int mptcp_listen(struct lobby *lb, const char *words)
{
	int fd = mptcp_bound(lb, words);

	return fd < 0 || listen(fd, 8) ? -1 : fd;
}

/* On its way from side A. */
static int mptcp_connect(struct lobby *lb)
{
	int fd;

	wire_go(&lb->w, SIDE_A);
	fd = mptcp_socket(lb->kind);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, &lb->story[0].local.any, addr_len(&lb->story[0].local)) &&
	    errno != EINPROGRESS)
		perror("connect");
	wire_go(&lb->w, SIDE_B);
	return fd;
}

static bool until_readable(struct lobby *lb, int fd)
{
	__u64 until = deadline(lb->patience);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	do
		lobby_turn(lb);
	while (poll(&p, 1, 0) != 1 && again(until));
	return p.revents & POLLIN;
}

#define NEEDS_MPTCP(l)							\
do {									\
	if ((l) < 0 && (errno == EPROTONOSUPPORT || errno == ENOPROTOOPT))	\
		SKIP(return, "this kernel does not speak MPTCP");	\
	ASSERT_LE(0, l);						\
} while (0)

TEST_F(mptcp, spoken_by_both)
{
	struct lobby *lb = &self->lb;
	int c, s, l = mptcp_listen(lb, LISTENS);
	char byte;

	NEEDS_MPTCP(l);
	lb->patience = 200;
	c = mptcp_connect(lb);
	lobby_guest(lb, tcp_port(c), OPENS "...")->flags = TCPSTATE_F_MPTCP;
	ASSERT_TRUE(until_readable(lb, l));
	s = accept(l, NULL, NULL);
	ASSERT_LE(0, s);
	EXPECT_EQ(1, counter("state_ESTABLISHED_now"));
	EXPECT_TRUE(lobby_waiting(0));
	EXPECT_EQ(1, write(c, "x", 1));
	EXPECT_TRUE(until_readable(lb, s));
	EXPECT_EQ(1, read(s, &byte, 1));
	close(c);
	EXPECT_TRUE(until_readable(lb, s));
	close(s);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(mptcp, spoken_by_the_listener)
{
	struct lobby *lb = &self->lb;
	int l = mptcp_listen(lb, LISTENS);
	struct raw_peer *p;

	NEEDS_MPTCP(l);
	p = lobby_peer(lb, OPENS "CLOSE:rst");
	ASSERT_TRUE(lobby_shake(lb, p));
	ASSERT_LE(0, lobby_accept(lb, l, p));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(mptcp, shut_down_and_up_again)
{
	struct lobby *lb = &self->lb;
	int l = mptcp_listen(lb, "CLOSE LISTEN:listen@ CLOSE:disconnect@ "
			     "LISTEN:listen@ CLOSE:close@");

	NEEDS_MPTCP(l);
	shutdown(l, SHUT_RDWR);
	EXPECT_EQ(0, listen(l, 8));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(mptcp, port_taken)
{
	struct lobby *lb = &self->lb;
	int l = mptcp_bound(lb, "CLOSE LISTEN:listen@ CLOSE:port-failure@");

	NEEDS_MPTCP(l);
	ASSERT_LE(0, lobby_listen(lb, 8));
	EXPECT_EQ(-1, listen(l, 8));
	EXPECT_EQ(EADDRINUSE, errno);
	EXPECT_TRUE(lobby_finish(lb));
}

/* What carries the connection is closed with the listener. */
TEST_F(mptcp, listener_closed_before_accept)
{
	struct lobby *lb = &self->lb;
	int c, l = mptcp_listen(lb, LISTENS);

	NEEDS_MPTCP(l);
	lb->patience = 200;
	c = mptcp_connect(lb);
	lobby_guest(lb, tcp_port(c), OPENS "CLOSE:listener-closed*@")->flags = TCPSTATE_F_MPTCP;
	ASSERT_TRUE(until_readable(lb, l));
	lobby_close(lb, l);
	lobby_wait_told(lb, true);
	close(c);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(mptcp, request_reset)
{
	struct lobby *lb = &self->lb;
	int l = mptcp_listen(lb, LISTENS);
	struct raw_peer *p;

	NEEDS_MPTCP(l);
	p = lobby_peer(lb, ARRIVES "CLOSE:rst/request*");
	ASSERT_TRUE(lobby_syn(lb, p));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_HARNESS_MAIN
