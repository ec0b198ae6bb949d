/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long connections stay in each state: histograms of one namespace.
 *
 * Knows numbers; must not know whose they are.
 */
#ifndef _TCPS_DWELL_H
#define _TCPS_DWELL_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

/* Log2 with 8 sub-buckets, from 1 us to 5 h; shorter and longer at the ends. */
#define TCPS_DWELL_BUCKETS 280

/**
 * struct tcps_dwell - histograms
 *
 * Shared by all CPUs, because one for each would be 20 KiB times CPUs times
 * namespaces; increments are atomic, and dwell times spread over the buckets.
 *
 * @count: times by state and bucket
 * @max: the longest of each state, ns
 */
struct tcps_dwell {
	atomic64_t count[TCPSTATE_STATE_COUNT][TCPS_DWELL_BUCKETS];
	atomic64_t max[TCPSTATE_STATE_COUNT];
};

void tcps_dwell_add(struct tcps_dwell *dwell, u8 state, u64 ns);

u64 tcps_dwell_from(unsigned int bucket);

/**
 * struct tcps_dwell_summary - one state in four numbers
 * @count: how many times
 * @p50_ns: half of them were shorter than this
 * @p99_ns: 99 of 100 were shorter than this
 * @max_ns: the longest
 */
struct tcps_dwell_summary {
	u64 count;
	u64 p50_ns;
	u64 p99_ns;
	u64 max_ns;
};

void tcps_dwell_summary(const struct tcps_dwell *dwell, u8 state,
			struct tcps_dwell_summary *summary);

#endif /* _TCPS_DWELL_H */
