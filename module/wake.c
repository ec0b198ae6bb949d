// SPDX-License-Identifier: GPL-2.0
/*
 * How sleeping readers learn that there is something to read.
 *
 * Knows time; must not know records or who reads them. A hook never wakes
 * anyone: it may run with any of the kernel's locks held. It queues an
 * irq_work, that starts a timer, and the timer wakes.
 */
#include "wake.h"

#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <linux/wait.h>

#include "compat.h"

/* Delay between a commit and the wake-up; many commits share one wake-up. */
#define WAKE_DELAY	max(1UL, HZ / 100UL)
/* How long an unnoticed commit can stay unnoticed. */
#define WAKE_FALLBACK	max(1UL, HZ / 10UL)

static DECLARE_WAIT_QUEUE_HEAD(readers_wait);

/*
 * 1 while a reader sleeps or is about to. Set by readers, cleared by the first
 * commit that sees it, which then asks for a wake-up. Unordered against the
 * commit: the fallback timer covers the commit that just missed it.
 */
int tcps_wake_armed;
/* Heads added up when the fallback timer last looked; that timer's own. */
static u64 fallback_seen;

static u64 (*progress)(void); /* constant after init */

static void wake_readers(struct timer_list *timer);
static void wake_fallback(struct timer_list *timer);
static void wake_later(struct irq_work *work);

static DEFINE_TIMER(wake_timer, wake_readers);
static DEFINE_TIMER(fallback_timer, wake_fallback);
static struct irq_work wake_work;

static void wake_later(struct irq_work *work)
{
	if (!timer_pending(&wake_timer))
		mod_timer(&wake_timer, jiffies + WAKE_DELAY);
}

static void wake_readers(struct timer_list *timer)
{
	wake_up_interruptible_all(&readers_wait);
}

static void wake_fallback(struct timer_list *timer)
{
	u64 sum = progress();

	if (sum != fallback_seen) {
		fallback_seen = sum;
		wake_up_interruptible_all(&readers_wait);
	}
	/* A reader that comes just now starts the timer itself, by arming. */
	if (waitqueue_active(&readers_wait))
		mod_timer(&fallback_timer, jiffies + WAKE_FALLBACK);
}

/**
 * tcps_wake_slow() - a commit found a reader waiting
 *
 * Interrupts are off; any context but NMI.
 */
void tcps_wake_slow(void)
{
	if (xchg(&tcps_wake_armed, 0))
		irq_work_queue(&wake_work);
}

/**
 * tcps_wake_queue() - where readers sleep
 * @queue: result
 */
void tcps_wake_queue(struct wait_queue_head **queue)
{
	*queue = &readers_wait;
}

/**
 * tcps_wake_arm() - ask for a wake-up at the next commit
 *
 * Call when on the wait queue, before looking for records the last time.
 */
void tcps_wake_arm(void)
{
	if (!READ_ONCE(tcps_wake_armed))
		WRITE_ONCE(tcps_wake_armed, 1);
	/* Armed before the caller looks for records. */
	smp_mb();
	if (!timer_pending(&fallback_timer))
		mod_timer(&fallback_timer, jiffies + WAKE_FALLBACK);
}

/**
 * tcps_wake_init() - get ready
 * @heads: something that grows with each record
 */
void tcps_wake_init(u64 (*heads)(void))
{
	progress = heads;
	compat_init_irq_work(&wake_work, wake_later);
}

/* No commit is made any more and nobody sleeps: nothing is under way after. */
void tcps_wake_quiet(void)
{
	irq_work_sync(&wake_work);
	timer_delete_sync(&wake_timer);
	timer_delete_sync(&fallback_timer);
}
