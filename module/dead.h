/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is left of network namespaces that went away, and how long it is kept.
 *
 * Must not know what a namespace is, nor what was counted there.
 */
#ifndef _TCPS_DEAD_H
#define _TCPS_DEAD_H

#include <linux/list.h>

#include "counters.h"
#include "histogram.h"

/**
 * struct tcps_dead - what is left of a network namespace
 *
 * @list: on one of the lists of dead.c, under its lock
 * @cells: its counters, which no hook that begins finds any more; freed early
 * @dwell: its histograms, likewise
 * @free: frees what this is in, when nobody can know it any more
 */
struct tcps_dead {
	struct list_head list;
	struct tcps_cells __percpu *cells;
	struct tcps_histogram *dwell;
	void (*free)(struct tcps_dead *dead);
};

struct tcps_cells __percpu *tcps_dead_cells(void);
struct tcps_histogram *tcps_dead_dwell(void);

void tcps_dead_begin(void);
void tcps_dead_add(struct tcps_dead *dead);
void tcps_dead_add_unfound(struct tcps_dead *dead);
void tcps_dead_bury(void);

void tcps_dead_going(void);
void tcps_dead_wait(void);

int tcps_dead_init(void);
void tcps_dead_exit(void);

u64 tcps_dead_totals(struct tcps_cells *sum);
u64 tcps_dead_kept(void);

#endif /* _TCPS_DEAD_H */
