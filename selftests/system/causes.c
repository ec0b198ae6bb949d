// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * Causes that are easily taken for one another: each of two ends that look
 * alike from the socket. Checks as transitions.c does.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "icmp.h"
#include "stage_test.h"

STAGE_FIXTURE(causes)

/* A SYN is refused by an ICMP error; by an RST. */
TEST_F(causes, icmp_refuses_a_syn)
{
	int error = 0;
	socklen_t len = sizeof(error);

	WIRE(HOLD, CARRY);
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:icmp");
	ASSERT_TRUE(icmp_answer(&self->st.w, SIDE_A, ICMP_PORT_UNREACHABLE));
	UNTIL(self->c, CLOSE);
	EXPECT_EQ(0, getsockopt(self->c, SOL_SOCKET, SO_ERROR, &error, &len));
	EXPECT_EQ(ECONNREFUSED, error);
	FINISH();
	close(self->c);
}

TEST_F(causes, rst_refuses_a_syn)
{
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:rst");
	FINISH();
	close(self->c);
}

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* On its way to the server; -1 if this kernel does not speak it. */
static int connect_mptcp(struct stage *st)
{
	union addr to = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);
	int fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			IPPROTO_MPTCP);

	if (fd >= 0 && connect(fd, &to.any, addr_len(&to)) && errno != EINPROGRESS)
		perror("# connect");
	return fd;
}

static void shut_both(int fd)
{
	shutdown(fd, SHUT_RDWR);
}

static void shut_write(int fd)
{
	shutdown(fd, SHUT_WR);
}

/* close() comes anyway. */
static void do_nothing(int fd)
{
}

/* What a program does to a socket of MPTCP, that does to what carries it. */
TEST_F(causes, mptcp_given_up)
{
	static const struct {
		void (*give_up)(int fd);
		const char *words;
	} ways[] = {
		{ shut_both, "CLOSE SYN_SENT:connect CLOSE:disconnect" },
		{ shut_write, "CLOSE SYN_SENT:connect CLOSE:disconnect" },
		{ tcp_disconnect, "CLOSE SYN_SENT:connect CLOSE:disconnect" },
		{ do_nothing, "CLOSE SYN_SENT:connect CLOSE:close" },
	};

	WIRE(DROP, CARRY);
	for (unsigned int i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct story *s;

		self->c = connect_mptcp(&self->st);
		if (self->c < 0 && (errno == EPROTONOSUPPORT || errno == ENOPROTOOPT))
			SKIP(return, "this kernel does not speak MPTCP");
		ASSERT_LE(0, self->c);
		s = &stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT, ways[i].words)->story;
		/* That of what carries it cannot be known. */
		s->cookie = 0;
		s->flags = TCPSTATE_F_MPTCP;
		ways[i].give_up(self->c);
		close(self->c);
	}
	FINISH();
}

/* The connection resets itself; nobody sent it an RST. */
TEST_F(causes, data_after_shutdown)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:data-after-close",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	shutdown(self->c, SHUT_RDWR);
	UNTIL(self->c, FIN_WAIT2);
	EXPECT_EQ(1, write(self->s, "x", 1));
	FINISH();
	close(self->c);
	close(self->s);
}

/* An error that the connection survived is not why it ends. */
TEST_F(causes, stale_error)
{
	bool v6 = variant->kind == KIND_V6;
	struct pollfd p = { 0 };
	int on = 1;

	JOIN(ACTIVE_OPEN "CLOSE:unread-data", PASSIVE_OPEN "CLOSE:rst");
	ASSERT_EQ(0, setsockopt(self->c, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
				v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on)));
	wire_carry(&self->st.w);
	WIRE(HOLD, CARRY);
	ASSERT_EQ(1, write(self->c, "y", 1));
	ASSERT_TRUE(icmp_answer(&self->st.w, SIDE_A, ICMP_HOST_UNREACHABLE));
	p.fd = self->c;
	EXPECT_EQ(1, poll(&p, 1, 5000));
	EXPECT_EQ(POLLERR, p.revents & POLLERR);
	EXPECT_EQ(TCPSTATE_ESTABLISHED, tcp_state(self->c));
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(wire_readable(&self->st.w, self->c));
	close(self->c);
	FINISH();
	close(self->s);
}

/* The second life has the local port of the first in the socket, but not hold of it. */
TEST_F(causes, second_life_without_a_port)
{
	union addr to = addr_make(variant->kind, stage_addr(&self->st, SIDE_B), STAGE_PORT);
	int second, server;

	SYSCTL("ip_local_port_range", "40000 40000");
	JOIN(ACTIVE_OPEN "CLOSE:disconnect "
	     "SYN_SENT:connect CLOSE:ports-exhausted",
	     PASSIVE_OPEN "CLOSE:rst");
	self->st.client->story.partial = 2;
	tcp_disconnect(self->c);
	UNTIL(self->s, CLOSE);
	close(self->s);
	ASSERT_TRUE(stage_join(&self->st, &second, &server, ACTIVE_OPEN "CLOSE:linger0",
			       PASSIVE_OPEN "CLOSE:rst"));
	EXPECT_EQ(-1, connect(self->c, &to.any, addr_len(&to)));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
	tcp_abort(second);
	FINISH();
	close(self->c);
	close(server);
}

/* What a process does to a connection at once. */
TEST_F(causes, linger0)
{
	JOIN(ACTIVE_OPEN "CLOSE:linger0", PASSIVE_OPEN "CLOSE:rst");
	tcp_abort(self->c);
	FINISH();
	close(self->s);
}

TEST_F(causes, linger0_in_close_wait)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:rst",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0");
	shutdown(self->c, SHUT_WR);
	UNTIL(self->c, FIN_WAIT2);
	tcp_abort(self->s);
	FINISH();
	close(self->c);
}

TEST_F(causes, unread_data)
{
	JOIN(ACTIVE_OPEN "CLOSE:unread-data", PASSIVE_OPEN "CLOSE:rst");
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(wire_readable(&self->st.w, self->c));
	close(self->c);
	FINISH();
	close(self->s);
}

TEST_F(causes, unread_data_in_close_wait)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:rst",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:unread-data");
	EXPECT_EQ(1, write(self->c, "x", 1));
	shutdown(self->c, SHUT_WR);
	UNTIL(self->c, FIN_WAIT2);
	close(self->s);
	FINISH();
	close(self->c);
}

/* The same after shutdown(): in each state that may follow. */
TEST_F(causes, unread_data_in_fin_wait1)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:shutdown CLOSE:unread-data", PASSIVE_OPEN "CLOSE:rst");
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(wire_readable(&self->st.w, self->c));
	WIRE(DROP, CARRY);
	shutdown(self->c, SHUT_WR);
	wire_carry(&self->st.w);
	WIRE(CARRY, CARRY);
	close(self->c);
	FINISH();
	close(self->s);
}

TEST_F(causes, unread_data_in_fin_wait2)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:unread-data", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	shutdown(self->c, SHUT_WR);
	UNTIL(self->c, FIN_WAIT2);
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(wire_readable(&self->st.w, self->c));
	close(self->c);
	FINISH();
	close(self->s);
}

TEST_F(causes, unread_data_in_last_ack)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:rst",
	     PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:shutdown CLOSE:unread-data");
	EXPECT_EQ(1, write(self->c, "x", 1));
	shutdown(self->c, SHUT_WR);
	UNTIL(self->c, FIN_WAIT2);
	WIRE(CARRY, DROP);
	shutdown(self->s, SHUT_WR);
	wire_carry(&self->st.w);
	WIRE(CARRY, CARRY);
	close(self->s);
	FINISH();
	close(self->c);
}

TEST_F(causes, disconnect)
{
	JOIN(ACTIVE_OPEN "CLOSE:disconnect", PASSIVE_OPEN "CLOSE:rst");
	tcp_disconnect(self->c);
	FINISH();
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
	FINISH();
}

TEST_HARNESS_MAIN
