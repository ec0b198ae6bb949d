// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * Connections in the hands of timewait socks: how they come there, and all
 * that ends them or does not before their time. What time does is in
 * timewait_timers.c.
 */
#include <errno.h>
#include <string.h>

#include "stage_test.h"

#define A_PORT	7001

STAGE_FIXTURE(timewait)

/* The client closes, then the server: the client is in TIME_WAIT. */
static bool both_close(struct stage *st, int *c, int *s)
{
	close(*c);
	*c = -1;
	if (!stage_reach(st, st->client, TCPSTATE_FIN_WAIT2, 10))
		return false;
	close(*s);
	*s = -1;
	return stage_reach(st, st->server, TCPSTATE_CLOSE, 10) &&
	       stage_reach(st, st->client, TCPSTATE_TIME_WAIT, 10);
}

/* A segment of the server's that comes right after its last one. */
static bool from_server(struct stage *st, unsigned int flags, const char *text)
{
	return wire_forge(&st->w, SIDE_B, flags, 0, text);
}

/* Whatever the client's side sends now, nobody gets it; was it @flags? */
static bool answered(struct stage *st, unsigned int flags)
{
	__u64 until = deadline(5);

	memset(&st->w.last[SIDE_A], 0, sizeof(st->w.last[SIDE_A]));
	wire_mode(&st->w, WIRE_DROP, WIRE_CARRY);
	do
		stage_turn(st);
	while (st->w.last[SIDE_A].flags != flags && again(until));
	return st->w.last[SIDE_A].flags == flags;
}

TEST_F(timewait, rst)
{
	JOIN(ACTIVE_OPEN CLOSES "CLOSE:rst", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(both_close(&self->st, &self->c, &self->s));
	ASSERT_TRUE(from_server(&self->st, SEGMENT_RST, NULL));
	FINISH();
}

/* With tcp_rfc1337 the same RST does nothing. */
TEST_F(timewait, rst_is_ignored)
{
	SYSCTL("tcp_rfc1337", "1");
	JOIN(ACTIVE_OPEN CLOSES "CLOSE:rst", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(both_close(&self->st, &self->c, &self->s));
	ASSERT_TRUE(from_server(&self->st, SEGMENT_RST, NULL));
	stage_pass(&self->st, 30);
	EXPECT_EQ(1, counter("state_TIME_WAIT_now"));
	SYSCTL("tcp_rfc1337", "0");
	ASSERT_TRUE(from_server(&self->st, SEGMENT_RST, NULL));
	FINISH();
}

/* Whatever else comes only sets the timer anew: no transition, no number. */
TEST_F(timewait, late_segments)
{
	JOIN(ACTIVE_OPEN CLOSES "CLOSE:rst", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(both_close(&self->st, &self->c, &self->s));
	ASSERT_TRUE(from_server(&self->st, SEGMENT_ACK, NULL));
	/* Its FIN again. */
	ASSERT_TRUE(wire_forge(&self->st.w, SIDE_B, SEGMENT_FIN | SEGMENT_ACK, -1, NULL));
	EXPECT_TRUE(answered(&self->st, SEGMENT_ACK));
	ASSERT_TRUE(from_server(&self->st, SEGMENT_ACK, "late"));
	/* A SYN that is older than what is there. */
	ASSERT_TRUE(wire_forge(&self->st.w, SIDE_B, SEGMENT_SYN | SEGMENT_ACK, -1000, NULL));
	stage_pass(&self->st, 30);
	EXPECT_EQ(1, counter("state_TIME_WAIT_now"));
	ASSERT_TRUE(from_server(&self->st, SEGMENT_RST, NULL));
	FINISH();
}

/* A new connection from the same port takes the place of the old one. */
TEST_F(timewait, recycled)
{
	struct stage *st = &self->st;
	const char *text = stage_addr(st, SIDE_A);
	struct stage_end *e;

	self->l = stage_listen(st, LISTENS);
	self->c = tcp_bound(variant->kind, text, A_PORT, SOCK_NONBLOCK);
	ASSERT_TRUE(stage_connect_again(st, self->c));
	self->s = stage_accept(st, self->l);
	ASSERT_LE(0, self->s);
	st->client = stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT, ACTIVE_OPEN IS_CLOSED);
	st->server = stage_follow(st, SIDE_B, self->s, 0, A_PORT,
				  PASSIVE_OPEN CLOSES "CLOSE:recycled");
	close(self->s);
	UNTIL(self->c, CLOSE_WAIT);
	close(self->c);
	REACH(server, TIME_WAIT);
	REACH(client, CLOSE);

	self->c = tcp_bound(variant->kind, text, A_PORT, SOCK_NONBLOCK);
	ASSERT_TRUE(stage_connect_again(st, self->c));
	self->s = stage_accept(st, self->l);
	ASSERT_LE(0, self->s);
	stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT, ACTIVE_OPEN "CLOSE:linger0");
	e = stage_follow(st, SIDE_B, self->s, 0, A_PORT, PASSIVE_OPEN "CLOSE:rst");
	EXPECT_NE(st->server->story.cookie, e->story.cookie);
	tcp_abort(self->c);
	close(self->l);
	FINISH();
	close(self->s);
}

/* The end of the other side finds the timewait sock, not the socket. */
TEST_F(timewait, fin_in_fin_wait2)
{
	struct stage *st = &self->st;

	JOIN(ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack > TIME_WAIT:fin CLOSE:rst",
	     PASSIVE_OPEN IS_CLOSED);
	close(self->c);
	REACH(client, FIN_WAIT2);
	/* The hand-over is no transition, and no record tells it. */
	EXPECT_EQ(1, counter("tw_births"));
	EXPECT_EQ(1, counter("state_FIN_WAIT2_now"));
	EXPECT_EQ(0, counter("state_TIME_WAIT_now"));
	close(self->s);
	REACH(client, TIME_WAIT);
	REACH(server, CLOSE);
	EXPECT_EQ(1, counter("tw_births"));
	ASSERT_TRUE(from_server(st, SEGMENT_RST, NULL));
	FINISH();
}

/* The socket itself is still there in FIN_WAIT2, and close() hands it over. */
TEST_F(timewait, close_in_fin_wait2)
{
	JOIN(ACTIVE_OPEN SHUTS "> TIME_WAIT:fin CLOSE:rst", PASSIVE_OPEN IS_CLOSED);
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	EXPECT_EQ(0, counter("tw_births"));
	close(self->c);
	EXPECT_EQ(1, counter("tw_births"));
	EXPECT_EQ(1, counter("state_FIN_WAIT2_now"));
	close(self->s);
	REACH(client, TIME_WAIT);
	REACH(server, CLOSE);
	ASSERT_TRUE(from_server(&self->st, SEGMENT_RST, NULL));
	FINISH();
}

#define ENDS_IN_FIN_WAIT2(cause) \
	ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack > CLOSE:" cause

TEST_F(timewait, rst_in_fin_wait2)
{
	JOIN(ENDS_IN_FIN_WAIT2("rst"), PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0");
	close(self->c);
	REACH(client, FIN_WAIT2);
	tcp_abort(self->s);
	FINISH();
}

TEST_F(timewait, data_in_fin_wait2)
{
	JOIN(ENDS_IN_FIN_WAIT2("data-after-close"), PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	close(self->c);
	REACH(client, FIN_WAIT2);
	EXPECT_EQ(1, write(self->s, "x", 1));
	FINISH();
	close(self->s);
}

/* An ACK that says nothing new does nothing; a SYN ends it. */
TEST_F(timewait, syn_in_fin_wait2)
{
	JOIN(ENDS_IN_FIN_WAIT2("syn"), PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0");
	close(self->c);
	REACH(client, FIN_WAIT2);
	ASSERT_TRUE(from_server(&self->st, SEGMENT_ACK, NULL));
	stage_pass(&self->st, 30);
	EXPECT_EQ(1, counter("state_FIN_WAIT2_now"));
	ASSERT_TRUE(from_server(&self->st, SEGMENT_SYN, NULL));
	EXPECT_TRUE(answered(&self->st, SEGMENT_RST | SEGMENT_ACK));
	REACH(client, CLOSE);
	tcp_abort(self->s);
	FINISH();
}

/* Both sides close at once; the last ACK is what makes TIME_WAIT. */
TEST_F(timewait, simultaneous_close)
{
	struct stage *st = &self->st;

	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSING:fin TIME_WAIT:ack CLOSE:rst",
	     PASSIVE_OPEN "FIN_WAIT1:close CLOSING:fin TIME_WAIT:ack");
	WIRE(HOLD, HOLD);
	close(self->c);
	close(self->s);
	WIRE(CARRY, CARRY);
	REACH(client, TIME_WAIT);
	REACH(server, TIME_WAIT);
	ASSERT_TRUE(from_server(st, SEGMENT_RST, NULL));
	FINISH();
}

TEST_HARNESS_MAIN
