/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bucket of the table: how it is found, locked and searched.
 *
 * Knows keys; must not know what happens to a connection. Inline because each
 * hook comes here.
 */
#ifndef _TCPS_BUCKET_H
#define _TCPS_BUCKET_H

#include <linux/bits.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

#include "entry.h"
#include "keyed.h"

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

/*
 * Buckets of a group: a line of the cache, and a few dozen entries at a full
 * table, which is what one look at it takes with interrupts off.
 */
#define TCPS_GROUP_BITS 3
#define TCPS_GROUP_BUCKETS BIT(TCPS_GROUP_BITS)

/*
 * Entries that one namespace may have in a bucket, where a full table has
 * four on average: more come from a program that has one socket live again and
 * again, which leaves a timewait sock under the same cookie each time, or from
 * one that found out which cookies meet. No look-up passes more of them.
 */
#define TCPS_BUCKET_MAX 64

/**
 * struct tcps_table - the one table; constant after init
 * @groups: TCPS_GROUP_BUCKETS buckets each, one after the other
 * @buckets: first entries
 * @mask: how many buckets, less one
 */
struct tcps_table {
	struct tcps_group *groups;
	struct tcps_life **buckets;
	unsigned long mask;
};

/* Only for the functions of this header and table.c. */
extern struct tcps_table tcps_table;

static __always_inline unsigned long tcps_table_bucket_of(u64 cookie)
{
	return tcps_keyed_cookie(cookie) & tcps_table.mask;
}

/* Interrupts are off, and stay so until tcps_table_unlock(). */
static __always_inline void tcps_table_take(struct tcps_bucket *bucket,
					    u64 cookie)
{
	unsigned long nr = tcps_table_bucket_of(cookie);

	bucket->group = &tcps_table.groups[nr >> TCPS_GROUP_BITS];
	bucket->head = &tcps_table.buckets[nr];
	bucket->cookie = cookie;
	raw_spin_lock(&bucket->group->lock);
	/* It goes on to the caller, unseen by sparse. */
	__release(&bucket->group->lock);
}

/**
 * tcps_table_lock() - lock the bucket of a cookie
 * @bucket: result
 * @cookie: whose
 * @now: the time, read before; moved on if a reader looked since
 *
 * Interrupts are off, and stay so until tcps_table_unlock().
 */
static __always_inline void tcps_table_lock(struct tcps_bucket *bucket,
					    u64 cookie, u64 *now)
{
	tcps_table_take(bucket, cookie);
	if (unlikely(*now <= bucket->group->floor))
		*now = max(ktime_get_ns(), bucket->group->floor + 1);
}

static inline void tcps_table_unlock(const struct tcps_bucket *bucket)
{
	__acquire(&bucket->group->lock); /* in tcps_table_lock() */
	raw_spin_unlock(&bucket->group->lock);
}

/**
 * tcps_table_lock_irqsave() - lock the bucket of a cookie outside of an event
 * @bucket: result
 * @cookie: whose
 *
 * For what has no time, because nothing is recorded of it.
 *
 * Return: for tcps_table_unlock_irqrestore().
 */
static __always_inline unsigned long
tcps_table_lock_irqsave(struct tcps_bucket *bucket, u64 cookie)
{
	unsigned long flags;

	local_irq_save(flags);
	tcps_table_take(bucket, cookie);
	return flags;
}

static inline void
tcps_table_unlock_irqrestore(const struct tcps_bucket *bucket,
			     unsigned long flags)
{
	tcps_table_unlock(bucket);
	local_irq_restore(flags);
}

/**
 * tcps_table_find() - the entry of a cookie and carrier
 * @bucket: locked
 * @carrier: kernel object
 *
 * Return: the entry or NULL.
 */
static __always_inline struct tcps_life *
tcps_table_find(const struct tcps_bucket *bucket, const void *carrier)
{
	struct tcps_life *life;

	for (life = *bucket->head; life; life = life->next) {
		if (life->carrier == carrier && life->cookie == bucket->cookie)
			return life;
	}
	return NULL;
}

#endif /* _TCPS_BUCKET_H */
