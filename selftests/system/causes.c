// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * Causes that are easily taken for one another: each of two ends that look
 * alike from the socket. Checks as transitions.c does, and here a cause that
 * is unknown is wrong unless said otherwise.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>

#include "icmp.h"
#include "stage.h"
#include "util.h"

#include "harness.h"

#define ACTIVE_OPEN	"CLOSE SYN_SENT:connect ESTABLISHED:syn-ack "
#define PASSIVE_OPEN	"CLOSE SYN_RECV:syn ESTABLISHED:ack "

FIXTURE(causes)
{
	struct stage st;
	int c, s;
};

FIXTURE_VARIANT(causes)
{
	enum kind kind;
};

FIXTURE_VARIANT_ADD(causes, v4) { .kind = KIND_V4 };
FIXTURE_VARIANT_ADD(causes, v6) { .kind = KIND_V6 };

FIXTURE_SETUP(causes)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(stage_up(&self->st, variant->kind));
	self->st.exact = true;
}

FIXTURE_TEARDOWN(causes)
{
	stage_down(&self->st);
}

static bool join(struct _test_data_causes *t, const char *client, const char *server)
{
	return stage_join(&t->st, &t->c, &t->s, client, server);
}

static bool until(struct _test_data_causes *t, int fd, unsigned int state)
{
	return wire_until(&t->st.w, fd, state);
}

static void set_mode(struct _test_data_causes *t, enum wire_mode a, enum wire_mode b)
{
	wire_mode(&t->st.w, a, b);
}

static bool set(int fd, int option, int value)
{
	return !setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value));
}

/* A SYN is refused by an ICMP error; by an RST. */
TEST_F(causes, icmp_refuses_a_syn)
{
	int error = 0;
	socklen_t len = sizeof(error);

	set_mode(self, WIRE_HOLD, WIRE_CARRY);
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:icmp");
	ASSERT_TRUE(icmp_answer(&self->st.w, SIDE_A, ICMP_PORT_UNREACHABLE));
	EXPECT_TRUE(until(self, self->c, TCPSTATE_CLOSE));
	EXPECT_EQ(0, getsockopt(self->c, SOL_SOCKET, SO_ERROR, &error, &len));
	EXPECT_EQ(ECONNREFUSED, error);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_F(causes, rst_refuses_a_syn)
{
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:rst");
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

/* The connection resets itself; nobody sent it an RST. */
TEST_F(causes, data_after_shutdown)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "FIN_WAIT1:shutdown FIN_WAIT2:ack "
			 "CLOSE:data-after-close",
			 PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst"));
	/* What tells is not there in old kernels. */
	self->st.exact = !kernel_before(5, 15);
	shutdown(self->c, SHUT_RDWR);
	EXPECT_TRUE(until(self, self->c, TCPSTATE_FIN_WAIT2));
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
	close(self->s);
}

/* Timers: all leave ETIMEDOUT. */
static bool keep_alive(int fd)
{
	int on = 1;

	return !setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) &&
	       set(fd, TCP_KEEPIDLE, 1) && set(fd, TCP_KEEPINTVL, 1) &&
	       set(fd, TCP_KEEPCNT, 1);
}

TEST_F_TIMEOUT(causes, keepalive, 120)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:keepalive", PASSIVE_OPEN "CLOSE:rst"));
	set_mode(self, WIRE_CARRY, WIRE_DROP);
	ASSERT_TRUE(keep_alive(self->c));
	EXPECT_TRUE(until(self, self->c, TCPSTATE_CLOSE));
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
	close(self->s);
}

TEST_F_TIMEOUT(causes, retransmissions, 120)
{
	ASSERT_EQ(0, system("echo 1 >/proc/sys/net/ipv4/tcp_retries2"));
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:timeout", PASSIVE_OPEN "CLOSE:linger0"));
	set_mode(self, WIRE_DROP, WIRE_CARRY);
	ASSERT_EQ(1, write(self->c, "x", 1));
	EXPECT_TRUE(until(self, self->c, TCPSTATE_CLOSE));
	tcp_abort(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

/* Keepalive is on, but it is a retransmission that times out. */
TEST_F_TIMEOUT(causes, retransmissions_with_keepalive, 120)
{
	ASSERT_EQ(0, system("echo 1 >/proc/sys/net/ipv4/tcp_retries2"));
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:timeout", PASSIVE_OPEN "CLOSE:linger0"));
	ASSERT_TRUE(keep_alive(self->c) && set(self->c, TCP_KEEPIDLE, 60));
	set_mode(self, WIRE_DROP, WIRE_CARRY);
	ASSERT_EQ(1, write(self->c, "x", 1));
	EXPECT_TRUE(until(self, self->c, TCPSTATE_CLOSE));
	tcp_abort(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

/* It may stay unknown, but it is neither of the others. */
TEST_F_TIMEOUT(causes, user_timeout, 120)
{
	self->st.exact = false;
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:user-timeout", PASSIVE_OPEN "CLOSE:linger0"));
	ASSERT_TRUE(set(self->c, TCP_USER_TIMEOUT, 500));
	set_mode(self, WIRE_DROP, WIRE_CARRY);
	ASSERT_EQ(1, write(self->c, "x", 1));
	EXPECT_TRUE(until(self, self->c, TCPSTATE_CLOSE));
	tcp_abort(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_F_TIMEOUT(causes, user_timeout_with_keepalive, 120)
{
	self->st.exact = false;
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:user-timeout", PASSIVE_OPEN "CLOSE:linger0"));
	ASSERT_TRUE(keep_alive(self->c) && set(self->c, TCP_USER_TIMEOUT, 500));
	set_mode(self, WIRE_DROP, WIRE_DROP);
	EXPECT_TRUE(until(self, self->c, TCPSTATE_CLOSE));
	tcp_abort(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

/* An error that the connection survived is not why it ends. */
TEST_F(causes, stale_error)
{
	bool v6 = variant->kind == KIND_V6;
	struct pollfd p = { 0 };
	int on = 1;

	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:unread-data", PASSIVE_OPEN "CLOSE:rst"));
	ASSERT_EQ(0, setsockopt(self->c, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
				v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on)));
	wire_carry(&self->st.w);
	set_mode(self, WIRE_HOLD, WIRE_CARRY);
	ASSERT_EQ(1, write(self->c, "y", 1));
	ASSERT_TRUE(icmp_answer(&self->st.w, SIDE_A, ICMP_HOST_UNREACHABLE));
	p.fd = self->c;
	EXPECT_EQ(1, poll(&p, 1, 5000));
	EXPECT_EQ(POLLERR, p.revents & POLLERR);
	EXPECT_EQ(TCPSTATE_ESTABLISHED, tcp_state(self->c));
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(wire_readable(&self->st.w, self->c));
	close(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
}

/* The second life has the local port of the first in the socket, but not hold of it. */
TEST_F(causes, second_life_without_a_port)
{
	union addr to = addr_make(variant->kind, stage_addr(&self->st, SIDE_B), STAGE_PORT);
	int second, server;

	self->st.exact = false;
	ASSERT_EQ(0, system("echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range"));
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:disconnect "
			 "SYN_SENT:connect CLOSE:ports-exhausted",
			 PASSIVE_OPEN "CLOSE:rst"));
	self->st.end[1].partial = 2;
	tcp_disconnect(self->c);
	EXPECT_TRUE(until(self, self->s, TCPSTATE_CLOSE));
	close(self->s);
	ASSERT_TRUE(stage_join(&self->st, &second, &server, ACTIVE_OPEN "CLOSE:linger0",
			       PASSIVE_OPEN "CLOSE:rst"));
	EXPECT_EQ(-1, connect(self->c, &to.any, addr_len(&to)));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
	tcp_abort(second);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
	close(server);
}

/* What a process does to a connection at once. */
TEST_F(causes, linger0)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:linger0", PASSIVE_OPEN "CLOSE:rst"));
	tcp_abort(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
}

TEST_F(causes, linger0_in_close_wait)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "FIN_WAIT1:shutdown FIN_WAIT2:ack CLOSE:rst",
			 PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0"));
	shutdown(self->c, SHUT_WR);
	EXPECT_TRUE(until(self, self->c, TCPSTATE_FIN_WAIT2));
	tcp_abort(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_F(causes, unread_data)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:unread-data", PASSIVE_OPEN "CLOSE:rst"));
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(wire_readable(&self->st.w, self->c));
	close(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->s);
}

TEST_F(causes, unread_data_in_close_wait)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "FIN_WAIT1:shutdown FIN_WAIT2:ack CLOSE:rst",
			 PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:unread-data"));
	EXPECT_EQ(1, write(self->c, "x", 1));
	shutdown(self->c, SHUT_WR);
	EXPECT_TRUE(until(self, self->c, TCPSTATE_FIN_WAIT2));
	close(self->s);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
}

TEST_F(causes, disconnect)
{
	ASSERT_TRUE(join(self, ACTIVE_OPEN "CLOSE:disconnect", PASSIVE_OPEN "CLOSE:rst"));
	tcp_disconnect(self->c);
	EXPECT_TRUE(stage_finish(&self->st));
	close(self->c);
	close(self->s);
}

TEST_F(causes, listener)
{
	int l = stage_listen(&self->st, "CLOSE LISTEN:listen CLOSE:disconnect "
			     "LISTEN:listen CLOSE:close");

	shutdown(l, SHUT_RDWR);
	EXPECT_EQ(0, listen(l, 1));
	close(l);
	EXPECT_TRUE(stage_finish(&self->st));
}

TEST_HARNESS_MAIN
