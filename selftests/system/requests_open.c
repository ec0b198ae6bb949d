// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * Connections that come in without standing in the SYN queue: by a SYN cookie,
 * where nothing is kept of the SYN, and by Fast Open, where the SYN makes a
 * full socket. And all of that where a BPF program asks for the socket cookie of
 * each request, so that they have one though they stand in no queue.
 */
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

#include "cookie_maker.h"
#include "icmp.h"
#include "lobby_fixture.h"
#include "mib.h"
#include "sock_ops.h"
#include "sysctl.h"

/* How they come. */
#define BY_COOKIE	"CLOSE ESTABLISHED:cookie* "
#define BY_FASTOPEN	"CLOSE SYN_RECV:syn* "

LOBBY_FIXTURE(open)

static int listen_with_cookies(struct lobby *lb, int backlog)
{
	return sysctl_set("tcp_syncookies", "2") ? lobby_listen(lb, backlog) : -1;
}

/*
 * It has its cookie, from whomever, and brings it back; @sent are those that the
 * kernel sent.
 */
static void bring_cookie(struct __test_metadata *_metadata, struct lobby *lb, int l,
			 struct raw_peer *p, unsigned int sent)
{
	EXPECT_TRUE(lobby_waiting(0));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	ASSERT_LE(0, lobby_accept(lb, l, p));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
	EXPECT_EQ(sent, mib("TcpExtSyncookiesSent"));
	EXPECT_EQ(sent, counter("event_cookie_cookie_sent"));
	EXPECT_EQ(1, counter("event_cookie_cookie_valid"));
	EXPECT_EQ(0, counter("event_cookie_cookie_failed"));
}

static void come_by_cookie(struct __test_metadata *_metadata, struct lobby *lb)
{
	int l = listen_with_cookies(lb, 8);
	struct raw_peer *p = lobby_peer(lb, BY_COOKIE "CLOSE:rst");

	ASSERT_LE(0, l);
	ASSERT_TRUE(lobby_syn(lb, p));
	bring_cookie(_metadata, lb, l, p, 1);
}

TEST_F(open, syn_cookie)
{
	come_by_cookie(_metadata, &self->lb);
}

/* The test as it is, with a program that asks for socket cookies. */
#define ASKED_FOR(test)							\
	do {								\
		int program = sock_ops_ask_cookies();			\
									\
		ASSERT_LE(0, program);					\
		test(_metadata, &self->lb);				\
		close(program);						\
	} while (0)

TEST_F(open, syn_cookie_asked_for)
{
	ASKED_FOR(come_by_cookie);
}

/*
 * Somebody else answers the SYN, with a cookie that the kernel is to know: all
 * that comes to the listener is the third packet.
 */
TEST_F(open, syn_cookie_of_a_program)
{
	struct lobby *lb = &self->lb;
	int l = listen_with_cookies(lb, 8);
	struct raw_peer *p = lobby_peer(lb, BY_COOKIE "CLOSE:rst");

	ASSERT_LE(0, l);
	ASSERT_TRUE(cookie_make(p));
	bring_cookie(_metadata, lb, l, p, 0);
}

/* One that stands in the queue, for comparison. */
static void come_by_queue(struct __test_metadata *_metadata, struct lobby *lb)
{
	int l = lobby_listen(lb, 8);
	struct raw_peer *p = lobby_peer(lb, OPENS "CLOSE:rst");
	struct raw_peer *gone = lobby_peer(lb, ARRIVES "CLOSE:rst/request*");

	ASSERT_TRUE(lobby_syn(lb, gone));
	ASSERT_TRUE(lobby_shake(lb, p));
	ASSERT_LE(0, lobby_accept(lb, l, p));
	raw_peer_rst(gone);
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(open, syn_queue_asked_for)
{
	ASKED_FOR(come_by_queue);
}

/* Nothing is told of a cookie that was not sent, or that finds no room. */
TEST_F(open, syn_cookie_refused)
{
	struct lobby *lb = &self->lb;
	int l = listen_with_cookies(lb, 1);
	struct raw_peer *p = lobby_peer(lb, "CLOSE"), *full = lobby_peer(lb, "CLOSE");

	ASSERT_LE(0, l);
	ASSERT_TRUE(lobby_syn(lb, p));
	ASSERT_TRUE(lobby_syn(lb, full));
	p->next.ack += 1000;
	raw_peer_ack(p);
	EXPECT_TRUE(lobby_until_resets(lb, p, 1));
	for (int i = 0; i < 2; i++)
		ASSERT_TRUE(lobby_shake(lb, lobby_peer(lb, BY_COOKIE "CLOSE:listener-closed*@")));
	raw_peer_ack(full);
	EXPECT_TRUE(lobby_until_mib(lb, "TcpExtListenOverflows", 1));
	lobby_close(lb, l);
	EXPECT_TRUE(lobby_finish(lb));
}

/* @mode is that of the sysctl: with cookies (2) or without (512 more). */
static int listen_fastopen(struct lobby *lb, const char *mode)
{
	int queue = 8, l = lobby_listen(lb, 8);

	if (!sysctl_set("tcp_fastopen", mode) ||
	    setsockopt(l, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)))
		return -1;
	return l;
}

#define COOKIES		"2"
#define NO_COOKIES	"514"

static struct raw_peer *fast_peer(struct lobby *lb, const char *words)
{
	struct raw_peer *p = lobby_peer(lb, words);

	lobby_story(lb, p)->flags = TCPSTATE_F_FASTOPEN;
	return p;
}

/* Its SYN brings data and makes a socket. */
static bool fast_syn(struct lobby *lb, struct raw_peer *p)
{
	raw_peer_fastopen(p, "x");
	return lobby_until_synacks(lb, p, 1) && lobby_until(lb, p, TCPSTATE_SYN_RECV);
}

static void come_fast(struct __test_metadata *_metadata, struct lobby *lb)
{
	int s, l = listen_fastopen(lb, NO_COOKIES);
	struct raw_peer *p = fast_peer(lb, BY_FASTOPEN "ESTABLISHED:ack CLOSE:rst");
	char byte;

	ASSERT_LE(0, l);
	ASSERT_TRUE(fast_syn(lb, p));
	EXPECT_TRUE(lobby_waiting(1));
	s = lobby_accept(lb, l, p);
	ASSERT_LE(0, s);
	EXPECT_EQ(TCPSTATE_SYN_RECV, tcp_state(s));
	EXPECT_EQ(1, read(s, &byte, 1));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	EXPECT_TRUE(lobby_waiting(0));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(open, fastopen_accepted_at_once)
{
	come_fast(_metadata, &self->lb);
}

TEST_F(open, fastopen_accepted_at_once_asked_for)
{
	ASKED_FOR(come_fast);
}

static void come_fast_and_wait(struct __test_metadata *_metadata, struct lobby *lb)
{
	int l = listen_fastopen(lb, NO_COOKIES);
	struct raw_peer *p = fast_peer(lb, BY_FASTOPEN "ESTABLISHED:ack* CLOSE_WAIT:fin* "
				       "CLOSE:rst");

	ASSERT_LE(0, l);
	ASSERT_TRUE(fast_syn(lb, p));
	raw_peer_fin(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_CLOSE_WAIT));
	ASSERT_LE(0, lobby_accept(lb, l, p));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(open, fastopen_accepted_late)
{
	come_fast_and_wait(_metadata, &self->lb);
}

TEST_F(open, fastopen_accepted_late_asked_for)
{
	ASKED_FOR(come_fast_and_wait);
}

/* Who asks for a cookie stands in the queue; who has a wrong one does too. */
TEST_F(open, fastopen_with_a_cookie)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *asks, *has, *lies;

	ASSERT_LE(0, listen_fastopen(lb, COOKIES));
	asks = lobby_peer(lb, ARRIVES "CLOSE:rst/request*");
	has = fast_peer(lb, BY_FASTOPEN "ESTABLISHED:ack* CLOSE:rst*");
	lies = lobby_peer(lb, OPENS "CLOSE:rst*");

	raw_peer_ask_cookie(asks);
	ASSERT_TRUE(lobby_until_synacks(lb, asks, 1));
	ASSERT_LT(0, asks->cookie_len);
	EXPECT_TRUE(lobby_waiting(1));
	raw_peer_rst(asks);

	memcpy(has->cookie, asks->cookie, asks->cookie_len);
	has->cookie_len = asks->cookie_len;
	ASSERT_TRUE(fast_syn(lb, has));
	raw_peer_ack(has);
	ASSERT_TRUE(lobby_until(lb, has, TCPSTATE_ESTABLISHED));
	raw_peer_rst(has);

	lies->cookie_len = asks->cookie_len;
	ASSERT_TRUE(fast_syn(lb, lies));
	raw_peer_put(lies, SEGMENT_ACK, lies->isn + 1, "x");
	ASSERT_TRUE(lobby_until(lb, lies, TCPSTATE_ESTABLISHED));
	raw_peer_rst(lies);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(open, fastopen_reset)
{
	struct lobby *lb = &self->lb;
	int l = listen_fastopen(lb, NO_COOKIES);
	struct raw_peer *waits = fast_peer(lb, BY_FASTOPEN "CLOSE:rst*");
	struct raw_peer *taken = fast_peer(lb, BY_FASTOPEN "CLOSE:rst");

	ASSERT_LE(0, l);
	ASSERT_TRUE(fast_syn(lb, taken));
	ASSERT_LE(0, lobby_accept(lb, l, taken));
	ASSERT_TRUE(fast_syn(lb, waits));
	EXPECT_TRUE(lobby_waiting(2));
	raw_peer_rst(taken);
	raw_peer_rst(waits);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(open, fastopen_same_syn_again)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	ASSERT_LE(0, listen_fastopen(lb, NO_COOKIES));
	p = fast_peer(lb, BY_FASTOPEN "^1:duplicate-syn ESTABLISHED:ack* CLOSE:rst*");
	ASSERT_TRUE(fast_syn(lb, p));
	raw_peer_syn(p);
	ASSERT_TRUE(lobby_until_synacks(lb, p, 2));
	p->next.seq++;
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

/* It is answered with an RST, and the socket stays as it is. */
TEST_F(open, fastopen_bad_syn)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	ASSERT_LE(0, listen_fastopen(lb, NO_COOKIES));
	p = fast_peer(lb, BY_FASTOPEN "ESTABLISHED:ack* CLOSE:rst*");
	ASSERT_TRUE(fast_syn(lb, p));
	raw_peer_put(p, SEGMENT_SYN, p->next.seq, NULL);
	EXPECT_TRUE(lobby_until_resets(lb, p, 1));
	EXPECT_TRUE(lobby_waiting(1));
	lb->vain = 1;
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_ESTABLISHED));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(open, fastopen_listener_closed)
{
	struct lobby *lb = &self->lb;
	int l = listen_fastopen(lb, NO_COOKIES);
	struct raw_peer *p = fast_peer(lb, BY_FASTOPEN "CLOSE:listener-closed*@");

	ASSERT_LE(0, l);
	ASSERT_TRUE(fast_syn(lb, p));
	lobby_close(lb, l);
	EXPECT_TRUE(lobby_until_resets(lb, p, 1));
	EXPECT_TRUE(lobby_finish(lb));
}

/* Before accept() any ICMP error is its end. */
TEST_F(open, fastopen_icmp)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	ASSERT_LE(0, listen_fastopen(lb, NO_COOKIES));
	p = fast_peer(lb, BY_FASTOPEN "CLOSE:icmp*");
	raw_peer_fastopen(p, "x");
	ASSERT_TRUE(icmp_answer(&lb->w, SIDE_B, ICMP_HOST_UNREACHABLE));
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_CLOSE));
	EXPECT_TRUE(lobby_finish(lb));
}

/* A SYN with FIN is not even looked at. */
TEST_F(open, fastopen_syn_with_fin)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	ASSERT_LE(0, listen_fastopen(lb, NO_COOKIES));
	p = lobby_peer(lb, "CLOSE");
	raw_peer_put(p, SEGMENT_SYN | SEGMENT_FIN, p->isn, "x");
	ASSERT_TRUE(lobby_shake(lb, lobby_peer(lb, OPENS "CLOSE:listener-closed*@")));
	EXPECT_TRUE(lobby_waiting(0));
	EXPECT_EQ(0, p->synacks + p->resets);
	lobby_close(lb, lb->fd[0]);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_HARNESS_MAIN
