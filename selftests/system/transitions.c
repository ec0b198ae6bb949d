// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * Every transition of full sockets on purpose, on both ends, over IPv4, IPv6
 * and IPv4-mapped addresses: the stream must show exactly the path of each
 * socket and the counters exactly the sum. What becomes of a connection in
 * TIME_WAIT is in timewait.c.
 */
#include <errno.h>
#include <netinet/tcp.h>

#include "stage_test.h"

STAGE_FIXTURE(transitions)

TEST_F(transitions, client_closes)
{
	JOIN(ACTIVE_OPEN CLOSES, PASSIVE_OPEN IS_CLOSED);
	close(self->c);
	UNTIL(self->s, CLOSE_WAIT);
	close(self->s);
	FINISH();
}

TEST_F(transitions, server_closes)
{
	JOIN(ACTIVE_OPEN IS_CLOSED, PASSIVE_OPEN CLOSES);
	close(self->s);
	UNTIL(self->c, CLOSE_WAIT);
	close(self->c);
	FINISH();
}

TEST_F(transitions, half_close)
{
	JOIN(ACTIVE_OPEN SHUTS "TIME_WAIT:fin",
	     PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:shutdown CLOSE:ack");
	shutdown(self->c, SHUT_WR);
	UNTIL(self->c, FIN_WAIT2);
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(wire_readable(&self->st.w, self->c));
	shutdown(self->s, SHUT_WR);
	FINISH();
	close(self->s);
	close(self->c);
}

TEST_F(transitions, shutdown_rd_is_none_rdwr_is_a_close)
{
	JOIN(ACTIVE_OPEN SHUTS "TIME_WAIT:fin",
	     PASSIVE_OPEN IS_CLOSED);
	shutdown(self->c, SHUT_RD);
	wire_carry(&self->st.w);
	EXPECT_EQ(TCPSTATE_ESTABLISHED, tcp_state(self->c));
	shutdown(self->c, SHUT_RDWR);
	UNTIL(self->s, CLOSE_WAIT);
	close(self->s);
	FINISH();
	close(self->c);
}

TEST_F(transitions, data_after_close)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack > CLOSE:data-after-close",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	close(self->c);
	/* Until the timewait sock has it: the socket would end otherwise. */
	EXPECT_TRUE(stage_reach(&self->st, &self->st.end[1], TCPSTATE_FIN_WAIT2, 5));
	EXPECT_EQ(1, write(self->s, "x", 1));
	FINISH();
	close(self->s);
}

TEST_F(transitions, disconnected)
{
	JOIN(ACTIVE_OPEN "CLOSE:disconnect", PASSIVE_OPEN "CLOSE:rst");
	tcp_disconnect(self->c);
	FINISH();
	close(self->c);
	close(self->s);
}

TEST_F(transitions, reset_in_fin_wait1)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:shutdown CLOSE:rst",
	     PASSIVE_OPEN "CLOSE:linger0");
	WIRE(DROP, CARRY);
	shutdown(self->c, SHUT_WR);
	tcp_abort(self->s);
	UNTIL(self->c, CLOSE);
	FINISH();
	close(self->c);
}

TEST_F(transitions, reset_in_fin_wait2)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:rst",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0");
	shutdown(self->c, SHUT_WR);
	UNTIL(self->c, FIN_WAIT2);
	tcp_abort(self->s);
	FINISH();
	close(self->c);
}

TEST_F(transitions, reset_in_last_ack)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:linger0",
	     PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:shutdown CLOSE:rst");
	shutdown(self->c, SHUT_WR);
	UNTIL(self->c, FIN_WAIT2);
	WIRE(CARRY, DROP);
	shutdown(self->s, SHUT_WR);
	tcp_abort(self->c);
	UNTIL(self->s, CLOSE);
	FINISH();
	close(self->s);
}

TEST_F(transitions, simultaneous_close)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSING:fin TIME_WAIT:ack",
	     PASSIVE_OPEN "FIN_WAIT1:close CLOSING:fin TIME_WAIT:ack");
	WIRE(HOLD, HOLD);
	close(self->c);
	close(self->s);
	FINISH();
}

/* close() in CLOSING makes the kernel report CLOSING -> CLOSING: no event. */
TEST_F(transitions, close_in_closing)
{
	struct wire *w = &self->st.w;

	JOIN(ACTIVE_OPEN "FIN_WAIT1:shutdown CLOSING:fin TIME_WAIT:ack",
	     PASSIVE_OPEN "FIN_WAIT1:shutdown CLOSING:fin TIME_WAIT:ack");
	WIRE(HOLD, HOLD);
	shutdown(self->c, SHUT_WR);
	shutdown(self->s, SHUT_WR);
	EXPECT_TRUE(wire_step(w, SIDE_A, self->s, TCPSTATE_CLOSING));
	EXPECT_TRUE(wire_step(w, SIDE_B, self->c, TCPSTATE_CLOSING));
	close(self->c);
	FINISH();
	close(self->s);
}

TEST_F(transitions, refused)
{
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:rst");
	FINISH();
	close(self->c);
}

TEST_F_TIMEOUT(transitions, connect_timeout, 120)
{
	int retries = 1;

	WIRE(DROP, CARRY);
	self->c = stage_connect(&self->st);
	setsockopt(self->c, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof(retries));
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:timeout");
	UNTIL(self->c, CLOSE);
	FINISH();
	close(self->c);
}

TEST_F(transitions, close_in_syn_sent)
{
	WIRE(DROP, CARRY);
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:close");
	close(self->c);
	FINISH();
}

TEST_F(transitions, disconnect_in_syn_sent)
{
	WIRE(DROP, CARRY);
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:disconnect");
	tcp_disconnect(self->c);
	FINISH();
	close(self->c);
}

/* The first life ends refused, the second one as it should. */
TEST_F(transitions, second_life)
{
	union addr from = addr_make(variant->kind, stage_addr(&self->st, SIDE_A), 7001);
	union addr to = addr_make(variant->kind, stage_addr(&self->st, SIDE_B), STAGE_PORT);

	self->c = tcp_socket(variant->kind, SOCK_NONBLOCK);
	ASSERT_EQ(0, bind(self->c, &from.any, addr_len(&from)));
	ASSERT_EQ(-1, connect(self->c, &to.any, addr_len(&to)));
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:rst SYN_SENT:connect ESTABLISHED:syn-ack CLOSE:linger0");
	UNTIL(self->c, CLOSE);
	/* The pending error is taken before the socket may connect again. */
	ASSERT_EQ(-1, connect(self->c, &to.any, addr_len(&to)));
	ASSERT_EQ(ECONNREFUSED, errno);
	self->l = stage_listen(&self->st, LISTENS);
	ASSERT_EQ(-1, connect(self->c, &to.any, addr_len(&to)));
	UNTIL(self->c, ESTABLISHED);
	wire_carry(&self->st.w);
	self->s = accept(self->l, NULL, NULL);
	ASSERT_LE(0, self->s);
	stage_follow(&self->st, SIDE_B, self->s, 0, 7001, PASSIVE_OPEN "CLOSE:rst");
	tcp_abort(self->c);
	close(self->l);
	FINISH();
	close(self->s);
}

TEST_F(transitions, ports_exhausted)
{
	union addr to = addr_make(variant->kind, stage_addr(&self->st, SIDE_B), STAGE_PORT);
	struct stage_end *e;
	int fd;

	SYSCTL("ip_local_port_range", "40000 40000");
	JOIN(ACTIVE_OPEN "CLOSE:linger0", PASSIVE_OPEN "CLOSE:rst");
	fd = tcp_socket(variant->kind, 0);
	e = stage_follow(&self->st, SIDE_A, fd, 0, STAGE_PORT,
			 "CLOSE SYN_SENT:connect CLOSE:ports-exhausted");
	e->story.partial = 1;
	EXPECT_EQ(-1, connect(fd, &to.any, addr_len(&to)));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
	tcp_abort(self->c);
	FINISH();
	close(self->s);
	close(fd);
}

TEST_F(transitions, never_accepted)
{
	ASSERT_TRUE(stage_queue(&self->st, &self->c, &self->l, ACTIVE_OPEN "CLOSE:rst",
				PASSIVE_OPEN "CLOSE:listener-closed"));
	close(self->l);
	FINISH();
	close(self->c);
}

TEST_F(transitions, listener_shut_down_and_up_again)
{
	self->l = stage_listen(&self->st,
			       "CLOSE LISTEN:listen CLOSE:disconnect LISTEN:listen CLOSE:close");
	shutdown(self->l, SHUT_RDWR);
	EXPECT_EQ(TCPSTATE_CLOSE, tcp_state(self->l));
	EXPECT_EQ(0, listen(self->l, 1));
	close(self->l);
	FINISH();
}

TEST_F(transitions, listen_without_a_port)
{
	int fd;

	wire_go(&self->st.w, SIDE_B);
	fd = tcp_bound(variant->kind, stage_addr(&self->st, SIDE_B), STAGE_PORT, 0);
	ASSERT_LE(0, fd);
	self->l = stage_listen(&self->st, LISTENS);
	stage_follow(&self->st, SIDE_B, fd, 0, 0, "CLOSE LISTEN:listen CLOSE:port-failure");
	EXPECT_EQ(-1, listen(fd, 1));
	EXPECT_EQ(EADDRINUSE, errno);
	close(self->l);
	close(fd);
	FINISH();
}

TEST_HARNESS_MAIN
