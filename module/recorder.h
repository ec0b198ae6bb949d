/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flight recorder: overwriting rings of records, one set for each CPU.
 *
 * Knows bytes, lanes and clocks; must not know what a record says, who writes
 * it or who reads it.
 */
#ifndef _TCPS_RECORDER_H
#define _TCPS_RECORDER_H

#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

#include "quota.h"
#include "ring.h"
#include "wake.h"

/* Numbers of the lanes: the bits of TCPSTATE_LANE_*. */
enum tcps_lane {
	TCPS_LANE_MAIN,
	TCPS_LANE_RARE,
	TCPS_LANE_LIVES,
};

/**
 * struct tcps_recorder_cpu - what one CPU writes
 *
 * @section: odd while this CPU is between reading the clock and publishing.
 *	Written by the owning CPU with interrupts off; the even value with
 *	release, pairs with the acquire in tcps_recorder_settle()
 * @ring: one for each lane, in order of the TCPSTATE_LANE_* bits
 * @quota: of the namespaces in the rare lane
 */
struct tcps_recorder_cpu {
	u32 section;
	struct tcps_ring ring[TCPSTATE_LANE_COUNT];
	struct tcps_quota quota;
};

/* NULL until the CPU was online for the first time; never changes back. */
DECLARE_PER_CPU(struct tcps_recorder_cpu *, tcps_recorder_cpus);

/**
 * struct tcps_section - a writer's stay in the recorder
 * @rc: rings of this CPU, NULL if it has none
 * @flags: saved interrupt state
 * @now: CLOCK_MONOTONIC, read inside; the time of all that is written in it
 */
struct tcps_section {
	struct tcps_recorder_cpu *rc;
	unsigned long flags;
	u64 now;
};

/**
 * tcps_recorder_enter() - begin to write
 * @section: result
 *
 * Any context but NMI. Interrupts are off until tcps_recorder_leave(), so
 * keep it short and take no sleeping lock.
 */
static __always_inline void tcps_recorder_enter(struct tcps_section *section)
{
	struct tcps_recorder_cpu *rc;

	local_irq_save(section->flags);
	rc = __this_cpu_read(tcps_recorder_cpus);
	section->rc = rc;
	if (likely(rc)) {
		WRITE_ONCE(rc->section, rc->section + 1);
		/* Section before clock; pairs with tcps_recorder_cut(). */
		smp_mb();
	}
	section->now = ktime_get_ns();
}

/**
 * tcps_recorder_leave() - end writing
 * @section: from tcps_recorder_enter()
 */
static __always_inline void
tcps_recorder_leave(const struct tcps_section *section)
{
	struct tcps_recorder_cpu *rc = section->rc;

	if (likely(rc)) {
		/* Heads before section; pairs with tcps_recorder_settle(). */
		smp_store_release(&rc->section, rc->section + 1);
		tcps_wake_committed();
	}
	local_irq_restore(section->flags);
}

void tcps_recorder_unwritten(void);

/**
 * tcps_recorder_open() - the next slot of a lane, to be written in place
 * @section: from tcps_recorder_enter()
 * @lane: number of the lane
 *
 * Return: the slot, see tcps_ring_open(); NULL if this CPU has no ring, and the
 * record is only counted.
 */
static __always_inline void *
tcps_recorder_open(const struct tcps_section *section, unsigned int lane)
{
	if (likely(section->rc))
		return tcps_ring_open(&section->rc->ring[lane]);
	tcps_recorder_unwritten();
	return NULL;
}

/**
 * tcps_recorder_close() - publish what was written in place
 * @section: from tcps_recorder_enter()
 * @lane: number of the lane
 */
static __always_inline void
tcps_recorder_close(const struct tcps_section *section, unsigned int lane)
{
	tcps_ring_close(&section->rc->ring[lane]);
}

bool tcps_recorder_write(const struct tcps_section *section, unsigned int lane,
			 const void *record);
bool tcps_recorder_write_rare(const struct tcps_section *section,
			      const void *record, u32 owner);

u64 tcps_recorder_cut(void);
bool tcps_recorder_settle(void);

/* The rings of a CPU; NULL if it never was online. */
static inline struct tcps_recorder_cpu *tcps_recorder_of(int cpu)
{
	/* Pairs with the release in cpu_up_prepare(): they are complete. */
	return smp_load_acquire(per_cpu_ptr(&tcps_recorder_cpus, cpu));
}

/**
 * tcps_recorder_ring() - a ring, for reading
 * @cpu: any possible CPU
 * @lane: number of the lane
 *
 * Return: the ring, or NULL if that CPU never was online.
 */
static inline const struct tcps_ring *tcps_recorder_ring(int cpu,
							 unsigned int lane)
{
	struct tcps_recorder_cpu *rc = tcps_recorder_of(cpu);

	return rc ? &rc->ring[lane] : NULL;
}

/**
 * struct tcps_recorder_sizes - memory of the recorder
 * @total_kb: all lanes on all CPUs, KiB; 0 for the default
 * @rare_kb: thereof the rare lane; 0 for the default
 */
struct tcps_recorder_sizes {
	unsigned long total_kb;
	unsigned long rare_kb;
};

int tcps_recorder_init(const struct tcps_recorder_sizes *sizes);
void tcps_recorder_exit(void);

u64 tcps_recorder_lane_bytes(unsigned int lane);
u64 tcps_recorder_records(void);
u64 tcps_recorder_unrecorded(void);
u64 tcps_recorder_oldest(unsigned int lane);

#endif /* _TCPS_RECORDER_H */
