/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of connections: entries, buckets, locks.
 *
 * Knows keys and memory; must not know what happens to a connection. A carrier
 * is an address to compare, never to follow.
 */
#ifndef _TCPS_TABLE_H
#define _TCPS_TABLE_H

#include <linux/irqflags.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

#include "path.h"
#include "who.h"

/* Flags of an entry. */
#define TCPS_HELD 0x01 /* its birth is counted but not recorded yet */
#define TCPS_SINCE 0x02 /* since is known */
#define TCPS_UNBORN 0x04 /* child of a SYN cookie, not established yet */
#define TCPS_MOVED 0x08 /* in timewait; the end of its sock is to come */
#define TCPS_MIGRATING 0x10 /* its request is being cloned */
#define TCPS_ORPHANED 0x20 /* a child of its request died */
#define TCPS_STALE 0x40 /* the carrier is gone; kept for TCPS_MOVED */

/**
 * struct tcps_life - one connection
 *
 * All members are covered by the lock of its group. An entry whose connection
 * has ended is a tombstone, in state CLOSE.
 *
 * @next: in the bucket
 * @cookie: socket cookie, key
 * @carrier: kernel object that holds the connection; compared only. NULL while
 *	the object that takes it over has not shown itself
 * @since: when it entered @state, CLOCK_MONOTONIC
 * @who: what goes into its records
 * @state: present state; CLOSE in a tombstone
 * @mark: enum tcps_mark for the next transition
 * @why: enum tcpstate_cause that a request or timewait sock will end of, if
 *	it ends now; that a tombstone ended of
 * @flags: TCPS_HELD ...
 * @seq: transitions so far in this life
 * @steps: steps in @path
 * @path: what it went through
 */
struct tcps_life {
	struct tcps_life *next;
	u64 cookie;
	const void *carrier;
	u64 since;
	struct tcps_who who;
	u8 state;
	u8 mark;
	u8 why;
	u8 flags;
	u16 seq;
	u8 steps;
	struct tcps_path path;
};

/**
 * struct tcps_group - buckets with one lock
 *
 * @lock: taken in hooks with interrupts off, which the kernel calls with
 *	socket and hash locks of its own held: nothing of the kernel's is locked
 *	under it, only the pool's depot and the recorder's rings are used
 * @floor: CLOCK_MONOTONIC at which a reader looked at the connections of the
 *	group; what happens later bears a later time. Under @lock
 */
struct tcps_group {
	raw_spinlock_t lock;
	u64 floor;
};

/**
 * struct tcps_bucket - a locked bucket
 * @group: its group
 * @head: first entry
 * @cookie: for which it was locked
 */
struct tcps_bucket {
	struct tcps_group *group;
	struct tcps_life **head;
	u64 cookie;
};

void tcps_table_lock(struct tcps_bucket *bucket, u64 cookie, u64 *now);

static inline void tcps_table_unlock(const struct tcps_bucket *bucket)
{
	__acquire(&bucket->group->lock); /* in tcps_table_lock() */
	raw_spin_unlock(&bucket->group->lock);
}

/* The same outside of an event, which has no time. */
unsigned long tcps_table_lock_irqsave(struct tcps_bucket *bucket, u64 cookie);

static inline void
tcps_table_unlock_irqrestore(const struct tcps_bucket *bucket,
			     unsigned long flags)
{
	tcps_table_unlock(bucket);
	local_irq_restore(flags);
}

struct tcps_life *tcps_table_find(const struct tcps_bucket *bucket,
				  const void *carrier);
struct tcps_life *tcps_table_with(const struct tcps_bucket *bucket, u8 flags);
struct tcps_life *tcps_table_same(const struct tcps_bucket *bucket,
				  const struct tcps_life *after);
struct tcps_life *tcps_table_make(const struct tcps_bucket *bucket,
				  const void *carrier);
void tcps_table_drop(const struct tcps_bucket *bucket, struct tcps_life *life);
bool tcps_table_forget(u64 cookie, const void *carrier);

void tcps_table_refill(void);

/* There was no room once; what is unknown may be what found none. */
bool tcps_table_was_full(void);

unsigned int tcps_table_group_of(u64 cookie);
unsigned int tcps_table_groups(void);
u64 tcps_table_visit(unsigned int group, bool look,
		     void (*each)(struct tcps_life *life, u64 now, void *data),
		     void *data);
void tcps_table_sweep(bool (*dead)(const struct tcps_life *life));

/**
 * struct tcps_table_stats - state of the table
 * @entries: connections and tombstones in it
 * @full: how often there was no room
 */
struct tcps_table_stats {
	u64 entries;
	u64 full;
};

void tcps_table_stats(struct tcps_table_stats *stats);

int tcps_table_init(unsigned long max);
void tcps_table_quiet(void);
void tcps_table_exit(void);

#endif /* _TCPS_TABLE_H */
