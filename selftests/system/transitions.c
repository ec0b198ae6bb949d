// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * Every transition of full sockets on purpose, on both ends, over IPv4, IPv6
 * and IPv4-mapped addresses: the stream must show exactly the path of each
 * socket and the counters exactly the sum.
 *
 * FIN_WAIT2 -> CLOSE and CLOSING -> CLOSE stand where a timewait socket takes
 * over.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "stage.h"
#include "util.h"

#include "harness.h"

#define LISTENS		"CLOSE LISTEN:listen CLOSE:close"
#define ACTIVE_OPEN	"CLOSE SYN_SENT:connect ESTABLISHED:syn-ack "
#define PASSIVE_OPEN	"CLOSE SYN_RECV:syn ESTABLISHED:ack "
#define CLOSES		"FIN_WAIT1:close FIN_WAIT2:ack CLOSE"
#define IS_CLOSED	"CLOSE_WAIT:fin LAST_ACK:close CLOSE:ack"

FIXTURE(transitions)
{
	struct stage st;
	int l, c, s;
};

FIXTURE_VARIANT(transitions)
{
	enum kind kind;
};

FIXTURE_VARIANT_ADD(transitions, v4) { .kind = KIND_V4 };
FIXTURE_VARIANT_ADD(transitions, v6) { .kind = KIND_V6 };
FIXTURE_VARIANT_ADD(transitions, mapped) { .kind = KIND_MAPPED };

FIXTURE_SETUP(transitions)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(stage_up(&self->st, variant->kind));
}

FIXTURE_TEARDOWN(transitions)
{
	stage_down(&self->st);
}

static bool join(struct _test_data_transitions *t, const char *client, const char *server)
{
	return stage_join(&t->st, &t->c, &t->s, client, server);
}

static bool until(struct _test_data_transitions *t, int fd, unsigned int state)
{
	return wire_until(&t->st.w, fd, state);
}

static void set_mode(struct _test_data_transitions *t, enum wire_mode a, enum wire_mode b)
{
	wire_mode(&t->st.w, a, b);
}

TEST_F(transitions, client_closes)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN CLOSES, PASSIVE_OPEN IS_CLOSED));
	close(self->c);
	EXPECT_TRUE(until(self, self->s, TCPSTATE_CLOSE_WAIT));
	close(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
}

TEST_F(transitions, server_closes)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN IS_CLOSED, PASSIVE_OPEN CLOSES));
	close(self->s);
	EXPECT_TRUE(until(self, self->c, TCPSTATE_CLOSE_WAIT));
	close(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
}

TEST_F(transitions, half_close)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "FIN_WAIT1:shutdown FIN_WAIT2:ack CLOSE",
			 PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:shutdown CLOSE:ack"));
	shutdown(self->c, SHUT_WR);
	EXPECT_TRUE(until(self, self->c, TCPSTATE_FIN_WAIT2));
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(wire_readable(&self->st.w, self->c));
	shutdown(self->s, SHUT_WR);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
	close(self->c);
}

TEST_F(transitions, shutdown_rd_is_none_rdwr_is_a_close)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "FIN_WAIT1:shutdown FIN_WAIT2:ack CLOSE",
			 PASSIVE_OPEN IS_CLOSED));
	shutdown(self->c, SHUT_RD);
	wire_carry(&self->st.w);
	EXPECT_EQ(TCPSTATE_ESTABLISHED, tcp_state(self->c));
	shutdown(self->c, SHUT_RDWR);
	EXPECT_TRUE(until(self, self->s, TCPSTATE_CLOSE_WAIT));
	close(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_F(transitions, linger0)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:linger0", PASSIVE_OPEN "CLOSE:rst"));
	tcp_abort(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
}

TEST_F(transitions, unread_data)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:unread-data", PASSIVE_OPEN "CLOSE:rst"));
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(wire_readable(&self->st.w, self->c));
	close(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
}

TEST_F(transitions, data_after_close)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN CLOSES, PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst"));
	close(self->c);
	EXPECT_TRUE(until(self, self->s, TCPSTATE_CLOSE_WAIT));
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
}

TEST_F(transitions, disconnected)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:disconnect", PASSIVE_OPEN "CLOSE:rst"));
	tcp_disconnect(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
	close(self->s);
}

TEST_F(transitions, reset_in_fin_wait1)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "FIN_WAIT1:shutdown CLOSE:rst",
			 PASSIVE_OPEN "CLOSE:linger0"));
	set_mode(self, WIRE_DROP, WIRE_CARRY);
	shutdown(self->c, SHUT_WR);
	tcp_abort(self->s);
	EXPECT_TRUE(until(self, self->c, TCPSTATE_CLOSE));
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_F(transitions, reset_in_fin_wait2)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "FIN_WAIT1:shutdown FIN_WAIT2:ack CLOSE:rst",
			 PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0"));
	shutdown(self->c, SHUT_WR);
	EXPECT_TRUE(until(self, self->c, TCPSTATE_FIN_WAIT2));
	tcp_abort(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_F(transitions, reset_in_last_ack)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "FIN_WAIT1:shutdown FIN_WAIT2:ack CLOSE:linger0",
			 PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:shutdown CLOSE:rst"));
	shutdown(self->c, SHUT_WR);
	EXPECT_TRUE(until(self, self->c, TCPSTATE_FIN_WAIT2));
	set_mode(self, WIRE_CARRY, WIRE_DROP);
	shutdown(self->s, SHUT_WR);
	tcp_abort(self->c);
	EXPECT_TRUE(until(self, self->s, TCPSTATE_CLOSE));
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
}

TEST_F(transitions, simultaneous_close)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "FIN_WAIT1:close CLOSING:fin CLOSE",
			 PASSIVE_OPEN "FIN_WAIT1:close CLOSING:fin CLOSE"));
	set_mode(self, WIRE_HOLD, WIRE_HOLD);
	close(self->c);
	close(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
}

/* close() in CLOSING makes the kernel report CLOSING -> CLOSING: no event. */
TEST_F(transitions, close_in_closing)
{
	struct wire *w = &self->st.w;

	ASSERT_TRUE(join(self, ACTIVE_OPEN "FIN_WAIT1:shutdown CLOSING:fin CLOSE",
			 PASSIVE_OPEN "FIN_WAIT1:shutdown CLOSING:fin CLOSE"));
	set_mode(self, WIRE_HOLD, WIRE_HOLD);
	shutdown(self->c, SHUT_WR);
	shutdown(self->s, SHUT_WR);
	EXPECT_TRUE(wire_step(w, SIDE_A, self->s, TCPSTATE_CLOSING));
	EXPECT_TRUE(wire_step(w, SIDE_B, self->c, TCPSTATE_CLOSING));
	close(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
}

TEST_F(transitions, refused)
{
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:rst");
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_F_TIMEOUT(transitions, connect_timeout, 120)
{
	int retries = 1;

	set_mode(self, WIRE_DROP, WIRE_CARRY);
	self->c = stage_connect(&self->st);
	setsockopt(self->c, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof(retries));
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:timeout");
	EXPECT_TRUE(until(self, self->c, TCPSTATE_CLOSE));
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_F(transitions, close_in_syn_sent)
{
	set_mode(self, WIRE_DROP, WIRE_CARRY);
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:close");
	close(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
}

TEST_F(transitions, disconnect_in_syn_sent)
{
	set_mode(self, WIRE_DROP, WIRE_CARRY);
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:disconnect");
	tcp_disconnect(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
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
	ASSERT_TRUE(until(self, self->c, TCPSTATE_CLOSE));
	/* The pending error is taken before the socket may connect again. */
	ASSERT_EQ(-1, connect(self->c, &to.any, addr_len(&to)));
	ASSERT_EQ(ECONNREFUSED, errno);
	self->l = stage_listen(&self->st, LISTENS);
	ASSERT_EQ(-1, connect(self->c, &to.any, addr_len(&to)));
	ASSERT_TRUE(until(self, self->c, TCPSTATE_ESTABLISHED));
	wire_carry(&self->st.w);
	self->s = accept(self->l, NULL, NULL);
	ASSERT_LE(0, self->s);
	stage_follow(&self->st, SIDE_B, self->s, 0, 7001, PASSIVE_OPEN "CLOSE:rst");
	tcp_abort(self->c);
	close(self->l);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
}

TEST_F(transitions, ports_exhausted)
{
	union addr to = addr_make(variant->kind, stage_addr(&self->st, SIDE_B), STAGE_PORT);
	struct stage_end *e;
	int fd;

	ASSERT_EQ(0, system("echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range"));
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:linger0", PASSIVE_OPEN "CLOSE:rst"));
	fd = tcp_socket(variant->kind, 0);
	e = stage_follow(&self->st, SIDE_A, fd, 0, STAGE_PORT,
			 "CLOSE SYN_SENT:connect CLOSE:ports-exhausted");
	e->partial = 1;
	EXPECT_EQ(-1, connect(fd, &to.any, addr_len(&to)));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
	tcp_abort(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
	close(fd);
}

TEST_F(transitions, never_accepted)
{
	self->l = stage_listen(&self->st, LISTENS);
	self->c = stage_connect(&self->st);
	ASSERT_TRUE(until(self, self->c, TCPSTATE_ESTABLISHED));
	wire_carry(&self->st.w);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT, ACTIVE_OPEN "CLOSE:rst");
	stage_follow(&self->st, SIDE_B, -1, STAGE_PORT, tcp_port(self->c),
		     PASSIVE_OPEN "CLOSE");
	close(self->l);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_F(transitions, listener_shut_down_and_up_again)
{
	self->l = stage_listen(&self->st,
			       "CLOSE LISTEN:listen CLOSE LISTEN:listen CLOSE:close");
	shutdown(self->l, SHUT_RDWR);
	EXPECT_EQ(TCPSTATE_CLOSE, tcp_state(self->l));
	EXPECT_EQ(0, listen(self->l, 1));
	close(self->l);
	EXPECT_TRUE(stage_finish(&self->st));
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
	EXPECT_TRUE(stage_finish(&self->st));
}

TEST_HARNESS_MAIN
