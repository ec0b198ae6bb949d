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

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "pool.h"
#include "share.h"

/* Enough of them that CPUs seldom meet in one, however small the table is. */
#define GROUPS_MIN 512UL

struct tcps_table tcps_table __read_mostly;

/* The deepest bucket that was found. Any CPU writes it; a lesser one may win. */
static unsigned int deepest;

/* Who has how many entries. */
static struct tcps_shares shares;

/* How often there was no room; by hooks. */
static atomic64_t full = ATOMIC64_INIT(0);

/**
 * tcps_table_group_of() - the group of a cookie
 * @cookie: any
 *
 * Return: its number.
 */
unsigned int tcps_table_group_of(u64 cookie)
{
	return tcps_table_bucket_of(cookie) >> TCPS_GROUP_BITS;
}

/**
 * tcps_table_groups() - how many groups there are
 *
 * Return: the number of groups.
 */
unsigned int tcps_table_groups(void)
{
	return (tcps_table.mask + 1) >> TCPS_GROUP_BITS;
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

static noinline struct tcps_life *no_room(void)
{
	atomic64_inc(&full);
	return NULL;
}

/**
 * tcps_table_make() - a new entry
 * @bucket: locked
 * @carrier: kernel object
 * @account: whose it is
 *
 * Return: an entry that is all 0 but for its key, or NULL without room.
 */
struct tcps_life *tcps_table_make(const struct tcps_bucket *bucket,
				  const void *carrier, u8 account)
{
	int paid = tcps_share_take(&shares, account);
	struct tcps_life *life;

	if (unlikely(paid < 0))
		return no_room();
	life = tcps_pool_get(paid != TCPS_ACCOUNT_COMMON);
	if (unlikely(!life)) {
		tcps_share_give(&shares, paid);
		return no_room();
	}
	memset(life, 0, sizeof(*life));
	life->cookie = bucket->cookie;
	life->carrier = carrier;
	life->state = TCPSTATE_CLOSE;
	life->account = paid;
	life->next = *bucket->head;
	*bucket->head = life;
	return life;
}

/* The highest number of a life of what was removed while it was noted. */
static enum tcps_table_notes noting;
static atomic_t noted;

static noinline void note(const struct tcps_life *life)
{
	int number = life->who.id.life, had = atomic_read(&noted);

	if (READ_ONCE(noting) != TCPS_TABLE_NOTE_ALL &&
	    !(life->flags & TCPS_DOUBTED))
		return;
	while (had < number && !atomic_try_cmpxchg(&noted, &had, number))
		;
}

/**
 * tcps_table_note() - note the numbers of lives that are removed, or no more
 * @which: of which entries; with all of them it begins anew
 */
void tcps_table_note(enum tcps_table_notes which)
{
	if (which == TCPS_TABLE_NOTE_ALL)
		atomic_set(&noted, 0);
	WRITE_ONCE(noting, which);
}

/**
 * tcps_table_noted() - the highest number of a life that was noted
 *
 * Return: 0 if none was.
 */
u16 tcps_table_noted(void)
{
	return atomic_read(&noted);
}

static __always_inline void release(struct tcps_life *life)
{
	if (unlikely(READ_ONCE(noting)))
		note(life);
	tcps_share_give(&shares, life->account);
	tcps_pool_put(life);
}

/**
 * tcps_table_deep() - a bucket was found to be deep
 * @depth: entries in it
 */
void tcps_table_deep(unsigned int depth)
{
	if (depth > READ_ONCE(deepest))
		WRITE_ONCE(deepest, depth);
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
	release(life);
}

/* See to it that there is room; may sleep. */
void tcps_table_refill(void)
{
	tcps_pool_refill();
}

/**
 * tcps_table_room() - would there be an entry?
 * @account: for whom
 *
 * Return: true if there was room just now.
 */
bool tcps_table_room(u8 account)
{
	return tcps_share_room(&shares, account) && tcps_pool_room();
}

static struct tcps_life **buckets_of(unsigned int group)
{
	return &tcps_table.buckets[(unsigned long)group << TCPS_GROUP_BITS];
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
	struct tcps_life **bucket = buckets_of(group), *life;
	unsigned long flags;
	unsigned int i;
	u64 now;

	raw_spin_lock_irqsave(&visited->lock, flags);
	now = max(ktime_get_ns(), visited->floor);
	if (look)
		visited->floor = now;
	for (i = 0; i < TCPS_GROUP_BUCKETS; i++) {
		for (life = bucket[i]; life; life = life->next)
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
		release(life);
	}
}

/**
 * tcps_table_sweep() - remove entries
 * @dead: says which; called with interrupts off
 */
void tcps_table_sweep(bool (*dead)(const struct tcps_life *life))
{
	unsigned int group, i;
	unsigned long flags;

	for (group = 0; group < tcps_table_groups(); group++) {
		raw_spin_lock_irqsave(&tcps_table.groups[group].lock, flags);
		for (i = 0; i < TCPS_GROUP_BUCKETS; i++)
			sweep_bucket(&buckets_of(group)[i], dead);
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
	stats->entries = tcps_share_used(&shares);
	stats->full = atomic64_read(&full);
	stats->deepest = READ_ONCE(deepest);
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
	unsigned long groups;
	unsigned int i;
	int err = -ENOMEM;

	BUILD_BUG_ON(sizeof(struct tcps_life) > 192);
	groups = max(rounddown_pow_of_two(max) / 2 / TCPS_GROUP_BUCKETS,
		     GROUPS_MIN);
	tcps_table.mask = groups * TCPS_GROUP_BUCKETS - 1;
	tcps_table.buckets = kvcalloc(tcps_table.mask + 1,
				      sizeof(*tcps_table.buckets), GFP_KERNEL);
	tcps_table.groups =
		kvcalloc(groups, sizeof(*tcps_table.groups), GFP_KERNEL);
	if (!tcps_table.buckets || !tcps_table.groups)
		goto fail;
	for (i = 0; i < groups; i++)
		raw_spin_lock_init(&tcps_table.groups[i].lock);
	err = tcps_pool_init("tcpstate_life", sizeof(struct tcps_life), keep,
			     max);
	if (err)
		goto fail;
	tcps_shares_init(&shares, tcps_pool_max() - tcps_pool_aside());
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
	tcps_shares_exit(&shares);
	kvfree(tcps_table.groups);
	kvfree(tcps_table.buckets);
}
