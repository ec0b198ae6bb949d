// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * The rare ways to open: SYNs that cross, a socket connected to itself, Fast
 * Open, and what can end a connection that is in SYN_RECV as a full socket.
 * Checks as transitions.c does.
 */
#include <errno.h>

#include "stage_test.h"

#define A_PORT	7001
#define CROSSED	"CLOSE SYN_SENT:connect SYN_RECV:syn "

STAGE_FIXTURE(open)

static int call(struct stage *st, enum wire_side side, unsigned int from,
		unsigned int to, const char *path)
{
	union addr peer = addr_make(st->kind, stage_addr(st, !side), to);
	int fd;

	wire_go(&st->w, side);
	fd = tcp_bound(st->kind, stage_addr(st, side), from, SOCK_NONBLOCK);
	if (connect(fd, &peer.any, addr_len(&peer)) && errno != EINPROGRESS)
		perror("connect");
	stage_follow(st, side, fd, 0, to, path);
	return fd;
}

/*
 * Both SYNs have arrived, both SYN-ACKs are held. On a slow machine they are
 * sent again meanwhile; who is closed by then answers by RST, which is not to
 * end a TIME_WAIT.
 */
static bool cross(struct _test_data_open *o, const char *a, const char *b)
{
	struct wire *w = &o->st.w;

	if (!stage_sysctl(&o->st, "tcp_rfc1337", "1"))
		return false;
	wire_mode(w, WIRE_HOLD, WIRE_HOLD);
	o->s = call(&o->st, SIDE_B, STAGE_PORT, A_PORT, b);
	o->c = call(&o->st, SIDE_A, A_PORT, STAGE_PORT, a);
	return wire_step(w, SIDE_A, o->s, TCPSTATE_SYN_RECV) &&
	       wire_step(w, SIDE_B, o->c, TCPSTATE_SYN_RECV);
}

TEST_F(open, simultaneous)
{
	ASSERT_TRUE(cross(self, CROSSED "ESTABLISHED:ack " CLOSES,
			  CROSSED "ESTABLISHED:ack " IS_CLOSED));
	WIRE(CARRY, CARRY);
	UNTIL(self->c, ESTABLISHED);
	UNTIL(self->s, ESTABLISHED);
	close(self->c);
	UNTIL(self->s, CLOSE_WAIT);
	close(self->s);
	FINISH();
}

TEST_F(open, aborted_in_syn_recv)
{
	ASSERT_TRUE(cross(self, CROSSED "CLOSE:linger0", CROSSED_AND_RESET(CROSSED)));
	tcp_abort(self->c);
	FINISH();
	close(self->s);
}

TEST_F(open, closed_in_syn_recv)
{
	ASSERT_TRUE(cross(self, CROSSED CLOSES, CROSSED "ESTABLISHED:ack " IS_CLOSED));
	close(self->c);
	WIRE(CARRY, CARRY);
	UNTIL(self->s, CLOSE_WAIT);
	close(self->s);
	FINISH();
}

/* A socket that connects to itself opens and closes simultaneously. */
TEST_F(open, to_itself)
{
	const char *text = stage_addr(&self->st, SIDE_A);
	union addr own = addr_make(variant->kind, text, A_PORT);
	struct stage_end *e;
	int fd = tcp_bound(variant->kind, text, A_PORT, 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, connect(fd, &own.any, addr_len(&own)));
	e = stage_follow(&self->st, SIDE_A, fd, 0, A_PORT,
			 CROSSED "ESTABLISHED:ack FIN_WAIT1:close CLOSING:fin TIME_WAIT:ack");
	e->story.remote = own;
	close(fd);
	FINISH();
}

/*
 * Fast Open without cookies: data in the SYN, the child waits in SYN_RECV, and
 * that is told at once.
 */
static bool fast_open(struct _test_data_open *o, const char *client, const char *server)
{
	return stage_fast_open(&o->st, &o->c, &o->s, client, server) &&
	       stage_reach(&o->st, &o->st.end[o->st.ends - 1], TCPSTATE_SYN_RECV, 10);
}

TEST_F(open, fast_open)
{
	ASSERT_TRUE(fast_open(self, ACTIVE_OPEN CLOSES, PASSIVE_OPEN IS_CLOSED));
	WIRE(CARRY, CARRY);
	UNTIL(self->s, ESTABLISHED);
	close(self->c);
	UNTIL(self->s, CLOSE_WAIT);
	close(self->s);
	FINISH();
}

TEST_F(open, fast_open_closed_in_syn_recv)
{
	ASSERT_TRUE(fast_open(self, ACTIVE_OPEN IS_CLOSED, "CLOSE SYN_RECV:syn " CLOSES));
	close(self->s);
	WIRE(CARRY, CARRY);
	UNTIL(self->c, CLOSE_WAIT);
	close(self->c);
	FINISH();
}

/* It takes effect when the third packet comes: no system call makes it. */
TEST_F(open, fast_open_shut_down_in_syn_recv)
{
	ASSERT_TRUE(fast_open(self, ACTIVE_OPEN IS_CLOSED,
			      "CLOSE SYN_RECV:syn ESTABLISHED:ack FIN_WAIT1:shutdown/sock "
			      "FIN_WAIT2:ack TIME_WAIT:fin"));
	shutdown(self->s, SHUT_WR);
	WIRE(CARRY, CARRY);
	UNTIL(self->c, CLOSE_WAIT);
	close(self->c);
	FINISH();
	close(self->s);
}

TEST_F(open, fast_open_aborted_in_syn_recv)
{
	ASSERT_TRUE(fast_open(self, ACTIVE_OPEN "CLOSE:rst", "CLOSE SYN_RECV:syn CLOSE:linger0"));
	tcp_abort(self->s);
	FINISH();
	close(self->c);
}

TEST_HARNESS_MAIN
