/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transition counters: the list of legal rows and the cells for them.
 *
 * Must not know who counts or who reads.
 */
#ifndef _TCPS_COUNTERS_H
#define _TCPS_COUNTERS_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

#include "broken.h"

/* Upper bound of the rows; counters.c asserts that they fit. */
#define TCPS_ROWS_MAX 240
/* Likewise of the events that are no transition. */
#define TCPS_TELLS_MAX 64

/**
 * enum tcps_segment_kind - segments as they are counted
 *
 * By the first flag of these, in the order in which TCP looks at them: RST,
 * SYN, FIN. So each segment counts once.
 *
 * @TCPS_SEGMENT_SYN: SYN without ACK
 * @TCPS_SEGMENT_SYNACK: SYN with ACK
 * @TCPS_SEGMENT_FIN: FIN
 * @TCPS_SEGMENT_RST: RST
 * @TCPS_SEGMENT_KINDS: how many
 */
enum tcps_segment_kind {
	TCPS_SEGMENT_SYN,
	TCPS_SEGMENT_SYNACK,
	TCPS_SEGMENT_FIN,
	TCPS_SEGMENT_RST,
	TCPS_SEGMENT_KINDS,
};

/**
 * struct tcps_segment_cells - segments that one CPU counted
 * @in: that came, by enum tcps_segment_kind
 * @out: that left, likewise
 * @malformed: packets of TCP whose header was not all there; in no other number
 * @bad_options: segments whose options were malformed
 */
struct tcps_segment_cells {
	u64 in[TCPS_SEGMENT_KINDS];
	u64 out[TCPS_SEGMENT_KINDS];
	u64 malformed;
	u64 bad_options;
};

/**
 * struct tcps_cells - what some CPUs counted for one network namespace
 *
 * Written by hooks, atomically, because a few CPUs may share them; read by anyone,
 * who adds up all those of a namespace. A sum over a running system can be torn
 * between cells but no cell can be torn: they are 64-bit words.
 *
 * @row: transitions by legal (old, new, cause)
 * @told: events that are no transition, by (event, cause), recorded or not
 * @preexisting: connections that were there before anybody looked, by the
 *	state in which they were found; less those that left their state while
 *	nobody looked. Can be negative
 * @unlisted: transitions and other events that are in no row; always 0 or a
 *	bug
 * @untracked: transitions of connections that have no entry in the table
 * @crowded: entries refused because too many of the namespace meet in one place
 * @records: records of transitions written
 * @children: clones that the kernel made of listeners
 * @stray: ends of clones that took no connection over
 * @resyncs: connections whose old state was not the one remembered
 * @tw_births: timewait socks that took over
 * @tw_handovers_fin_wait2: thereof in FIN_WAIT2
 * @accepted: connections that accept() gave to a process, of those that were
 *	seen to come to the accept queue
 * @expired: half-open connections that ended by timer
 * @segments: packets with SYN, FIN or RST, while that is asked for
 */
struct tcps_cells {
	u64 row[TCPS_ROWS_MAX];
	u64 told[TCPS_TELLS_MAX];
	u64 preexisting[TCPSTATE_STATE_COUNT];
	u64 unlisted;
	u64 untracked;
	u64 crowded;
	u64 records;
	u64 children;
	u64 stray;
	u64 resyncs;
	u64 tw_births;
	u64 tw_handovers_fin_wait2;
	u64 accepted;
	u64 expired;
	struct tcps_segment_cells segments;
};

/**
 * struct tcps_row - one legal transition
 * @old: state before
 * @new: state after
 * @cause: why
 */
struct tcps_row {
	u8 old;
	u8 new;
	u8 cause;
};

/* The legal transitions and how many there are. Constant after init. */
extern const struct tcps_row tcps_rows[];
extern const unsigned int tcps_row_count;

extern const char *const tcps_state_names[TCPSTATE_STATE_COUNT];
extern const char *const tcps_cause_names[TCPSTATE_CAUSE_COUNT];
extern const char *const tcps_event_names[TCPSTATE_EVENT_COUNT];

void tcps_counters_init(void);

/* Count in a cell, which is a field of struct tcps_cells. Any context. */
#define tcps_cell_inc(cell) atomic64_inc((atomic64_t *)&(cell))
#define tcps_cell_dec(cell) atomic64_dec((atomic64_t *)&(cell))
#define tcps_cell_sub(cell, n) atomic64_sub(n, (atomic64_t *)&(cell))

/* Powers of two, at least as many as there are: no index can be beyond. */
#define TCPS_ROW_STATES 16
#define TCPS_ROW_CAUSES 64

/* Row number + 1 by (old, new, cause), 0 for none. Written by init only. */
extern u8 tcps_row_of[TCPS_ROW_STATES][TCPS_ROW_STATES][TCPS_ROW_CAUSES];

/**
 * tcps_counters_transition() - count one transition
 * @cells: of the network namespace and this CPU
 * @old: state before
 * @new: state after
 * @cause: why
 *
 * Interrupts are off.
 */
static __always_inline void tcps_counters_transition(struct tcps_cells *cells,
						     u8 old, u8 new, u8 cause)
{
	u8 row = tcps_row_of[old % TCPS_ROW_STATES][new % TCPS_ROW_STATES]
			    [cause % TCPS_ROW_CAUSES];

	if (TCPS_BROKEN_NOW(TCPS_LAW_BOOKS))
		return;
	if (likely(row))
		tcps_cell_inc(cells->row[row - 1]);
	else
		tcps_cell_inc(cells->unlisted);
}

void tcps_counters_add(struct tcps_cells *sum, const struct tcps_cells *more);

/**
 * struct tcps_gauge - the books of one state
 * @entered: transitions into it
 * @left: transitions out of it
 * @preexisting: connections that were found in it, less those lost sight of
 * @now: preexisting + entered - left
 */
struct tcps_gauge {
	u64 entered;
	u64 left;
	s64 preexisting;
	s64 now;
};

void tcps_counters_gauge(struct tcps_gauge *gauge, const struct tcps_cells *sum,
			 u8 state);

#endif /* _TCPS_COUNTERS_H */
