/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What we keep for each network namespace: its generation and its cells.
 *
 * Must not know what is counted, nor who reads it.
 */
#ifndef _TCPS_NETNS_H
#define _TCPS_NETNS_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seqlock.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "counters.h"
#include "dead.h"
#include "ledger.h"
#include "owner.h"
#include "storm.h"
#include "untracked.h"

/**
 * enum tcps_net_storm - events that may come in storms, of one namespace
 * @TCPS_STORM_SYN_DROP: of listeners that are not in the list of listeners, as
 *	the next three
 * @TCPS_STORM_ACCEPT_DROP: ACKs refused
 * @TCPS_STORM_COOKIE: SYN cookies
 * @TCPS_STORM_SYNACK: SYN-ACKs sent again
 * @TCPS_STORM_SYN: SYNs sent again
 * @TCPS_STORM_TW: no timewait sock
 * @TCPS_STORM_PORTS: no port
 * @TCPS_STORM_RESET: RSTs of connections
 * @TCPS_STORM_STRAY: RSTs for packets without a socket
 * @TCPS_STORM_MEMORY: memory pressure
 * @TCPS_NET_STORMS: how many
 */
enum tcps_net_storm {
	TCPS_STORM_SYN_DROP,
	TCPS_STORM_ACCEPT_DROP,
	TCPS_STORM_COOKIE,
	TCPS_STORM_SYNACK,
	TCPS_STORM_SYN,
	TCPS_STORM_TW,
	TCPS_STORM_PORTS,
	TCPS_STORM_RESET,
	TCPS_STORM_STRAY,
	TCPS_STORM_MEMORY,
	TCPS_NET_STORMS,
};

/**
 * struct tcps_net_arming - whether segments are seen in a namespace
 *
 * @lock: covers changes of the below, and whatever netfilter does to change it
 * @seq: odd while @base changes; who looks takes no lock
 * @since: CLOCK_MONOTONIC since when they are seen; 0 if they are not
 * @readers: readers of this namespace that asked for it
 * @failed: why they are not seen although somebody asks; 0 or a negative error
 * @down: the namespace goes
 * @quiet: RCU grace period after which what was armed before counts no more
 * @base: what was counted before @since
 */
struct tcps_net_arming {
	struct mutex lock; /* covers changes of all of it */
	seqcount_mutex_t seq;
	u64 since;
	unsigned int readers;
	int failed;
	bool down;
	unsigned long quiet;
	struct tcps_segment_cells base;
};

/**
 * struct tcps_net - our state of one network namespace
 *
 * @gen: generation number, never used again; constant
 * @inum: inode number of the namespace, for display; constant
 * @born_ns: CLOCK_MONOTONIC when we began to look at it; constant
 * @owner: whose it is; constant
 * @ledger: what is counted
 * @storm: events that belong to no listener, by enum tcps_net_storm
 * @untracked: what there was no room for
 * @dying: TCP is about to take it down; what is open there is to be let go.
 *	Written once, by pernet exit, under the lock of netns.c
 * @pins: who must not lose it now; under the lock of netns.c
 * @arming: whether segments are seen
 * @net: the namespace; only for who has pinned it
 * @list: on the list of the living; under the lock of netns.c
 * @dead: what is left of it
 */
struct tcps_net {
	u32 gen;
	u32 inum;
	u64 born_ns;
	struct tcps_owner *owner;
	struct tcps_ledger ledger;
	struct tcps_storm storm[TCPS_NET_STORMS];
	struct tcps_untracked untracked;
	bool dying;
	unsigned int pins;
	struct tcps_net_arming arming;
	struct net *net;
	struct list_head list;
	struct tcps_dead dead;
};

/* What the kernel allocates and frees for us with each struct net. */
struct tcps_net_slot {
	struct tcps_net *net; /* written by pernet init, before any event */
};

extern unsigned int tcps_net_id;

/**
 * tcps_net_of() - our state of a network namespace
 * @net: the namespace; alive, or at least with living TCP objects
 *
 * Return: the state, or NULL if there was no memory for it. Valid until the
 * caller leaves its RCU read section (interrupts or preemption off will do).
 */
static inline struct tcps_net *tcps_net_of(const struct net *net)
{
	struct tcps_net_slot *slot = net_generic(net, tcps_net_id);

	return slot->net;
}

/**
 * tcps_net_in_hook() - the same with interrupts off
 * @net: the namespace
 *
 * That is the RCU read section for which net_generic() would make one more.
 *
 * Return: as tcps_net_of().
 */
static __always_inline struct tcps_net *tcps_net_in_hook(const struct net *net)
{
	const struct net_generic *all =
		rcu_dereference_check(net->gen, irqs_disabled());
	const struct tcps_net_slot *slot = all->ptr[tcps_net_id];

	return slot->net;
}

/**
 * struct tcps_net_listener - who is told of namespaces
 * @up: one came up; an error is told and changes nothing
 * @down: one goes: no more is to be begun there. Others wait meanwhile
 * @gone: this was said of all that go at once; none of their TCP is taken down
 *	before it returns
 */
struct tcps_net_listener {
	int (*up)(struct net *net);
	void (*down)(struct net *net);
	void (*gone)(void);
};

struct tcps_net *tcps_netns_pin(u32 gen);
void tcps_netns_unpin(struct tcps_net *tn);
void tcps_netns_walk(void (*each)(struct net *net, struct tcps_net *tn,
				  void *data),
		     void *data);

int tcps_netns_init(const struct tcps_net_listener *listener);
void tcps_netns_exit(void);

/**
 * struct tcps_net_gone - what became of namespaces that went away
 * @cells: their counters, added up
 * @namespaces: how many
 * @kept: thereof or to come, which the kernel still takes down
 * @unobserved: namespaces we had no memory for, dead or alive
 */
struct tcps_net_gone {
	struct tcps_cells cells;
	u64 namespaces;
	u64 kept;
	u64 unobserved;
};

void tcps_netns_gone(struct tcps_net_gone *gone);
u64 tcps_netns_unobserved(void);

#endif /* _TCPS_NETNS_H */
