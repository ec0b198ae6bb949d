// SPDX-License-Identifier: GPL-2.0
/*
 * The list of listeners: who listens, and what came of those who asked.
 *
 * Knows keys and numbers; must not know sockets, packets or hooks.
 *
 * A flood asks for one listener on all CPUs at once: it is looked up without a
 * lock and counted by atomics. Listeners come and go under one lock; one that
 * went is used again only after an RCU grace period. Hooks take new ones from
 * a stock that a work item fills, for they must not allocate.
 */
#include "listener.h"

#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "keyed.h"
#include "share.h"

/*
 * Listeners that may meet in a bucket, where a full list has one on average; for
 * one more there is no room. Nobody steps over more with interrupts off.
 */
#define CHAIN_MAX 32U

/* Below this the stock is filled up, to twice as many. */
#define LOW 128U
/* Above this memory is given back. */
#define HIGH (4 * LOW)
/* So many are kept for those who have a right to them, until it is filled. */
#define KEEP (LOW / 2)

/*
 * Covers the chains of buckets, the stock and the retired. Taken in hooks with
 * interrupts off, under the locks of sockets, hash chains and groups of the
 * table; innermost: nothing is locked under it.
 */
static DEFINE_RAW_SPINLOCK(list_lock);
static struct tcps_listener **buckets;
static unsigned long bucket_mask; /* how many, less one; constant after init */
static struct tcps_listener *stock, *retired;
static unsigned int stocked, listed; /* written under list_lock */
static u64 full; /* likewise */

/* Who has how many: listed or retired. */
static struct tcps_shares shares;

/* Listeners there are, wherever; written by the work item and init only. */
static unsigned int total;
static unsigned int total_max; /* constant after init */
static struct kmem_cache *cache;

static void ask(struct irq_work *irq_work);
static void work(struct work_struct *work);

static struct irq_work ask_work;
static DECLARE_WORK(list_work, work);

static void ask(struct irq_work *irq_work)
{
	schedule_work(&list_work);
}

/* Other bits than the table takes: who knows neighbours there knows none here. */
static struct tcps_listener **bucket_of(u64 cookie)
{
	return &buckets[tcps_keyed_cookie(cookie) >> 32 & bucket_mask];
}

static void put(struct tcps_listener *listener)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&list_lock, flags);
	listener->next = stock;
	stock = listener;
	stocked++;
	raw_spin_unlock_irqrestore(&list_lock, flags);
}

static void reuse_retired(void)
{
	struct tcps_listener *listener, *list;

	raw_spin_lock_irq(&list_lock);
	list = retired;
	retired = NULL;
	raw_spin_unlock_irq(&list_lock);
	if (!list)
		return;
	/* Whoever found one of them before it went is done with it. */
	synchronize_rcu();
	while ((listener = list)) {
		list = listener->retired;
		tcps_share_give(&shares, listener->account);
		put(listener);
	}
}

static void fill_stock(void)
{
	while (READ_ONCE(stocked) < 2 * LOW && total < total_max) {
		struct tcps_listener *listener =
			kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOWARN);

		if (!listener)
			return;
		WRITE_ONCE(total, total + 1);
		put(listener);
		cond_resched();
	}
}

static struct tcps_listener *take_stocked(unsigned int keep)
{
	struct tcps_listener *listener = NULL;

	raw_spin_lock_irq(&list_lock);
	if (stocked > keep) {
		listener = stock;
		stock = listener->next;
		stocked--;
	}
	raw_spin_unlock_irq(&list_lock);
	return listener;
}

static void empty_stock(void)
{
	struct tcps_listener *listener;

	while ((listener = take_stocked(2 * LOW))) {
		kmem_cache_free(cache, listener);
		WRITE_ONCE(total, total - 1);
		cond_resched();
	}
}

static void work(struct work_struct *work)
{
	reuse_retired();
	if (READ_ONCE(stocked) < LOW)
		fill_stock();
	else if (READ_ONCE(stocked) > HIGH)
		empty_stock();
}

/**
 * tcps_listener_find() - find a listener
 * @cookie: of its socket
 *
 * In an RCU read section, for which interrupts off will do.
 *
 * Return: the listener, valid until the end of the section, or NULL.
 */
struct tcps_listener *tcps_listener_find(u64 cookie)
{
	struct tcps_listener *listener;

	/* Pairs with the release in tcps_listener_add(). */
	listener = smp_load_acquire(bucket_of(cookie));
	while (listener && listener->cookie != cookie)
		listener = READ_ONCE(listener->next);
	return listener;
}

/* Is one more too many to be stepped over? list_lock is held. */
static bool is_full(const struct tcps_listener *bucket)
{
	unsigned int chain = 0;

	for (; bucket; bucket = bucket->next)
		chain++;
	return chain >= CHAIN_MAX;
}

/* When nothing can be added any more, the shares see to it. */
static unsigned int reserve(void)
{
	return READ_ONCE(total) < total_max ? KEEP : 0;
}

/* One of the stock, paid; or NULL. list_lock is held. */
static struct tcps_listener *take(u8 account)
{
	int paid = tcps_share_take(&shares, account);
	bool keep = paid == TCPS_ACCOUNT_COMMON && stocked <= reserve();
	struct tcps_listener *listener = stock;

	if (paid < 0)
		return NULL;
	if (keep || !listener) {
		tcps_share_give(&shares, paid);
		return NULL;
	}
	stock = listener->next;
	stocked--;
	memset(listener, 0, sizeof(*listener));
	listener->account = paid;
	return listener;
}

/**
 * tcps_listener_add() - somebody listens
 * @cookie: of the socket
 * @who: address and owner
 * @account: whose it is
 *
 * Return: true if it is in the list now, false if there is no room.
 */
bool tcps_listener_add(u64 cookie, const struct tcps_who *who, u8 account)
{
	struct tcps_listener **bucket = bucket_of(cookie);
	struct tcps_listener *listener;
	unsigned long flags;
	bool listed_now = true;

	raw_spin_lock_irqsave(&list_lock, flags);
	if (tcps_listener_find(cookie))
		goto out;
	listener = is_full(*bucket) ? NULL : take(account);
	if (!listener) {
		full++;
		listed_now = false;
		goto out;
	}
	listed++;
	listener->cookie = cookie;
	listener->who = *who;
	listener->next = *bucket;
	/* Complete before found; pairs with tcps_listener_find(). */
	smp_store_release(bucket, listener);
out:
	if (stocked < LOW && READ_ONCE(total) < total_max)
		irq_work_queue(&ask_work);
	raw_spin_unlock_irqrestore(&list_lock, flags);
	return listed_now;
}

/**
 * tcps_listener_room() - would there be a row?
 * @account: for whom
 *
 * Return: true if there was room just now.
 */
bool tcps_listener_room(u8 account)
{
	return tcps_share_room(&shares, account) &&
	       READ_ONCE(stocked) > reserve();
}

/**
 * tcps_listener_remove() - it does not listen any more
 * @cookie: of the socket; need not be in the list
 *
 * Return: false if it was not in the list.
 */
bool tcps_listener_remove(u64 cookie)
{
	struct tcps_listener **at = bucket_of(cookie);
	struct tcps_listener *listener;
	unsigned long flags;

	raw_spin_lock_irqsave(&list_lock, flags);
	while (*at && (*at)->cookie != cookie)
		at = &(*at)->next;
	listener = *at;
	if (listener) {
		/*
		 * Who stands on it finds the way on by its next until the grace
		 * period is over.
		 */
		WRITE_ONCE(*at, listener->next);
		listener->retired = retired;
		retired = listener;
		listed--;
		irq_work_queue(&ask_work);
	}
	raw_spin_unlock_irqrestore(&list_lock, flags);
	return listener;
}

/**
 * tcps_listener_each() - visit all listeners
 * @each: called for each in an RCU read section, which no more than one bucket
 *	of them have in common
 * @data: for it
 *
 * May sleep. Ends early for somebody who is being killed.
 */
void tcps_listener_each(void (*each)(struct tcps_listener *listener,
				     void *data),
			void *data)
{
	struct tcps_listener *listener;
	unsigned long i;

	for (i = 0; i <= bucket_mask && !fatal_signal_pending(current); i++) {
		rcu_read_lock();
		/* Pairs with the release in tcps_listener_add(). */
		listener = smp_load_acquire(&buckets[i]);
		for (; listener; listener = READ_ONCE(listener->next))
			each(listener, data);
		rcu_read_unlock();
		cond_resched();
	}
}

/**
 * tcps_listener_stats() - state of the list
 * @stats: result
 */
void tcps_listener_stats(struct tcps_listener_stats *stats)
{
	stats->listeners = READ_ONCE(listed);
	stats->max = total_max;
	stats->full = READ_ONCE(full);
}

/* See to it that there is room for the next ones; may sleep. */
void tcps_listener_refill(void)
{
	if (READ_ONCE(stocked) < LOW && READ_ONCE(total) < total_max) {
		schedule_work(&list_work);
		flush_work(&list_work);
	}
}

/**
 * tcps_listener_init() - an empty list
 * @max: listeners it may hold
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_listener_init(unsigned int max)
{
	compat_init_irq_work(&ask_work, ask);
	total_max = max;
	bucket_mask = roundup_pow_of_two(max) - 1;
	buckets = kvcalloc(bucket_mask + 1, sizeof(*buckets), GFP_KERNEL);
	if (!buckets)
		return -ENOMEM;
	cache = kmem_cache_create("tcpstate_listener",
				  sizeof(struct tcps_listener), 0, 0, NULL);
	if (!cache)
		goto fail;
	fill_stock();
	if (stock) {
		tcps_shares_init(&shares, max);
		return 0;
	}
	kmem_cache_destroy(cache);
fail:
	kvfree(buckets);
	return -ENOMEM;
}

static void free_all(struct tcps_listener *listener)
{
	while (listener) {
		struct tcps_listener *next = listener->next;

		kmem_cache_free(cache, listener);
		listener = next;
	}
}

/* No hook runs any more. */
void tcps_listener_exit(void)
{
	unsigned long i;

	irq_work_sync(&ask_work);
	cancel_work_sync(&list_work);
	reuse_retired();
	tcps_shares_exit(&shares);
	for (i = 0; i <= bucket_mask; i++)
		free_all(buckets[i]);
	free_all(stock);
	kvfree(buckets);
	kmem_cache_destroy(cache);
}
