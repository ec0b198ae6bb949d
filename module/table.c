// SPDX-License-Identifier: GPL-2.0
/*
 * The table of connections: entries, buckets, locks.
 *
 * Knows keys and memory; must not know what happens to a connection. A carrier
 * is an address to compare, never to follow.
 *
 * The key is the cookie and the carrier: a socket can live again while its
 * last life still sits in a timewait sock, under the same cookie. All entries
 * of one cookie stand in one bucket. Locked with interrupts off: a hook in
 * process context must not be interrupted by one in softirq that wants the
 * same group.
 */
#include "table.h"

#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "pool.h"

#define GROUPS TCPS_TABLE_GROUPS

struct tcps_table tcps_table __read_mostly;

/* Written by the owning CPU with interrupts off. */
static DEFINE_PER_CPU(struct tcps_table_stats, table_stats);

/* Set by hooks, never reset. */
static bool was_full;

/**
 * tcps_table_group_of() - the group of a cookie
 * @cookie: any
 *
 * Return: its number.
 */
unsigned int tcps_table_group_of(u64 cookie)
{
	return tcps_table_bucket_of(cookie) & (GROUPS - 1);
}

/**
 * tcps_table_groups() - how many groups there are
 *
 * Return: the number of groups.
 */
unsigned int tcps_table_groups(void)
{
	return GROUPS;
}

/**
 * tcps_table_same() - entries of a cookie, whatever their carrier
 * @bucket: locked
 * @after: the one found last; NULL to begin
 *
 * Return: the next one or NULL.
 */
struct tcps_life *tcps_table_same(const struct tcps_bucket *bucket,
				  const struct tcps_life *after)
{
	struct tcps_life *life = after ? after->next : *bucket->head;

	while (life && life->cookie != bucket->cookie)
		life = life->next;
	return life;
}

/**
 * tcps_table_with() - the entry of a cookie that has a flag
 * @bucket: locked
 * @flags: which
 *
 * Return: the entry or NULL.
 */
struct tcps_life *tcps_table_with(const struct tcps_bucket *bucket, u8 flags)
{
	struct tcps_life *life = NULL;

	do {
		life = tcps_table_same(bucket, life);
	} while (life && !(life->flags & flags));
	return life;
}

/**
 * tcps_table_make() - a new entry
 * @bucket: locked
 * @carrier: kernel object
 *
 * Return: an entry that is all 0 but for its key, or NULL without room.
 */
struct tcps_life *tcps_table_make(const struct tcps_bucket *bucket,
				  const void *carrier)
{
	struct tcps_life *life = tcps_pool_get();

	if (!life) {
		__this_cpu_inc(table_stats.full);
		WRITE_ONCE(was_full, true);
		return NULL;
	}
	memset(life, 0, sizeof(*life));
	life->cookie = bucket->cookie;
	life->carrier = carrier;
	life->state = TCPSTATE_CLOSE;
	life->next = *bucket->head;
	*bucket->head = life;
	__this_cpu_inc(table_stats.entries);
	return life;
}

/**
 * tcps_table_drop() - remove an entry
 * @bucket: locked
 * @life: in it; gone after this
 */
void tcps_table_drop(const struct tcps_bucket *bucket, struct tcps_life *life)
{
	struct tcps_life **at = bucket->head;

	while (*at != life)
		at = &(*at)->next;
	*at = life->next;
	__this_cpu_dec(table_stats.entries);
	tcps_pool_put(life);
}

/* See to it that there is room; may sleep. */
void tcps_table_refill(void)
{
	tcps_pool_refill();
}

bool tcps_table_was_full(void)
{
	return READ_ONCE(was_full);
}

/**
 * tcps_table_visit() - look at all entries of a group
 * @group: its number
 * @look: what happens from now on shall bear a later time
 * @each: called for each with interrupts off and the time of this visit
 * @data: for it
 *
 * Return: the time of the visit, CLOCK_MONOTONIC.
 */
u64 tcps_table_visit(unsigned int group, bool look,
		     void (*each)(struct tcps_life *life, u64 now, void *data),
		     void *data)
{
	struct tcps_group *visited = &tcps_table.groups[group];
	struct tcps_life *life;
	unsigned long nr, flags;
	u64 now;

	raw_spin_lock_irqsave(&visited->lock, flags);
	now = max(ktime_get_ns(), visited->floor);
	if (look)
		visited->floor = now;
	for (nr = group; nr < tcps_table.count; nr += GROUPS) {
		for (life = tcps_table.buckets[nr]; life; life = life->next)
			each(life, now, data);
	}
	raw_spin_unlock_irqrestore(&visited->lock, flags);
	return now;
}

static void sweep_bucket(struct tcps_life **at,
			 bool (*dead)(const struct tcps_life *life))
{
	while (*at) {
		struct tcps_life *life = *at;

		if (!dead(life)) {
			at = &life->next;
			continue;
		}
		*at = life->next;
		__this_cpu_dec(table_stats.entries);
		tcps_pool_put(life);
	}
}

/**
 * tcps_table_sweep() - remove entries
 * @dead: says which; called with interrupts off
 */
void tcps_table_sweep(bool (*dead)(const struct tcps_life *life))
{
	unsigned long nr, flags;
	unsigned int group;

	for (group = 0; group < GROUPS; group++) {
		raw_spin_lock_irqsave(&tcps_table.groups[group].lock, flags);
		for (nr = group; nr < tcps_table.count; nr += GROUPS)
			sweep_bucket(&tcps_table.buckets[nr], dead);
		raw_spin_unlock_irqrestore(&tcps_table.groups[group].lock,
					   flags);
		cond_resched();
	}
}

/**
 * tcps_table_stats() - state of the table
 * @stats: result
 */
void tcps_table_stats(struct tcps_table_stats *stats)
{
	int cpu;

	memset(stats, 0, sizeof(*stats));
	for_each_possible_cpu(cpu) {
		const struct tcps_table_stats *more =
			per_cpu_ptr(&table_stats, cpu);

		/* One CPU makes an entry, another may end it: wrap is fine. */
		stats->entries += READ_ONCE(more->entries);
		stats->full += READ_ONCE(more->full);
	}
}

/**
 * tcps_table_init() - make the table
 * @max: entries it may hold; the buckets are sized for it
 * @keep: entries that there are always
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_table_init(unsigned long max, unsigned long keep)
{
	unsigned int i, bits;
	int err = -ENOMEM;

	BUILD_BUG_ON(sizeof(struct tcps_life) > 192);
	bits = max(TCPS_TABLE_GROUP_BITS, ilog2(max) - 1);
	tcps_table.count = 1UL << bits;
	tcps_table.shift = 64 - bits;
	tcps_table.buckets = kvcalloc(tcps_table.count,
				      sizeof(*tcps_table.buckets), GFP_KERNEL);
	tcps_table.groups =
		kvcalloc(GROUPS, sizeof(*tcps_table.groups), GFP_KERNEL);
	if (!tcps_table.buckets || !tcps_table.groups)
		goto fail;
	for (i = 0; i < GROUPS; i++)
		raw_spin_lock_init(&tcps_table.groups[i].lock);
	err = tcps_pool_init("tcpstate_life", sizeof(struct tcps_life), keep,
			     max);
	if (err)
		goto fail;
	return 0;
fail:
	kvfree(tcps_table.groups);
	kvfree(tcps_table.buckets);
	return err;
}

/* No hook runs any more. */
void tcps_table_quiet(void)
{
	tcps_pool_quiet();
}

static bool all(const struct tcps_life *life)
{
	return true;
}

/* After tcps_table_quiet(). */
void tcps_table_exit(void)
{
	tcps_table_sweep(all);
	tcps_pool_quiet(); /* the puts above may have asked for a resize */
	tcps_pool_exit();
	kvfree(tcps_table.groups);
	kvfree(tcps_table.buckets);
}
