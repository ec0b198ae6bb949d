// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * No timewait sock to be had: tcp_max_tw_buckets is reached, or there is no
 * memory for one. The connection is closed at once, with a cause of its own, and
 * an event says what the limit was.
 */
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "cpu.h"
#include "failslab.h"
#include "gate.h"
#include "sysctl.h"
#include "traffic.h"

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

/* Two connections on loopback, whose clients wait for a FIN. */
FIXTURE(race)
{
	int l, c[2], s[2];
};

FOR_EACH_KIND(race);

FIXTURE_SETUP(race)
{
	const char *here = variant->kind == KIND_V6 ? "::1" : "127.0.0.1";

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_TRUE(loopback_up());
	self->l = tcp_listen(variant->kind, here, 7003, 8);
	ASSERT_LE(0, self->l);
	for (int i = 0; i < 2; i++) {
		self->c[i] = tcp_connect_to(variant->kind, here, 7003);
		self->s[i] = accept(self->l, NULL, NULL);
		ASSERT_LE(0, self->s[i]);
		shutdown(self->c[i], SHUT_WR);
		ASSERT_TRUE(tcp_wait_state(self->c[i], TCPSTATE_FIN_WAIT2));
	}
}

FIXTURE_TEARDOWN(race)
{
	for (int i = 0; i < 2; i++)
		close(self->c[i]);
	close(self->l);
}

/* Its FIN arrives on the CPU that sends it. */
static void *close_elsewhere(void *fd)
{
	run_on(1);
	close(*(int *)fd);
	return NULL;
}

/* How the connections left FIN_WAIT2. */
struct ends {
	unsigned long long time_wait, overflow, other;
};

static void add_end(unsigned int old, unsigned int new, unsigned int cause,
		    unsigned long long count, void *data)
{
	struct ends *ends = data;

	if (old != TCPSTATE_FIN_WAIT2)
		return;
	printf("# FIN_WAIT2 to %s: %s %llu\n", state_name(new), cause_name(cause), count);
	if (new == TCPSTATE_TIME_WAIT)
		ends->time_wait += count;
	else if (cause == TCPSTATE_CAUSE_TW_OVERFLOW)
		ends->overflow += count;
	else
		ends->other += count;
}

/* There is room when it asks, but another CPU takes it: that is the limit too. */
TEST_F(race, last_bucket)
{
	struct ends ends = { 0 };
	pthread_t other;

	ASSERT_TRUE(sysctl_set("tcp_max_tw_buckets", "1"));
	if (!gate_up("inet_twsk_alloc"))
		SKIP(return, "no gate can be put up in this kernel");
	run_on(0);
	ASSERT_EQ(0, pthread_create(&other, NULL, close_elsewhere, &self->s[0]));
	EXPECT_TRUE(gate_holds());
	close(self->s[1]);
	EXPECT_TRUE(tcp_wait_state(self->c[1], TCPSTATE_CLOSE));
	gate_down();
	pthread_join(other, NULL);
	EXPECT_TRUE(tcp_wait_state(self->c[0], TCPSTATE_CLOSE));
	EXPECT_LE(0, transitions_each(add_end, &ends));
	EXPECT_EQ(1, ends.time_wait);
	EXPECT_EQ(1, ends.overflow);
	EXPECT_EQ(0, ends.other);
	EXPECT_EQ(1, counter("event_tw_overflow_tw_overflow"));
}

TEST_HARNESS_MAIN
