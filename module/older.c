// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the connections that are older than the module.
 *
 * Knows the kernel's hash tables; must not know what becomes of what it finds.
 *
 * All hooks are live already. The table of established connections holds full
 * sockets, requests and timewait socks; listeners stand in one of their own.
 * An object that was
 * on its way into a chain when the hooks went live, and whose hook had been
 * passed already, can come into it behind us: so there are two walks, and the
 * second one finds it. What they find twice is known the second time.
 */
#include "older.h"

#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <net/inet_timewait_sock.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "established.h"
#include "listening.h"
#include "netns.h"
#include "observe.h"

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

/* After all hooks went live. */
void tcps_older_walk(void)
{
	/* Whoever passed the closed gate is done with its object after this. */
	synchronize_rcu();
	walk();
	synchronize_rcu();
	walk();
	tcps_observe_older_end();
}
