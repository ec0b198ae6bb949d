// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * ss -K (SOCK_DESTROY) in every state and on every carrier.
 */
#include <string.h>

#include "diag.h"
#include "stage_test.h"

#define A_PORT	7001

STAGE_FIXTURE(aborts)

/* From the side where the socket is. */
static int abort_end(struct stage *st, const struct stage_end *e)
{
	const struct story *s = &e->story;
	int error;

	wire_go(&st->w, e->side);
	error = diag_destroy(&s->local, addr_port(&s->remote) ? &s->remote : NULL);
	wire_go(&st->w, SIDE_A);
	if (error)
		printf("# SOCK_DESTROY: %s\n", strerror(error));
	return error;
}

#define ABORT(end)	ASSERT_EQ(0, abort_end(&self->st, end))

TEST_F(aborts, listen)
{
	self->l = stage_listen(&self->st, "CLOSE LISTEN:listen CLOSE:abort");
	ABORT(&self->st.end[0]);
	FINISH();
	close(self->l);
}

TEST_F(aborts, syn_sent)
{
	WIRE(DROP, CARRY);
	self->c = stage_connect(&self->st);
	ABORT(stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
			   "CLOSE SYN_SENT:connect CLOSE:abort"));
	wire_carry(&self->st.w);
	FINISH();
	close(self->c);
}

/* Half open: nobody but the request is there. */
TEST_F(aborts, syn_recv)
{
	struct stage *st = &self->st;

	self->l = stage_listen(st, LISTENS);
	WIRE(CARRY, DROP);
	self->c = stage_connect(st);
	st->client = stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT,
				  "CLOSE SYN_SENT:connect CLOSE:close");
	st->server = stage_follow(st, SIDE_B, -1, STAGE_PORT, tcp_port(self->c),
				  "CLOSE SYN_RECV:syn CLOSE:abort");
	REACH(server, SYN_RECV);
	ABORT(st->server);
	close(self->c);
	close(self->l);
	FINISH();
}

/* Half open, but a full socket: both called at the same time. */
TEST_F(aborts, crossed_syn_recv)
{
	struct stage *st = &self->st;
	union addr a = addr_make(st->kind, stage_addr(st, SIDE_A), A_PORT);
	union addr b = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);

	WIRE(HOLD, HOLD);
	wire_go(&st->w, SIDE_B);
	self->s = tcp_bound(st->kind, stage_addr(st, SIDE_B), STAGE_PORT, SOCK_NONBLOCK);
	connect(self->s, &a.any, addr_len(&a));
	st->server = stage_follow(st, SIDE_B, self->s, 0, A_PORT,
				  CROSSED_AND_RESET("CLOSE SYN_SENT:connect SYN_RECV:syn/sock "));
	wire_go(&st->w, SIDE_A);
	self->c = tcp_bound(st->kind, stage_addr(st, SIDE_A), A_PORT, SOCK_NONBLOCK);
	connect(self->c, &b.any, addr_len(&b));
	st->client = stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT,
				  "CLOSE SYN_SENT:connect SYN_RECV:syn/sock CLOSE:abort");
	ASSERT_TRUE(wire_step(&st->w, SIDE_A, self->s, TCPSTATE_SYN_RECV));
	ASSERT_TRUE(wire_step(&st->w, SIDE_B, self->c, TCPSTATE_SYN_RECV));
	ABORT(st->client);
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(aborts, established)
{
	JOIN(ACTIVE_OPEN "CLOSE:abort", PASSIVE_OPEN "CLOSE:rst");
	ABORT(self->st.client);
	FINISH();
	close(self->c);
	close(self->s);
}

/* Nobody has accepted it: its owner is the listener's to the end. */
TEST_F(aborts, not_accepted)
{
	struct stage *st = &self->st;

	ASSERT_TRUE(stage_queue(st, &self->c, &self->l, ACTIVE_OPEN "CLOSE:rst",
				PASSIVE_OPEN "CLOSE:abort"));
	ABORT(st->server);
	REACH(client, CLOSE);
	close(self->l);
	close(self->c);
	FINISH();
}

TEST_F(aborts, fin_wait1)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:shutdown CLOSE:abort", PASSIVE_OPEN "CLOSE:rst");
	WIRE(DROP, CARRY);
	shutdown(self->c, SHUT_WR);
	wire_carry(&self->st.w);
	ABORT(self->st.client);
	FINISH();
	close(self->c);
	close(self->s);
}

/* An orphan; up to 5.10 the kernel says that it did it, but does not. */
TEST_F(aborts, orphan_in_fin_wait1)
{
	if (kernel_before(5, 11))
		SKIP(return, "this kernel does not abort orphans");
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:abort", PASSIVE_OPEN "CLOSE:rst");
	WIRE(DROP, CARRY);
	close(self->c);
	wire_carry(&self->st.w);
	ABORT(self->st.client);
	FINISH();
	close(self->s);
}

TEST_F(aborts, fin_wait2)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:abort", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	ABORT(self->st.client);
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(aborts, timewait_in_fin_wait2)
{
	if (kernel_before(6, 1))
		SKIP(return, "this kernel does not abort timewait socks");
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack > CLOSE:abort",
	     PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:close CLOSE:rst");
	close(self->c);
	REACH(client, FIN_WAIT2);
	ABORT(self->st.client);
	REACH(client, CLOSE);
	close(self->s);
	FINISH();
}

TEST_F(aborts, time_wait)
{
	if (kernel_before(6, 1))
		SKIP(return, "this kernel does not abort timewait socks");
	JOIN(ACTIVE_OPEN CLOSES "CLOSE:abort", PASSIVE_OPEN IS_CLOSED);
	close(self->c);
	REACH(client, FIN_WAIT2);
	close(self->s);
	REACH(client, TIME_WAIT);
	REACH(server, CLOSE);
	ABORT(self->st.client);
	FINISH();
}

TEST_F(aborts, closing)
{
	struct stage *st = &self->st;

	JOIN(ACTIVE_OPEN "FIN_WAIT1:shutdown CLOSING:fin CLOSE:abort",
	     PASSIVE_OPEN "FIN_WAIT1:shutdown CLOSING:fin TIME_WAIT:ack");
	WIRE(HOLD, HOLD);
	shutdown(self->c, SHUT_WR);
	shutdown(self->s, SHUT_WR);
	ASSERT_TRUE(wire_step(&st->w, SIDE_A, self->s, TCPSTATE_CLOSING));
	ASSERT_TRUE(wire_step(&st->w, SIDE_B, self->c, TCPSTATE_CLOSING));
	WIRE(CARRY, DROP);
	ABORT(st->client);
	REACH(server, TIME_WAIT);
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(aborts, close_wait)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:rst", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:abort");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	ABORT(self->st.server);
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(aborts, last_ack)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:linger0",
	     PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:shutdown CLOSE:abort");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	WIRE(CARRY, DROP);
	shutdown(self->s, SHUT_WR);
	wire_carry(&self->st.w);
	ABORT(self->st.server);
	REACH(server, CLOSE);
	tcp_abort(self->c);
	FINISH();
	close(self->s);
}

TEST_HARNESS_MAIN
