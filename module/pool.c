// SPDX-License-Identifier: GPL-2.0
/*
 * A stock of equal objects for code that must not allocate.
 *
 * Knows bytes and numbers; must not know what the objects are.
 *
 * Each CPU has a magazine of free objects, refilled from and returned to one
 * depot in batches. A work item grows the depot when it runs low and gives
 * memory back when most of it lies idle; between two looks of the work item
 * objects only move.
 */
#include "pool.h"

#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "broken.h"
#include "compat.h"

#define BATCH 32

/*
 * Free objects that are enough, however many are used: as many connections come
 * in the tenth of a second in which the work item may not get to run.
 */
#define RESERVE 16384UL

/* A free object is its own list element. */
struct spare {
	struct spare *next;
};

/**
 * struct magazine - free objects of one CPU
 * @top: list of them
 * @count: how many
 *
 * Used by the owning CPU only, with interrupts off.
 */
struct magazine {
	struct spare *top;
	unsigned int count;
};

static DEFINE_PER_CPU(struct magazine, magazines);

/* Covers the depot. Innermost: nothing is locked under it. */
static DEFINE_RAW_SPINLOCK(depot_lock);
static struct spare *depot;
static unsigned long depot_count; /* written under depot_lock */

/* Objects there are, used or spare; written by the work item only. */
static unsigned long total;

static unsigned long total_min, total_max; /* constant after init */
static struct kmem_cache *cache;

static void ask(struct irq_work *irq_work);
static void resize(struct work_struct *work);

static struct irq_work ask_work;
static DECLARE_WORK(resize_work, resize);

static void ask(struct irq_work *irq_work)
{
	schedule_work(&resize_work);
}

/* Below this the depot grows: half of what there is, to be ahead of a flood. */
static unsigned long low_mark(void)
{
	return clamp(READ_ONCE(total) / 2, 4UL * BATCH, RESERVE);
}

static unsigned long high_mark(void)
{
	return max(min(READ_ONCE(total) / 4 * 3, 4 * RESERVE), total_min);
}

static struct spare *depot_pop(void)
{
	struct spare *spare = depot;

	if (spare) {
		depot = spare->next;
		WRITE_ONCE(depot_count, depot_count - 1);
	}
	return spare;
}

static void depot_push(struct spare *spare)
{
	spare->next = depot;
	depot = spare;
	WRITE_ONCE(depot_count, depot_count + 1);
}

static void grow(unsigned long count)
{
	while (count--) {
		struct spare *spare =
			kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOWARN);
		unsigned long flags;

		if (!spare)
			return;
		WRITE_ONCE(total, total + 1);
		raw_spin_lock_irqsave(&depot_lock, flags);
		depot_push(spare);
		raw_spin_unlock_irqrestore(&depot_lock, flags);
		cond_resched();
	}
}

static void shrink(unsigned long count)
{
	while (count--) {
		struct spare *spare;
		unsigned long flags;

		raw_spin_lock_irqsave(&depot_lock, flags);
		spare = depot_pop();
		raw_spin_unlock_irqrestore(&depot_lock, flags);
		if (!spare)
			return;
		kmem_cache_free(cache, spare);
		WRITE_ONCE(total, total - 1);
		cond_resched();
	}
}

static void resize(struct work_struct *work)
{
	unsigned long spare = READ_ONCE(depot_count);

	if (spare < low_mark())
		grow(min(clamp(total, 8UL * BATCH, RESERVE),
			 total_max - total));
	else if (spare > high_mark() && total > total_min)
		shrink(min(spare / 2, total - total_min));
}

/* Is there something for the work item to do? */
static void watch(void)
{
	unsigned long spare = READ_ONCE(depot_count);

	if (unlikely((spare < low_mark() && READ_ONCE(total) < total_max) ||
		     (spare > high_mark() && READ_ONCE(total) > total_min)))
		irq_work_queue(&ask_work);
}

/**
 * tcps_pool_refill() - wait until the stock is not low
 *
 * For process context, in which more is taken at once than the work item can
 * keep pace with.
 */
void tcps_pool_refill(void)
{
	while (READ_ONCE(depot_count) < low_mark() &&
	       READ_ONCE(total) < total_max) {
		unsigned long had = READ_ONCE(total);

		schedule_work(&resize_work);
		flush_work(&resize_work);
		if (READ_ONCE(total) == had)
			return; /* no memory */
	}
}

/*
 * What is kept for those who have a right to it, until the work item has run.
 * When nothing can be added any more, those who count see to it.
 */
static unsigned long reserve(void)
{
	return READ_ONCE(total) < total_max ? low_mark() / 4 : 0;
}

static noinline void fill(struct magazine *magazine, bool reserved)
{
	unsigned long keep = reserve();
	struct spare *spare;

	raw_spin_lock(&depot_lock);
	while (magazine->count < BATCH &&
	       (depot_count > keep || (reserved && !magazine->count)) &&
	       (spare = depot_pop())) {
		spare->next = magazine->top;
		magazine->top = spare;
		magazine->count++;
	}
	raw_spin_unlock(&depot_lock);
	watch();
}

/**
 * tcps_pool_get() - take an object
 * @reserved: of the reserve too
 *
 * Interrupts are off.
 *
 * Return: an object with undefined content, or NULL if there is none.
 */
void *tcps_pool_get(bool reserved)
{
	struct magazine *magazine = this_cpu_ptr(&magazines);
	struct spare *spare;

	if (unlikely(!magazine->top))
		fill(magazine, reserved);
	spare = magazine->top;
	if (spare) {
		magazine->top = spare->next;
		magazine->count--;
	}
	return spare;
}

/**
 * tcps_pool_put() - give an object back
 * @object: from tcps_pool_get()
 *
 * Interrupts are off.
 */
void tcps_pool_put(void *object)
{
	struct magazine *magazine = this_cpu_ptr(&magazines);
	struct spare *spare = object;

	spare->next = magazine->top;
	magazine->top = spare;
	if (likely(++magazine->count < 2 * BATCH))
		return;
	raw_spin_lock(&depot_lock);
	while (magazine->count > BATCH) {
		spare = magazine->top;
		magazine->top = spare->next;
		magazine->count--;
		depot_push(spare);
	}
	raw_spin_unlock(&depot_lock);
	watch();
}

/**
 * tcps_pool_init() - make the stock
 * @name: for /proc/slabinfo
 * @size: bytes of an object
 * @min: objects that are there from the start and always
 * @max: objects that there may ever be
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_pool_init(const char *name, size_t size, unsigned long min,
		   unsigned long max)
{
	compat_init_irq_work(&ask_work, ask);
	total_min = min;
	total_max = TCPS_BROKEN(TCPS_LAW_BOUNDS) ? 2 * max : max;
	cache = kmem_cache_create(name, size, 0, 0, NULL);
	if (!cache)
		return -ENOMEM;
	grow(min);
	if (total < min) {
		tcps_pool_exit();
		return -ENOMEM;
	}
	return 0;
}

/* No get or put runs any more: end what they asked for. */
void tcps_pool_quiet(void)
{
	irq_work_sync(&ask_work);
	cancel_work_sync(&resize_work);
}

/* After tcps_pool_quiet(), with every object given back. */
void tcps_pool_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct magazine *magazine = per_cpu_ptr(&magazines, cpu);
		struct spare *spare;

		while ((spare = magazine->top)) {
			magazine->top = spare->next;
			kmem_cache_free(cache, spare);
			total--;
		}
		magazine->count = 0;
	}
	shrink(ULONG_MAX);
	WARN_ON(total);
	kmem_cache_destroy(cache);
}

/* Objects there are, used or spare. */
unsigned long tcps_pool_size(void)
{
	return READ_ONCE(total);
}

/* Is there more than the reserve, or can there be? */
bool tcps_pool_room(void)
{
	return READ_ONCE(depot_count) > reserve();
}

/* Objects that may lie idle on other CPUs while one finds none. */
unsigned long tcps_pool_aside(void)
{
	return 2UL * BATCH * num_possible_cpus();
}

/* Objects that there may ever be. */
unsigned long tcps_pool_max(void)
{
	return total_max;
}
