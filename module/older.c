// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the connections that were there before anybody looked.
 *
 * Knows the kernel's hash tables; must not know what becomes of what it finds.
 *
 * All hooks are live already. The table of established connections holds full
 * sockets, requests and timewait socks; listeners stand in one of their own. An
 * object that was on its way into a chain when the hooks went live, and whose
 * hook had been passed already, can come into it behind us: so there are two
 * walks, and the second one finds it. What they find twice is known the second
 * time.
 */
#include "older.h"

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>
#include <net/inet_timewait_sock.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "established.h"
#include "gate.h"
#include "listener.h"
#include "listening.h"
#include "netns.h"
#include "observe.h"
#include "table.h"
#include "untracked.h"

/**
 * struct look - is there a reason to walk again?
 * @lacking: something is without an entry
 * @room: there is room for it
 */
struct look {
	bool lacking;
	bool room;
};

static void found(struct sock *sk, void *data)
{
	switch (inet_sk_state_load(sk)) {
	case TCP_TIME_WAIT:
		tcps_observe_older_timewait(inet_twsk(sk));
		break;
	case TCP_NEW_SYN_RECV:
		tcps_observe_older_request(inet_reqsk(sk));
		break;
	default:
		tcps_observe_older_sock(sk);
	}
}

/* What is found twice is known the second time. */
static const struct tcps_chain_visitor finder = {
	.each = found,
};

static void walk_established(const struct net *net)
{
	tcps_established_visit(net, tcps_observe_older_room, &finder);
}

static void walk_listeners(void)
{
	unsigned int i;

	for (i = 0; i < tcps_listening_chains(); i++) {
		cond_resched();
		if (tcps_listening_empty(i))
			continue;
		tcps_observe_older_room();
		tcps_listening_visit(i, &finder);
	}
}

/* Since 6.1 a namespace can have a table of established ones of its own. */
static void walk_net(struct net *net, struct tcps_net *tn, void *data)
{
	if (compat_hashinfo(net) != compat_hashinfo(&init_net))
		walk_established(net);
}

static void walk(void)
{
	walk_listeners();
	walk_established(&init_net);
	tcps_netns_walk(walk_net, NULL);
}

/*
 * The gate will be shut. An entry can go with its object then, and the connection
 * go on in another one, which is taken in later: as a life that nobody was told
 * of before. So the numbers are noted from before it is shut until all are found.
 */
void tcps_older_shut(void)
{
	tcps_table_note(TCPS_TABLE_NOTE_ALL);
	tracepoint_synchronize_unregister();
}

/**
 * tcps_older_begin() - what is known is to be made true again
 *
 * The gate is shut, and tcps_older_walk() follows when it is open.
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_older_begin(void)
{
	/* Whoever passed the open gate has counted after this. */
	tracepoint_synchronize_unregister();
	return tcps_observe_older_begin();
}

/* After all hooks went live. */
void tcps_older_walk(void)
{
	/* Whoever passed the closed gate is done with its object after this. */
	tracepoint_synchronize_unregister();
	/* What goes from now on is told, or was doubted. */
	tcps_table_note(TCPS_TABLE_NOTE_DOUBTED);
	walk();
	synchronize_rcu();
	tcps_observe_older_last();
	walk();
	tcps_observe_older_end();
}

/*
 * Later, when there was no room for a while and there is now, all that found
 * none is taken in by the same walk. Not more often than in each ten times that
 * it takes, and ever more seldom while it does not help.
 */
#define AGAIN_FIRST HZ
#define AGAIN_LAST (64 * HZ)

static void again(struct work_struct *work);

static DECLARE_DELAYED_WORK(again_work, again);
static unsigned long again_delay = AGAIN_FIRST; /* by again_work only */

static bool lacks_entries(const struct tcps_net *tn)
{
	return atomic_read(&tn->untracked.entries.now);
}

static bool lacks_rows(const struct tcps_net *tn)
{
	return atomic_read(&tn->untracked.rows.now);
}

static void look_at(struct net *net, struct tcps_net *tn, void *data)
{
	struct look *look = data;

	if (!lacks_entries(tn) && !lacks_rows(tn))
		return;
	look->lacking = true;
	if ((lacks_entries(tn) && tcps_table_room(tn->owner->account)) ||
	    (lacks_rows(tn) && tcps_listener_room(tn->owner->account)))
		look->room = true;
}

static void watch(struct net *net, struct tcps_net *tn, void *data)
{
	tcps_untracked_watch(&tn->untracked);
}

static void settle(struct net *net, struct tcps_net *tn, void *data)
{
	tcps_untracked_settle(&tn->untracked);
}

static void walk_again(void)
{
	tcps_netns_walk(watch, NULL);
	walk();
	synchronize_rcu();
	walk();
	tcps_netns_walk(settle, NULL);
}

static bool is_lacking(bool *room)
{
	struct look look = {};

	tcps_netns_walk(look_at, &look);
	*room = look.room;
	return look.lacking;
}

static void again(struct work_struct *work)
{
	unsigned long began = jiffies;
	bool room;

	if (!is_lacking(&room)) {
		again_delay = AGAIN_FIRST;
		return;
	}
	if (room && tcps_gate_open()) {
		walk_again();
		if (!is_lacking(&room)) {
			again_delay = AGAIN_FIRST;
			return;
		}
		again_delay = min(2 * again_delay, (unsigned long)AGAIN_LAST);
	}
	queue_delayed_work(system_long_wq, &again_work,
			   max(again_delay, 10 * (jiffies - began)));
}

/* Something found no room. In any context. */
void tcps_older_again(void)
{
	queue_delayed_work(system_long_wq, &again_work, AGAIN_FIRST);
}

/* No hook runs any more. */
void tcps_older_quiet(void)
{
	cancel_delayed_work_sync(&again_work);
}
