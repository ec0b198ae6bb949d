// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * No timewait sock to be had: tcp_max_tw_buckets is reached, or there is no
 * memory for one. The connection is closed at once, with a cause of its own, and
 * an event says what the limit was.
 */
#include <stddef.h>
#include <string.h>

#include "failslab.h"

#include "stage_test.h"

STAGE_FIXTURE(limit)

/* One connection in TIME_WAIT, which is all there may be. */
static bool use_it_up(struct stage *st)
{
	int c, s;

	if (!stage_sysctl(st, "tcp_max_tw_buckets", "1") ||
	    !stage_join(st, &c, &s, ACTIVE_OPEN CLOSES, PASSIVE_OPEN IS_CLOSED))
		return false;
	close(c);
	if (!stage_reach(st, st->client, TCPSTATE_FIN_WAIT2, 10))
		return false;
	close(s);
	st->events = 1ULL << TCPSTATE_EVENT_TW_OVERFLOW;
	return stage_reach(st, st->client, TCPSTATE_TIME_WAIT, 10) &&
	       stage_reach(st, st->server, TCPSTATE_CLOSE, 10);
}

static int odd(bool is, const char *what)
{
	if (is)
		printf("# the event differs: %s\n", what);
	return is;
}

/* One event, which says all of the connection as its last transition does. */
static bool one_event(struct stage *st, enum wire_side side, struct stage_end *e,
		      unsigned int state, unsigned int cause, unsigned int count,
		      unsigned int max)
{
	const size_t from = offsetof(struct tcpstate_record, cookie);
	const size_t to = offsetof(struct tcpstate_record, flags);
	struct tcpstate_record event = { 0 }, last = stage_entry(st, e, TCPSTATE_CLOSE);
	unsigned int n = stage_events(st, side, TCPSTATE_EVENT_TW_OVERFLOW, &event, 1);
	const struct tcpstate_tw_data *tw = &event.tw;

	return !(odd(n != 1, "there is not one") +
		 odd(event.old_state != state || event.new_state != state, "state") +
		 odd(event.cause != cause, "cause") +
		 odd(event.carrier != TCPSTATE_CARRIER_SOCK, "carrier") +
		 odd(tw->count != count || tw->max != max, "count, max") +
		 odd(tw->stands_for != 1, "stands_for") +
		 odd(tw->reserved[0] || tw->reserved[1] || tw->reserved[2], "reserved") +
		 odd(event.mono_ns != last.mono_ns, "time") +
		 odd(event.seq + 1 != last.seq && event.seq != last.seq + 1, "place") +
		 odd(event.family != last.family || event.ifindex != last.ifindex ||
		     memcmp((char *)&event + from, (char *)&last + from, to - from),
			 "cookie, namespace, addresses or ports") +
		 odd(event.flags != (last.flags & ~TCPSTATE_F_DWELL), "flags") +
		 odd(event.life != last.life || event.tgid != last.tgid ||
		     event.uid != last.uid || strcmp(event.comm, last.comm), "owner"));
}

/* By the FIN of the other side. */
TEST_F(limit, fin)
{
	struct stage *st = &self->st;

	ASSERT_TRUE(use_it_up(st));
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:tw-overflow", PASSIVE_OPEN IS_CLOSED);
	shutdown(self->c, SHUT_WR);
	UNTIL(self->c, FIN_WAIT2);
	close(self->s);
	FINISH();
	EXPECT_TRUE(one_event(st, SIDE_A, st->client, TCPSTATE_FIN_WAIT2,
			      TCPSTATE_CAUSE_TW_OVERFLOW, 1, 1));
	close(self->c);
}

/* An orphan in FIN_WAIT2; nobody is there any more when the FIN comes. */
TEST_F(limit, orphan)
{
	struct stage *st = &self->st;

	ASSERT_TRUE(use_it_up(st));
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack CLOSE:tw-overflow",
	     PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:close CLOSE:rst");
	close(self->c);
	REACH(client, CLOSE);
	close(self->s);
	FINISH();
	EXPECT_TRUE(one_event(st, SIDE_A, st->client, TCPSTATE_FIN_WAIT2,
			      TCPSTATE_CAUSE_TW_OVERFLOW, 1, 1));
}

/* close() itself finds that there is no timewait sock. */
TEST_F(limit, close)
{
	struct stage *st = &self->st;

	ASSERT_TRUE(use_it_up(st));
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:tw-overflow",
	     PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:close CLOSE:rst");
	shutdown(self->c, SHUT_WR);
	UNTIL(self->c, FIN_WAIT2);
	close(self->c);
	REACH(client, CLOSE);
	close(self->s);
	FINISH();
	EXPECT_TRUE(one_event(st, SIDE_A, st->client, TCPSTATE_FIN_WAIT2,
			      TCPSTATE_CAUSE_TW_OVERFLOW, 1, 1));
}

/* On both sides: there is no room at all. */
TEST_F(limit, simultaneous)
{
	struct stage *st = &self->st;

	SYSCTL("tcp_max_tw_buckets", "0");
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSING:fin CLOSE:tw-overflow",
	     PASSIVE_OPEN "FIN_WAIT1:close CLOSING:fin CLOSE:tw-overflow");
	st->events = 1ULL << TCPSTATE_EVENT_TW_OVERFLOW;
	WIRE(HOLD, HOLD);
	close(self->c);
	close(self->s);
	FINISH();
	EXPECT_TRUE(one_event(st, SIDE_A, st->client, TCPSTATE_CLOSING,
			      TCPSTATE_CAUSE_TW_OVERFLOW, 0, 0));
	EXPECT_TRUE(one_event(st, SIDE_B, st->server, TCPSTATE_CLOSING,
			      TCPSTATE_CAUSE_TW_OVERFLOW, 0, 0));
}

/* A kernel that can be told to have no memory finds none. */
TEST_F(limit, no_memory)
{
	struct stage *st = &self->st;

	if (!failslab_can("tw_sock_TCP"))
		SKIP(return, FAILSLAB_NEEDED);
	SYSCTL("tcp_max_tw_buckets", "5");
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:no-memory", PASSIVE_OPEN IS_CLOSED);
	st->events = 1ULL << TCPSTATE_EVENT_TW_OVERFLOW;
	shutdown(self->c, SHUT_WR);
	UNTIL(self->c, FIN_WAIT2);
	EXPECT_TRUE(failslab_set(true));
	close(self->s);
	REACH(client, CLOSE);
	EXPECT_TRUE(failslab_set(false));
	FINISH();
	EXPECT_TRUE(one_event(st, SIDE_A, st->client, TCPSTATE_FIN_WAIT2,
			      TCPSTATE_CAUSE_NO_MEMORY, 0, 5));
	close(self->c);
}

TEST_HARNESS_MAIN
