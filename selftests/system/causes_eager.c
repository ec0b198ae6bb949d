// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * The program reads the error of its socket all the time, on another CPU: it is
 * gone before the state changes, and the cause must be right all the same. In
 * every state, for whatever ends a connection with an error. Checks as
 * transitions.c does.
 */
#include <netinet/tcp.h>
#include <string.h>

#include "diag.h"
#include "eager.h"
#include "icmp.h"
#include "stage_test.h"

#define A_PORT	7001

STAGE_FIXTURE(eager)

/* Ends @e by ss -K while somebody reads the error of @fd. */
static bool abort_end(struct stage *st, const struct stage_end *e, int fd)
{
	const struct story *s = &e->story;
	struct eager eager;
	int error = -1;

	if (eager_start(&eager, fd)) {
		wire_go(&st->w, e->side);
		error = diag_destroy(&s->local, &s->remote);
		wire_go(&st->w, SIDE_A);
		eager_stop(&eager);
	}
	if (error)
		printf("# SOCK_DESTROY: %s\n", strerror(error));
	return !error;
}

#define NOTHING	do { } while (0)
#define ABORT(who, fd)	ASSERT_TRUE(abort_end(&self->st, self->st.who, fd))

/* Somebody reads the error of @fd while @event happens and ends client or server. */
#define READING(fd, who, seconds, event)				\
do {									\
	struct eager eager;						\
									\
	ASSERT_TRUE(eager_start(&eager, fd));				\
	event;								\
	EXPECT_TRUE(stage_reach(&self->st, self->st.who, TCPSTATE_CLOSE, seconds)); \
	eager_stop(&eager);						\
} while (0)

TEST_F(eager, abort_in_syn_sent)
{
	WIRE(DROP, CARRY);
	self->c = stage_connect(&self->st);
	self->st.client = stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
				       "CLOSE SYN_SENT:connect CLOSE:abort");
	ABORT(client, self->c);
	wire_carry(&self->st.w);
	FINISH();
	close(self->c);
}

/* Both called at the same time; the SYN-ACKs are lost. */
static bool cross(struct stage *st, int *c, int *s, const char *client)
{
	union addr a = addr_make(st->kind, stage_addr(st, SIDE_A), A_PORT);
	union addr b = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);

	wire_mode(&st->w, WIRE_HOLD, WIRE_HOLD);
	wire_go(&st->w, SIDE_B);
	*s = tcp_bound(st->kind, stage_addr(st, SIDE_B), STAGE_PORT, SOCK_NONBLOCK);
	connect(*s, &a.any, addr_len(&a));
	st->server = stage_follow(st, SIDE_B, *s, 0, A_PORT,
				  "CLOSE SYN_SENT:connect SYN_RECV:syn/sock CLOSE:linger0");
	wire_go(&st->w, SIDE_A);
	*c = tcp_bound(st->kind, stage_addr(st, SIDE_A), A_PORT, SOCK_NONBLOCK);
	connect(*c, &b.any, addr_len(&b));
	st->client = stage_follow(st, SIDE_A, *c, 0, STAGE_PORT, client);
	if (!wire_step(&st->w, SIDE_A, *s, TCPSTATE_SYN_RECV) ||
	    !wire_step(&st->w, SIDE_B, *c, TCPSTATE_SYN_RECV))
		return false;
	wire_mode(&st->w, WIRE_DROP, WIRE_DROP);
	return true;
}

#define CROSSED	"CLOSE SYN_SENT:connect SYN_RECV:syn/sock "

TEST_F(eager, abort_in_syn_recv)
{
	ASSERT_TRUE(cross(&self->st, &self->c, &self->s, CROSSED "CLOSE:abort"));
	ABORT(client, self->c);
	REACH(client, CLOSE);
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
	close(self->c);
}

TEST_F(eager, abort_in_established)
{
	JOIN(ACTIVE_OPEN "CLOSE:abort", PASSIVE_OPEN "CLOSE:rst");
	ABORT(client, self->c);
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(eager, abort_in_fin_wait1)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:shutdown CLOSE:abort", PASSIVE_OPEN "CLOSE:rst");
	WIRE(DROP, CARRY);
	shutdown(self->c, SHUT_WR);
	wire_carry(&self->st.w);
	ABORT(client, self->c);
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(eager, abort_in_fin_wait2)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:abort", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	ABORT(client, self->c);
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(eager, abort_in_closing)
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
	ABORT(client, self->c);
	REACH(server, TIME_WAIT);
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(eager, abort_in_close_wait)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:rst", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:abort");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	ABORT(server, self->s);
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(eager, abort_in_last_ack)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:linger0",
	     PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:shutdown CLOSE:abort");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	WIRE(CARRY, DROP);
	shutdown(self->s, SHUT_WR);
	wire_carry(&self->st.w);
	ABORT(server, self->s);
	REACH(server, CLOSE);
	tcp_abort(self->c);
	FINISH();
	close(self->s);
}

TEST_F(eager, rst_in_established)
{
	JOIN(ACTIVE_OPEN "CLOSE:rst", PASSIVE_OPEN "CLOSE:linger0");
	READING(self->c, client, 10, tcp_abort(self->s));
	FINISH();
	close(self->c);
}

TEST_F(eager, rst_in_fin_wait2)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:rst", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	READING(self->c, client, 10, tcp_abort(self->s));
	FINISH();
	close(self->c);
}

TEST_F(eager, rst_in_syn_sent)
{
	WIRE(HOLD, CARRY);
	self->c = stage_connect(&self->st);
	self->st.client = stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
				       "CLOSE SYN_SENT:connect CLOSE:rst");
	READING(self->c, client, 10, WIRE(CARRY, CARRY));
	FINISH();
	close(self->c);
}

TEST_F(eager, data_after_close_in_fin_wait2)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:data-after-close",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	shutdown(self->c, SHUT_RDWR);
	REACH(client, FIN_WAIT2);
	READING(self->c, client, 10, EXPECT_EQ(1, write(self->s, "x", 1)));
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(eager, icmp_in_syn_sent)
{
	WIRE(HOLD, CARRY);
	self->c = stage_connect(&self->st);
	self->st.client = stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
				       "CLOSE SYN_SENT:connect CLOSE:icmp");
	READING(self->c, client, 10,
		EXPECT_TRUE(icmp_answer(&self->st.w, SIDE_A, ICMP_PORT_UNREACHABLE)));
	FINISH();
	close(self->c);
}

/* Timers, as short as they can be. */
TEST_F(eager, timeout_in_syn_sent)
{
	WIRE(DROP, CARRY);
	self->c = tcp_socket(variant->kind, SOCK_NONBLOCK);
	ASSERT_TRUE(tcp_set(self->c, TCP_SYNCNT, 1));
	ASSERT_TRUE(stage_connect_again(&self->st, self->c));
	self->st.client = stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
				       "CLOSE SYN_SENT:connect CLOSE:timeout");
	READING(self->c, client, 60, NOTHING);
	FINISH();
	close(self->c);
}

TEST_F(eager, timeout_in_established)
{
	SYSCTL("tcp_retries2", "1");
	JOIN(ACTIVE_OPEN "CLOSE:timeout", PASSIVE_OPEN "CLOSE:linger0");
	WIRE(DROP, DROP);
	READING(self->c, client, 60, EXPECT_EQ(1, write(self->c, "x", 1)));
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
	close(self->c);
}

TEST_F(eager, user_timeout_in_established)
{
	JOIN(ACTIVE_OPEN "CLOSE:user-timeout", PASSIVE_OPEN "CLOSE:linger0");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 100));
	WIRE(DROP, DROP);
	READING(self->c, client, 60, EXPECT_EQ(1, write(self->c, "x", 1)));
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
	close(self->c);
}

TEST_F(eager, user_timeout_in_fin_wait1)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:shutdown CLOSE:user-timeout",
	     PASSIVE_OPEN "CLOSE:linger0");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 100));
	WIRE(DROP, DROP);
	READING(self->c, client, 60, shutdown(self->c, SHUT_WR));
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
	close(self->c);
}

static bool keep_alive(int fd)
{
	int on = 1;

	return tcp_set(fd, TCP_KEEPIDLE, 1) && tcp_set(fd, TCP_KEEPINTVL, 1) &&
	       tcp_set(fd, TCP_KEEPCNT, 1) &&
	       !setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

TEST_F(eager, keepalive_in_established)
{
	JOIN(ACTIVE_OPEN "CLOSE:keepalive", PASSIVE_OPEN "CLOSE:linger0");
	WIRE(DROP, DROP);
	READING(self->c, client, 60, EXPECT_TRUE(keep_alive(self->c)));
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
	close(self->c);
}

TEST_F(eager, keepalive_in_fin_wait2)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:keepalive",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	WIRE(DROP, DROP);
	READING(self->c, client, 60, EXPECT_TRUE(keep_alive(self->c)));
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
	close(self->c);
}

TEST_HARNESS_MAIN
