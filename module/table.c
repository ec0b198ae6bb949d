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
#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "pool.h"

#define GROUP_BITS 12
#define GROUPS BIT(GROUP_BITS)
#define POOL_MIN 8192UL

/* Bucket i belongs to group i % GROUPS. */
static struct tcps_group *groups;
static struct tcps_life **buckets;
static unsigned int bucket_bits;

/* Written by the owning CPU with interrupts off. */
static DEFINE_PER_CPU(struct tcps_table_stats, table_stats);

/* Set by hooks, never reset. */
static bool was_full;

static unsigned long bucket_of(u64 cookie)
{
	return hash_64(cookie, bucket_bits);
}

/**
 * tcps_table_group_of() - the group of a cookie
 * @cookie: any
 *
 * Return: its number.
 */
unsigned int tcps_table_group_of(u64 cookie)
{
	return bucket_of(cookie) & (GROUPS - 1);
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
 * tcps_table_lock() - lock the bucket of a cookie
 * @bucket: result
 * @cookie: whose
 * @now: the time, read before; moved on if a reader looked since
 *
 * Interrupts are off, and stay so until tcps_table_unlock().
 */
void tcps_table_lock(struct tcps_bucket *bucket, u64 cookie, u64 *now)
{
	unsigned long nr = bucket_of(cookie);
	struct tcps_group *group = &groups[nr & (GROUPS - 1)];

	bucket->group = group;
	bucket->head = &buckets[nr];
	bucket->cookie = cookie;
	raw_spin_lock(&group->lock);
	if (unlikely(*now <= group->floor))
		*now = max(ktime_get_ns(), group->floor + 1);
	__release(&group->lock); /* goes on to the caller, unseen by sparse */
}

/**
 * tcps_table_lock_irqsave() - lock the bucket of a cookie outside of an event
 * @bucket: result
 * @cookie: whose
 *
 * Return: for tcps_table_unlock_irqrestore().
 */
unsigned long tcps_table_lock_irqsave(struct tcps_bucket *bucket, u64 cookie)
{
	unsigned long flags;
	u64 now = U64_MAX;

	local_irq_save(flags);
	tcps_table_lock(bucket, cookie, &now);
	return flags;
}

/**
 * tcps_table_find() - the entry of a cookie and carrier
 * @bucket: locked
 * @carrier: kernel object
 *
 * Return: the entry or NULL.
 */
struct tcps_life *tcps_table_find(const struct tcps_bucket *bucket,
				  const void *carrier)
{
	struct tcps_life *life;

	for (life = *bucket->head; life; life = life->next) {
		if (life->cookie == bucket->cookie && life->carrier == carrier)
			return life;
	}
	return NULL;
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

/**
 * tcps_table_forget() - remove the entry of a kernel object that is gone
 * @cookie: its cookie
 * @carrier: the object
 *
 * Return: false if it had none.
 */
bool tcps_table_forget(u64 cookie, const void *carrier)
{
	struct tcps_bucket bucket;
	struct tcps_life *life;
	unsigned long flags;

	flags = tcps_table_lock_irqsave(&bucket, cookie);
	life = tcps_table_find(&bucket, carrier);
	if (life)
		tcps_table_drop(&bucket, life);
	tcps_table_unlock_irqrestore(&bucket, flags);
	return life;
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
	struct tcps_group *visited = &groups[group];
	struct tcps_life *life;
	unsigned long nr, flags;
	u64 now;

	raw_spin_lock_irqsave(&visited->lock, flags);
	now = max(ktime_get_ns(), visited->floor);
	if (look)
		visited->floor = now;
	for (nr = group; nr < 1UL << bucket_bits; nr += GROUPS) {
		for (life = buckets[nr]; life; life = life->next)
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
		raw_spin_lock_irqsave(&groups[group].lock, flags);
		for (nr = group; nr < 1UL << bucket_bits; nr += GROUPS)
			sweep_bucket(&buckets[nr], dead);
		raw_spin_unlock_irqrestore(&groups[group].lock, flags);
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
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_table_init(unsigned long max)
{
	int err = -ENOMEM;
	unsigned int i;

	BUILD_BUG_ON(sizeof(struct tcps_life) > 192);
	bucket_bits = max(GROUP_BITS, ilog2(max) - 1);
	buckets = kvcalloc(1UL << bucket_bits, sizeof(*buckets), GFP_KERNEL);
	groups = kvcalloc(GROUPS, sizeof(*groups), GFP_KERNEL);
	if (!buckets || !groups)
		goto fail;
	for (i = 0; i < GROUPS; i++)
		raw_spin_lock_init(&groups[i].lock);
	err = tcps_pool_init(
		"tcpstate_life", sizeof(struct tcps_life),
		min(max(POOL_MIN, 1024UL * num_possible_cpus()), max), max);
	if (err)
		goto fail;
	return 0;
fail:
	kvfree(groups);
	kvfree(buckets);
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
	kvfree(groups);
	kvfree(buckets);
}
