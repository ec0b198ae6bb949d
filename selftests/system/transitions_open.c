// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * The rare ways to open: SYNs that cross, a socket connected to itself, Fast
 * Open, and what can end a connection that is in SYN_RECV. Checks as
 * transitions.c does.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "stage.h"
#include "util.h"

#include "harness.h"

#define A_PORT	7001
#define CROSSED	"CLOSE SYN_SENT:connect SYN_RECV:syn "

FIXTURE(open)
{
	struct stage st;
	int c, s;
};

FIXTURE_VARIANT(open)
{
	enum kind kind;
};

FIXTURE_VARIANT_ADD(open, v4) { .kind = KIND_V4 };
FIXTURE_VARIANT_ADD(open, v6) { .kind = KIND_V6 };
FIXTURE_VARIANT_ADD(open, mapped) { .kind = KIND_MAPPED };

FIXTURE_SETUP(open)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(stage_up(&self->st, variant->kind));
}

FIXTURE_TEARDOWN(open)
{
	stage_down(&self->st);
}

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

/* Both SYNs have arrived, both SYN-ACKs are held. */
static bool cross(struct _test_data_open *o, const char *a, const char *b)
{
	struct wire *w = &o->st.w;

	wire_mode(w, WIRE_HOLD, WIRE_HOLD);
	o->s = call(&o->st, SIDE_B, STAGE_PORT, A_PORT, b);
	o->c = call(&o->st, SIDE_A, A_PORT, STAGE_PORT, a);
	return wire_step(w, SIDE_A, o->s, TCPSTATE_SYN_RECV) &&
	       wire_step(w, SIDE_B, o->c, TCPSTATE_SYN_RECV);
}

static void carry(struct _test_data_open *o)
{
	wire_mode(&o->st.w, WIRE_CARRY, WIRE_CARRY);
}

TEST_F(open, simultaneous)
{
	ASSERT_TRUE(cross(self, CROSSED "ESTABLISHED:ack FIN_WAIT1:close FIN_WAIT2:ack CLOSE",
			  CROSSED "ESTABLISHED:ack CLOSE_WAIT:fin LAST_ACK:close CLOSE:ack"));
	carry(self);
	EXPECT_TRUE(wire_until(&self->st.w, self->c, TCPSTATE_ESTABLISHED));
	EXPECT_TRUE(wire_until(&self->st.w, self->s, TCPSTATE_ESTABLISHED));
	close(self->c);
	EXPECT_TRUE(wire_until(&self->st.w, self->s, TCPSTATE_CLOSE_WAIT));
	close(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
}

TEST_F(open, aborted_in_syn_recv)
{
	ASSERT_TRUE(cross(self, CROSSED "CLOSE:linger0", CROSSED "ESTABLISHED:ack CLOSE:rst"));
	tcp_abort(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
}

TEST_F(open, closed_in_syn_recv)
{
	ASSERT_TRUE(cross(self, CROSSED "FIN_WAIT1:close FIN_WAIT2:ack CLOSE",
			  CROSSED "ESTABLISHED:ack CLOSE_WAIT:fin LAST_ACK:close CLOSE:ack"));
	close(self->c);
	carry(self);
	EXPECT_TRUE(wire_until(&self->st.w, self->s, TCPSTATE_CLOSE_WAIT));
	close(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
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
			 CROSSED "ESTABLISHED:ack FIN_WAIT1:close CLOSING:fin CLOSE");
	e->remote = own;
	close(fd);
	EXPECT_TRUE(stage_finish(&self->st));
}

/* Fast Open without cookies: data in the SYN, the child waits in SYN_RECV. */
static bool fast_open(struct _test_data_open *o, const char *client, const char *server)
{
	return stage_fast_open(&o->st, &o->c, &o->s, client, server);
}

TEST_F(open, fast_open_closed_in_syn_recv)
{
	ASSERT_TRUE(fast_open(self, "CLOSE SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE",
			      "CLOSE SYN_RECV FIN_WAIT1:close FIN_WAIT2 CLOSE"));
	close(self->s);
	carry(self);
	EXPECT_TRUE(wire_until(&self->st.w, self->c, TCPSTATE_CLOSE_WAIT));
	close(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
}

TEST_F(open, fast_open_aborted_in_syn_recv)
{
	ASSERT_TRUE(fast_open(self, "CLOSE SYN_SENT ESTABLISHED CLOSE:rst",
			      "CLOSE SYN_RECV CLOSE:linger0"));
	tcp_abort(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_HARNESS_MAIN
