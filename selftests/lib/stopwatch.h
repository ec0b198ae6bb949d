/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a workload costs the machine: the time in which its CPUs were not idle,
 * until nobody has anything left to do for it. On the virtual clock a
 * nanosecond is an executed instruction.
 *
 * Must not know what is measured.
 */
#ifndef TCPSTATE_TEST_STOPWATCH_H
#define TCPSTATE_TEST_STOPWATCH_H

#include <linux/types.h>

/**
 * struct stopwatch - when it was started
 * @start: time of day, CLOCK_MONOTONIC
 * @idle: what all CPUs together had idled until then
 */
struct stopwatch {
	__u64 start;
	__u64 idle;
};

/* What all CPUs idled since boot; 0 where the kernel does not say. */
__u64 stopwatch_idle(void);

void stopwatch_start(struct stopwatch *w);

/*
 * Sleeps for @ms, so that readers come to their work, and returns the
 * nanoseconds since the start in which a CPU was busy. On one CPU only.
 */
__u64 stopwatch_stop(const struct stopwatch *w, unsigned int ms);

/* Sleeps. */
void stopwatch_rest(unsigned int ms);

/*
 * From here, or until here, the profiler is to count. Does nothing unless
 * BENCH_MARK is in the environment.
 */
void stopwatch_mark(void);

#endif
