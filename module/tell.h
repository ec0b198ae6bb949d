/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counting what is no transition.
 *
 * Must not know who counts or who reads.
 */
#ifndef _TCPS_TELL_H
#define _TCPS_TELL_H

#include <linux/types.h>
#include <linux/tcpstate.h>

#include "counters.h"

/**
 * struct tcps_tell - an event that is no transition
 * @event: enum tcpstate_event
 * @cause: why
 */
struct tcps_tell {
	u8 event;
	u8 cause;
};

/* Those that there can be and how many. Constant. */
extern const struct tcps_tell tcps_tells[];
extern const unsigned int tcps_tell_count;

/* Place in tcps_tells + 1 by (event, cause), 0 for none. Written by init only. */
extern u8 tcps_tell_of[TCPSTATE_EVENT_COUNT][TCPSTATE_CAUSE_COUNT];

/**
 * tcps_counters_tell_of() - where an event that is no transition is counted
 * @event: enum tcpstate_event
 * @cause: why
 *
 * Return: its place in tcps_tells, or -1.
 */
static __always_inline int tcps_counters_tell_of(u8 event, u8 cause)
{
	return tcps_tell_of[event][cause] - 1;
}

/**
 * tcps_counters_tell() - count one event that is no transition
 * @cells: of the network namespace and this CPU
 * @event: enum tcpstate_event
 * @cause: why
 *
 * Interrupts are off.
 */
static __always_inline void tcps_counters_tell(struct tcps_cells *cells,
					       u8 event, u8 cause)
{
	int tell = tcps_counters_tell_of(event, cause);

	if (likely(tell >= 0))
		tcps_cell_inc(cells->told[tell]);
	else
		tcps_cell_inc(cells->unlisted);
}

void tcps_tell_init(void);
u64 tcps_counters_told(const struct tcps_cells *sum, u8 event, u8 cause);

#endif /* _TCPS_TELL_H */
