// SPDX-License-Identifier: GPL-2.0
/*
 * A histogram of times.
 *
 * Knows numbers; must not know what took so long.
 */
#include "histogram.h"

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
	return min(bucket, TCPS_HISTOGRAM_BUCKETS - 1U);
}

/**
 * tcps_histogram_from() - the lower bound of a bucket
 * @bucket: its number; that of the last one + 1 is its upper bound
 *
 * Return: nanoseconds.
 */
u64 tcps_histogram_from(unsigned int bucket)
{
	unsigned int octave = bucket >> SUB_BITS;
	u64 sub = bucket & ((1U << SUB_BITS) - 1);

	if (!octave)
		return sub << UNIT_BITS;
	return ((1ULL << SUB_BITS) + sub) << (octave - 1 + UNIT_BITS);
}

/**
 * tcps_histogram_add() - one more
 * @histogram: where
 * @ns: how long it took
 *
 * Any context.
 */
void tcps_histogram_add(struct tcps_histogram *histogram, u64 ns)
{
	s64 max = atomic64_read(&histogram->max);

	atomic64_inc(&histogram->count[bucket_of(ns)]);
	while (unlikely((s64)ns > max)) {
		s64 seen = atomic64_cmpxchg(&histogram->max, max, ns);

		if (seen == max)
			break;
		max = seen;
	}
}

/**
 * tcps_histogram_summary() - a histogram in four numbers
 * @histogram: which
 * @summary: result
 *
 * A quantile is the upper bound of the bucket in which it stands.
 */
void tcps_histogram_summary(const struct tcps_histogram *histogram,
			    struct tcps_histogram_summary *summary)
{
	unsigned int i;
	u64 sum = 0, half, most;

	memset(summary, 0, sizeof(*summary));
	for (i = 0; i < TCPS_HISTOGRAM_BUCKETS; i++)
		summary->count += atomic64_read(&histogram->count[i]);
	if (!summary->count)
		return;
	summary->max_ns = atomic64_read(&histogram->max);
	half = DIV_ROUND_UP_ULL(summary->count, 2);
	most = summary->count - div_u64(summary->count, 100);
	for (i = 0; i < TCPS_HISTOGRAM_BUCKETS; i++) {
		u64 to = min(tcps_histogram_from(i + 1), summary->max_ns);

		sum += atomic64_read(&histogram->count[i]);
		if (sum >= half && !summary->p50_ns)
			summary->p50_ns = to;
		if (sum >= most && !summary->p99_ns)
			summary->p99_ns = to;
	}
}
