// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * What time does to timewait socks: they run their time and end, their time
 * begins anew, connect() may have them after a while; and how orphans wait for
 * the end of the other side in them.
 */
#include <errno.h>
#include <netinet/tcp.h>

#include "stage_test.h"

/* Seconds of TIME_WAIT, and by how much the kernel's timers may be late. */
#define TIME_WAIT_LEN	60
#define LATE(seconds)	((seconds) / 8 + 1)

#define A_PORT	7001
#define PATIENCE	1000

STAGE_FIXTURE(timers)

/* Was it in the state it left when it entered @state for @seconds? */
static bool stayed(struct stage *st, struct stage_end *e, unsigned int state, unsigned int seconds)
{
	__u64 ms = stage_entry(st, e, state).state.dwell_ns / 1000000;

	printf("# %llu ms, %u s expected\n", (unsigned long long)ms, seconds);
	return ms >= seconds * 1000 && ms <= (seconds + LATE(seconds)) * 1000;
}

/* The client closes, then the server: the client is in TIME_WAIT. */
static bool to_time_wait(struct stage *st, int c, int s)
{
	close(c);
	if (!stage_reach(st, st->client, TCPSTATE_FIN_WAIT2, 10))
		return false;
	close(s);
	return stage_reach(st, st->server, TCPSTATE_CLOSE, 10) &&
	       stage_reach(st, st->client, TCPSTATE_TIME_WAIT, 10);
}

TEST_F_TIMEOUT(timers, time_wait, PATIENCE)
{
	JOIN(ACTIVE_OPEN CLOSES "CLOSE:expired", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(to_time_wait(&self->st, self->c, self->s));
	REACH_IN(client, CLOSE, 100);
	EXPECT_TRUE(stayed(&self->st, self->st.client, TCPSTATE_CLOSE, TIME_WAIT_LEN));
	FINISH();
}

/* Both sides are in TIME_WAIT. */
TEST_F_TIMEOUT(timers, simultaneous_close, PATIENCE)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSING:fin TIME_WAIT:ack CLOSE:expired",
	     PASSIVE_OPEN "FIN_WAIT1:close CLOSING:fin TIME_WAIT:ack CLOSE:expired");
	WIRE(HOLD, HOLD);
	close(self->c);
	close(self->s);
	WIRE(CARRY, CARRY);
	REACH_IN(client, CLOSE, 100);
	REACH_IN(server, CLOSE, 100);
	EXPECT_TRUE(stayed(&self->st, self->st.client, TCPSTATE_CLOSE, TIME_WAIT_LEN));
	EXPECT_TRUE(stayed(&self->st, self->st.server, TCPSTATE_CLOSE, TIME_WAIT_LEN));
	FINISH();
}

/* A late segment of the other side starts the time anew, and tells nothing. */
TEST_F_TIMEOUT(timers, time_wait_anew, PATIENCE)
{
	struct stage *st = &self->st;

	JOIN(ACTIVE_OPEN CLOSES "CLOSE:expired", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(to_time_wait(st, self->c, self->s));
	stage_pass(st, 40000);
	WIRE(DROP, CARRY);
	ASSERT_TRUE(wire_forge(&st->w, SIDE_B, SEGMENT_FIN | SEGMENT_ACK, -1, NULL));
	REACH_IN(client, CLOSE, 100);
	EXPECT_TRUE(stayed(st, st->client, TCPSTATE_CLOSE, 40 + TIME_WAIT_LEN));
	FINISH();
}

/* The three lives of one socket run out one after the other. */
TEST_F_TIMEOUT(timers, lives, PATIENCE)
{
	struct stage_end *of[3];
	struct stage *st = &self->st;
	int l = stage_listen(st, LISTENS);

	self->c = stage_connect(st);
	for (int i = 0; i < 3; i++) {
		self->s = stage_accept(st, l);
		ASSERT_LE(0, self->s);
		UNTIL(self->c, ESTABLISHED);
		st->client = stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT,
					  ACTIVE_OPEN SHUTS "TIME_WAIT:fin CLOSE:expired");
		st->client->story.first_life = i + 1;
		st->server = stage_follow(st, SIDE_B, self->s, 0, tcp_port(self->c),
					  PASSIVE_OPEN IS_CLOSED);
		of[i] = st->client;
		shutdown(self->c, SHUT_RDWR);
		REACH(client, FIN_WAIT2);
		close(self->s);
		REACH(client, TIME_WAIT);
		tcp_disconnect(self->c);
		if (i == 2)
			break;
		stage_pass(st, 5000);
		ASSERT_TRUE(stage_connect_again(st, self->c));
	}
	close(l);
	EXPECT_EQ(3, counter("state_TIME_WAIT_now"));
	/* One goes on when its socket is gone. */
	close(self->c);
	for (int i = 0; i < 3; i++) {
		ASSERT_TRUE(stage_reach(st, of[i], TCPSTATE_CLOSE, 100));
		EXPECT_TRUE(stayed(st, of[i], TCPSTATE_CLOSE, TIME_WAIT_LEN));
	}
	FINISH();
}

#define EXPIRES_IN_FIN_WAIT2 \
	ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack > CLOSE:fin-timeout"

/* The server never closes; when it does at last, nobody is there. */
TEST_F_TIMEOUT(timers, fin_wait2, PATIENCE)
{
	JOIN(EXPIRES_IN_FIN_WAIT2, PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:close CLOSE:rst");
	close(self->c);
	REACH(client, FIN_WAIT2);
	EXPECT_EQ(1, counter("tw_births"));
	REACH_IN(client, CLOSE, 100);
	EXPECT_TRUE(stayed(&self->st, self->st.client, TCPSTATE_CLOSE, 60));
	close(self->s);
	FINISH();
}

TEST_F_TIMEOUT(timers, short_fin_wait2, PATIENCE)
{
	SYSCTL("tcp_fin_timeout", "5");
	JOIN(EXPIRES_IN_FIN_WAIT2, PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:close CLOSE:rst");
	close(self->c);
	REACH_IN(client, CLOSE, 100);
	EXPECT_TRUE(stayed(&self->st, self->st.client, TCPSTATE_CLOSE, 5));
	close(self->s);
	FINISH();
}

/* The FIN comes late: the time in FIN_WAIT2 is that in both carriers. */
TEST_F_TIMEOUT(timers, late_fin, PATIENCE)
{
	JOIN(ACTIVE_OPEN SHUTS "> TIME_WAIT:fin CLOSE:expired", PASSIVE_OPEN IS_CLOSED);
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	stage_pass(&self->st, 20000);
	EXPECT_EQ(0, counter("tw_births"));
	close(self->c);
	EXPECT_EQ(1, counter("tw_births"));
	stage_pass(&self->st, 30000);
	close(self->s);
	REACH(client, TIME_WAIT);
	EXPECT_TRUE(stayed(&self->st, self->st.client, TCPSTATE_TIME_WAIT, 50));
	REACH_IN(client, CLOSE, 100);
	EXPECT_TRUE(stayed(&self->st, self->st.client, TCPSTATE_CLOSE, TIME_WAIT_LEN));
	FINISH();
}

/*
 * For more than 60 s the socket itself waits for what is above 60 s, and then a
 * timewait sock, not for 60 s, but for the same again.
 */
TEST_F_TIMEOUT(timers, long_fin_wait2, PATIENCE)
{
	JOIN(EXPIRES_IN_FIN_WAIT2, PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:close CLOSE:rst");
	ASSERT_TRUE(tcp_set(self->c, TCP_LINGER2, 110));
	close(self->c);
	REACH(client, FIN_WAIT2);
	stage_pass(&self->st, 45000);
	EXPECT_EQ(0, counter("tw_births"));
	stage_pass(&self->st, 15000);
	EXPECT_EQ(1, counter("tw_births"));
	EXPECT_EQ(1, counter("state_FIN_WAIT2_now"));
	REACH_IN(client, CLOSE, 100);
	EXPECT_TRUE(stayed(&self->st, self->st.client, TCPSTATE_CLOSE, 2 * (110 - 60)));
	close(self->s);
	FINISH();
}

/* The FIN comes while the socket itself still waits. */
TEST_F_TIMEOUT(timers, fin_in_long_fin_wait2, PATIENCE)
{
	JOIN(ACTIVE_OPEN CLOSES "CLOSE:expired", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(tcp_set(self->c, TCP_LINGER2, 110));
	close(self->c);
	REACH(client, FIN_WAIT2);
	stage_pass(&self->st, 20000);
	EXPECT_EQ(0, counter("tw_births"));
	close(self->s);
	REACH_IN(client, CLOSE, 100);
	EXPECT_TRUE(stayed(&self->st, self->st.client, TCPSTATE_CLOSE, TIME_WAIT_LEN));
	FINISH();
}

/* Time is up because there is less of it than there was at first. */
TEST_F_TIMEOUT(timers, fin_timeout, PATIENCE)
{
	SYSCTL("tcp_fin_timeout", "120");
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack CLOSE:fin-timeout",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	close(self->c);
	REACH(client, FIN_WAIT2);
	SYSCTL("tcp_fin_timeout", "30");
	REACH_IN(client, CLOSE, 100);
	EXPECT_TRUE(stayed(&self->st, self->st.client, TCPSTATE_CLOSE, 60));
	FINISH();
	close(self->s);
}

/* A connection from a bound port, in TIME_WAIT. */
static bool from_port(struct stage *st, int *c, int *s, int l, const char *client)
{
	*c = tcp_bound(st->kind, stage_addr(st, SIDE_A), A_PORT, SOCK_NONBLOCK);
	if (!stage_connect_again(st, *c))
		return false;
	*s = stage_accept(st, l);
	st->client = stage_follow(st, SIDE_A, *c, 0, STAGE_PORT, client);
	st->server = stage_follow(st, SIDE_B, *s, 0, A_PORT, PASSIVE_OPEN IS_CLOSED);
	return *s >= 0 && to_time_wait(st, *c, *s);
}

/* connect() from the same port to the same place takes over. */
TEST_F_TIMEOUT(timers, reused_port, PATIENCE)
{
	struct stage *st = &self->st;

	self->l = stage_listen(st, LISTENS);
	ASSERT_TRUE(from_port(st, &self->c, &self->s, self->l,
			      ACTIVE_OPEN CLOSES "CLOSE:reused"));
	stage_pass(st, 3000);
	ASSERT_TRUE(from_port(st, &self->c, &self->s, self->l,
			      ACTIVE_OPEN CLOSES "CLOSE:expired"));
	close(self->l);
	REACH_IN(client, CLOSE, 100);
	FINISH();
}

/* The same when connect() chooses the port itself. */
TEST_F_TIMEOUT(timers, reused_by_choice, PATIENCE)
{
	SYSCTL("ip_local_port_range", "40000 40000");
	SYSCTL("tcp_tw_reuse", "1");
	JOIN(ACTIVE_OPEN CLOSES "CLOSE:reused", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(to_time_wait(&self->st, self->c, self->s));
	stage_pass(&self->st, 3000);
	JOIN(ACTIVE_OPEN "CLOSE:linger0", PASSIVE_OPEN "CLOSE:rst");
	EXPECT_EQ(40000, tcp_port(self->c));
	tcp_abort(self->c);
	FINISH();
	close(self->s);
}

/* Without timestamps, or without the setting, nothing is taken over. */
static bool refused(struct stage *st, int fd, unsigned int partial)
{
	union addr to = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);

	stage_follow(st, SIDE_A, fd, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:ports-exhausted")->story.partial = partial;
	return connect(fd, &to.any, addr_len(&to)) == -1 && errno == EADDRNOTAVAIL;
}

TEST_F_TIMEOUT(timers, not_reused_without_timestamps, PATIENCE)
{
	struct stage *st = &self->st;

	SYSCTL("tcp_timestamps", "0");
	self->l = stage_listen(st, LISTENS);
	ASSERT_TRUE(from_port(st, &self->c, &self->s, self->l,
			      ACTIVE_OPEN CLOSES "CLOSE:expired"));
	stage_pass(st, 3000);
	self->c = tcp_bound(st->kind, stage_addr(st, SIDE_A), A_PORT, 0);
	EXPECT_TRUE(refused(st, self->c, 0));
	close(self->c);
	close(self->l);
	REACH_IN(client, CLOSE, 100);
	FINISH();
}

TEST_F_TIMEOUT(timers, not_reused_without_leave, PATIENCE)
{
	SYSCTL("ip_local_port_range", "40000 40000");
	SYSCTL("tcp_tw_reuse", "0");
	JOIN(ACTIVE_OPEN CLOSES "CLOSE:expired", PASSIVE_OPEN IS_CLOSED);
	ASSERT_TRUE(to_time_wait(&self->st, self->c, self->s));
	stage_pass(&self->st, 3000);
	self->c = tcp_socket(variant->kind, 0);
	EXPECT_TRUE(refused(&self->st, self->c, 1));
	close(self->c);
	REACH_IN(client, CLOSE, 100);
	FINISH();
}

/*
 * From a bound port connect() takes over even what waits in FIN_WAIT2. The
 * server does not know, and its socket is in the way of the new connection.
 */
TEST_F_TIMEOUT(timers, reused_in_fin_wait2, PATIENCE)
{
	struct stage *st = &self->st;

	self->l = stage_listen(st, LISTENS);
	self->c = tcp_bound(variant->kind, stage_addr(st, SIDE_A), A_PORT, SOCK_NONBLOCK);
	ASSERT_TRUE(stage_connect_again(st, self->c));
	self->s = stage_accept(st, self->l);
	ASSERT_LE(0, self->s);
	st->client = stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT,
				  ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack > CLOSE:reused");
	st->server = stage_follow(st, SIDE_B, self->s, 0, A_PORT,
				  PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0");
	close(self->c);
	REACH(client, FIN_WAIT2);
	stage_pass(st, 3000);
	WIRE(DROP, DROP);
	self->c = tcp_bound(variant->kind, stage_addr(st, SIDE_A), A_PORT, SOCK_NONBLOCK);
	ASSERT_TRUE(stage_connect_again(st, self->c));
	stage_follow(st, SIDE_A, self->c, 0, STAGE_PORT, "CLOSE SYN_SENT:connect CLOSE:close");
	REACH(client, CLOSE);
	close(self->c);
	tcp_abort(self->s);
	close(self->l);
	FINISH();
}

TEST_HARNESS_MAIN
