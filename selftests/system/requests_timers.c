// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * Connections in the SYN queue that a timer ends, and the SYN-ACKs that it
 * sends again before.
 */
#include <netinet/tcp.h>
#include <stdio.h>

#include "lobby_fixture.h"
#include "mib.h"
#include "sysctl.h"

LOBBY_FIXTURE(timers)

/* SYN-ACKs are sent again @retries times; that takes up to a minute. */
static int listen_patiently(struct lobby *lb, const char *retries, int backlog)
{
	lb->patience = 100;
	return sysctl_set("tcp_synack_retries", retries) ? lobby_listen(lb, backlog) : -1;
}

TEST_F(timers, nobody_answers)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	ASSERT_LE(0, listen_patiently(lb, "3", 8));
	p = lobby_peer(lb, ARRIVES "^1:timer ^2:timer ^3:timer CLOSE:synack-timeout/request*");
	ASSERT_TRUE(lobby_syn(lb, p));
	ASSERT_TRUE(lobby_until_synacks(lb, p, 4));
	EXPECT_TRUE(lobby_waiting(1));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(timers, answered_late)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	ASSERT_LE(0, listen_patiently(lb, "3", 8));
	p = lobby_peer(lb, ARRIVES "^1:timer ^2:timer ESTABLISHED:ack* CLOSE:rst*");
	ASSERT_TRUE(lobby_syn(lb, p));
	ASSERT_TRUE(lobby_until_synacks(lb, p, 3));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

/* The attempts are numbered in one row, whoever makes them. */
TEST_F(timers, same_syn_between)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	ASSERT_LE(0, listen_patiently(lb, "2", 8));
	p = lobby_peer(lb, ARRIVES "^1:duplicate-syn ^2:timer ^3:duplicate-syn ^4:timer "
		       "CLOSE:synack-timeout/request*");
	ASSERT_TRUE(lobby_syn(lb, p));
	raw_peer_syn(p);
	ASSERT_TRUE(lobby_until_synacks(lb, p, 3));
	raw_peer_syn(p);
	ASSERT_TRUE(lobby_until_synacks(lb, p, 4));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(timers, listener_closed)
{
	struct lobby *lb = &self->lb;
	int l = listen_patiently(lb, "3", 8);
	struct raw_peer *p = lobby_peer(lb, ARRIVES "^1:timer CLOSE:listener-closed/request*");

	ASSERT_LE(0, l);
	ASSERT_TRUE(lobby_syn(lb, p));
	ASSERT_TRUE(lobby_until_synacks(lb, p, 2));
	lobby_close(lb, l);
	EXPECT_TRUE(lobby_waiting(1));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(timers, listener_shut_down)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;
	int l;

	lb->patience = 100;
	l = tcp_listen(lb->kind, lb->kind == KIND_V6 ? WIRE_B6 : WIRE_B4, LOBBY_PORT, 8);
	ASSERT_LE(0, l);
	lobby_follow_listener(lb, l, "CLOSE LISTEN:listen@ CLOSE:disconnect@");
	p = lobby_peer(lb, ARRIVES "CLOSE:listener-closed/request*");
	ASSERT_TRUE(lobby_syn(lb, p));
	shutdown(l, SHUT_RDWR);
	EXPECT_TRUE(lobby_finish(lb));
}

/* Its third packet came, but there was no room, and no other one came. */
TEST_F(timers, accept_queue_full)
{
	struct lobby *lb = &self->lb;
	int l = listen_patiently(lb, "2", 2);
	struct raw_peer *p = lobby_peer(lb, ARRIVES "^1:timer ^2:timer "
					"CLOSE:accept-overflow/request*");

	ASSERT_LE(0, l);
	ASSERT_TRUE(lobby_syn(lb, p));
	for (int i = 0; i < 3; i++)
		ASSERT_TRUE(lobby_shake(lb, lobby_peer(lb, OPENS "CLOSE:listener-closed*@")));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until_mib(lb, "TcpExtListenOverflows", 1));
	EXPECT_TRUE(lobby_waiting(1));
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_CLOSE));
	lobby_close(lb, l);
	EXPECT_TRUE(lobby_finish(lb));
}

/* The third packet came without data, as the listener does not want it. */
static struct raw_peer *defer(struct lobby *lb, const char *words)
{
	int seconds = 1, l = listen_patiently(lb, "1", 8);
	struct raw_peer *p = lobby_peer(lb, words);

	if (setsockopt(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)) ||
	    !lobby_syn(lb, p))
		return NULL;
	raw_peer_ack(p);
	return lobby_until_mib(lb, "TcpExtTCPDeferAcceptDrop", 1) ? p : NULL;
}

/* Whoever is still there when the time is up is let in. */
TEST_F(timers, deferred_until_time_is_up)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p = defer(lb, ARRIVES "^1:timer ESTABLISHED:ack* CLOSE:rst*");

	ASSERT_NE(NULL, p);
	ASSERT_TRUE(lobby_until_synacks(lb, p, 2));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(timers, deferred_for_good)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p = defer(lb, ARRIVES "^1:timer CLOSE:synack-timeout/request*");

	ASSERT_NE(NULL, p);
	EXPECT_TRUE(lobby_finish(lb));
}

/* A full socket has a timer of another kind, which tries once more. */
TEST_F(timers, fastopen)
{
	struct lobby *lb = &self->lb;
	int queue = 8, l = listen_patiently(lb, "1", 8);
	struct raw_peer *p = lobby_peer(lb, "CLOSE SYN_RECV:syn* ^1:timer ^2:timer "
					"CLOSE:synack-timeout*");

	ASSERT_TRUE(sysctl_set("tcp_fastopen", "514"));
	ASSERT_EQ(0, setsockopt(l, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)));
	lobby_story(lb, p)->flags = TCPSTATE_F_FASTOPEN;
	raw_peer_fastopen(p, "x");
	ASSERT_TRUE(lobby_until_synacks(lb, p, 3));
	EXPECT_TRUE(lobby_waiting(1));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_HARNESS_MAIN
