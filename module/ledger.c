// SPDX-License-Identifier: GPL-2.0
/*
 * What is counted in one network namespace: its cells and histograms, and the
 * memory for them.
 *
 * Must not know what a namespace is.
 *
 * Hooks allocate nothing. A histogram that is missing is taken from a small
 * stock, and the namespace asks for more memory; a work item gives it that, and
 * fills the stock. Memory is charged to who made the namespace, but for that from
 * the stock, which is for the first connections only: whoever cannot pay for the
 * rest gets nothing more.
 */
#include "ledger.h"

#include <linux/cache.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "compat.h"

#define STOCK 32

/*
 * A namespace costs no more than this, whatever the number of CPUs: 4 KiB with
 * what netns.h adds while there is no TCP in it, 64 KiB with.
 */
static_assert(sizeof(struct tcps_cells) + sizeof(struct tcps_ledger) <= 3584);
static_assert(TCPS_LEDGER_BLOCKS * sizeof(struct tcps_cells) +
		      TCPSTATE_STATE_COUNT * sizeof(struct tcps_histogram) +
		      sizeof(struct tcps_ledger) <=
	      60 * 1024);

DEFINE_PER_CPU(unsigned long, tcps_stripe);

/* In place of one that is missing, and in that of those of the dead. */
static struct tcps_histogram missing = { .max = ATOMIC64_INIT(-1) };
static struct tcps_histogram nobodys = { .max = ATOMIC64_INIT(S64_MAX) };

static struct kmem_cache *cells_cache, *histogram_cache;
static struct tcps_cells *dead_cells; /* constant after init */

/* A histogram in stock; all 0 but for this. */
struct stocked {
	struct stocked *next;
};

static DEFINE_RAW_SPINLOCK(stock_lock); /* covers the below */
static struct stocked *stock;
static unsigned int stock_size;

static void (*tell_wanted)(void); /* constant after init */
static void fill(struct work_struct *work);
static DECLARE_WORK(fill_work, fill);
static struct irq_work want_work;

static void start_fill(struct irq_work *work)
{
	schedule_work(&fill_work);
}

static void put_stock(struct tcps_histogram *histogram)
{
	struct stocked *one = (struct stocked *)histogram;
	unsigned long flags;

	raw_spin_lock_irqsave(&stock_lock, flags);
	one->next = stock;
	stock = one;
	WRITE_ONCE(stock_size, stock_size + 1);
	raw_spin_unlock_irqrestore(&stock_lock, flags);
}

static struct tcps_histogram *take_stock(void)
{
	struct stocked *one;
	unsigned long flags;

	raw_spin_lock_irqsave(&stock_lock, flags);
	one = stock;
	if (one) {
		stock = one->next;
		one->next = NULL;
		WRITE_ONCE(stock_size, stock_size - 1);
	}
	raw_spin_unlock_irqrestore(&stock_lock, flags);
	return (struct tcps_histogram *)one;
}

static int fill_stock(void)
{
	while (READ_ONCE(stock_size) < STOCK) {
		struct tcps_histogram *histogram =
			kmem_cache_zalloc(histogram_cache, GFP_KERNEL);

		if (!histogram)
			return -ENOMEM;
		put_stock(histogram);
	}
	return 0;
}

static void fill(struct work_struct *work)
{
	fill_stock();
	tell_wanted();
}

/* The one that is there now; from the stock if there was none. */
static struct tcps_histogram *find_histogram(struct tcps_ledger *ledger,
					     unsigned int state)
{
	struct tcps_histogram *seen = READ_ONCE(ledger->dwell[state]), *mine;

	if (seen != &missing)
		return seen;
	if (READ_ONCE(ledger->broke))
		return NULL;
	WRITE_ONCE(ledger->wants, true);
	irq_work_queue(&want_work);
	mine = take_stock();
	if (!mine)
		return NULL;
	seen = cmpxchg(&ledger->dwell[state], &missing, mine);
	if (seen == &missing)
		return mine;
	put_stock(mine);
	return seen;
}

/**
 * tcps_ledger_longest() - the longest time of all, or there is no histogram yet
 * @ledger: of the namespace
 * @state: that was left
 * @histogram: its histogram
 * @ns: how long it lasted
 */
noinline void tcps_ledger_longest(struct tcps_ledger *ledger,
				  unsigned int state,
				  struct tcps_histogram *histogram, u64 ns)
{
	if (histogram == &missing)
		histogram = find_histogram(ledger, state);
	if (histogram)
		tcps_histogram_add(histogram, ns);
	else
		atomic64_inc(&ledger->untimed);
}

static void set_cells(struct tcps_ledger *ledger, unsigned int blocks)
{
	unsigned int i;

	for (i = 0; i < TCPS_LEDGER_STRIPES; i++)
		WRITE_ONCE(ledger->cells[i], ledger->block[i % blocks]);
}

static void set_dwell(struct tcps_ledger *ledger, struct tcps_histogram *to)
{
	unsigned int i;

	for (i = 0; i < TCPSTATE_STATE_COUNT; i++)
		ledger->histogram[i] = xchg(&ledger->dwell[i], to);
}

static unsigned int host_stripes(void)
{
	return min_t(unsigned int, roundup_pow_of_two(nr_cpu_ids),
		     TCPS_LEDGER_STRIPES);
}

/**
 * tcps_ledger_open() - begin to count
 * @ledger: all 0
 * @host: of the initial namespace, which gets as many cells as there are
 *	stripes, at once
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_ledger_open(struct tcps_ledger *ledger, bool host)
{
	unsigned int i;

	ledger->first = host ? host_stripes() : 1;
	ledger->block[0] = host ? kvcalloc(ledger->first,
					   sizeof(struct tcps_cells),
					   GFP_KERNEL) :
				  kmem_cache_zalloc(cells_cache, GFP_KERNEL);
	if (!ledger->block[0])
		return -ENOMEM;
	for (i = 0; i < TCPS_LEDGER_STRIPES; i++)
		ledger->cells[i] = ledger->block[0] + i % ledger->first;
	for (i = 0; i < TCPSTATE_STATE_COUNT; i++)
		ledger->dwell[i] = &missing;
	ledger->payer = compat_payer_get();
	return 0;
}

static void grow_cells(struct tcps_ledger *ledger)
{
	unsigned int blocks =
		min_t(unsigned int, host_stripes(), TCPS_LEDGER_BLOCKS);
	unsigned int i;

	if (ledger->first > 1)
		return;
	for (i = 1; i < blocks; i++) {
		if (!ledger->block[i])
			WRITE_ONCE(ledger->block[i],
				   kmem_cache_zalloc(cells_cache,
						     GFP_KERNEL_ACCOUNT));
		if (!ledger->block[i]) {
			WRITE_ONCE(ledger->broke, true);
			return;
		}
	}
	smp_wmb(); /* who adds up sees the blocks in which is counted */
	set_cells(ledger, blocks);
}

static void grow_dwell(struct tcps_ledger *ledger)
{
	unsigned int i;

	for (i = 1; i < TCPSTATE_STATE_COUNT; i++) {
		struct tcps_histogram *histogram;

		if (i == TCPSTATE_CLOSE || i == TCPSTATE_LISTEN ||
		    READ_ONCE(ledger->dwell[i]) != &missing)
			continue;
		histogram =
			kmem_cache_zalloc(histogram_cache, GFP_KERNEL_ACCOUNT);
		if (!histogram) {
			WRITE_ONCE(ledger->broke, true);
			return;
		}
		if (cmpxchg(&ledger->dwell[i], &missing, histogram) != &missing)
			kmem_cache_free(histogram_cache, histogram);
	}
}

/**
 * tcps_ledger_grow() - give a namespace that is used the memory it wants
 * @ledger: not to be closed meanwhile; one at a time
 */
void tcps_ledger_grow(struct tcps_ledger *ledger)
{
	struct mem_cgroup *before;

	if (!READ_ONCE(ledger->wants))
		return;
	WRITE_ONCE(ledger->wants, false);
	before = compat_payer_set(ledger->payer);
	grow_cells(ledger);
	grow_dwell(ledger);
	compat_payer_set(before);
}

/**
 * tcps_ledger_close() - count what comes now with that of all the dead
 * @ledger: which
 */
void tcps_ledger_close(struct tcps_ledger *ledger)
{
	unsigned int i;

	for (i = 0; i < TCPS_LEDGER_STRIPES; i++)
		WRITE_ONCE(ledger->cells[i], dead_cells + i % host_stripes());
	set_dwell(ledger, &nobodys);
}

/**
 * tcps_ledger_free() - give its memory back
 * @ledger: closed, and an RCU grace period has passed since
 */
void tcps_ledger_free(struct tcps_ledger *ledger)
{
	unsigned int i;

	for (i = 0; i < TCPS_LEDGER_BLOCKS; i++) {
		kvfree(ledger->block[i]);
		ledger->block[i] = NULL;
	}
	for (i = 0; i < TCPSTATE_STATE_COUNT; i++) {
		if (ledger->histogram[i] && ledger->histogram[i] != &missing)
			kmem_cache_free(histogram_cache, ledger->histogram[i]);
		ledger->histogram[i] = NULL;
	}
	compat_payer_put(ledger->payer);
	ledger->payer = NULL;
}

/**
 * tcps_ledger_fold() - add up what was counted in a namespace
 * @sum: grows
 * @ledger: of the namespace
 */
void tcps_ledger_fold(struct tcps_cells *sum, const struct tcps_ledger *ledger)
{
	unsigned int i;

	for (i = 0; i < ledger->first; i++)
		tcps_counters_add(sum, ledger->block[0] + i);
	for (i = 1; i < TCPS_LEDGER_BLOCKS; i++) {
		const struct tcps_cells *cells = READ_ONCE(ledger->block[i]);

		if (cells)
			tcps_counters_add(sum, cells);
	}
}

/**
 * tcps_ledger_fold_dead() - add up what was counted in namespaces after they went
 * @sum: grows
 */
void tcps_ledger_fold_dead(struct tcps_cells *sum)
{
	unsigned int i;

	for (i = 0; i < host_stripes(); i++)
		tcps_counters_add(sum, dead_cells + i);
}

/**
 * tcps_ledger_has_dwell() - was a state ever left?
 * @ledger: of the namespace
 * @state: the state
 *
 * Return: true if there is a histogram of it.
 */
bool tcps_ledger_has_dwell(const struct tcps_ledger *ledger, unsigned int state)
{
	return READ_ONCE(ledger->dwell[state]) != &missing;
}

/**
 * tcps_ledger_bytes() - what a namespace costs
 * @ledger: of the namespace
 *
 * Return: bytes beside the struct itself.
 */
size_t tcps_ledger_bytes(const struct tcps_ledger *ledger)
{
	size_t bytes = ledger->first * sizeof(struct tcps_cells);
	unsigned int i;

	for (i = 1; i < TCPS_LEDGER_BLOCKS; i++) {
		if (READ_ONCE(ledger->block[i]))
			bytes += sizeof(struct tcps_cells);
	}
	for (i = 0; i < TCPSTATE_STATE_COUNT; i++) {
		if (tcps_ledger_has_dwell(ledger, i))
			bytes += sizeof(struct tcps_histogram);
	}
	return bytes;
}

/**
 * tcps_ledger_init() - before anything is counted
 * @wanted: called when namespaces want memory: tcps_ledger_grow() each
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_ledger_init(void (*wanted)(void))
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(tcps_stripe, cpu) = cpu % TCPS_LEDGER_STRIPES;
	tell_wanted = wanted;
	compat_init_irq_work(&want_work, start_fill);
	cells_cache = kmem_cache_create("tcpstate_cells",
					sizeof(struct tcps_cells), 0,
					SLAB_ACCOUNT, NULL);
	histogram_cache = kmem_cache_create("tcpstate_histogram",
					    sizeof(struct tcps_histogram), 0,
					    SLAB_ACCOUNT, NULL);
	dead_cells = kvcalloc(host_stripes(), sizeof(*dead_cells), GFP_KERNEL);
	if (!cells_cache || !histogram_cache || !dead_cells || fill_stock()) {
		tcps_ledger_exit();
		return -ENOMEM;
	}
	return 0;
}

/* No hook runs any more; namespaces are still there. */
void tcps_ledger_quiet(void)
{
	irq_work_sync(&want_work);
	cancel_work_sync(&fill_work);
}

/* All are free. */
void tcps_ledger_exit(void)
{
	struct tcps_histogram *histogram;

	while ((histogram = take_stock()))
		kmem_cache_free(histogram_cache, histogram);
	kvfree(dead_cells);
	kmem_cache_destroy(histogram_cache);
	kmem_cache_destroy(cells_cache);
}
