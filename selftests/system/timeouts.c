// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=120 */
/*
 * Whoever waits in vain: SYNs, data, probes and keepalives that nobody answers,
 * with and without TCP_USER_TIMEOUT. All leave the same errors behind; the
 * cause must tell which of them it was.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#include "egress.h"
#include "icmp.h"
#include "mib.h"
#include "sysctl.h"
#include "window.h"

#include "stage_test.h"

#define PATIENCE	3000
#define LONG		1000	/* seconds in which anything has ended */
#define HOUR		3600000	/* of TCP_USER_TIMEOUT */
#define A_PORT		7001

STAGE_FIXTURE(timeouts)

static bool keep_alive(int fd)
{
	int on = 1;

	return !setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) &&
	       tcp_set(fd, TCP_KEEPIDLE, 5) && tcp_set(fd, TCP_KEEPINTVL, 5) &&
	       tcp_set(fd, TCP_KEEPCNT, 3);
}

/* An unanswered SYN, and how it ends. */
static int call_nobody(struct stage *st, const char *path)
{
	int fd;

	wire_mode(&st->w, WIRE_DROP, WIRE_CARRY);
	fd = stage_connect(st);
	st->client = stage_follow(st, SIDE_A, fd, 0, STAGE_PORT, path);
	return fd;
}

#define TRIES		3
#define TRIES_MAX	32

/*
 * How many SYNs are sent again when TCP_SYNCNT is @tries: those at a constant
 * distance come on top, in kernels that send such.
 */
static unsigned int syns_again(unsigned int tries)
{
	char linear[16];

	return tries + (sysctl_get("tcp_syn_linear_timeouts", linear, sizeof(linear)) ?
				atoi(linear) :
				0);
}

TEST_F_TIMEOUT(timeouts, syn, PATIENCE)
{
	struct tcpstate_record again[TRIES_MAX];
	unsigned int n;

	self->c = call_nobody(&self->st, "CLOSE SYN_SENT:connect CLOSE:timeout");
	n = syns_again(TRIES);
	ASSERT_GE(TRIES_MAX, n);
	ASSERT_TRUE(tcp_set(self->c, TCP_SYNCNT, TRIES));
	REACH_IN(client, CLOSE, LONG);
	/* Each SYN that was sent again is told, with its number. */
	ASSERT_EQ(n, stage_events(&self->st, SIDE_A, TCPSTATE_EVENT_SYN_RETRANSMIT, again,
				  TRIES_MAX));
	for (unsigned int i = 0; i < n; i++) {
		EXPECT_EQ(i + 1, again[i].retransmit.attempt);
		EXPECT_EQ(1, again[i].retransmit.stands_for);
		EXPECT_EQ(TCPSTATE_CAUSE_TIMER, again[i].cause);
		EXPECT_EQ(TCPSTATE_SYN_SENT, again[i].new_state);
		EXPECT_EQ(STAGE_PORT, again[i].rport);
		EXPECT_EQ(getpid(), again[i].tgid);
	}
	EXPECT_EQ(n, counter("event_syn_retransmit_timer"));
	EXPECT_EQ(n, mib("TcpExtTCPSynRetrans"));
	FINISH();
	close(self->c);
}

TEST_F_TIMEOUT(timeouts, syn_user_timeout, PATIENCE)
{
	self->c = call_nobody(&self->st, "CLOSE SYN_SENT:connect CLOSE:user-timeout");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 10000));
	REACH_IN(client, CLOSE, LONG);
	FINISH();
	close(self->c);
}

/* The tries are used up long before. */
TEST_F_TIMEOUT(timeouts, syn_before_user_timeout, PATIENCE)
{
	self->c = call_nobody(&self->st, "CLOSE SYN_SENT:connect CLOSE:timeout");
	ASSERT_TRUE(tcp_set(self->c, TCP_SYNCNT, 2) && tcp_set(self->c, TCP_USER_TIMEOUT, HOUR));
	REACH_IN(client, CLOSE, LONG);
	FINISH();
	close(self->c);
}

/*
 * What a firewall drops on its way out is sent again until time is up:
 * connect() does not hear of it.
 */
TEST_F_TIMEOUT(timeouts, syn_refused_on_the_way_out, PATIENCE)
{
	int filter = egress_refuse();

	if (filter < 0)
		SKIP(return, "no BPF program in a control group");
	self->c = tcp_socket(variant->kind, SOCK_NONBLOCK);
	ASSERT_TRUE(tcp_set(self->c, TCP_SYNCNT, 2));
	ASSERT_TRUE(stage_connect_again(&self->st, self->c));
	self->st.client = stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
				       "CLOSE SYN_SENT:connect CLOSE:timeout");
	REACH_IN(client, CLOSE, LONG);
	FINISH();
	close(self->c);
	close(filter);
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

TEST_F_TIMEOUT(timeouts, crossed_syn, PATIENCE)
{
	ASSERT_TRUE(cross(&self->st, &self->c, &self->s, CROSSED "CLOSE:timeout"));
	ASSERT_TRUE(tcp_set(self->c, TCP_SYNCNT, 3));
	REACH_IN(client, CLOSE, LONG);
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
	close(self->c);
}

/* As many SYN-ACKs were sent by then as a listener would send. */
TEST_F_TIMEOUT(timeouts, crossed_syn_user_timeout, PATIENCE)
{
	ASSERT_TRUE(cross(&self->st, &self->c, &self->s, CROSSED "CLOSE:user-timeout"));
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 40000));
	REACH_IN(client, CLOSE, LONG);
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
	close(self->c);
}

#define JOIN_AND_LOSE(cause)						\
do {									\
	SYSCTL("tcp_retries2", "4");					\
	JOIN(ACTIVE_OPEN "CLOSE:" cause, PASSIVE_OPEN "CLOSE:linger0");	\
} while (0)

TEST_F_TIMEOUT(timeouts, lost_data, PATIENCE)
{
	JOIN_AND_LOSE("timeout");
	WIRE(DROP, DROP);
	ASSERT_EQ(1, write(self->c, "x", 1));
	GIVE_UP(LONG);
}

TEST_F_TIMEOUT(timeouts, data_user_timeout, PATIENCE)
{
	JOIN_AND_LOSE("user-timeout");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 60000));
	WIRE(DROP, DROP);
	ASSERT_EQ(1, write(self->c, "x", 1));
	GIVE_UP(LONG);
}

/* Keepalive is on, but it is data that is lost. */
TEST_F_TIMEOUT(timeouts, data_with_keepalive, PATIENCE)
{
	JOIN_AND_LOSE("timeout");
	ASSERT_TRUE(keep_alive(self->c) && tcp_set(self->c, TCP_KEEPIDLE, 500));
	WIRE(DROP, DROP);
	ASSERT_EQ(1, write(self->c, "x", 1));
	GIVE_UP(LONG);
}

/* An ICMP error that did not count is what the program gets in the end. */
static bool hear_icmp(struct stage *st, int fd)
{
	wire_carry(&st->w);
	wire_mode(&st->w, WIRE_HOLD, WIRE_DROP);
	if (write(fd, "x", 1) != 1 || !icmp_answer(&st->w, SIDE_A, ICMP_HOST_UNREACHABLE))
		return false;
	wire_mode(&st->w, WIRE_DROP, WIRE_DROP);
	return tcp_state(fd) == TCPSTATE_ESTABLISHED;
}

static int error_of(int fd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

TEST_F_TIMEOUT(timeouts, data_after_icmp, PATIENCE)
{
	JOIN_AND_LOSE("timeout");
	ASSERT_TRUE(hear_icmp(&self->st, self->c));
	REACH_IN(client, CLOSE, LONG);
	EXPECT_EQ(EHOSTUNREACH, error_of(self->c));
	GIVE_UP(LONG);
}

TEST_F_TIMEOUT(timeouts, data_user_timeout_after_icmp, PATIENCE)
{
	JOIN_AND_LOSE("user-timeout");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 20000));
	ASSERT_TRUE(hear_icmp(&self->st, self->c));
	REACH_IN(client, CLOSE, LONG);
	EXPECT_EQ(EHOSTUNREACH, error_of(self->c));
	GIVE_UP(LONG);
}

#define JOIN_AND_STOP(client)						\
do {									\
	SYSCTL("tcp_retries2", "4");					\
	JOIN(ACTIVE_OPEN client, PASSIVE_OPEN "CLOSE:unread-data");	\
} while (0)

TEST_F_TIMEOUT(timeouts, window, PATIENCE)
{
	JOIN_AND_STOP("CLOSE:timeout");
	ASSERT_TRUE(window_shut(&self->st.w, self->c));
	WIRE(DROP, DROP);
	GIVE_UP(LONG);
}

TEST_F_TIMEOUT(timeouts, window_user_timeout, PATIENCE)
{
	JOIN_AND_STOP("CLOSE:user-timeout");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 3000));
	ASSERT_TRUE(window_shut(&self->st.w, self->c));
	WIRE(DROP, DROP);
	GIVE_UP(LONG);
}

/* Even if each probe is answered. */
TEST_F_TIMEOUT(timeouts, window_user_timeout_answered, PATIENCE)
{
	JOIN_AND_STOP("CLOSE:user-timeout");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 100000));
	ASSERT_TRUE(window_shut(&self->st.w, self->c));
	GIVE_UP(LONG);
}

/* The probes are used up long before. */
TEST_F_TIMEOUT(timeouts, window_before_user_timeout, PATIENCE)
{
	JOIN_AND_STOP("CLOSE:timeout");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, HOUR));
	ASSERT_TRUE(window_shut(&self->st.w, self->c));
	WIRE(DROP, DROP);
	GIVE_UP(LONG);
}

/* An orphan has fewer probes. */
TEST_F_TIMEOUT(timeouts, window_of_orphan_before_user_timeout, PATIENCE)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:timeout", PASSIVE_OPEN "CLOSE:unread-data");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, HOUR));
	ASSERT_TRUE(window_shut(&self->st.w, self->c));
	close(self->c);
	self->c = -1;
	WIRE(DROP, DROP);
	GIVE_UP(LONG);
}

TEST_F_TIMEOUT(timeouts, window_of_orphan_user_timeout, PATIENCE)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:user-timeout", PASSIVE_OPEN "CLOSE:unread-data");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 10000));
	ASSERT_TRUE(window_shut(&self->st.w, self->c));
	close(self->c);
	self->c = -1;
	WIRE(DROP, DROP);
	GIVE_UP(LONG);
}

TEST_F_TIMEOUT(timeouts, keepalive, PATIENCE)
{
	JOIN_AND_LOSE("keepalive");
	ASSERT_TRUE(keep_alive(self->c));
	WIRE(DROP, DROP);
	GIVE_UP(LONG);
}

TEST_F_TIMEOUT(timeouts, keepalive_user_timeout, PATIENCE)
{
	JOIN_AND_LOSE("user-timeout");
	ASSERT_TRUE(keep_alive(self->c) && tcp_set(self->c, TCP_USER_TIMEOUT, 60000));
	WIRE(DROP, DROP);
	GIVE_UP(LONG);
}

/* The other side has closed; nobody says that it is still there. */
TEST_F_TIMEOUT(timeouts, keepalive_in_close_wait, PATIENCE)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:linger0", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:keepalive");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	ASSERT_TRUE(keep_alive(self->s));
	WIRE(DROP, DROP);
	REACH_IN(server, CLOSE, LONG);
	tcp_abort(self->c);
	wire_carry(&self->st.w);
	FINISH();
	close(self->s);
}

TEST_F_TIMEOUT(timeouts, keepalive_in_fin_wait2, PATIENCE)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:keepalive", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	ASSERT_TRUE(keep_alive(self->c));
	WIRE(DROP, DROP);
	GIVE_UP(LONG);
}

TEST_HARNESS_MAIN
