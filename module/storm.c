// SPDX-License-Identifier: GPL-2.0
/*
 * A storm of like events: how many of them are recorded, and what each stands
 * for.
 *
 * Knows time and numbers; must not know what the events are.
 *
 * A token bucket without tokens: each event recorded moves the time at which
 * the bucket will be full again on by the time that one token takes, and none
 * is recorded while that lies further ahead than a whole bucket takes. No lock:
 * an event either counts itself as held back, or stands for all that did and
 * for itself, so none is lost and none is told twice.
 */
#include "storm.h"

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>

/* Constant after init. */
static u64 token_ns, bucket_ns;

/* Is the bucket so large that a token can lie in it for a tick? */
static bool patient;

/**
 * tcps_storm_pass() - shall this event be recorded?
 * @storm: it belongs to
 * @now: CLOCK_MONOTONIC
 *
 * Return: how many events the record stands for, this one included; 0 if it is
 * not to be recorded, only counted.
 */
u32 tcps_storm_pass(struct tcps_storm *storm, u64 now)
{
	s64 full = atomic64_read(&storm->full), from, wait;

	do {
		from = max_t(s64, full, now);
		wait = from - (s64)now - (s64)(bucket_ns - token_ns);
		if (wait > 0) {
			atomic_inc(&storm->held);
			if (patient)
				WRITE_ONCE(storm->dry,
					   jiffies + div_u64(wait, TICK_NSEC) +
						   1);
			return 0;
		}
	} while (!atomic64_try_cmpxchg(&storm->full, &full, from + token_ns));
	return atomic_xchg(&storm->held, 0) + 1;
}

/**
 * tcps_storm_init() - set the pace
 * @rate: records per second of one storm
 * @burst: records at once after a calm
 */
void tcps_storm_init(unsigned int rate, unsigned int burst)
{
	token_ns = NSEC_PER_SEC / rate;
	bucket_ns = token_ns * burst;
	patient = bucket_ns >= 2 * TICK_NSEC;
}
