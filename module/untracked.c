// SPDX-License-Identifier: GPL-2.0
/*
 * Connections of one namespace that have no entry in the table, and listeners
 * that have none in the list.
 *
 * Knows numbers; must not know tables, namespaces or hooks.
 */
#include "untracked.h"

#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/limits.h>

#include "compat.h"

/* Constant from before the first hook until after the last. */
static void (*ask_walk)(void);

static void ask(struct irq_work *irq_work)
{
	ask_walk();
}

static struct irq_work ask_work;

static void lack(struct tcps_lack *lack)
{
	WRITE_ONCE(lack->lacked, true);
	if (atomic_inc_return(&lack->now) == 1)
		WRITE_ONCE(lack->since, ktime_get_ns());
	irq_work_queue(&ask_work);
}

/* Take so much as is there out of the books. */
static void settle(struct tcps_untracked *untracked, u8 state)
{
	int left = atomic_read(&untracked->state[state]);

	if (!left)
		return;
	atomic_sub(left, &untracked->state[state]);
	atomic_add(left, &untracked->settled[state]);
}

static void settle_all(struct tcps_untracked *untracked)
{
	u8 state;

	for (state = 0; state < TCPSTATE_STATE_COUNT; state++)
		settle(untracked, state);
}

/**
 * tcps_untracked_enter() - a connection found no room
 * @untracked: of its namespace
 * @state: in which it is counted
 */
void tcps_untracked_enter(struct tcps_untracked *untracked, u8 state)
{
	atomic_inc(&untracked->state[state]);
	lack(&untracked->entries);
}

/**
 * tcps_untracked_step() - a transition without an entry was counted
 * @untracked: of its namespace
 * @old: state before
 * @new: state after
 *
 * One that begins or ends is to be told by enter or leave.
 */
void tcps_untracked_step(struct tcps_untracked *untracked, u8 old, u8 new)
{
	atomic_dec(&untracked->state[old]);
	atomic_inc(&untracked->state[new]);
}

/**
 * tcps_untracked_leave() - one has ended, or has an entry now
 * @untracked: of its namespace
 * @state: in which it was counted
 */
void tcps_untracked_leave(struct tcps_untracked *untracked, u8 state)
{
	atomic_dec(&untracked->state[state]);
	if (!atomic_dec_return(&untracked->entries.now))
		settle_all(untracked);
}

/**
 * tcps_untracked_unseen() - one left a state, and that was not counted
 * @untracked: of its namespace
 * @state: which
 */
void tcps_untracked_unseen(struct tcps_untracked *untracked, u8 state)
{
	atomic_inc(&untracked->settled[state]);
}

/**
 * tcps_untracked_row() - a listener found no row
 * @untracked: of its namespace
 */
void tcps_untracked_row(struct tcps_untracked *untracked)
{
	lack(&untracked->rows);
}

/**
 * tcps_untracked_row_done() - a listener that had no row is gone or has one
 * @untracked: of its namespace
 */
void tcps_untracked_row_done(struct tcps_untracked *untracked)
{
	atomic_dec_if_positive(&untracked->rows.now);
}

/**
 * tcps_untracked_since() - since when are there connections without an entry?
 * @untracked: of a namespace
 *
 * Return: CLOCK_MONOTONIC, or 0 if there are none.
 */
u64 tcps_untracked_since(const struct tcps_untracked *untracked)
{
	u64 since = READ_ONCE(untracked->entries.since);
	u8 state;

	if (atomic_read(&untracked->entries.now))
		return since;
	/* About to be settled. */
	for (state = 0; state < TCPSTATE_STATE_COUNT; state++) {
		if (atomic_read(&untracked->state[state]))
			return since;
	}
	return 0;
}

/**
 * tcps_untracked_rows_since() - since when are there listeners without a row?
 * @untracked: of a namespace
 *
 * Return: CLOCK_MONOTONIC, or 0 if there are none.
 */
u64 tcps_untracked_rows_since(const struct tcps_untracked *untracked)
{
	return atomic_read(&untracked->rows.now) ?
		       READ_ONCE(untracked->rows.since) :
		       0;
}

/**
 * tcps_untracked_watch() - all that live are about to be visited
 * @untracked: of a namespace
 */
void tcps_untracked_watch(struct tcps_untracked *untracked)
{
	WRITE_ONCE(untracked->entries.lacked, false);
	WRITE_ONCE(untracked->rows.lacked, false);
}

/**
 * tcps_untracked_lacked() - one that is known for long found no room again
 * @untracked: of its namespace
 */
void tcps_untracked_lacked(struct tcps_untracked *untracked)
{
	WRITE_ONCE(untracked->entries.lacked, true);
}

/**
 * tcps_untracked_row_lacked() - a listener found no row again
 * @untracked: of its namespace
 */
void tcps_untracked_row_lacked(struct tcps_untracked *untracked)
{
	WRITE_ONCE(untracked->rows.lacked, true);
}

static void drop(struct tcps_lack *lack)
{
	int left = atomic_read(&lack->now);

	/* Pairs with the full barrier of atomic_inc_return() in lack(). */
	smp_rmb();
	if (!READ_ONCE(lack->lacked))
		atomic_sub(left, &lack->now);
}

/**
 * tcps_untracked_settle() - all that live have been visited
 * @untracked: of a namespace
 *
 * If each found room, nothing is without an entry, whatever was counted.
 */
void tcps_untracked_settle(struct tcps_untracked *untracked)
{
	drop(&untracked->entries);
	drop(&untracked->rows);
	if (!atomic_read(&untracked->entries.now))
		settle_all(untracked);
}

/**
 * tcps_untracked_reset() - the books of a namespace are closed
 * @untracked: of the namespace
 *
 * No hook counts anything at present.
 */
void tcps_untracked_reset(struct tcps_untracked *untracked)
{
	u8 state;

	atomic_set(&untracked->entries.now, 0);
	atomic_set(&untracked->rows.now, 0);
	for (state = 0; state < TCPSTATE_STATE_COUNT; state++) {
		atomic_set(&untracked->state[state], 0);
		atomic_set(&untracked->settled[state], 0);
	}
}

/**
 * tcps_untracked_init() - begin
 * @wanted: called, in interrupt, when there is something to walk for
 */
void tcps_untracked_init(void (*wanted)(void))
{
	ask_walk = wanted;
	compat_init_irq_work(&ask_work, ask);
}

/* No hook runs any more. */
void tcps_untracked_exit(void)
{
	irq_work_sync(&ask_work);
}
