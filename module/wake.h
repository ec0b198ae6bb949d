/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How sleeping readers learn that there is something to read.
 *
 * Knows time; must not know records or who reads them.
 */
#ifndef _TCPS_WAKE_H
#define _TCPS_WAKE_H

#include <linux/compiler.h>
#include <linux/types.h>

struct wait_queue_head;

/* See wake.c; only tcps_wake_committed() may look at it. */
extern int tcps_wake_armed;

void tcps_wake_slow(void);

/* A record was published. Cheap when nobody sleeps, or was told already. */
static inline void tcps_wake_committed(void)
{
	if (unlikely(READ_ONCE(tcps_wake_armed)))
		tcps_wake_slow();
}

void tcps_wake_queue(struct wait_queue_head **queue);
void tcps_wake_arm(void);

void tcps_wake_init(u64 (*heads)(void));
void tcps_wake_quiet(void);

#endif /* _TCPS_WAKE_H */
