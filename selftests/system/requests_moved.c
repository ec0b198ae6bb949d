// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * Listeners that share a port (SO_REUSEPORT): when one of them closes, what
 * came to it moves to another one (net.ipv4.tcp_migrate_req), and stays the
 * connection that it is.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "lobby_fixture.h"
#include "sysctl.h"
#include "util.h"

LOBBY_FIXTURE(moved)

static bool migrates(struct lobby *lb)
{
	lb->reuseport = true;
	lb->patience = 100;
	/* Debian's 5.10 has the setting, but nothing that heeds it. */
	return !kernel_before(5, 14) && sysctl_set("tcp_migrate_req", "1") &&
	       sysctl_set("tcp_synack_retries", "2");
}

#define NEEDS_MIGRATION(lb)						\
do {									\
	if (!migrates(lb))						\
		SKIP(return, "this kernel moves no requests to other listeners");	\
} while (0)

/* @p came to a listener that closed since; returns the one that is there now. */
static int replace(struct lobby *lb, int old)
{
	int l = lobby_listen(lb, 8);

	lobby_close(lb, old);
	return l;
}

/* A new peer comes to a listener that is replaced. -1, or the listener there is now. */
static int come_and_move(struct lobby *lb, struct raw_peer **p, const char *words)
{
	int l = lobby_listen(lb, 8);

	*p = lobby_peer(lb, words);
	return lobby_syn(lb, *p) ? replace(lb, l) : -1;
}

/* Who moved to listener @l is served there as by any other. */
static bool is_served(struct lobby *lb, int l, struct raw_peer *p)
{
	raw_peer_ack(p);
	if (!lobby_until(lb, p, TCPSTATE_ESTABLISHED) || lobby_accept(lb, l, p) < 0)
		return false;
	raw_peer_rst(p);
	return lobby_finish(lb);
}

TEST_F(moved, by_the_third_packet)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;
	int l;

	NEEDS_MIGRATION(lb);
	l = come_and_move(lb, &p, OPENS "CLOSE:rst");
	ASSERT_LE(0, l);
	EXPECT_TRUE(lobby_waiting(1));
	EXPECT_TRUE(is_served(lb, l, p));
}

TEST_F(moved, by_the_timer)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;
	int l;

	NEEDS_MIGRATION(lb);
	l = come_and_move(lb, &p, ARRIVES "^1:timer ESTABLISHED:ack* CLOSE:rst");
	ASSERT_LE(0, l);
	ASSERT_TRUE(lobby_until_synacks(lb, p, 2));
	EXPECT_TRUE(lobby_waiting(1));
	EXPECT_TRUE(is_served(lb, l, p));
}

/* Twice, and then it ends as any other. */
TEST_F(moved, and_ends_by_the_timer)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;
	int l;

	NEEDS_MIGRATION(lb);
	l = come_and_move(lb, &p, ARRIVES "^1:timer ^2:timer CLOSE:synack-timeout/request*");
	ASSERT_LE(0, l);
	ASSERT_TRUE(lobby_until_synacks(lb, p, 2));
	replace(lb, l);
	ASSERT_TRUE(lobby_until_synacks(lb, p, 3));
	EXPECT_TRUE(lobby_waiting(1));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(moved, and_is_reset)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	NEEDS_MIGRATION(lb);
	ASSERT_LE(0, come_and_move(lb, &p, ARRIVES "^1:timer CLOSE:rst/request*"));
	ASSERT_TRUE(lobby_until_synacks(lb, p, 2));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(moved, before_accept)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *p;
	int l;

	NEEDS_MIGRATION(lb);
	l = lobby_listen(lb, 8);
	p = lobby_peer(lb, OPENS "CLOSE:rst");
	ASSERT_TRUE(lobby_shake(lb, p));
	l = replace(lb, l);
	ASSERT_LE(0, lobby_accept(lb, l, p));
	raw_peer_rst(p);
	EXPECT_TRUE(lobby_finish(lb));
}

#define GROUPS "/sys/fs/cgroup/"

/* Sockets that are made from now on belong there; its number, 0 without. */
static __u64 enter_group(const char *path)
{
	char procs[128];
	struct stat st;
	FILE *f;

	mkdir(path, 0755);
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	f = fopen(procs, "we");
	if (!f)
		return 0;
	fputs("0\n", f);
	return fclose(f) || stat(path, &st) ? 0 : st.st_ino;
}

/* Listeners of two control groups: who moves comes under the other one. */
static void across_groups(struct __test_metadata *_metadata, struct lobby *lb, bool timer)
{
	__u64 other, group = 0;
	struct raw_peer *p;
	int old, l;

	NEEDS_MIGRATION(lb);
	ASSERT_NE(0, enter_group(GROUPS "tcpstate-old"));
	old = lobby_listen(lb, 8);
	p = lobby_peer(lb, timer ? ARRIVES "^1:timer ESTABLISHED:ack* CLOSE:rst" :
				   OPENS "CLOSE:rst");
	ASSERT_TRUE(lobby_syn(lb, p));
	other = enter_group(GROUPS "tcpstate-new");
	ASSERT_NE(0, other);
	l = replace(lb, old);
	ASSERT_TRUE(!timer || lobby_until_synacks(lb, p, 2));
	EXPECT_TRUE(is_served(lb, l, p));
	for (size_t i = 0; i < lb->rec.count; i++) {
		const struct tcpstate_record *r = &lb->rec.rec[i];

		if (r->type == TCPSTATE_EVENT_STATE && r->new_state == TCPSTATE_ESTABLISHED)
			group = r->state.cgroup;
	}
	EXPECT_EQ(other, group);
	enter_group(GROUPS);
}

TEST_F(moved, to_another_group_by_the_third_packet)
{
	across_groups(_metadata, &self->lb, false);
}

TEST_F(moved, to_another_group_by_the_timer)
{
	across_groups(_metadata, &self->lb, true);
}

/* There is no listener left: the third packet finds out, or the timer. */
TEST_F(moved, nowhere)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *acks, *waits, *done;
	int l;

	NEEDS_MIGRATION(lb);
	l = lobby_listen(lb, 8);
	acks = lobby_peer(lb, ARRIVES "CLOSE:migrate-failed/request*");
	waits = lobby_peer(lb, ARRIVES "CLOSE:migrate-failed/request*");
	done = lobby_peer(lb, OPENS "CLOSE:listener-closed*@");
	ASSERT_TRUE(lobby_syn(lb, acks));
	ASSERT_TRUE(lobby_syn(lb, waits));
	ASSERT_TRUE(lobby_shake(lb, done));
	lobby_close(lb, l);
	EXPECT_TRUE(lobby_waiting(2));
	raw_peer_ack(acks);
	EXPECT_TRUE(lobby_until_resets(lb, acks, 1));
	EXPECT_TRUE(lobby_finish(lb));
}

/* There is another listener, but nothing may move. */
TEST_F(moved, not_at_all)
{
	struct lobby *lb = &self->lb;
	struct raw_peer *acks, *waits, *done;
	int l;

	lb->reuseport = true;
	l = lobby_listen(lb, 8);
	acks = lobby_peer(lb, ARRIVES "CLOSE:listener-closed/request*");
	waits = lobby_peer(lb, ARRIVES "CLOSE:listener-closed/request*");
	done = lobby_peer(lb, OPENS "CLOSE:listener-closed*@");
	ASSERT_TRUE(lobby_syn(lb, acks));
	ASSERT_TRUE(lobby_syn(lb, waits));
	ASSERT_TRUE(lobby_shake(lb, done));
	replace(lb, l);
	EXPECT_TRUE(lobby_waiting(2));
	raw_peer_ack(acks);
	EXPECT_TRUE(lobby_until_resets(lb, acks, 1));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_HARNESS_MAIN
