// SPDX-License-Identifier: GPL-2.0
/*
 * How long connections stay in each state: histograms of one namespace.
 *
 * Knows numbers; must not know whose they are.
 */
#include "dwell.h"

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#define UNIT_BITS 10 /* bucket 0 is what is shorter than 1.024 us */
#define SUB_BITS 3

static unsigned int bucket_of(u64 ns)
{
	u64 units = ns >> UNIT_BITS;
	unsigned int shift, bucket;

	if (units < 1U << SUB_BITS)
		return units;
	shift = fls64(units) - 1 - SUB_BITS;
	bucket = ((shift + 1) << SUB_BITS) +
		 ((units >> shift) & ((1U << SUB_BITS) - 1));
	return min(bucket, TCPS_DWELL_BUCKETS - 1U);
}

/**
 * tcps_dwell_from() - the lower bound of a bucket
 * @bucket: its number; that of the last one + 1 is its upper bound
 *
 * Return: nanoseconds.
 */
u64 tcps_dwell_from(unsigned int bucket)
{
	unsigned int octave = bucket >> SUB_BITS;
	u64 sub = bucket & ((1U << SUB_BITS) - 1);

	if (!octave)
		return sub << UNIT_BITS;
	return ((1ULL << SUB_BITS) + sub) << (octave - 1 + UNIT_BITS);
}

/**
 * tcps_dwell_add() - a connection left a state
 * @dwell: histograms of its namespace
 * @state: which
 * @ns: how long it was in it
 *
 * Any context.
 */
void tcps_dwell_add(struct tcps_dwell *dwell, u8 state, u64 ns)
{
	s64 max = atomic64_read(&dwell->max[state]);

	atomic64_inc(&dwell->count[state][bucket_of(ns)]);
	while (unlikely((s64)ns > max)) {
		s64 seen = atomic64_cmpxchg(&dwell->max[state], max, ns);

		if (seen == max)
			break;
		max = seen;
	}
}

/**
 * tcps_dwell_summary() - one state in four numbers
 * @dwell: histograms
 * @state: which
 * @summary: result
 *
 * A quantile is the upper bound of the bucket in which it stands.
 */
void tcps_dwell_summary(const struct tcps_dwell *dwell, u8 state,
			struct tcps_dwell_summary *summary)
{
	unsigned int i;
	u64 sum = 0, half, most;

	memset(summary, 0, sizeof(*summary));
	for (i = 0; i < TCPS_DWELL_BUCKETS; i++)
		summary->count += atomic64_read(&dwell->count[state][i]);
	if (!summary->count)
		return;
	summary->max_ns = atomic64_read(&dwell->max[state]);
	half = DIV_ROUND_UP_ULL(summary->count, 2);
	most = summary->count - div_u64(summary->count, 100);
	for (i = 0; i < TCPS_DWELL_BUCKETS; i++) {
		u64 to = min(tcps_dwell_from(i + 1), summary->max_ns);

		sum += atomic64_read(&dwell->count[state][i]);
		if (sum >= half && !summary->p50_ns)
			summary->p50_ns = to;
		if (sum >= most && !summary->p99_ns)
			summary->p99_ns = to;
	}
}
