/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The listeners of a namespace as they stand in the kernel's table, some at a
 * time.
 *
 * Knows the kernel's table; must not know what was counted, nor how it is shown.
 */
#ifndef _TCPS_QUEUES_H
#define _TCPS_QUEUES_H

#include <linux/types.h>

#include "who.h"

struct net;

/**
 * struct tcps_queues - a listener
 * @cookie: its socket cookie
 * @who: its address
 * @synq: requests in the SYN queue
 * @young: thereof not yet sent a SYN-ACK again
 * @acceptq: connections in the accept queue
 * @max: limit of both
 */
struct tcps_queues {
	u64 cookie;
	struct tcps_who who;
	u32 synq;
	u32 young;
	u32 acceptq;
	u32 max;
};

/**
 * struct tcps_queues_key - what listeners are in order of
 * @cookie: socket cookie
 * @slot: where it stands
 */
struct tcps_queues_key {
	u64 cookie;
	unsigned int slot;
};

/* So many at a time. */
#define TCPS_QUEUES_BATCH 64

/**
 * struct tcps_queues_walk - a walk through the table
 *
 * Chain by chain, and in each in order of cookies. So a walk can be interrupted
 * for any time, in which nothing is held: who stays is seen once, who comes or
 * goes once at most. All members are 0 at first.
 *
 * @net: of the listeners
 * @chain: that is looked at
 * @after: cookies up to this one were seen in it
 * @count: listeners that were found last
 * @key: theirs, in order
 * @found: them
 */
struct tcps_queues_walk {
	const struct net *net;
	unsigned int chain;
	u64 after;
	unsigned int count;
	struct tcps_queues_key key[TCPS_QUEUES_BATCH];
	struct tcps_queues found[TCPS_QUEUES_BATCH];
};

bool tcps_queues_next(struct tcps_queues_walk *walk);

/**
 * tcps_queues_at() - one of those that were found
 * @walk: the walk
 * @nr: less than walk->count
 *
 * Return: the listener.
 */
static inline const struct tcps_queues *
tcps_queues_at(const struct tcps_queues_walk *walk, unsigned int nr)
{
	return &walk->found[walk->key[nr].slot];
}

#endif /* _TCPS_QUEUES_H */
