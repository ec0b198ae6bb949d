// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * Sockets that live again: after TIME_WAIT, after AF_UNSPEC, after a listener
 * was shut down. Each life has its number and its own chain, also when two of
 * them go on at the same time.
 */
#include <errno.h>
#include <string.h>

#include "stage_test.h"

#define IN_TIME_WAIT	SHUTS "TIME_WAIT:fin "

STAGE_FIXTURE(lives)

/*
 * shutdown() both ways, and the server closes: the connection of self->c is in
 * TIME_WAIT, the socket is free.
 */
static bool to_time_wait(struct stage *st, int c, int s)
{
	shutdown(c, SHUT_RDWR);
	if (!stage_reach(st, st->client, TCPSTATE_FIN_WAIT2, 10))
		return false;
	close(s);
	return stage_reach(st, st->server, TCPSTATE_CLOSE, 10) &&
	       stage_reach(st, st->client, TCPSTATE_TIME_WAIT, 10) &&
	       tcp_state(c) == TCPSTATE_CLOSE;
}

/* Life @life of @c, to a new server @s. */
static bool live_again(struct stage *st, int c, int *s, unsigned int life, const char *client,
		       const char *server)
{
	int l = stage_listen(st, LISTENS);

	tcp_disconnect(c);
	if (!stage_connect_again(st, c) || !wire_until(&st->w, c, TCPSTATE_ESTABLISHED))
		return false;
	*s = stage_accept(st, l);
	st->client = stage_follow(st, SIDE_A, c, 0, STAGE_PORT, client);
	st->client->story.first_life = life;
	st->server = stage_follow(st, SIDE_B, *s, 0, tcp_port(c), server);
	close(l);
	return *s >= 0;
}

/* An RST for whatever sent @last on side B. */
static bool reset_after(struct stage *st, const struct segment *last)
{
	st->w.last[SIDE_B] = *last;
	return wire_forge(&st->w, SIDE_B, SEGMENT_RST, 0, NULL);
}

TEST_F(lives, first_ends_first)
{
	struct stage *st = &self->st;
	struct stage_end *first;
	struct segment last;

	JOIN(ACTIVE_OPEN IN_TIME_WAIT "CLOSE:rst", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(to_time_wait(st, self->c, self->s));
	first = st->client;
	last = st->w.last[SIDE_B];
	ASSERT_TRUE(live_again(st, self->c, &self->s, 2, ACTIVE_OPEN "CLOSE:linger0",
			       PASSIVE_OPEN "CLOSE:rst"));
	EXPECT_EQ(first->story.cookie, st->client->story.cookie);
	ASSERT_TRUE(reset_after(st, &last));
	ASSERT_TRUE(stage_reach(st, first, TCPSTATE_CLOSE, 10));
	tcp_abort(self->c);
	FINISH();
	close(self->s);
}

TEST_F(lives, second_ends_first)
{
	struct stage *st = &self->st;
	struct segment last;

	JOIN(ACTIVE_OPEN IN_TIME_WAIT "CLOSE:rst", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(to_time_wait(st, self->c, self->s));
	last = st->w.last[SIDE_B];
	ASSERT_TRUE(live_again(st, self->c, &self->s, 2, ACTIVE_OPEN "CLOSE:linger0",
			       PASSIVE_OPEN "CLOSE:rst"));
	tcp_abort(self->c);
	REACH(client, CLOSE);
	ASSERT_TRUE(reset_after(st, &last));
	FINISH();
	close(self->s);
}

/* Three lives, of which two are in TIME_WAIT; the older one stays. */
TEST_F(lives, two_in_time_wait)
{
	struct stage *st = &self->st;
	struct segment last;

	JOIN(ACTIVE_OPEN IN_TIME_WAIT, PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(to_time_wait(st, self->c, self->s));
	ASSERT_TRUE(live_again(st, self->c, &self->s, 2, ACTIVE_OPEN IN_TIME_WAIT "CLOSE:rst",
			       PASSIVE_OPEN IS_CLOSED));
	ASSERT_TRUE(to_time_wait(st, self->c, self->s));
	EXPECT_EQ(2, counter("state_TIME_WAIT_now"));
	last = st->w.last[SIDE_B];
	ASSERT_TRUE(live_again(st, self->c, &self->s, 3, ACTIVE_OPEN "CLOSE:linger0",
			       PASSIVE_OPEN "CLOSE:rst"));
	ASSERT_TRUE(reset_after(st, &last));
	tcp_abort(self->c);
	FINISH();
	close(self->s);
}

/* The socket is closed while its connection is still in TIME_WAIT. */
TEST_F(lives, closed_in_time_wait)
{
	struct stage *st = &self->st;

	JOIN(ACTIVE_OPEN IN_TIME_WAIT "CLOSE:rst", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(to_time_wait(st, self->c, self->s));
	close(self->c);
	ASSERT_TRUE(wire_forge(&st->w, SIDE_B, SEGMENT_RST, 0, NULL));
	FINISH();
}

TEST_F(lives, disconnected)
{
	struct stage *st = &self->st;

	JOIN(ACTIVE_OPEN "CLOSE:disconnect", PASSIVE_OPEN "CLOSE:rst");
	tcp_disconnect(self->c);
	REACH(server, CLOSE);
	close(self->s);
	ASSERT_TRUE(live_again(st, self->c, &self->s, 2, ACTIVE_OPEN "CLOSE:linger0",
			       PASSIVE_OPEN "CLOSE:rst"));
	tcp_abort(self->c);
	FINISH();
	close(self->s);
}

/*
 * A client becomes a listener, and a listener a client. When listen() begins it
 * has no port; that of the first life is not its own.
 */
TEST_F(lives, client_and_listener)
{
	struct stage *st = &self->st;
	struct stage_end *e;

	JOIN(ACTIVE_OPEN "CLOSE:disconnect", PASSIVE_OPEN "CLOSE:rst");
	tcp_disconnect(self->c);
	REACH(server, CLOSE);
	close(self->s);
	ASSERT_EQ(0, listen(self->c, 1));
	e = stage_follow(st, SIDE_A, self->c, 0, 0, "CLOSE LISTEN:listen CLOSE:disconnect");
	e->story.first_life = 2;
	e->story.late_port = 2;
	/* It is bound to no address, and nothing of its peer is left. */
	e->story.kind = variant->kind == KIND_V4 ? KIND_V4 : KIND_V6;
	e->story.local = addr_make(e->story.kind, variant->kind == KIND_V4 ? "0.0.0.0" : "::",
				   tcp_port(self->c));
	EXPECT_EQ(0, shutdown(self->c, SHUT_RDWR));
	ASSERT_TRUE(live_again(st, self->c, &self->s, 3, ACTIVE_OPEN "CLOSE:linger0",
			       PASSIVE_OPEN "CLOSE:rst"));
	tcp_abort(self->c);
	FINISH();
	close(self->s);
}

/* connect() fails, and fails again for another reason, and then does not. */
TEST_F(lives, failed_twice)
{
	struct stage *st = &self->st;

	self->c = stage_connect(st);
	stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT, "CLOSE SYN_SENT:connect CLOSE:rst");
	UNTIL(self->c, CLOSE);
	tcp_disconnect(self->c);
	WIRE(DROP, CARRY);
	ASSERT_TRUE(stage_connect_again(st, self->c));
	stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:disconnect")->story.first_life = 2;
	tcp_disconnect(self->c);
	wire_carry(&st->w);
	WIRE(CARRY, CARRY);
	ASSERT_TRUE(live_again(st, self->c, &self->s, 3, ACTIVE_OPEN "CLOSE:linger0",
			       PASSIVE_OPEN "CLOSE:rst"));
	tcp_abort(self->c);
	FINISH();
	close(self->s);
}

TEST_HARNESS_MAIN
