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

#include "holders.h"
#include "lane.h"
#include "ring.h"
#include "sizes.h"
#include "wake.h"

/**
 * struct tcps_recorder_cpu - what one CPU writes
 *
 * @section: odd while this CPU is between reading the clock and publishing.
 *	Written by the owning CPU with interrupts off; the even value with
 *	release, pairs with the acquire in tcps_recorder_settle()
 * @ring: by enum tcps_ring_number
 * @rare: records in all rings of the rare lane. Written by the owning CPU with
 *	release, after the head of the ring; pairs with tcps_recorder_rare()
 * @holders: of the rings of the rare lane; the owning CPU's
 * @memory: of the rings; constant
 */
struct tcps_recorder_cpu {
	u32 section;
	struct tcps_ring ring[TCPS_RINGS];
	u64 rare;
	struct tcps_holders holders;
	void *memory;
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
 * @lane: number of the lane, not the rare one
 *
 * Return: the slot, see tcps_ring_open(); NULL if this CPU has no ring, and the
 * record is only counted.
 */
static __always_inline void *
tcps_recorder_open(const struct tcps_section *section, unsigned int lane)
{
	if (likely(section->rc))
		return tcps_ring_open(
			&section->rc->ring[tcps_ring_of_lane(lane)]);
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
	tcps_ring_close(&section->rc->ring[tcps_ring_of_lane(lane)]);
}

bool tcps_recorder_write(const struct tcps_section *section, unsigned int lane,
			 const void *record);
bool tcps_recorder_write_rare(const struct tcps_section *section,
			      const void *record, u64 owner);

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
 * @number: enum tcps_ring_number
 *
 * Return: the ring, or NULL if that CPU never was online.
 */
static inline const struct tcps_ring *tcps_recorder_ring(int cpu,
							 unsigned int number)
{
	struct tcps_recorder_cpu *rc = tcps_recorder_of(cpu);

	return rc ? &rc->ring[number] : NULL;
}

/* Records that a CPU wrote into its rare lane, whichever ring has them. */
static inline u64 tcps_recorder_rare(int cpu)
{
	struct tcps_recorder_cpu *rc = tcps_recorder_of(cpu);

	/* Pairs with the release in write_rare(). */
	return rc ? smp_load_acquire(&rc->rare) : 0;
}

int tcps_recorder_init(const struct tcps_sizes *sizes);
void tcps_recorder_exit(void);

u64 tcps_recorder_lane_bytes(unsigned int lane);
u64 tcps_recorder_records(void);
u64 tcps_recorder_unrecorded(void);
u64 tcps_recorder_oldest(unsigned int lane);

#endif /* _TCPS_RECORDER_H */
