// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * RSTs that a listener sends and that its half-open connections receive, by
 * peers whose segments are sent one by one. TcpOutRsts is compared at the end of
 * each test.
 */
#include <stdio.h>
#include <string.h>

#include "lobby_fixture.h"
#include "sysctl.h"

LOBBY_FIXTURE(raw)

/* The only RST that was told; cause and state are numbers. */
static const struct tcpstate_record *the_reset(struct lobby *lb, unsigned int cause,
					       unsigned int state)
{
	const struct tcpstate_record *r = NULL;
	unsigned int n = 0;

	lobby_turn(lb);
	for (size_t i = 0; i < lb->rec.count; i++)
		if (lb->rec.rec[i].type == TCPSTATE_EVENT_RESET) {
			r = &lb->rec.rec[i];
			n++;
		}
	if (n == 1 && r->cause == cause && r->old_state == state && r->new_state == state)
		return r;
	printf("# %u RSTs; the last one's cause and states are %u, %u, %u\n", n,
	       n ? r->cause : 0, n ? r->old_state : 0, n ? r->new_state : 0);
	return NULL;
}

/* Is the packet of @p what the record is about? */
static bool is_of(const struct tcpstate_record *r, const struct raw_peer *p)
{
	return r && r->lport == p->next.dport && r->rport == p->next.sport &&
	       !memcmp(r->laddr, p->next.dst, p->next.v6 ? 16 : 4) &&
	       !memcmp(r->raddr, p->next.src, p->next.v6 ? 16 : 4) &&
	       r->family == (p->next.v6 ? AF_INET6 : AF_INET);
}

/* The listener stands for it: its cookie, its owner, its user. */
static bool is_listeners(const struct tcpstate_record *r, int l)
{
	return r && r->cookie == tcp_cookie(l) && r->tgid == (unsigned int)getpid() &&
	       r->flags & TCPSTATE_F_OWNER && r->flags & TCPSTATE_F_OWNER_LISTENER &&
	       !(r->flags & TCPSTATE_F_TRACKED) &&
	       r->carrier == TCPSTATE_CARRIER_NONE && !(r->flags & TCPSTATE_F_INCOMING);
}

TEST_F(raw, stray_ack_to_a_listener)
{
	struct lobby *lb = &self->lb;
	int l = lobby_listen(lb, 8);
	struct raw_peer *p = lobby_peer(lb, "CLOSE");
	const struct tcpstate_record *r;

	p->next.ack = 4711;
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until_resets(lb, p, 1));
	r = the_reset(lb, TCPSTATE_CAUSE_ACK, TCPSTATE_LISTEN);
	EXPECT_TRUE(is_of(r, p) && is_listeners(r, l));
	EXPECT_EQ(4711, r->reset.seq);
	EXPECT_EQ(0, r->reset.ack);
	EXPECT_EQ(1, counter("event_reset_ack"));
	EXPECT_TRUE(lobby_finish(lb));
}

/* An ACK to a closed port; the one to a SYN is in resets.c. */
TEST_F(raw, stray_ack)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p = lobby_peer(lb, "CLOSE");
	const struct tcpstate_record *r;

	p->next.ack = 4711;
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until_resets(lb, p, 1));
	r = the_reset(lb, TCPSTATE_CAUSE_NO_SOCKET, 0);
	EXPECT_TRUE(is_of(r, p));
	EXPECT_EQ(4711, r->reset.seq);
	EXPECT_EQ(0, r->cookie);
	EXPECT_TRUE(lobby_finish(lb));
}

/* An RST is never answered by one. */
TEST_F(raw, stray_rst)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	lobby_listen(lb, 8);
	p = lobby_peer(lb, "CLOSE");
	raw_peer_rst(p);
	ASSERT_TRUE(lobby_shake(lb, lobby_peer(lb, OPENS "CLOSE:listener-closed*@")));
	EXPECT_EQ(0, counter("event_reset_ack") + counter("event_reset_rst"));
	EXPECT_EQ(0, p->resets);
	lobby_close(lb, lb->fd[0]);
	EXPECT_TRUE(lobby_finish(lb));
}

/* To a request. */
TEST_F(raw, request)
{
	struct lobby *lb = &self->lb;
	const struct tcpstate_record *r;
	struct raw_peer *p;

	lobby_listen(lb, 8);
	p = lobby_peer(lb, ARRIVES "CLOSE:rst/request*");
	ASSERT_TRUE(lobby_syn(lb, p));
	raw_peer_rst(p);
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_CLOSE));
	r = the_reset(lb, TCPSTATE_CAUSE_RST, TCPSTATE_SYN_RECV);
	EXPECT_TRUE(is_of(r, p) && r->flags & TCPSTATE_F_INCOMING);
	EXPECT_EQ(lobby_story(lb, p)->cookie, r->cookie);
	EXPECT_EQ(TCPSTATE_CARRIER_REQUEST, r->carrier);
	EXPECT_TRUE(lobby_finish(lb));
}

/* A SYN that a request cannot bear is answered in the listener's name. */
TEST_F(raw, bad_syn)
{
	struct lobby *lb = &self->lb;
	int l = lobby_listen(lb, 8);
	struct raw_peer *p = lobby_peer(lb, ARRIVES "CLOSE:syn/request*");
	const struct tcpstate_record *r;

	ASSERT_TRUE(lobby_syn(lb, p));
	raw_peer_put(p, SEGMENT_SYN, p->next.seq + 1, NULL);
	ASSERT_TRUE(lobby_until_resets(lb, p, 1));
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_CLOSE));
	r = the_reset(lb, TCPSTATE_CAUSE_SYN, TCPSTATE_LISTEN);
	EXPECT_TRUE(is_of(r, p) && is_listeners(r, l));
	EXPECT_TRUE(lobby_finish(lb));
}

/* tcp_abort_on_overflow: an ACK for which the accept queue has no room. */
TEST_F(raw, accept_overflow)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;
	int l;

	ASSERT_TRUE(sysctl_set("tcp_abort_on_overflow", "1"));
	l = lobby_listen(lb, 2);
	p = lobby_peer(lb, ARRIVES "CLOSE:accept-overflow/request*");
	ASSERT_TRUE(lobby_syn(lb, p));
	for (int i = 0; i < 3; i++)
		ASSERT_TRUE(lobby_shake(lb, lobby_peer(lb, OPENS "CLOSE:listener-closed*@")));
	raw_peer_ack(p);
	ASSERT_TRUE(lobby_until_resets(lb, p, 1));
	ASSERT_TRUE(lobby_until(lb, p, TCPSTATE_CLOSE));
	EXPECT_TRUE(is_listeners(the_reset(lb, TCPSTATE_CAUSE_ACCEPT_OVERFLOW, TCPSTATE_LISTEN),
				 l));
	lobby_close(lb, l);
	EXPECT_TRUE(lobby_finish(lb));
}

/* A storm is counted to the last, and recorded in part. */
TEST_F(raw, storm)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p = lobby_peer(lb, "CLOSE");
	const unsigned int many = 3000;
	unsigned int told = 0;

	for (unsigned int i = 0; i < many; i++) {
		raw_peer_ack(p);
		if (i % 64 == 63)
			lobby_turn(lb);
	}
	ASSERT_TRUE(lobby_until_resets(lb, p, many));
	EXPECT_EQ(many, counter("event_reset_no_socket"));
	for (size_t i = 0; i < lb->rec.count; i++)
		told += lb->rec.rec[i].type == TCPSTATE_EVENT_RESET;
	EXPECT_LE(1024, told);
	EXPECT_GT(many, told);
}

TEST_HARNESS_MAIN
