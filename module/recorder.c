// SPDX-License-Identifier: GPL-2.0
/*
 * The flight recorder: overwriting rings of records, one set for each CPU.
 *
 * Knows bytes, lanes and clocks; must not know what a record says, who writes
 * it or who reads it. Memory is sized and the rings are made in here; the
 * sleeping and waking of readers is in here because only the writer knows
 * when there is something to read.
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

#include <linux/cpuhotplug.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

/* Below this a ring tells nothing; it also bounds the rounding of sizes. */
#define MIN_SLOTS	64
#define DEFAULT_MAX_KB	(64UL * 1024)
#define MIN_RARE_KB	64UL
/* Delay between a commit and the wake-up; many commits share one wake-up. */
#define WAKE_DELAY	max(1UL, HZ / 100UL)
/* How long an unnoticed commit can stay unnoticed; see tcps_recorder_arm(). */
#define WAKE_FALLBACK	max(1UL, HZ / 10UL)

DEFINE_PER_CPU(struct tcps_recorder_cpu *, tcps_recorder_cpus);

/* Records that had no ring; written by the owning CPU with interrupts off. */
static DEFINE_PER_CPU(u64, unrecorded);

static const u32 lane_record[TCPSTATE_LANE_COUNT] = {
	TCPSTATE_RECORD_SIZE, TCPSTATE_RECORD_SIZE, TCPSTATE_LIFE_SIZE,
};

/* Slots of a ring by lane; constant after init. */
static u32 lane_slots[TCPSTATE_LANE_COUNT];

static int hotplug_state;

static DECLARE_WAIT_QUEUE_HEAD(readers_wait);

/*
 * 1 while a reader sleeps or is about to. Set by readers, cleared by the first
 * commit that sees it, which then asks for a wake-up. Unordered against the
 * commit: the fallback timer covers the commit that just missed it.
 */
static int armed;
/* Heads added up when the fallback timer last looked; that timer's own. */
static u64 fallback_seen;

static void wake_readers(struct timer_list *timer);
static void wake_fallback(struct timer_list *timer);
static void wake_later(struct irq_work *work);

static DEFINE_TIMER(wake_timer, wake_readers);
static DEFINE_TIMER(fallback_timer, wake_fallback);
static struct irq_work wake_work;

/**
 * tcps_recorder_enter() - begin to write
 * @section: result
 *
 * Any context but NMI. Interrupts are off until tcps_recorder_leave(), so
 * keep it short and take no sleeping lock.
 */
void tcps_recorder_enter(struct tcps_section *section)
{
	local_irq_save(section->flags);
	section->rc = __this_cpu_read(tcps_recorder_cpus);
	if (likely(section->rc)) {
		WRITE_ONCE(section->rc->section, section->rc->section + 1);
		/* Section before clock; pairs with tcps_recorder_cut(). */
		smp_mb();
	}
	section->now = ktime_get_ns();
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
	const u64 *from = record;
	struct tcps_ring *ring;
	unsigned int i;
	u64 *to;
	u32 slot;

	if (unlikely(!section->rc)) {
		__this_cpu_inc(unrecorded);
		return false;
	}
	ring = &section->rc->ring[lane];
	slot = ring->next;
	to = ring->data + (size_t)slot * ring->words;

	WRITE_ONCE(ring->seq[slot], 0);
	/* Invalid before any new word; pairs with tcps_ring_copy(). */
	smp_wmb();
	for (i = 0; i < ring->words; i++)
		WRITE_ONCE(to[i], from[i]);
	/* Words before number; pairs with the acquire in tcps_ring_copy(). */
	smp_store_release(&ring->seq[slot], ring->head + 1);
	/* Number before head; pairs with tcps_ring_head(). */
	smp_store_release(&ring->head, ring->head + 1);
	ring->next = slot + 1 == ring->slots ? 0 : slot + 1;
	return true;
}

/**
 * tcps_recorder_leave() - end writing
 * @section: from tcps_recorder_enter()
 */
void tcps_recorder_leave(const struct tcps_section *section)
{
	if (likely(section->rc)) {
		/* Heads before section; pairs with tcps_recorder_settle(). */
		smp_store_release(&section->rc->section,
				  section->rc->section + 1);
		if (unlikely(READ_ONCE(armed)) && xchg(&armed, 0))
			irq_work_queue(&wake_work);
	}
	local_irq_restore(section->flags);
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
	 * clock is no memory access, so smp_mb() alone would not order it.
	 */
	mb();
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
		struct tcps_recorder_cpu *rc = smp_load_acquire(
			per_cpu_ptr(&tcps_recorder_cpus, cpu));
		u32 section;

		if (!rc)
			continue;
		section = smp_load_acquire(&rc->section);
		while (section & 1 && section == smp_load_acquire(&rc->section)) {
			if (!budget--)
				return false;
			cpu_relax();
		}
	}
	return true;
}

/**
 * tcps_ring_copy() - copy a record out
 * @ring: from tcps_recorder_ring()
 * @pos: number of the record, below the head
 * @record: room for a record of this lane
 *
 * Return: false if it was overwritten.
 */
bool tcps_ring_copy(const struct tcps_ring *ring, u64 pos, void *record)
{
	u64 slot64 = pos;
	u32 slot = do_div(slot64, ring->slots);
	const u64 *from = ring->data + (size_t)slot * ring->words;
	u64 *to = record;
	unsigned int i;

	/* Number before words; pairs with the release of the number. */
	if (smp_load_acquire(&ring->seq[slot]) != pos + 1)
		return false;
	for (i = 0; i < ring->words; i++)
		to[i] = READ_ONCE(from[i]);
	/* Words before the second look; pairs with smp_wmb() of the writer. */
	smp_rmb();
	return READ_ONCE(ring->seq[slot]) == pos + 1;
}

/**
 * tcps_ring_time() - time of a record
 * @ring: from tcps_recorder_ring()
 * @pos: number of the record, below the head
 * @time: result
 *
 * Return: false if it was overwritten.
 */
bool tcps_ring_time(const struct tcps_ring *ring, u64 pos, u64 *time)
{
	u64 slot64 = pos;
	u32 slot = do_div(slot64, ring->slots);
	const u64 *from = ring->data + (size_t)slot * ring->words;

	/* As in tcps_ring_copy(). */
	if (smp_load_acquire(&ring->seq[slot]) != pos + 1)
		return false;
	*time = READ_ONCE(
		from[TCPS_WORDS(offsetof(struct tcpstate_record, mono_ns))]);
	smp_rmb();
	return READ_ONCE(ring->seq[slot]) == pos + 1;
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

static void wake_later(struct irq_work *work)
{
	if (!timer_pending(&wake_timer))
		mod_timer(&wake_timer, jiffies + WAKE_DELAY);
}

static void wake_readers(struct timer_list *timer)
{
	wake_up_interruptible_all(&readers_wait);
}

static void wake_fallback(struct timer_list *timer)
{
	u64 sum = heads();

	if (sum != fallback_seen) {
		fallback_seen = sum;
		wake_up_interruptible_all(&readers_wait);
	}
	if (waitqueue_active(&readers_wait))
		mod_timer(&fallback_timer, jiffies + WAKE_FALLBACK);
}

/**
 * tcps_recorder_wait() - where readers sleep
 * @queue: result
 */
void tcps_recorder_wait(struct wait_queue_head **queue)
{
	*queue = &readers_wait;
}

/**
 * tcps_recorder_arm() - ask for a wake-up at the next commit
 *
 * Call when on the wait queue, before looking for records the last time.
 */
void tcps_recorder_arm(void)
{
	if (!READ_ONCE(armed))
		WRITE_ONCE(armed, 1);
	/* Armed before the caller looks for records. */
	smp_mb();
	if (!timer_pending(&fallback_timer))
		mod_timer(&fallback_timer, jiffies + WAKE_FALLBACK);
}

static void free_rings(struct tcps_recorder_cpu *rc)
{
	unsigned int lane;

	if (!rc)
		return;
	for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++) {
		vfree(rc->ring[lane].seq);
		vfree(rc->ring[lane].data);
	}
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
		struct tcps_ring *ring = &rc->ring[lane];

		ring->slots = lane_slots[lane];
		ring->words = TCPS_WORDS(lane_record[lane]);
		ring->seq = vzalloc_node(ring->slots * sizeof(u64), node);
		ring->data = vzalloc_node((size_t)ring->slots *
					  lane_record[lane], node);
		if (!ring->seq || !ring->data) {
			free_rings(rc);
			return NULL;
		}
	}
	return rc;
}

/*
 * Called before a CPU comes up, and at init for those that are. The rings of a
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

/* Slots of one ring if a lane may take so much on all CPUs together. */
static unsigned long slots_for(unsigned long kb, unsigned int lane)
{
	return kb * 1024 / num_present_cpus() /
	       (lane_record[lane] + sizeof(u64));
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
			      (TCPSTATE_LIFE_SIZE + sizeof(u64)), 1024);
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
	    slots_for(rare, 1) < MIN_SLOTS) {
		pr_err("rare_kb=%lu is out of range: allowed are %lu to %lu (half of recorder_kb), or 0 for the default\n",
		       rare,
		       max(MIN_RARE_KB,
			   DIV_ROUND_UP(MIN_SLOTS * num_present_cpus() *
					(TCPSTATE_RECORD_SIZE + sizeof(u64)),
					1024UL)),
		       total / 2);
		return -EINVAL;
	}
	lane_kb[0] = total - rare - lives;
	lane_kb[1] = rare;
	lane_kb[2] = lives;
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
	init_irq_work(&wake_work, wake_later);

	err = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "net/tcpstate:prepare",
				cpu_up_prepare, NULL);
	if (err < 0)
		goto fail;
	hotplug_state = err;
	for_each_online_cpu(cpu) {
		if (!per_cpu(tcps_recorder_cpus, cpu)) {
			pr_err("no memory for the recorder: set a smaller recorder_kb\n");
			cpuhp_remove_state_nocalls(hotplug_state);
			err = -ENOMEM;
			goto fail;
		}
	}
	return 0;
fail:
	free_all();
	return err;
}

/**
 * tcps_recorder_quiet() - no wake-up is under way any more
 *
 * Hooks are off and no reader is left.
 */
void tcps_recorder_quiet(void)
{
	irq_work_sync(&wake_work);
	timer_delete_sync(&wake_timer);
	timer_delete_sync(&fallback_timer);
}

/* After tcps_recorder_quiet(). */
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
			sum += (u64)ring->slots *
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

/**
 * tcps_recorder_oldest() - from when on a lane is complete
 * @lane: number of the lane
 *
 * Return: CLOCK_MONOTONIC; 0 if nothing was overwritten yet.
 */
u64 tcps_recorder_oldest(unsigned int lane)
{
	u64 latest = 0;
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
