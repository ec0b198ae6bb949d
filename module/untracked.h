/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections of one namespace that have no entry in the table, and listeners
 * that have none in the list.
 *
 * Knows numbers; must not know tables, namespaces or hooks.
 *
 * What is counted of a state, less @state here, is always the number of entries
 * in that state: each that counts does both. So when it is known that none is
 * without an entry, whatever is left in @state is an error of the books (a
 * transition that could not be seen without an entry), and is taken out of
 * them.
 */
#ifndef _TCPS_UNTRACKED_H
#define _TCPS_UNTRACKED_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

/**
 * struct tcps_lack - things of one kind for which there was no room
 * @now: so many live at present; atomic
 * @lacked: one more found no room since tcps_lack_watch()
 * @since: CLOCK_MONOTONIC when the first of them found none; kept while there
 *	is one
 */
struct tcps_lack {
	atomic_t now;
	bool lacked;
	u64 since;
};

/**
 * struct tcps_untracked - what there was no room for
 * @entries: connections without an entry
 * @rows: listeners without a row
 * @state: of @entries, by state, as counted; atomic
 * @settled: taken out of the books, by state; atomic
 */
struct tcps_untracked {
	struct tcps_lack entries;
	struct tcps_lack rows;
	atomic_t state[TCPSTATE_STATE_COUNT];
	atomic_t settled[TCPSTATE_STATE_COUNT];
};

/**
 * tcps_untracked_any() - can what is unknown be one that found no room?
 * @untracked: of its namespace
 *
 * Return: true if it can.
 */
static inline bool tcps_untracked_any(const struct tcps_untracked *untracked)
{
	return atomic_read(&untracked->entries.now) > 0;
}

void tcps_untracked_enter(struct tcps_untracked *untracked, u8 state);
void tcps_untracked_step(struct tcps_untracked *untracked, u8 old, u8 new);
void tcps_untracked_leave(struct tcps_untracked *untracked, u8 state);
void tcps_untracked_unseen(struct tcps_untracked *untracked, u8 state);
void tcps_untracked_row(struct tcps_untracked *untracked);
void tcps_untracked_row_done(struct tcps_untracked *untracked);

u64 tcps_untracked_since(const struct tcps_untracked *untracked);
u64 tcps_untracked_rows_since(const struct tcps_untracked *untracked);

void tcps_untracked_watch(struct tcps_untracked *untracked);
void tcps_untracked_lacked(struct tcps_untracked *untracked);
void tcps_untracked_row_lacked(struct tcps_untracked *untracked);
void tcps_untracked_settle(struct tcps_untracked *untracked);
void tcps_untracked_reset(struct tcps_untracked *untracked);

void tcps_untracked_init(void (*wanted)(void));
void tcps_untracked_exit(void);

#endif /* _TCPS_UNTRACKED_H */
