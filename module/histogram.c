// SPDX-License-Identifier: GPL-2.0
/*
 * A histogram of times.
 *
 * Knows numbers; must not know what took so long.
 */
#include "histogram.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

/**
 * tcps_histogram_from() - the lower bound of a bucket
 * @bucket: its number; that of the last one + 1 is its upper bound
 *
 * Return: nanoseconds.
 */
u64 tcps_histogram_from(unsigned int bucket)
{
	unsigned int octave = bucket >> TCPS_HISTOGRAM_SUB_BITS;
	u64 sub = bucket & ((1U << TCPS_HISTOGRAM_SUB_BITS) - 1);

	if (!octave)
		return sub << TCPS_HISTOGRAM_UNIT_BITS;
	return ((1ULL << TCPS_HISTOGRAM_SUB_BITS) + sub)
	       << (octave - 1 + TCPS_HISTOGRAM_UNIT_BITS);
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
