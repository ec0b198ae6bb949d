/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A storm of like events: how many of them are recorded, and what each stands
 * for.
 *
 * Knows time and numbers; must not know what the events are.
 */
#ifndef _TCPS_STORM_H
#define _TCPS_STORM_H

#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/types.h>

/**
 * struct tcps_storm - like events
 *
 * All 0 is a storm of which nothing was seen yet.
 *
 * @full: CLOCK_MONOTONIC at which all tokens will be back, past if they are.
 *	Any CPU moves it on by cmpxchg
 * @held: events since the last one recorded. Any CPU counts here, and whoever
 *	records takes what there is
 * @dry: jiffies until which there is no token, or none that could not wait for
 *	the next tick. Any CPU writes it, and any value of the past will do
 */
struct tcps_storm {
	atomic64_t full;
	atomic_t held;
	unsigned long dry;
};

/**
 * tcps_storm_is_dry() - is this event not to be recorded, whatever the clock says?
 * @storm: it belongs to
 *
 * In the middle of a storm that takes the reading of the clock away.
 *
 * Return: true, and the event is counted as held back; or false: ask
 * tcps_storm_pass().
 */
static __always_inline bool tcps_storm_is_dry(struct tcps_storm *storm)
{
	if (!time_before(jiffies, READ_ONCE(storm->dry)))
		return false;
	atomic_inc(&storm->held);
	return true;
}

u32 tcps_storm_pass(struct tcps_storm *storm, u64 now);

void tcps_storm_init(unsigned int rate, unsigned int burst);

#endif /* _TCPS_STORM_H */
