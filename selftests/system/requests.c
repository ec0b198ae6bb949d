// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * Connections in the SYN queue, and every end of theirs that needs no timer:
 * the stream must tell exactly their stories, from the SYN on and under one
 * cookie, and nothing of them may be left.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/wait.h>

#include "diag.h"
#include "icmp.h"
#include "lobby_fixture.h"
#include "mib.h"
#include "sysctl.h"

LOBBY_FIXTURE(requests)

/* The hand-over to the full socket is no transition. */
TEST_F(requests, completes)
{
	struct lobby *lb = &self->lb;
	int l = lobby_listen(lb, 8);
	struct raw_peer *p = lobby_peer(lb, OPENS "CLOSE:rst");

	ASSERT_TRUE(lobby_syn(lb, p));
	EXPECT_TRUE(lobby_waiting(1));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	EXPECT_TRUE(lobby_waiting(0));
	ASSERT_LE(0, lobby_accept(lb, l, p));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(requests, closes_in_order)
{
	struct lobby *lb = &self->lb;
	int s, l = lobby_listen(lb, 8);
	struct raw_peer *p = lobby_peer(lb, OPENS "CLOSE_WAIT:fin LAST_ACK:close@ CLOSE:ack");

	ASSERT_TRUE(lobby_shake(lb, p));
	s = lobby_accept(lb, l, p);
	ASSERT_LE(0, s);
	raw_peer_fin(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_CLOSE_WAIT));
	lobby_close(lb, s);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_LAST_ACK));
	raw_peer_ack(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(requests, third_packet_with_fin)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	lobby_listen(lb, 8);
	p = lobby_peer(lb, OPENS "CLOSE_WAIT:fin* CLOSE:rst*");
	ASSERT_TRUE(lobby_syn(lb, p));
	raw_peer_fin(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_CLOSE_WAIT));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

/* Takes the connection, closes it with an RST; does not return. */
static void accept_in_child(struct lobby *lb, int l, struct raw_peer *p)
{
	int s = lobby_accept(lb, l, p);

	if (s >= 0)
		tcp_abort(s);
	_exit(s < 0);
}

/* It is owned by whoever calls accept(), not by whoever listens. */
TEST_F(requests, accepted_by_another_process)
{
	struct lobby *lb = &self->lb;
	int status, l = lobby_listen(lb, 8);
	struct raw_peer *p = lobby_peer(lb, OPENS "CLOSE:linger0@");
	pid_t child;

	ASSERT_TRUE(lobby_shake(lb, p));
	child = fork();
	if (!child)
		accept_in_child(lb, l, p);
	lobby_story(lb, p)->owner = child;
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(lobby_until_resets(lb, p, 1));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(requests, reset)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	lobby_listen(lb, 8);
	p = lobby_peer(lb, ARRIVES "CLOSE:rst/request*");
	ASSERT_TRUE(lobby_syn(lb, p));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

/* It does not count, and is not taken for the reason of what comes later. */
TEST_F(requests, reset_outside_the_window)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p, *full;

	ASSERT_TRUE(sysctl_set("tcp_abort_on_overflow", "1"));
	lobby_listen(lb, 2);
	p = lobby_peer(lb, OPENS "CLOSE:rst*");
	full = lobby_peer(lb, ARRIVES "CLOSE:accept-overflow/request*");
	ASSERT_TRUE(lobby_syn(lb, p));
	ASSERT_TRUE(lobby_syn(lb, full));
	raw_peer_put(p, SEGMENT_RST, p->isn + 0x1000000, NULL);
	raw_peer_put(full, SEGMENT_RST, full->isn + 0x1000000, NULL);
	EXPECT_TRUE(lobby_waiting(2));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	raw_peer_rst(p);
	for (int i = 0; i < 2; i++)
		ASSERT_TRUE(lobby_shake(lb, lobby_peer(lb, OPENS "CLOSE:listener-closed*@")));
	raw_peer_ack(full);
	EXPECT_TRUE(lobby_until(lb, full, TCPSTATE_CLOSE));
	EXPECT_TRUE(lobby_until(lb, p, TCPSTATE_CLOSE));
	lobby_close(lb, lb->fd[0]);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(requests, bad_syn)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	lobby_listen(lb, 8);
	p = lobby_peer(lb, ARRIVES "CLOSE:syn/request*");
	ASSERT_TRUE(lobby_syn(lb, p));
	raw_peer_put(p, SEGMENT_SYN, p->isn + 1, NULL);
	EXPECT_TRUE(lobby_until_resets(lb, p, 1));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(requests, same_syn_again)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	lobby_listen(lb, 8);
	ASSERT_TRUE(sysctl_set("tcp_invalid_ratelimit", "0"));
	p = lobby_peer(lb, ARRIVES "^1:duplicate-syn ^2:duplicate-syn ESTABLISHED:ack* CLOSE:rst*");
	ASSERT_TRUE(lobby_syn(lb, p));
	for (int i = 2; i < 4; i++) {
		raw_peer_syn(p);
		ASSERT_TRUE(lobby_until_synacks(lb, p, i));
	}
	EXPECT_TRUE(lobby_waiting(1));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

/* The one error is fatal in IPv4 only, the other one in IPv6 only. */
TEST_F(requests, icmp)
{
	bool v6 = variant->kind == KIND_V6;
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	lobby_listen(lb, 8);
	p = lobby_peer(lb, ARRIVES "^1:duplicate-syn CLOSE:icmp/request*");
	raw_peer_syn(p);
	ASSERT_TRUE(icmp_answer(&lb->w, SIDE_B,
				v6 ? ICMP_HOST_UNREACHABLE : ICMP_PORT_UNREACHABLE));
	EXPECT_TRUE(lobby_waiting(1));
	raw_peer_syn(p);
	ASSERT_TRUE(icmp_answer(&lb->w, SIDE_B,
				v6 ? ICMP_PORT_UNREACHABLE : ICMP_HOST_UNREACHABLE));
	EXPECT_TRUE(lobby_finish(lb));
}

/* close() leaves the request where it is; the next packet finds out. */
TEST_F(requests, listener_closed_before_the_third_packet)
{
	struct lobby *lb = &self->lb;
	int l = lobby_listen(lb, 8);
	struct raw_peer *p = lobby_peer(lb, ARRIVES "CLOSE:listener-closed/request*");

	ASSERT_TRUE(lobby_syn(lb, p));
	lobby_close(lb, l);
	EXPECT_TRUE(lobby_waiting(1));
	raw_peer_ack(p);
	EXPECT_TRUE(lobby_until_resets(lb, p, 1));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(requests, listener_closed_before_accept)
{
	struct lobby *lb = &self->lb;
	int l = lobby_listen(lb, 8);
	struct raw_peer *p;

	for (int i = 0; i < 3; i++) {
		p = lobby_peer(lb, OPENS "CLOSE:listener-closed*@");
		ASSERT_TRUE(lobby_shake(lb, p));
	}
	lobby_close(lb, l);
	EXPECT_TRUE(lobby_until_resets(lb, p, 1));
	EXPECT_TRUE(lobby_finish(lb));
}

/* A listener that has room for two, two in the queue; the third packet comes. */
static struct raw_peer *overflow(struct lobby *lb, int l, const char *words)
{
	struct raw_peer *p = lobby_peer(lb, words);
	long long before = mib("TcpExtListenOverflows");

	for (int i = 0; i < 2; i++)
		if (!lobby_shake(lb, lobby_peer(lb, OPENS "CLOSE:rst")))
			return NULL;
	if (!lobby_syn(lb, p) || !lobby_shake(lb, lobby_peer(lb, OPENS "CLOSE:rst")))
		return NULL;
	raw_peer_ack(p);
	return lobby_until_mib(lb, "TcpExtListenOverflows", before + 1) ? p : NULL;
}

/* Takes and resets the three that filled the queue. */
static bool make_room(struct lobby *lb, int l)
{
	for (int i = 1; i < 4; i++) {
		if (lobby_accept(lb, l, &lb->peer[i]) < 0)
			return false;
		raw_peer_rst(&lb->peer[i]);
		if (!lobby_until(lb, &lb->peer[i], TCPSTATE_CLOSE))
			return false;
	}
	return true;
}

TEST_F(requests, accept_queue_full_resets)
{
	struct lobby *lb = &self->lb;
	int l = lobby_listen(lb, 2);
	struct raw_peer *p;

	ASSERT_TRUE(sysctl_set("tcp_abort_on_overflow", "1"));
	p = overflow(lb, l, ARRIVES "CLOSE:accept-overflow/request*");
	ASSERT_NE(NULL, p);
	EXPECT_TRUE(lobby_until_resets(lb, p, 1));
	EXPECT_TRUE(make_room(lb, l));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(requests, accept_queue_full_and_then_not)
{
	struct lobby *lb = &self->lb;
	int l = lobby_listen(lb, 2);
	struct raw_peer *p = overflow(lb, l, OPENS "CLOSE:rst");

	ASSERT_NE(NULL, p);
	EXPECT_TRUE(lobby_waiting(1));
	EXPECT_TRUE(make_room(lb, l));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	ASSERT_LE(0, lobby_accept(lb, l, p));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(requests, aborted)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;
	int error;

	lobby_listen(lb, 8);
	p = lobby_peer(lb, ARRIVES "CLOSE:abort/request*@");
	ASSERT_TRUE(lobby_syn(lb, p));
	error = diag_destroy(&lobby_story(lb, p)->local, &lobby_story(lb, p)->remote);
	if (error == EOPNOTSUPP)
		SKIP(return, "this kernel cannot end a socket from outside");
	ASSERT_EQ(0, error);
	EXPECT_TRUE(lobby_finish(lb));
}

static int listen_deferred(struct lobby *lb, int seconds)
{
	int l = lobby_listen(lb, 8);

	if (setsockopt(l, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)))
		return -1;
	return l;
}

/* The third packet must bring data: one without is as if it had not come. */
TEST_F(requests, deferred_until_data)
{
	struct lobby *lb = &self->lb;
	int l = listen_deferred(lb, 5);
	struct raw_peer *p = lobby_peer(lb, OPENS "CLOSE:rst");

	ASSERT_LE(0, l);
	ASSERT_TRUE(lobby_syn(lb, p));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until_mib(lb, "TcpExtTCPDeferAcceptDrop", 1));
	EXPECT_TRUE(lobby_waiting(1));
	raw_peer_data(p, "x");
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	ASSERT_LE(0, lobby_accept(lb, l, p));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(requests, deferred_and_reset)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	ASSERT_LE(0, listen_deferred(lb, 5));
	p = lobby_peer(lb, ARRIVES "CLOSE:rst/request*");
	ASSERT_TRUE(lobby_syn(lb, p));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until_mib(lb, "TcpExtTCPDeferAcceptDrop", 1));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_HARNESS_MAIN
