// SPDX-License-Identifier: GPL-2.0
/*
 * The life table: what we remember of each connection between two events.
 *
 * Knows cookies, states and times; must not know sockets (a carrier is an
 * address to compare, never to follow), records or counters.
 *
 * An entry lives from the first transition out of CLOSE, through any number
 * of lives, until the carrier is destroyed; one whose connection is closed
 * stays as a tombstone so that the next life of the same socket is numbered.
 * All functions are called with interrupts off: a hook in process context
 * must not be interrupted by one in softirq that wants the same bucket.
 *
 * A clone has no cookie of its own yet when it is born. Until its next event
 * its entry stands under its address, which is no cookie: those are small.
 */
#include "life.h"

#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "pool.h"

#define LOCK_BITS 10
#define POOL_MIN 8192UL

/* Entry flags. */
#define HELD 0x1 /* the last transition is not recorded yet */
#define SINCE 0x2 /* since is known */
#define PREEXISTING 0x4

/**
 * struct tcps_life - one connection
 *
 * All members are covered by the lock of the bucket.
 *
 * @node: in the bucket
 * @cookie: socket cookie, key
 * @carrier: kernel object that holds the connection; compared only
 * @since: when it entered @state, ns
 * @owner: process that owns it
 * @life: number of the present life
 * @seq: transitions so far in this life
 * @state: present state; CLOSE in a tombstone
 * @flags: HELD ...
 * @mark: enum tcps_mark for the next transition
 */
struct tcps_life {
	struct hlist_node node;
	u64 cookie;
	const void *carrier;
	u64 since;
	struct tcps_owner owner;
	u16 life;
	u16 seq;
	u8 state;
	u8 flags;
	u8 mark;
};

/*
 * Bucket i is covered by locks[i % size]. Taken in hooks, which the kernel
 * calls with socket and hash locks of its own held: nothing of the kernel's is
 * locked under it, only the pool's depot.
 */
static raw_spinlock_t locks[1 << LOCK_BITS];
static struct hlist_head *buckets;
static unsigned int bucket_bits;

/* Written by the owning CPU with interrupts off. */
static DEFINE_PER_CPU(struct tcps_life_stats, life_stats);

/*
 * There was no room once: an unknown connection may be one that found none, and
 * is not taken for older than the module any more. Set by hooks, never reset.
 */
static bool was_full;

static unsigned int bucket_of(u64 cookie)
{
	return hash_64(cookie, bucket_bits);
}

static raw_spinlock_t *lock_of(unsigned int bucket)
{
	return &locks[bucket & ((1 << LOCK_BITS) - 1)];
}

static struct tcps_life *find(unsigned int bucket, u64 cookie,
			      const void *carrier)
{
	struct tcps_life *life;

	hlist_for_each_entry(life, &buckets[bucket], node) {
		if (life->cookie == cookie && life->carrier == carrier)
			return life;
	}
	return NULL;
}

static struct tcps_life *make(unsigned int bucket, u64 cookie,
			      const void *carrier)
{
	struct tcps_life *life = tcps_pool_get();

	if (!life) {
		__this_cpu_inc(life_stats.full);
		WRITE_ONCE(was_full, true);
		return NULL;
	}
	memset(life, 0, sizeof(*life));
	life->cookie = cookie;
	life->carrier = carrier;
	hlist_add_head(&life->node, &buckets[bucket]);
	__this_cpu_inc(life_stats.entries);
	return life;
}

static void view_of(const struct tcps_life *life, struct tcps_view *view)
{
	view->life = life->life;
	view->seq = life->seq;
	view->flags = TCPSTATE_F_TRACKED;
	if (life->flags & PREEXISTING)
		view->flags |= TCPSTATE_F_PREEXISTING;
	view->dwell_ns = 0;
	view->adopted = false;
	if (life->owner.tgid)
		view->flags |= TCPSTATE_F_OWNER;
	view->owner = life->owner;
}

static void begin(struct tcps_life *life)
{
	if (life->life < U16_MAX)
		life->life++;
	life->seq = 0;
	life->flags = 0;
	memset(&life->owner, 0, sizeof(life->owner));
}

/* Take in a connection that began before we looked. */
static struct tcps_life *adopt(unsigned int bucket, u64 cookie,
			       const void *carrier, u8 state)
{
	struct tcps_life *life;

	if (READ_ONCE(was_full))
		return NULL;
	life = make(bucket, cookie, carrier);
	if (!life)
		return NULL;
	begin(life);
	life->flags = PREEXISTING;
	life->state = state;
	return life;
}

/* Put the entry of a clone under its cookie; false if there is none. */
static bool rename(unsigned int bucket, u64 cookie, const void *carrier)
{
	u64 address = (u64)(unsigned long)carrier;
	unsigned int from = bucket_of(address);
	struct tcps_life *life;

	raw_spin_lock(lock_of(from));
	life = find(from, address, carrier);
	if (life)
		hlist_del(&life->node);
	raw_spin_unlock(lock_of(from));
	if (!life)
		return false;
	life->cookie = cookie;
	raw_spin_lock(lock_of(bucket));
	hlist_add_head(&life->node, &buckets[bucket]);
	raw_spin_unlock(lock_of(bucket));
	return true;
}

/**
 * tcps_life_know() - make sure that there is an entry
 * @cookie: socket cookie
 * @carrier: kernel object, locked by the caller's caller
 * @state: its present state
 *
 * Return: see enum tcps_known.
 */
enum tcps_known tcps_life_know(u64 cookie, const void *carrier, u8 state)
{
	unsigned int bucket = bucket_of(cookie);
	enum tcps_known known = TCPS_KNOWN;

	raw_spin_lock(lock_of(bucket));
	if (!find(bucket, cookie, carrier))
		known = TCPS_UNKNOWN;
	raw_spin_unlock(lock_of(bucket));
	if (known == TCPS_KNOWN)
		return known;
	if (rename(bucket, cookie, carrier))
		return TCPS_KNOWN;
	if (state == TCPSTATE_CLOSE)
		return TCPS_UNKNOWN;
	raw_spin_lock(lock_of(bucket));
	if (adopt(bucket, cookie, carrier, state))
		known = TCPS_ADOPTED;
	raw_spin_unlock(lock_of(bucket));
	return known;
}

/**
 * tcps_life_clone() - a socket is born into SYN_RECV
 * @carrier: kernel object; its cookie is not its own yet
 * @now: time, ns
 *
 * The record of it is held back.
 */
void tcps_life_clone(const void *carrier, u64 now)
{
	u64 address = (u64)(unsigned long)carrier;
	unsigned int bucket = bucket_of(address);
	struct tcps_life *life;

	raw_spin_lock(lock_of(bucket));
	life = find(bucket, address, carrier);
	if (!life)
		life = make(bucket, address, carrier);
	if (life) {
		begin(life);
		life->life = 1;
		life->seq = 1;
		life->flags = HELD | SINCE;
		life->mark = TCPS_MARK_NONE;
		life->since = now;
		life->state = TCPSTATE_SYN_RECV;
	}
	raw_spin_unlock(lock_of(bucket));
}

/**
 * tcps_life_step() - a connection changes its state
 * @step: the transition
 * @view: result
 * @held: result: the transition held back by tcps_life_hold() or
 *	tcps_life_clone(), if it was not released yet; its flags are 0 otherwise
 *
 * A transition out of CLOSE begins a life; one of an unknown connection in any
 * other state adopts it as preexisting.
 *
 * Return: false if the connection is not in the table and finds no room.
 */
bool tcps_life_step(struct tcps_step *step, struct tcps_view *view,
		    struct tcps_view *held)
{
	unsigned int bucket = bucket_of(step->cookie);
	raw_spinlock_t *lock = lock_of(bucket);
	struct tcps_life *life;
	bool adopted = false;

	held->flags = 0;
	step->mark = TCPS_MARK_NONE;
	raw_spin_lock(lock);
	life = find(bucket, step->cookie, step->carrier);
	if (!life) {
		adopted = step->old != TCPSTATE_CLOSE;
		if (adopted)
			life = adopt(bucket, step->cookie, step->carrier,
				     step->old);
		else
			life = make(bucket, step->cookie, step->carrier);
		if (!life) {
			raw_spin_unlock(lock);
			return false;
		}
		if (!adopted)
			begin(life);
	} else if (step->old == TCPSTATE_CLOSE) {
		if (life->state != TCPSTATE_CLOSE)
			__this_cpu_inc(life_stats.resyncs);
		begin(life);
	} else if (life->state != step->old) {
		/* Nothing was counted for a while: what we know is old. */
		__this_cpu_inc(life_stats.resyncs);
		begin(life);
		life->flags = PREEXISTING;
		adopted = true;
	}
	if (life->flags & HELD) {
		view_of(life, held);
		life->flags &= ~HELD;
	}
	if (step->owner)
		life->owner = *step->owner;
	if (life->seq < U16_MAX)
		life->seq++;
	view_of(life, view);
	view->adopted = adopted;
	if (life->flags & SINCE) {
		view->flags |= TCPSTATE_F_DWELL;
		view->dwell_ns = step->now - life->since;
	}
	step->mark = life->mark;
	life->mark = TCPS_MARK_NONE;
	life->flags |= SINCE;
	life->since = step->now;
	life->state = step->new;
	raw_spin_unlock(lock);
	return true;
}

/**
 * tcps_life_hold() - hold the record of the last transition back
 * @cookie: socket cookie
 * @carrier: kernel object
 *
 * Either tcps_life_release() or the next tcps_life_step() gives it out.
 */
void tcps_life_hold(u64 cookie, const void *carrier)
{
	unsigned int bucket = bucket_of(cookie);
	struct tcps_life *life;

	raw_spin_lock(lock_of(bucket));
	life = find(bucket, cookie, carrier);
	if (life)
		life->flags |= HELD;
	raw_spin_unlock(lock_of(bucket));
}

/**
 * tcps_life_release() - the record held back can be written now
 * @cookie: socket cookie
 * @carrier: kernel object
 * @now: the time that the record will bear
 * @view: result
 *
 * Return: false if none was held back.
 */
bool tcps_life_release(u64 cookie, const void *carrier, u64 now,
		       struct tcps_view *view)
{
	unsigned int bucket = bucket_of(cookie);
	struct tcps_life *life;
	bool held = false;

	raw_spin_lock(lock_of(bucket));
	life = find(bucket, cookie, carrier);
	if (life && life->flags & HELD) {
		life->flags &= ~HELD;
		life->since = now;
		view_of(life, view);
		held = true;
	}
	raw_spin_unlock(lock_of(bucket));
	return held;
}

/**
 * tcps_life_mark() - say what makes the next transition
 * @cookie: socket cookie
 * @carrier: kernel object
 * @mark: what
 */
void tcps_life_mark(u64 cookie, const void *carrier, enum tcps_mark mark)
{
	unsigned int bucket = bucket_of(cookie);
	struct tcps_life *life;

	raw_spin_lock(lock_of(bucket));
	life = find(bucket, cookie, carrier);
	if (life)
		life->mark = mark;
	raw_spin_unlock(lock_of(bucket));
}

/**
 * tcps_life_own() - a connection has a new owner
 * @cookie: socket cookie
 * @carrier: kernel object
 * @owner: the process
 */
void tcps_life_own(u64 cookie, const void *carrier,
		   const struct tcps_owner *owner)
{
	unsigned int bucket = bucket_of(cookie);
	struct tcps_life *life;

	raw_spin_lock(lock_of(bucket));
	life = find(bucket, cookie, carrier);
	if (life)
		life->owner = *owner;
	raw_spin_unlock(lock_of(bucket));
}

/**
 * tcps_life_forget() - a carrier is destroyed
 * @cookie: socket cookie, or the carrier's address for a clone without one
 * @carrier: kernel object
 */
void tcps_life_forget(u64 cookie, const void *carrier)
{
	unsigned int bucket = bucket_of(cookie);
	struct tcps_life *life;

	raw_spin_lock(lock_of(bucket));
	life = find(bucket, cookie, carrier);
	if (life)
		hlist_del(&life->node);
	raw_spin_unlock(lock_of(bucket));
	if (!life)
		return;
	__this_cpu_dec(life_stats.entries);
	tcps_pool_put(life);
}

/**
 * tcps_life_stats() - state of the table
 * @stats: result
 */
void tcps_life_stats(struct tcps_life_stats *stats)
{
	int cpu;

	memset(stats, 0, sizeof(*stats));
	for_each_possible_cpu(cpu) {
		const struct tcps_life_stats *more =
			per_cpu_ptr(&life_stats, cpu);

		/* One CPU makes an entry, another may end it: wrap is fine. */
		stats->entries += READ_ONCE(more->entries);
		stats->full += READ_ONCE(more->full);
		stats->resyncs += READ_ONCE(more->resyncs);
	}
}

/**
 * tcps_life_init() - make the table
 * @max: entries it may hold; the buckets are sized for it
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_life_init(unsigned long max)
{
	unsigned int i;
	int err;

	BUILD_BUG_ON(sizeof(struct tcps_life) > 192);
	bucket_bits = max(LOCK_BITS, ilog2(max) - 1);
	buckets = kvcalloc(1UL << bucket_bits, sizeof(*buckets), GFP_KERNEL);
	if (!buckets)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(locks); i++)
		raw_spin_lock_init(&locks[i]);
	err = tcps_pool_init(
		"tcpstate_life", sizeof(struct tcps_life),
		min(max(POOL_MIN, 1024UL * num_possible_cpus()), max), max);
	if (err)
		kvfree(buckets);
	return err;
}

/* No hook runs any more. */
void tcps_life_quiet(void)
{
	tcps_pool_quiet();
}

/* After tcps_life_quiet(). */
void tcps_life_exit(void)
{
	unsigned long i;

	for (i = 0; i < 1UL << bucket_bits; i++) {
		struct hlist_node *next;
		struct tcps_life *life;
		unsigned long flags;

		hlist_for_each_entry_safe(life, next, &buckets[i], node) {
			local_irq_save(flags);
			tcps_pool_put(life);
			local_irq_restore(flags);
		}
		cond_resched();
	}
	tcps_pool_quiet(); /* the puts above may have asked for a resize */
	tcps_pool_exit();
	kvfree(buckets);
}
