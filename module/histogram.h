/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A histogram of times.
 *
 * Knows numbers; must not know what took so long.
 */
#ifndef _TCPS_HISTOGRAM_H
#define _TCPS_HISTOGRAM_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/types.h>

/* Log2 with 8 sub-buckets, from 1 us to 5 h; shorter and longer at the ends. */
#define TCPS_HISTOGRAM_BUCKETS 280
#define TCPS_HISTOGRAM_UNIT_BITS 10 /* the first bucket ends at 1.024 us */
#define TCPS_HISTOGRAM_SUB_BITS 3

/**
 * struct tcps_histogram - how often what took how long
 *
 * Shared by all CPUs; increments are atomic, and times spread over the buckets.
 *
 * @count: by bucket
 * @max: the longest, ns
 */
struct tcps_histogram {
	atomic64_t count[TCPS_HISTOGRAM_BUCKETS];
	atomic64_t max;
};

static __always_inline unsigned int tcps_histogram_bucket(u64 ns)
{
	u64 units = ns >> TCPS_HISTOGRAM_UNIT_BITS;
	unsigned int shift, bucket;

	if (units < 1U << TCPS_HISTOGRAM_SUB_BITS)
		return units;
	shift = fls64(units) - 1 - TCPS_HISTOGRAM_SUB_BITS;
	bucket = ((shift + 1) << TCPS_HISTOGRAM_SUB_BITS) +
		 ((units >> shift) & ((1U << TCPS_HISTOGRAM_SUB_BITS) - 1));
	return min(bucket, TCPS_HISTOGRAM_BUCKETS - 1U);
}

/**
 * tcps_histogram_add() - one more
 * @histogram: where
 * @ns: how long it took
 *
 * Any context.
 */
static __always_inline void tcps_histogram_add(struct tcps_histogram *histogram,
					       u64 ns)
{
	s64 max = atomic64_read(&histogram->max);

	atomic64_inc(&histogram->count[tcps_histogram_bucket(ns)]);
	while (unlikely((s64)ns > max)) {
		s64 seen = atomic64_cmpxchg(&histogram->max, max, ns);

		if (seen == max)
			break;
		max = seen;
	}
}

u64 tcps_histogram_from(unsigned int bucket);

/**
 * struct tcps_histogram_summary - a histogram in four numbers
 * @count: how many times
 * @p50_ns: half of them were shorter than this
 * @p99_ns: 99 of 100 were shorter than this
 * @max_ns: the longest
 */
struct tcps_histogram_summary {
	u64 count;
	u64 p50_ns;
	u64 p99_ns;
	u64 max_ns;
};

void tcps_histogram_summary(const struct tcps_histogram *histogram,
			    struct tcps_histogram_summary *summary);

#endif /* _TCPS_HISTOGRAM_H */
