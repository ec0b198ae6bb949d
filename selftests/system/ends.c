// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * The rare ways in which a full socket ends, without waiting: what linger and
 * TCP_REPAIR do, data for a socket that is closed, and how connect() fails.
 */
#include <errno.h>
#include <netinet/tcp.h>

#include "stage_test.h"

#ifndef TCP_REPAIR
#define TCP_REPAIR 19
#endif

#define A_PORT	7001

STAGE_FIXTURE(ends)

/* TCP_LINGER2 below 0: no time in FIN_WAIT2 for an orphan. */
TEST_F(ends, linger2_when_acknowledged)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack CLOSE:linger2",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	ASSERT_TRUE(tcp_set(self->c, TCP_LINGER2, -1));
	close(self->c);
	FINISH();
	close(self->s);
}

TEST_F(ends, linger2_when_closed)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:linger2", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	ASSERT_TRUE(tcp_set(self->c, TCP_LINGER2, -1));
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	close(self->c);
	FINISH();
	close(self->s);
}

/* The setting alone ends nothing, as long as the program is there. */
TEST_F(ends, linger2_without_an_orphan)
{
	JOIN(ACTIVE_OPEN SHUTS "TIME_WAIT:fin", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(tcp_set(self->c, TCP_LINGER2, -1));
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	close(self->s);
	FINISH();
	close(self->c);
}

/* Data crosses the FIN of an orphan. */
TEST_F(ends, data_before_the_ack)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:data-after-close",
	     PASSIVE_OPEN "CLOSE:rst");
	WIRE(DROP, CARRY);
	close(self->c);
	wire_carry(&self->st.w);
	EXPECT_EQ(1, write(self->s, "x", 1));
	wire_carry(&self->st.w);
	REACH(client, CLOSE);
	/* Its RST was dropped with the FIN: what comes next is answered again. */
	WIRE(CARRY, CARRY);
	EXPECT_EQ(1, write(self->s, "x", 1));
	FINISH();
	close(self->s);
}

/* TCP_REPAIR: out of the connection without a word, and into one. */
TEST_F(ends, repair_close)
{
	JOIN(ACTIVE_OPEN "CLOSE:repair", PASSIVE_OPEN "CLOSE:linger0");
	ASSERT_TRUE(tcp_set(self->c, TCP_REPAIR, 1));
	close(self->c);
	REACH(client, CLOSE);
	tcp_abort(self->s);
	FINISH();
}

TEST_F(ends, repair_connect)
{
	struct stage *st = &self->st;
	union addr to = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);

	self->c = tcp_bound(st->kind, stage_addr(st, SIDE_A), A_PORT, 0);
	ASSERT_TRUE(tcp_set(self->c, TCP_REPAIR, 1));
	ASSERT_EQ(0, connect(self->c, &to.any, addr_len(&to)));
	stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect ESTABLISHED:repair CLOSE:linger0");
	EXPECT_EQ(TCPSTATE_ESTABLISHED, tcp_state(self->c));
	ASSERT_TRUE(tcp_set(self->c, TCP_REPAIR, 0));
	tcp_abort(self->c);
	FINISH();
}

/* Two sockets at one port cannot go to the same place. */
TEST_F(ends, tuple_taken)
{
	struct stage *st = &self->st;
	union addr to = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);
	int first, second;

	self->l = stage_listen(st, LISTENS);
	first = tcp_bound(st->kind, stage_addr(st, SIDE_A), A_PORT, SOCK_NONBLOCK);
	second = tcp_bound(st->kind, stage_addr(st, SIDE_A), A_PORT, SOCK_NONBLOCK);
	ASSERT_LE(0, second);
	ASSERT_TRUE(stage_connect_again(st, first));
	self->s = stage_accept(st, self->l);
	stage_follow(st, SIDE_A, first, 0, STAGE_PORT, ACTIVE_OPEN "CLOSE:linger0");
	stage_follow(st, SIDE_B, self->s, 0, A_PORT, PASSIVE_OPEN "CLOSE:rst");
	EXPECT_EQ(-1, connect(second, &to.any, addr_len(&to)));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
	stage_follow(st, SIDE_A, second, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:ports-exhausted");
	tcp_abort(first);
	close(self->l);
	FINISH();
	close(second);
	close(self->s);
}

/* Before it has a port there is a route, and with it there is none. */
TEST_F(ends, no_route)
{
	struct stage *st = &self->st;
	union addr to = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);

	if (variant->kind == KIND_V6)
		SKIP(return, "IPv6 looks for its route but once");
	ASSERT_EQ(0, system("ip rule add pref 1 unreachable ipproto 6 sport 1-65534"));
	self->c = tcp_socket(st->kind, 0);
	EXPECT_EQ(-1, connect(self->c, &to.any, addr_len(&to)));
	EXPECT_EQ(ENETUNREACH, errno);
	stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:no-route");
	FINISH();
	close(self->c);
}

/* No route at all: connect() fails before it changes anything. */
TEST_F(ends, no_route_at_first)
{
	bool v6 = variant->kind == KIND_V6;
	union addr to = addr_make(variant->kind, v6 ? "fd10::1" : "10.10.0.1", STAGE_PORT);

	self->c = tcp_socket(variant->kind, 0);
	EXPECT_EQ(-1, connect(self->c, &to.any, addr_len(&to)));
	EXPECT_EQ(ENETUNREACH, errno);
	FINISH();
	close(self->c);
}

TEST_HARNESS_MAIN
