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
 */
struct tcps_storm {
	atomic64_t full;
	atomic_t held;
};

u32 tcps_storm_pass(struct tcps_storm *storm, u64 now);

int tcps_storm_init(unsigned int rate, unsigned int burst);

#endif /* _TCPS_STORM_H */
