// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * RSTs of real sockets, received and sent: each is told once, by the side that
 * sent it and by the side whose connection it ended, with its cause and the
 * numbers that it had on the wire. Paths and sums are checked as transitions.c
 * does; TcpOutRsts of both sides is among them.
 */
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "stage_test.h"

#define RESETS_MAX	8
#define A_PORT		7001

STAGE_FIXTURE(resets)

static bool odd(bool is, const char *what, const char *words)
{
	if (is)
		printf("# %s differs of: %s\n", what, words);
	return is;
}

/* The tuple and, unless nobody is there, the socket it is about. */
static bool is_of_an_end(struct stage *st, enum wire_side side, const struct tcpstate_record *r)
{
	unsigned char local[16], remote[16];

	for (unsigned int i = 0; i < st->ends; i++) {
		struct story *s = &st->end[i].story;
		bool mine = st->end[i].side == side;

		/* Of a stranger's packet only the other side knows. */
		addr_bytes(mine ? &s->local : &s->remote, local);
		addr_bytes(mine ? &s->remote : &s->local, remote);
		if (memcmp(r->laddr, local, 16) || memcmp(r->raddr, remote, 16) ||
		    r->lport != addr_port(mine ? &s->local : &s->remote) ||
		    r->rport != addr_port(mine ? &s->remote : &s->local))
			continue;
		if (r->cause == TCPSTATE_CAUSE_NO_SOCKET)
			return !r->cookie && !r->flags && !r->uid && !r->carrier;
		if (mine && r->cookie && r->cookie == s->cookie)
			return true;
	}
	return false;
}

/* As the other side got it: the last segment that came off the wire. */
static bool is_on_the_wire(const struct stage *st, enum wire_side from,
			   const struct tcpstate_record *r)
{
	const struct segment *s = &st->w.last[from];

	return !(s->flags & SEGMENT_RST) ||
	       (s->seq == r->reset.seq && s->ack == r->reset.ack);
}

static bool check(struct stage *st, enum wire_side side, const struct tcpstate_record *r,
		  const char *words, bool last)
{
	bool in = r->flags & TCPSTATE_F_INCOMING;
	bool reason = !in && !kernel_before(6, 10);
	bool known = !in || (!kernel_before(5, 11) && r->carrier == TCPSTATE_CARRIER_SOCK);
	bool bad;

	bad = odd(!is_of_an_end(st, side, r), "whose it is", words);
	bad |= odd(!!r->reset.reason != reason, "reason", words);
	bad |= odd(r->reset.stands_for != 1, "stands_for", words);
	bad |= odd(r->reset.reserved[0] || r->reset.reserved[1], "reserved", words);
	bad |= odd(!known && (r->reset.seq || r->reset.ack), "what is not known", words);
	bad |= odd(known && last && !is_on_the_wire(st, in ? !side : side, r), "seq or ack", words);
	return !bad;
}

/* A connection was told to have ended before record @at. */
static bool is_late(const struct records *all, size_t at)
{
	const struct tcpstate_record *reset = &all->rec[at];

	for (size_t i = 0; i < at; i++) {
		const struct tcpstate_record *r = &all->rec[i];

		if (reset->cookie && r->type == TCPSTATE_EVENT_STATE &&
		    r->cookie == reset->cookie && r->life == reset->life &&
		    r->new_state == TCPSTATE_CLOSE)
			return true;
	}
	return false;
}

/* Each RST is told before the end that it causes. */
static bool in_order(const struct records *all)
{
	for (size_t i = 0; i < all->count; i++) {
		if (all->rec[i].type == TCPSTATE_EVENT_RESET && is_late(all, i)) {
			printf("# told after the end: %s in %s\n", cause_name(all->rec[i].cause),
			       state_name(all->rec[i].old_state));
			return false;
		}
	}
	return true;
}

/* The RSTs of a side, in order: "in:CAUSE/STATE " or "out:CAUSE/STATE " each. */
static bool resets(struct stage *st, enum wire_side side, const char *words)
{
	struct tcpstate_record r[RESETS_MAX];
	unsigned int n = stage_events(st, side, TCPSTATE_EVENT_RESET, r, RESETS_MAX);
	char said[64 * RESETS_MAX + 1] = "";
	bool good = in_order(&st->rec[side]);

	for (unsigned int i = 0; i < n && i < RESETS_MAX; i++) {
		size_t len = strlen(said);

		snprintf(said + len, sizeof(said) - len, "%s:%s/%s ",
			 r[i].flags & TCPSTATE_F_INCOMING ? "in" : "out", cause_name(r[i].cause),
			 r[i].new_state ? state_name(r[i].new_state) : "-");
		good &= check(st, side, &r[i], words, i + 1 == n);
	}
	if (!strcmp(said, words) && n <= RESETS_MAX)
		return good;
	printf("# side %c: told \"%s\", should be \"%s\"\n", side == SIDE_A ? 'A' : 'B', said,
	       words);
	return false;
}

/* The end of a test: of the client's side, and of the server's. */
#define RESETS(a, b)							\
do {									\
	FINISH();							\
	EXPECT_TRUE(resets(&self->st, SIDE_A, a));			\
	EXPECT_TRUE(resets(&self->st, SIDE_B, b));			\
} while (0)

/* Nobody listens. */
TEST_F(resets, closed_port)
{
	self->c = stage_connect(&self->st);
	stage_follow(&self->st, SIDE_A, self->c, 0, STAGE_PORT,
		     "CLOSE SYN_SENT:connect CLOSE:rst");
	RESETS("in:rst/SYN_SENT ", "out:no-socket/- ");
	EXPECT_EQ(1, counter("event_reset_no_socket") + counter("event_reset_rst"));
	close(self->c);
}

/* The other side forgot the connection, and says so when it hears of it. */
TEST_F(resets, forgotten)
{
	JOIN(ACTIVE_OPEN "CLOSE:rst", PASSIVE_OPEN "CLOSE:linger0");
	WIRE(CARRY, DROP);
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	WIRE(CARRY, CARRY);
	EXPECT_EQ(1, write(self->c, "x", 1));
	RESETS("in:rst/ESTABLISHED ", "out:linger0/ESTABLISHED out:no-socket/- ");
	close(self->c);
}

TEST_F(resets, linger0)
{
	JOIN(ACTIVE_OPEN "CLOSE:linger0", PASSIVE_OPEN "CLOSE:rst");
	tcp_abort(self->c);
	RESETS("out:linger0/ESTABLISHED ", "in:rst/ESTABLISHED ");
	close(self->s);
}

TEST_F(resets, unread_data)
{
	JOIN(ACTIVE_OPEN "CLOSE:unread-data", PASSIVE_OPEN "CLOSE:rst");
	EXPECT_EQ(1, write(self->s, "x", 1));
	EXPECT_TRUE(wire_readable(&self->st.w, self->c));
	close(self->c);
	RESETS("out:unread-data/ESTABLISHED ", "in:rst/ESTABLISHED ");
	close(self->s);
}

TEST_F(resets, disconnect)
{
	JOIN(ACTIVE_OPEN "CLOSE:disconnect", PASSIVE_OPEN "CLOSE:rst");
	tcp_disconnect(self->c);
	RESETS("out:disconnect/ESTABLISHED ", "in:rst/ESTABLISHED ");
	close(self->c);
	close(self->s);
}

/* tcp_reset() is called, but no RST came. */
TEST_F(resets, data_after_shutdown)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:data-after-close", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	shutdown(self->c, SHUT_RDWR);
	UNTIL(self->c, FIN_WAIT2);
	EXPECT_EQ(1, write(self->s, "x", 1));
	RESETS("out:data-after-close/FIN_WAIT2 ", "in:rst/CLOSE_WAIT ");
	close(self->c);
	close(self->s);
}

/* The same for an orphan, of which nothing is left when the RST is sent. */
TEST_F(resets, data_after_close)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:data-after-close",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	WIRE(HOLD, CARRY);
	close(self->c);
	EXPECT_EQ(1, write(self->s, "x", 1));
	REACH(client, CLOSE);
	/* The ACK of the FIN would find nobody any more. */
	WIRE(CARRY, DROP);
	REACH(server, CLOSE);
	RESETS("out:data-after-close/FIN_WAIT1 ", "in:rst/CLOSE_WAIT ");
	close(self->s);
}

/* And for a timewait sock. */
TEST_F(resets, data_for_a_timewait_sock)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack > CLOSE:data-after-close",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	close(self->c);
	REACH(client, FIN_WAIT2);
	EXPECT_EQ(1, write(self->s, "x", 1));
	RESETS("out:data-after-close/FIN_WAIT2 ", "in:rst/CLOSE_WAIT ");
	close(self->s);
}

TEST_F(resets, linger2)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:linger2", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	ASSERT_TRUE(tcp_set(self->c, TCP_LINGER2, -1));
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	close(self->c);
	RESETS("out:linger2/FIN_WAIT2 ", "in:rst/CLOSE_WAIT ");
	close(self->s);
}

TEST_F(resets, listener_closed)
{
	struct stage *st = &self->st;

	ASSERT_TRUE(stage_queue(st, &self->c, &self->l, ACTIVE_OPEN "CLOSE:rst",
				PASSIVE_OPEN "CLOSE:listener-closed"));
	st->server->story.cookie = stage_entry(st, st->server, TCPSTATE_ESTABLISHED).cookie;
	close(self->l);
	RESETS("in:rst/ESTABLISHED ", "out:listener-closed/ESTABLISHED ");
	close(self->c);
}

/* ss -K */
TEST_F(resets, abort)
{
	const struct story *s;

	JOIN(ACTIVE_OPEN "CLOSE:abort", PASSIVE_OPEN "CLOSE:rst");
	s = &self->st.client->story;
	ASSERT_EQ(0, diag_destroy(&s->local, &s->remote));
	RESETS("out:abort/ESTABLISHED ", "in:rst/ESTABLISHED ");
	close(self->c);
	close(self->s);
}

static bool probe_soon(int fd)
{
	int on = 1;

	return !setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) &&
	       tcp_set(fd, TCP_KEEPIDLE, 1) && tcp_set(fd, TCP_KEEPINTVL, 1) &&
	       tcp_set(fd, TCP_KEEPCNT, 1);
}

/* Whoever hears nothing of the other side gives up, and tells it. */
#define GIVE_UP_AND_TELL()						\
do {									\
	ASSERT_TRUE(probe_soon(self->c));				\
	WIRE(DROP, CARRY);						\
	ASSERT_TRUE(stage_reach(&self->st, self->st.client, TCPSTATE_CLOSE, 30)); \
	tcp_abort(self->s);						\
	wire_carry(&self->st.w);					\
} while (0)

TEST_F(resets, keepalive)
{
	JOIN(ACTIVE_OPEN "CLOSE:keepalive", PASSIVE_OPEN "CLOSE:linger0");
	GIVE_UP_AND_TELL();
	RESETS("out:keepalive/ESTABLISHED ", "out:linger0/ESTABLISHED ");
	close(self->c);
}

TEST_F(resets, user_timeout)
{
	JOIN(ACTIVE_OPEN "CLOSE:user-timeout", PASSIVE_OPEN "CLOSE:linger0");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 1000));
	GIVE_UP_AND_TELL();
	RESETS("out:user-timeout/ESTABLISHED ", "out:linger0/ESTABLISHED ");
	close(self->c);
}

/* Retransmissions that are used up end without an RST. */
TEST_F(resets, none_for_data)
{
	JOIN(ACTIVE_OPEN "CLOSE:user-timeout", PASSIVE_OPEN "CLOSE:linger0");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 500));
	WIRE(DROP, CARRY);
	EXPECT_EQ(1, write(self->c, "x", 1));
	ASSERT_TRUE(stage_reach(&self->st, self->st.client, TCPSTATE_CLOSE, 30));
	tcp_abort(self->s);
	RESETS("", "out:linger0/ESTABLISHED ");
	close(self->c);
}

/* The client closes, then the server: the client is in TIME_WAIT. */
#define BOTH_CLOSE()							\
do {									\
	close(self->c);							\
	REACH(client, FIN_WAIT2);					\
	close(self->s);							\
	REACH(server, CLOSE);						\
	REACH(client, TIME_WAIT);					\
} while (0)

TEST_F(resets, time_wait)
{
	JOIN(ACTIVE_OPEN CLOSES "CLOSE:rst", PASSIVE_OPEN IS_CLOSED);
	BOTH_CLOSE();
	ASSERT_TRUE(wire_forge(&self->st.w, SIDE_B, SEGMENT_RST, 0, NULL));
	RESETS("in:rst/TIME_WAIT ", "");
}

/* With tcp_rfc1337 it does nothing, and is not told. */
TEST_F(resets, ignored_in_time_wait)
{
	SYSCTL("tcp_rfc1337", "1");
	JOIN(ACTIVE_OPEN CLOSES, PASSIVE_OPEN IS_CLOSED);
	BOTH_CLOSE();
	ASSERT_TRUE(wire_forge(&self->st.w, SIDE_B, SEGMENT_RST, 0, NULL));
	stage_pass(&self->st, 30);
	EXPECT_EQ(1, counter("state_TIME_WAIT_now"));
	RESETS("", "");
}

/* A SYN for the timewait sock of a connection that the peer has not closed. */
TEST_F(resets, syn_in_fin_wait2)
{
	struct stage *st = &self->st;

	JOIN(ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack > CLOSE:syn",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0");
	close(self->c);
	REACH(client, FIN_WAIT2);
	ASSERT_TRUE(wire_forge(&st->w, SIDE_B, SEGMENT_SYN, 0, NULL));
	REACH(client, CLOSE);
	tcp_abort(self->s);
	RESETS("out:syn/FIN_WAIT2 ", "out:linger0/CLOSE_WAIT ");
}

/* An RST that is out of the window does nothing, and is answered by none. */
TEST_F(resets, out_of_window)
{
	JOIN(ACTIVE_OPEN "CLOSE:linger0", PASSIVE_OPEN "CLOSE:rst");
	ASSERT_TRUE(wire_forge(&self->st.w, SIDE_B, SEGMENT_RST, 1 << 30, NULL));
	stage_pass(&self->st, 30);
	EXPECT_EQ(TCPSTATE_ESTABLISHED, tcp_state(self->c));
	tcp_abort(self->c);
	RESETS("out:linger0/ESTABLISHED ", "in:rst/ESTABLISHED ");
	close(self->s);
}

TEST_HARNESS_MAIN
