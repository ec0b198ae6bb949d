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
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/ktime.h>

#include "wake.h"

/* Below this a ring tells nothing; it also bounds the rounding of sizes. */
#define MIN_SLOTS 64
#define DEFAULT_MAX_KB (64UL * 1024)
#define MIN_RARE_KB 64UL

DEFINE_PER_CPU(struct tcps_recorder_cpu *, tcps_recorder_cpus);

/* Records that had no ring; written by the owning CPU with interrupts off. */
static DEFINE_PER_CPU(u64, unrecorded);

static const u32 lane_record[TCPSTATE_LANE_COUNT] = {
	TCPSTATE_RECORD_SIZE,
	TCPSTATE_RECORD_SIZE,
	TCPSTATE_LIFE_SIZE,
};

/* Slots of a ring by lane; constant after init. */
static u32 lane_slots[TCPSTATE_LANE_COUNT];

static int hotplug_state;
static u64 born; /* CLOCK_MONOTONIC at init; constant after */

/* A record has no ring; interrupts are off. */
void tcps_recorder_unwritten(void)
{
	__this_cpu_inc(unrecorded);
}

/**
 * tcps_recorder_write() - write one record
 * @section: from tcps_recorder_enter()
 * @lane: number of the lane
 * @record: as many bytes as records of this lane have
 *
 * Return: false if this CPU has no ring, and the record is only counted.
 */
bool tcps_recorder_write(const struct tcps_section *section, unsigned int lane,
			 const void *record)
{
	if (unlikely(!section->rc)) {
		tcps_recorder_unwritten();
		return false;
	}
	tcps_ring_write(&section->rc->ring[lane], record);
	return true;
}

/**
 * tcps_recorder_write_rare() - write one record of the rare lane
 * @section: from tcps_recorder_enter()
 * @record: TCPSTATE_RECORD_SIZE bytes
 * @owner: number of whom it belongs to, not 0
 *
 * Who has half of the lane writes on into the main lane, and not over what
 * others have in this one.
 *
 * Return: false if this CPU has no ring, and the record is only counted.
 */
bool tcps_recorder_write_rare(const struct tcps_section *section,
			      const void *record, u32 owner)
{
	struct tcps_recorder_cpu *rc = section->rc;
	unsigned int lane = TCPS_LANE_RARE;

	if (likely(rc) &&
	    !tcps_quota_take(&rc->quota, tcps_ring_next(&rc->ring[lane]),
			     owner))
		lane = TCPS_LANE_MAIN;
	return tcps_recorder_write(section, lane, record);
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
	unsigned int lane;
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++) {
			const struct tcps_ring *ring =
				tcps_recorder_ring(cpu, lane);

			if (ring)
				sum += tcps_ring_head(ring);
		}
	}
	return sum;
}

static void free_rings(struct tcps_recorder_cpu *rc)
{
	unsigned int lane;

	if (!rc)
		return;
	for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++)
		tcps_ring_exit(&rc->ring[lane]);
	tcps_quota_exit(&rc->quota);
	kfree(rc);
}

static struct tcps_recorder_cpu *make_rings(int node)
{
	struct tcps_recorder_cpu *rc;
	unsigned int lane;

	rc = kzalloc_node(sizeof(*rc), GFP_KERNEL, node);
	if (!rc)
		return NULL;
	for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++) {
		if (tcps_ring_init(&rc->ring[lane], lane_slots[lane],
				   lane_record[lane], node)) {
			free_rings(rc);
			return NULL;
		}
	}
	if (tcps_quota_init(&rc->quota, lane_slots[TCPS_LANE_RARE], node)) {
		free_rings(rc);
		return NULL;
	}
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

/* What a slot takes with its number, and in the rare lane its mark. */
static unsigned int slot_bytes(unsigned int lane)
{
	return lane_record[lane] + sizeof(u64) + (lane == TCPS_LANE_RARE);
}

/* Slots of one ring if a lane may take so much on all CPUs together. */
static unsigned long slots_for(unsigned long kb, unsigned int lane)
{
	return kb * 1024 / num_present_cpus() / slot_bytes(lane);
}

static int set_sizes(const struct tcps_recorder_sizes *sizes)
{
	unsigned long ram_kb = totalram_pages() << (PAGE_SHIFT - 10);
	unsigned long max_kb = ram_kb / 4;
	unsigned long total = sizes->total_kb, rare = sizes->rare_kb, lives;
	unsigned long min_kb, lane_kb[TCPSTATE_LANE_COUNT];
	unsigned int lane;

	/* The lives lane is the one with the largest slots and an eighth. */
	min_kb = DIV_ROUND_UP(8UL * MIN_SLOTS * num_present_cpus() *
				      (TCPSTATE_LIFE_SIZE + sizeof(u64)),
			      1024);
	min_kb = max(min_kb, 4 * MIN_RARE_KB);
	if (!total)
		total = clamp(ram_kb / 100, min_kb, DEFAULT_MAX_KB);
	if (total < min_kb || total > max_kb) {
		pr_err("recorder_kb=%lu is out of range: allowed are %lu to %lu (a quarter of memory), or 0 for the default\n",
		       total, min_kb, max_kb);
		return -EINVAL;
	}
	lives = total / 8;
	if (!rare)
		rare = total / 8;
	if (rare < MIN_RARE_KB || rare > total / 2 ||
	    slots_for(rare, TCPS_LANE_RARE) < MIN_SLOTS) {
		pr_err("rare_kb=%lu is out of range: allowed are %lu to %lu (half of recorder_kb), or 0 for the default\n",
		       rare,
		       max(MIN_RARE_KB,
			   DIV_ROUND_UP(MIN_SLOTS * num_present_cpus() *
						slot_bytes(TCPS_LANE_RARE),
					1024UL)),
		       total / 2);
		return -EINVAL;
	}
	lane_kb[TCPS_LANE_MAIN] = total - rare - lives;
	lane_kb[TCPS_LANE_RARE] = rare;
	lane_kb[TCPS_LANE_LIVES] = lives;
	for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++)
		lane_slots[lane] = slots_for(lane_kb[lane], lane);
	return 0;
}

/**
 * tcps_recorder_init() - make the rings
 * @sizes: memory
 *
 * Memory is divided among the CPUs present now, online or not. A CPU plugged
 * in later brings its own rings of the same size.
 *
 * Return: 0, -EINVAL for bad sizes (logged), -ENOMEM.
 */
int tcps_recorder_init(const struct tcps_recorder_sizes *sizes)
{
	int err, cpu;

	err = set_sizes(sizes);
	if (err)
		return err;
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
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct tcps_ring *ring = tcps_recorder_ring(cpu, lane);

		if (ring)
			sum += (u64)ring->slots * slot_bytes(lane);
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
		const struct tcps_ring *ring = tcps_recorder_ring(cpu, lane);
		u64 pos, time;

		if (!ring)
			continue;
		for (;;) {
			u64 head = tcps_ring_head(ring);

			if (head <= ring->slots)
				break;
			pos = head - ring->slots;
			/* The oldest may be on its way out: take the next. */
			if (tcps_ring_time(ring, pos, &time) ||
			    tcps_ring_time(ring, pos + 1, &time)) {
				latest = max(latest, time);
				break;
			}
		}
	}
	return latest;
}
