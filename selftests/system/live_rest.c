// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * Readers that start with the connections that are alive, at rest: they are
 * told what ss lists, and filter and namespace hold for it.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>

#include "diag.h"
#include "late.h"
#include "peers.h"
#include "util.h"

#include "harness.h"

FIXTURE(live_rest)
{
	struct late late;
	struct peers peers;
	struct records all;
};

/* A SYN-ACK that is sent again is no connection. */
static void drop_others(struct records *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->count; i++)
		if (r->rec[i].flags & TCPSTATE_F_SNAPSHOT)
			r->rec[n++] = r->rec[i];
	r->count = n;
}

FIXTURE_SETUP(live_rest)
{
	struct tcpstate_filter none = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(late_up(&self->late));
	ASSERT_TRUE(peers_start(&self->peers, true, "hold 127.0.0.1 9000 3"));
	ASSERT_TRUE(peers_start(&self->peers, true, "hold ::1 9000 3"));
	ASSERT_TRUE(late_living(&self->late, self->late.here, none, &self->all));
	drop_others(&self->all);
	ASSERT_LT(0, self->all.count);
}

FIXTURE_TEARDOWN(live_rest)
{
	records_free(&self->all);
	peers_stop(&self->peers);
	late_down(&self->late);
}

/* What can hold a connection in its state. */
static bool carrier_fits(const struct tcpstate_record *r)
{
	switch (r->new_state) {
	case TCPSTATE_SYN_RECV:
		return r->carrier == TCPSTATE_CARRIER_REQUEST;
	case TCPSTATE_TIME_WAIT:
		return r->carrier == TCPSTATE_CARRIER_TIMEWAIT;
	case TCPSTATE_FIN_WAIT2:
		return r->carrier == TCPSTATE_CARRIER_SOCK ||
		       r->carrier == TCPSTATE_CARRIER_TIMEWAIT;
	default:
		return r->carrier == TCPSTATE_CARRIER_SOCK;
	}
}

TEST_F(live_rest, they_are_what_ss_lists)
{
	unsigned int seen[TCPSTATE_STATE_COUNT] = { 0 };
	struct diag_count ss;

	ASSERT_TRUE(diag_count(&ss));
	for (size_t i = 0; i < self->all.count; i++) {
		EXPECT_EQ(self->late.inum, self->all.rec[i].netns_inum);
		EXPECT_TRUE(carrier_fits(&self->all.rec[i]));
		EXPECT_EQ(i + 1, self->all.rec[i].seq);
		seen[self->all.rec[i].new_state]++;
		for (size_t k = 0; k < i; k++)
			EXPECT_NE(self->all.rec[k].cookie, self->all.rec[i].cookie);
	}
	for (unsigned int i = 1; i < TCPSTATE_STATE_COUNT; i++) {
		EXPECT_EQ(ss.n[i], seen[i]);
		if (ss.n[i] != seen[i])
			printf("# %s: ss %u, told %u\n", state_name(i), ss.n[i], seen[i]);
	}
	EXPECT_LT(0, seen[TCPSTATE_CLOSING]);
	EXPECT_LT(0, seen[TCPSTATE_SYN_SENT]);
}

static bool is_held(const struct tcpstate_record *r)
{
	return r->lport == 9000;
}

static bool is_going_there(const struct tcpstate_record *r)
{
	return r->rport == 9000;
}

static bool is_v6(const struct tcpstate_record *r)
{
	return r->family == AF_INET6;
}

static bool is_established(const struct tcpstate_record *r)
{
	return r->new_state == TCPSTATE_ESTABLISHED;
}

static bool is_opening(const struct tcpstate_record *r)
{
	return r->new_state == TCPSTATE_SYN_SENT || r->new_state == TCPSTATE_LISTEN;
}

static bool is_nobody(const struct tcpstate_record *r)
{
	return false;
}

static const struct {
	const char *name;
	struct tcpstate_filter filter;
	bool (*wanted)(const struct tcpstate_record *r);
} filters[] = {
	{ "local port", { .nr_lports = 1, .lports = { 9000 } }, is_held },
	{ "remote port", { .nr_rports = 1, .rports = { 9000 } }, is_going_there },
	{ "family", { .family = AF_INET6 }, is_v6 },
	{ "new state", { .new_states = 1 << TCPSTATE_ESTABLISHED }, is_established },
	{ "old state", { .old_states = 1 << TCPSTATE_SYN_SENT | 1 << TCPSTATE_LISTEN },
	  is_opening },
	/* What is no transition has nobody who is alive. */
	{ "kind", { .events = 1 << TCPSTATE_EVENT_SYN_DROP }, is_nobody },
};

static unsigned int count(const struct records *r,
			  bool (*wanted)(const struct tcpstate_record *r))
{
	unsigned int n = 0;

	for (size_t i = 0; i < r->count; i++)
		n += wanted(&r->rec[i]);
	return n;
}

TEST_F(live_rest, filters_hold_for_them)
{
	for (unsigned int i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		unsigned int wanted = count(&self->all, filters[i].wanted);
		struct records some = { 0 };

		EXPECT_TRUE(late_living(&self->late, self->late.here, filters[i].filter, &some));
		drop_others(&some);
		printf("# %s: %u of %zu\n", filters[i].name, wanted, self->all.count);
		EXPECT_EQ(wanted, some.count);
		EXPECT_EQ(wanted, count(&some, filters[i].wanted));
		EXPECT_LT(wanted, self->all.count);
		EXPECT_TRUE(wanted || filters[i].wanted == is_nobody);
		records_free(&some);
	}
}

TEST_F(live_rest, each_namespace_is_told_its_own)
{
	struct tcpstate_filter none = { 0 };
	struct records there = { 0 }, host = { 0 };
	unsigned int ours = 0;
	int other;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	other = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, other);
	ASSERT_TRUE(late_living(&self->late, other, none, &there));
	EXPECT_EQ(0, there.count);
	ASSERT_TRUE(late_living(&self->late, self->late.home, none, &host));
	drop_others(&host);
	for (size_t i = 0; i < host.count; i++)
		ours += host.rec[i].netns_inum == self->late.inum;
	EXPECT_EQ(self->all.count, ours);
	records_free(&there);
	records_free(&host);
	close(other);
}

TEST_HARNESS_MAIN
