// SPDX-License-Identifier: GPL-2.0
/*
 * The flight recorder: overwriting rings of records, one set for each CPU.
 *
 * Knows bytes, lanes and clocks; must not know what a record says, who writes
 * it or who reads it.
 *
 * Order. A writer enters a section (interrupts off, section odd, full
 * barrier), then reads the clock. A reader reads the clock (its cut), then
 * waits until it has seen each CPU outside of a section. A record with a time
 * below the cut was begun before the cut was read, so its section was seen
 * either odd and waited for, or already over: the record is published. All
 * later ones have a time at or after the cut. So everything below the cut can
 * be merged by time for good.
 */
#include "recorder.h"

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/slab.h>
#include <linux/ktime.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "wake.h"

DEFINE_PER_CPU(struct tcps_recorder_cpu *, tcps_recorder_cpus);

/* Records that had no ring; written by the owning CPU with interrupts off. */
static DEFINE_PER_CPU(u64, unrecorded);

static const u32 lane_record[TCPSTATE_LANE_COUNT] = {
	TCPSTATE_RECORD_SIZE,
	TCPSTATE_RECORD_SIZE,
	TCPSTATE_LIFE_SIZE,
};

static u32 lane_slots[TCPSTATE_LANE_COUNT]; /* of a ring; constant after init */
static unsigned long cpu_bytes; /* for all rings of a CPU; constant after init */

static int hotplug_state;
static u64 born; /* CLOCK_MONOTONIC at init; constant after */

/* A record has no ring; interrupts are off. */
void tcps_recorder_unwritten(void)
{
	__this_cpu_inc(unrecorded);
}

/*
 * Who holds no ring, and can have none, writes into the main lane, and not over
 * what others have in this one.
 */
static void write_rare(struct tcps_recorder_cpu *rc, const void *record,
		       u64 owner, u64 now)
{
	int i = tcps_holders_take(&rc->holders, owner, now);

	if (unlikely(i < 0)) {
		tcps_ring_write(&rc->ring[TCPS_RING_MAIN], record);
		return;
	}
	tcps_ring_replace(&rc->ring[TCPS_RING_RARE + i], record);
	/* Head before sum; pairs with tcps_recorder_rare(). */
	smp_store_release(&rc->rare, rc->rare + 1);
}

/**
 * tcps_recorder_write() - write one record
 * @section: from tcps_recorder_enter()
 * @lane: number of the lane; what is nobody's in the rare lane is the host's
 * @record: as many bytes as records of this lane have
 *
 * Return: false if this CPU has no ring, and the record is only counted.
 */
bool tcps_recorder_write(const struct tcps_section *section, unsigned int lane,
			 const void *record)
{
	if (lane == TCPS_LANE_RARE)
		return tcps_recorder_write_rare(section, record,
						TCPS_HOLDERS_HOST);
	if (unlikely(!section->rc)) {
		tcps_recorder_unwritten();
		return false;
	}
	tcps_ring_write(&section->rc->ring[tcps_ring_of_lane(lane)], record);
	return true;
}

/**
 * tcps_recorder_write_rare() - write one record of the rare lane
 * @section: from tcps_recorder_enter()
 * @record: TCPSTATE_RECORD_SIZE bytes
 * @owner: number of whom it belongs to, not 0
 *
 * Return: false if this CPU has no ring, and the record is only counted.
 */
bool tcps_recorder_write_rare(const struct tcps_section *section,
			      const void *record, u64 owner)
{
	if (unlikely(!section->rc)) {
		tcps_recorder_unwritten();
		return false;
	}
	write_rare(section->rc, record, owner, section->now);
	return true;
}

/**
 * tcps_recorder_cut() - a time below which tcps_recorder_settle() settles all
 *
 * Return: CLOCK_MONOTONIC.
 */
u64 tcps_recorder_cut(void)
{
	u64 cut = ktime_get_ns();

	/*
	 * Clock before section; pairs with tcps_recorder_enter(). Reading the
	 * clock is no memory access, so a barrier for memory alone (smp_rmb())
	 * would not order it.
	 */
	rmb();
	return cut;
}

/**
 * tcps_recorder_settle() - wait until all records below the cut are published
 *
 * Call after tcps_recorder_cut().
 *
 * Return: false if a writer took too long (a virtual CPU that does not run).
 * Try again later.
 */
bool tcps_recorder_settle(void)
{
	unsigned int budget = 10000;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct tcps_recorder_cpu *rc = tcps_recorder_of(cpu);
		u32 section;

		if (!rc)
			continue;
		/* Pairs with the release in tcps_recorder_leave(). */
		section = smp_load_acquire(&rc->section);
		while (section & 1 && section == READ_ONCE(rc->section)) {
			if (!budget--)
				return false;
			cpu_relax();
		}
		/* The section seen to be over, before its records. */
		smp_rmb();
	}
	return true;
}

static u64 heads(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct tcps_recorder_cpu *rc = tcps_recorder_of(cpu);

		if (rc)
			sum += tcps_ring_head(&rc->ring[TCPS_RING_MAIN]) +
			       tcps_ring_head(&rc->ring[TCPS_RING_LIVES]) +
			       tcps_recorder_rare(cpu);
	}
	return sum;
}

static void free_rings(struct tcps_recorder_cpu *rc)
{
	if (!rc)
		return;
	vfree(rc->memory);
	kfree(rc);
}

static struct tcps_recorder_cpu *make_rings(int node)
{
	struct tcps_recorder_cpu *rc;
	unsigned int i;
	void *memory;

	BUILD_BUG_ON(sizeof(*rc) > TCPS_SIZES_HEAD);
	rc = kzalloc_node(sizeof(*rc), GFP_KERNEL, node);
	if (!rc)
		return NULL;
	rc->memory = vzalloc_node(cpu_bytes, node);
	if (!rc->memory) {
		free_rings(rc);
		return NULL;
	}
	memory = rc->memory;
	for (i = 0; i < TCPS_RINGS; i++) {
		unsigned int lane = tcps_lane_of_ring(i);

		tcps_ring_init(&rc->ring[i], lane_slots[lane],
			       lane_record[lane], memory);
		memory += tcps_sizes_ring_bytes(lane_slots[lane],
						lane_record[lane]);
	}
	tcps_holders_init(&rc->holders, lane_slots[TCPS_LANE_RARE]);
	return rc;
}

/*
 * Called before a CPU comes up, and by init for those that are. The rings of a
 * CPU that goes down stay: what it wrote can still be read.
 */
static int cpu_up_prepare(unsigned int cpu)
{
	struct tcps_recorder_cpu *rc;

	if (per_cpu(tcps_recorder_cpus, cpu))
		return 0;
	rc = make_rings(cpu_to_node(cpu));
	if (!rc) {
		/* A missing ring must not keep a CPU from coming up. */
		pr_warn("no memory for the rings of CPU %u: its events are counted but not recorded\n",
			cpu);
		return 0;
	}
	/* Pairs with the acquire in tcps_recorder_ring(). */
	smp_store_release(per_cpu_ptr(&tcps_recorder_cpus, cpu), rc);
	return 0;
}

static void free_all(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		free_rings(per_cpu(tcps_recorder_cpus, cpu));
		per_cpu(tcps_recorder_cpus, cpu) = NULL;
	}
}

static void set_sizes(const struct tcps_sizes *sizes)
{
	unsigned int i;

	memcpy(lane_slots, sizes->slots, sizeof(lane_slots));
	cpu_bytes = 0;
	for (i = 0; i < TCPS_RINGS; i++) {
		unsigned int lane = tcps_lane_of_ring(i);

		cpu_bytes += tcps_sizes_ring_bytes(lane_slots[lane],
						   lane_record[lane]);
	}
}

/**
 * tcps_recorder_init() - make the rings
 * @sizes: of the rings
 *
 * Memory is divided among the CPUs present now, online or not. A CPU plugged
 * in later brings its own rings of the same size.
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_recorder_init(const struct tcps_sizes *sizes)
{
	int err, cpu;

	set_sizes(sizes);
	tcps_wake_init(heads);
	born = ktime_get_ns();

	/* 5.10 would not call us for the CPUs that are up: do it here. */
	cpus_read_lock();
	err = cpuhp_setup_state_nocalls_cpuslocked(CPUHP_BP_PREPARE_DYN,
						   "net/tcpstate:prepare",
						   cpu_up_prepare, NULL);
	if (err < 0) {
		cpus_read_unlock();
		return err;
	}
	hotplug_state = err;
	err = 0;
	for_each_online_cpu(cpu) {
		cpu_up_prepare(cpu);
		if (!tcps_recorder_of(cpu))
			err = -ENOMEM;
	}
	cpus_read_unlock();
	if (!err)
		return 0;
	pr_err("no memory for the recorder: set a smaller recorder_kb\n");
	tcps_recorder_exit();
	return err;
}

/* No section is entered any more, and tcps_wake_quiet() was called. */
void tcps_recorder_exit(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
	free_all();
}

/**
 * tcps_recorder_lane_bytes() - memory of a lane
 * @lane: number of the lane
 *
 * Return: bytes over all CPUs that have rings.
 */
u64 tcps_recorder_lane_bytes(unsigned int lane)
{
	u64 rings = lane == TCPS_LANE_RARE ? TCPS_RARE_RINGS : 1, sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		if (tcps_recorder_of(cpu))
			sum += rings * lane_slots[lane] *
			       (lane_record[lane] + sizeof(u64));
	}
	return sum;
}

/**
 * tcps_recorder_records() - records written since the module was loaded
 *
 * Return: over all lanes and CPUs.
 */
u64 tcps_recorder_records(void)
{
	return heads();
}

/**
 * tcps_recorder_unrecorded() - records that had no ring
 *
 * Return: over all CPUs.
 */
u64 tcps_recorder_unrecorded(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(&unrecorded, cpu));
	return sum;
}

/* The oldest record of a ring that has overwritten some, else @born. */
static u64 oldest_of(const struct tcps_ring *ring)
{
	for (;;) {
		u64 head = tcps_ring_head(ring), pos, time;

		if (head <= ring->slots)
			return born;
		pos = head - ring->slots;
		/* The oldest may be on its way out: take the next. */
		if (tcps_ring_time(ring, pos, &time) ||
		    tcps_ring_time(ring, pos + 1, &time))
			return time;
	}
}

/*
 * The rings of the rare lane are written one after the other: what the oldest
 * record of one of them is tells nothing, only what was overwritten does.
 */
static u64 oldest_rare(const struct tcps_recorder_cpu *rc)
{
	u64 latest = born;
	unsigned int i;

	for (i = 0; i < TCPS_RARE_RINGS; i++)
		latest = max(latest,
			     tcps_ring_gone(&rc->ring[TCPS_RING_RARE + i]) + 1);
	return latest;
}

/**
 * tcps_recorder_oldest() - from when on a lane is complete
 * @lane: number of the lane
 *
 * Return: CLOCK_MONOTONIC; the load of the module if nothing was overwritten.
 */
u64 tcps_recorder_oldest(unsigned int lane)
{
	u64 latest = born;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct tcps_recorder_cpu *rc = tcps_recorder_of(cpu);

		if (!rc)
			continue;
		latest = max(
			latest,
			lane == TCPS_LANE_RARE ?
				oldest_rare(rc) :
				oldest_of(&rc->ring[tcps_ring_of_lane(lane)]));
	}
	return latest;
}
