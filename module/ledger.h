/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is counted in one network namespace: its cells and histograms, and the
 * memory for them.
 *
 * Must not know what a namespace is.
 *
 * A namespace starts with one block of cells for all CPUs and no histogram. When
 * it is used it gets a few blocks, whatever the number of CPUs, and a histogram
 * for each state that was left.
 */
#ifndef _TCPS_LEDGER_H
#define _TCPS_LEDGER_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

#include "counters.h"
#include "histogram.h"

struct mem_cgroup;

/* Blocks that a namespace has when it is used, and the initial one at most. */
#define TCPS_LEDGER_BLOCKS 8
#define TCPS_LEDGER_STRIPES 32

/**
 * struct tcps_ledger - what is counted in a namespace
 *
 * @cells: where a CPU counts, by tcps_stripe: one of @block, or that of all the
 *	dead. Hooks read it; written by tcps_ledger_grow(), tcps_ledger_close()
 * @dwell: how long connections stay in each state, or one that counts nothing.
 *	Likewise; also hooks write, by cmpxchg
 * @block: memory of @cells; 0 is an array of @first
 * @histogram: memory of @dwell, once that is closed
 * @first: cells in the first block
 * @wants: more memory; any hook sets it, tcps_ledger_grow() takes it back
 * @broke: whoever is charged could not pay; written by tcps_ledger_grow()
 * @untimed: times in no histogram, for want of memory
 * @payer: who is charged for what is allocated later
 */
struct tcps_ledger {
	struct tcps_cells *cells[TCPS_LEDGER_STRIPES];
	struct tcps_histogram *dwell[TCPSTATE_STATE_COUNT];
	struct tcps_cells *block[TCPS_LEDGER_BLOCKS];
	struct tcps_histogram *histogram[TCPSTATE_STATE_COUNT];
	unsigned int first;
	bool wants;
	bool broke;
	atomic64_t untimed;
	struct mem_cgroup *payer;
};

/* Which of tcps_ledger.cells is that of this CPU; constant after init. */
DECLARE_PER_CPU(unsigned long, tcps_stripe);

/**
 * tcps_ledger_here() - where this CPU counts
 * @ledger: of the namespace
 *
 * Return: cells, to be used before interrupts are on again.
 */
static __always_inline struct tcps_cells *
tcps_ledger_here(const struct tcps_ledger *ledger)
{
	return READ_ONCE(ledger->cells[__this_cpu_read(tcps_stripe)]);
}

void tcps_ledger_longest(struct tcps_ledger *ledger, unsigned int state,
			 struct tcps_histogram *histogram, u64 ns);

/**
 * tcps_ledger_dwell() - a connection leaves a state
 * @ledger: of the namespace
 * @state: the state
 * @ns: how long it was in it
 *
 * Interrupts are off. What counts nothing says that every time is the longest, so
 * that to find it out costs nothing more.
 */
static __always_inline void tcps_ledger_dwell(struct tcps_ledger *ledger,
					      unsigned int state, u64 ns)
{
	struct tcps_histogram *histogram = READ_ONCE(ledger->dwell[state]);

	if (unlikely((s64)ns > atomic64_read(&histogram->max)))
		tcps_ledger_longest(ledger, state, histogram, ns);
	else
		atomic64_inc(&histogram->count[tcps_histogram_bucket(ns)]);
}

int tcps_ledger_open(struct tcps_ledger *ledger, bool host);
void tcps_ledger_grow(struct tcps_ledger *ledger);
void tcps_ledger_close(struct tcps_ledger *ledger);
void tcps_ledger_free(struct tcps_ledger *ledger);

void tcps_ledger_fold(struct tcps_cells *sum, const struct tcps_ledger *ledger);
void tcps_ledger_fold_dead(struct tcps_cells *sum);
bool tcps_ledger_has_dwell(const struct tcps_ledger *ledger,
			   unsigned int state);

size_t tcps_ledger_bytes(const struct tcps_ledger *ledger);

int tcps_ledger_init(void (*wanted)(void));
void tcps_ledger_quiet(void);
void tcps_ledger_exit(void);

#endif /* _TCPS_LEDGER_H */
