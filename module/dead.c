// SPDX-License-Identifier: GPL-2.0
/*
 * What is left of network namespaces that went away, and how long it is kept.
 *
 * Must not know what a namespace is, nor what was counted there.
 *
 * Our pernet exit runs before TCP's: after it, TCP still ends the timewaits,
 * requests and kernel sockets of the namespace, and hooks run for them. So exit
 * frees nothing of what hooks find. Two things can be said without any lock that
 * others wait for, of 5.10 to 7.3:
 *
 * The kernel takes namespaces down in batches, in one work item, which never
 * runs twice at once. When our exit is called for a batch, TCP is through with
 * all batches before; and when that work item does not run, with all. We know it
 * from having been called in it (current_work()), and look every now and then.
 *
 * A namespace that failed to come up is taken down by who wanted it, at any
 * time. It never had a socket of a process; what kernel sockets do after our
 * exit is not worth counting, so its state is hidden from hooks right away.
 *
 * In both cases one RCU grace period later the last hook that had found it is
 * done. What is big, cells and histograms, is not kept so long: at exit those of
 * all the dead are put in its place, it is freed after a grace period, and a
 * dismantle that is stuck keeps a few hundred bytes a namespace.
 */
#include "dead.h"

#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

/* How often we look whether the kernel is through. */
#define LOOK_DELAY max(1UL, HZ / 4UL)

/* Covers the lists and how many are on them; nothing is waited for under it. */
static DEFINE_SPINLOCK(dead_lock);
static u64 dead_count;
/* Of the batch that the kernel takes down, or took down last. */
static LIST_HEAD(last_batch);
/* Nobody will find them any more; whoever has, is in an RCU section. */
static LIST_HEAD(unfound);

/* The kernel's work item; written by it, never freed. NULL: it never ran. */
static struct work_struct *dismantle;

/* Covers gone_cells, gone_count: additions, never a wait. */
static DEFINE_SPINLOCK(gone_lock);
static struct tcps_cells gone_cells;
static u64 gone_count;

static void look(struct work_struct *work);
static DECLARE_DELAYED_WORK(look_work, look);

static bool is_dismantling(void)
{
	struct work_struct *work = READ_ONCE(dismantle);

	return work && (work_busy(work) & WORK_BUSY_RUNNING);
}

/* A grace period after it was closed. */
static void free_memory(struct tcps_dead *dead)
{
	if (!dead->ledger)
		return;
	spin_lock(&gone_lock);
	tcps_ledger_fold(&gone_cells, dead->ledger);
	gone_count++;
	spin_unlock(&gone_lock);
	tcps_ledger_free(dead->ledger);
	dead->ledger = NULL;
}

static void take(struct list_head *from, struct list_head *to)
{
	spin_lock(&dead_lock);
	list_splice_tail_init(from, to);
	spin_unlock(&dead_lock);
}

/* Only look() and exit free, and exit when look() is no more. */
static void bury(struct list_head *list)
{
	struct tcps_dead *dead, *next;

	list_for_each_entry_safe(dead, next, list, list) {
		free_memory(dead);
		dead->free(dead);
		spin_lock(&dead_lock);
		dead_count--;
		spin_unlock(&dead_lock);
		cond_resched();
	}
}

static void add(struct tcps_dead *dead, struct list_head *list)
{
	spin_lock(&dead_lock);
	list_add_tail(&dead->list, list);
	dead_count++;
	spin_unlock(&dead_lock);
}

static void look(struct work_struct *work)
{
	LIST_HEAD(found);
	LIST_HEAD(lost);
	struct tcps_dead *dead;
	bool stuck;

	take(&last_batch, &found);
	take(&unfound, &lost);
	/* After they were taken: what is not running now is through with them. */
	stuck = is_dismantling();
	synchronize_rcu();
	bury(&lost);
	if (!stuck) {
		bury(&found);
		return;
	}
	list_for_each_entry(dead, &found, list) {
		free_memory(dead);
		cond_resched();
	}
	take(&found, &last_batch);
	schedule_delayed_work(&look_work, LOOK_DELAY);
}

/**
 * tcps_dead_going() - the kernel begins to take namespaces down
 *
 * In its work item, before it could be stuck.
 */
void tcps_dead_going(void)
{
	WRITE_ONCE(dismantle, current_work());
}

/**
 * tcps_dead_begin() - the kernel takes the next batch down
 *
 * It is through with those before.
 */
void tcps_dead_begin(void)
{
	take(&last_batch, &unfound);
}

/**
 * tcps_dead_add() - a namespace of the batch is going
 * @dead: what is left; hooks still find what it is in
 */
void tcps_dead_add(struct tcps_dead *dead)
{
	add(dead, &last_batch);
}

/**
 * tcps_dead_add_unfound() - a namespace is going, which hooks do not find any more
 * @dead: what is left
 */
void tcps_dead_add_unfound(struct tcps_dead *dead)
{
	add(dead, &unfound);
}

/* Some were added. */
void tcps_dead_bury(void)
{
	schedule_delayed_work(&look_work, LOOK_DELAY);
}

/**
 * tcps_dead_wait() - wait for a dismantle that is stuck, and hold nothing meanwhile
 *
 * Whoever unregisters pernet operations waits for it with a lock held for which
 * all others wait who make a namespace: this is for the time before. Not as a
 * task that hangs: it is not our fault.
 */
void tcps_dead_wait(void)
{
	while (is_dismantling())
		schedule_timeout_idle(LOOK_DELAY);
}

/**
 * tcps_dead_totals() - what was counted in namespaces that went away
 * @sum: result
 *
 * Return: how many went away.
 */
u64 tcps_dead_totals(struct tcps_cells *sum)
{
	u64 count;

	spin_lock(&gone_lock);
	*sum = gone_cells;
	count = gone_count;
	spin_unlock(&gone_lock);
	tcps_ledger_fold_dead(sum);
	return count;
}

/**
 * tcps_dead_kept() - namespaces that went away, and the kernel is not through
 *
 * Return: how many of which something is left.
 */
u64 tcps_dead_kept(void)
{
	u64 count;

	spin_lock(&dead_lock);
	count = dead_count;
	spin_unlock(&dead_lock);
	return count;
}

/* No hook runs any more, and no namespace will go. */
void tcps_dead_exit(void)
{
	cancel_delayed_work_sync(&look_work);
	synchronize_rcu();
	bury(&unfound);
	bury(&last_batch);
	INIT_LIST_HEAD(&unfound);
	INIT_LIST_HEAD(&last_batch);
}
