// SPDX-License-Identifier: GPL-2.0
/*
 * A reader: a cursor in each ring, a filter, and its own books.
 *
 * Knows the recorder; must not know files, ioctls or user memory.
 */
#include "reader.h"

#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "arming.h"
#include "filter.h"
#include "live.h"

static DEFINE_MUTEX(readers_lock); /* covers the three; outside reader->lock */
static LIST_HEAD(readers);
static unsigned int readers_count;
static unsigned int readers_max; /* constant after init */

void tcps_readers_init(unsigned int max)
{
	readers_max = max;
}

unsigned int tcps_readers_max(void)
{
	return readers_max;
}

unsigned int tcps_readers_open(void)
{
	return READ_ONCE(readers_count);
}

/**
 * tcps_readers_walk() - call a function for each reader
 * @each: called with reader->lock held
 * @data: for it
 */
void tcps_readers_walk(void (*each)(struct tcps_reader *reader, void *data),
		       void *data)
{
	struct tcps_reader *reader;

	mutex_lock(&readers_lock);
	list_for_each_entry(reader, &readers, list) {
		mutex_lock(&reader->lock);
		each(reader, data);
		mutex_unlock(&reader->lock);
	}
	mutex_unlock(&readers_lock);
}

/* First record at or after a time; times in a ring never go back. */
static u64 find_time(const struct tcps_ring *ring, u64 mono_ns)
{
	u64 high = tcps_ring_head(ring);
	u64 low = high > ring->slots ? high - ring->slots : 0;

	while (low < high) {
		u64 mid = low + (high - low) / 2, time;

		/* What was overwritten meanwhile was older than all others. */
		if (!tcps_ring_time(ring, mid, &time) || time < mono_ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static u64 start_pos(const struct tcps_ring *ring,
		     const struct tcpstate_start *start)
{
	u64 head = tcps_ring_head(ring);

	switch (start->mode) {
	case TCPSTATE_START_OLDEST:
		return head > ring->slots ? head - ring->slots : 0;
	case TCPSTATE_START_SINCE:
		return find_time(ring, start->mono_ns);
	default:
		return head;
	}
}

static void place_on(struct tcps_reader *reader,
		     const struct tcpstate_start *start, int cpu)
{
	unsigned int i;

	reader->rare[cpu] = 0;
	for (i = 0; i < TCPS_RINGS; i++) {
		const struct tcps_ring *ring = tcps_recorder_ring(cpu, i);
		struct tcps_cursor *cursor = tcps_reader_cursor(reader, cpu, i);

		cursor->pos = 0;
		cursor->lost = 0;
		tcps_reader_skip(reader, cpu, i,
				 ring ? start_pos(ring, start) : 0);
		cursor->start = cursor->pos;
	}
}

/* @live is the reader's from now on. */
static void place(struct tcps_reader *reader,
		  const struct tcpstate_start *start, struct tcps_live *live)
{
	int cpu;

	reader->lanes = start->lanes;
	reader->turns.count = 0;
	reader->seq = 0;
	reader->stage_from = 0;
	reader->stage_to = 0;
	tcps_live_free(reader->live);
	reader->live = live;
	memset(&reader->stats, 0, sizeof(reader->stats));
	/* A CPU whose rings come later starts with its first record. */
	for_each_possible_cpu(cpu)
		place_on(reader, start, cpu);
}

/**
 * tcps_reader_make() - make a reader that starts now
 * @rights: what it may see
 *
 * Return: the reader, or an error pointer: -EBUSY if there are too many,
 * -ENOMEM.
 */
struct tcps_reader *tcps_reader_make(const struct tcps_reader_rights *rights)
{
	const struct tcpstate_start now = {
		.mode = TCPSTATE_START_NOW,
		.lanes = TCPSTATE_LANE_MAIN | TCPSTATE_LANE_RARE,
	};
	size_t rings = nr_cpu_ids * TCPS_RINGS;
	struct tcps_reader *reader;
	int err = -ENOMEM;

	reader = kvzalloc(struct_size(reader, cursors, rings),
			  GFP_KERNEL_ACCOUNT);
	if (!reader)
		return ERR_PTR(-ENOMEM);
	reader->stage = kmalloc(TCPS_STAGE_BYTES, GFP_KERNEL_ACCOUNT);
	reader->turns.heap = kvmalloc_array(rings, sizeof(struct tcps_turn),
					    GFP_KERNEL_ACCOUNT);
	reader->rare = kvcalloc(nr_cpu_ids, sizeof(u64), GFP_KERNEL_ACCOUNT);
	if (!reader->stage || !reader->turns.heap || !reader->rare)
		goto free;
	reader->sure = tcps_filter_sure(&reader->filter);
	mutex_init(&reader->turn);
	mutex_init(&reader->lock);
	reader->gen = rights->gen;
	reader->inum = rights->inum;
	reader->global = rights->global;
	reader->pid = task_tgid_nr(current);
	strscpy(reader->comm, current->group_leader->comm,
		sizeof(reader->comm));
	place(reader, &now, NULL);

	mutex_lock(&readers_lock);
	if (readers_count >= readers_max) {
		mutex_unlock(&readers_lock);
		err = -EBUSY;
		goto free;
	}
	WRITE_ONCE(readers_count, readers_count + 1);
	if (rights->pid_ns != &init_pid_ns)
		reader->pid_ns = get_pid_ns(rights->pid_ns);
	if (rights->user_ns != &init_user_ns)
		reader->user_ns = get_user_ns(rights->user_ns);
	list_add_tail(&reader->list, &readers);
	mutex_unlock(&readers_lock);
	return reader;
free:
	kvfree(reader->rare);
	kvfree(reader->turns.heap);
	kfree(reader->stage);
	kvfree(reader);
	return ERR_PTR(err);
}

/**
 * tcps_reader_end() - the file is closed
 * @reader: is freed
 */
void tcps_reader_end(struct tcps_reader *reader)
{
	mutex_lock(&readers_lock);
	list_del(&reader->list);
	WRITE_ONCE(readers_count, readers_count - 1);
	mutex_unlock(&readers_lock);
	tcps_arming_ask(reader->gen, &reader->arming, TCPS_ARMING_NOWHERE);
	if (reader->pid_ns)
		put_pid_ns(reader->pid_ns);
	if (reader->user_ns)
		put_user_ns(reader->user_ns);
	tcps_live_free(reader->live);
	kvfree(reader->rare);
	kvfree(reader->turns.heap);
	kfree(reader->stage);
	kvfree(reader);
}

/* Bytes that a read() must at least have room for. */
size_t tcps_reader_min(const struct tcps_reader *reader)
{
	return READ_ONCE(reader->lanes) & TCPSTATE_LANE_LIVES ?
		       TCPSTATE_LIFE_SIZE :
		       TCPSTATE_RECORD_SIZE;
}

/**
 * tcps_reader_check_start() - can a reader start like this?
 * @reader: the reader
 * @start: from the user, not checked; mono_ns is set to the result
 *
 * Changes nothing but @start.
 *
 * Return: 0, -EINVAL; see TCPSTATE_IOC_SET_START.
 */
int tcps_reader_check_start(const struct tcps_reader *reader,
			    struct tcpstate_start *start)
{
	unsigned int lane;
	u64 oldest = 0;

	if (start->mode > TCPSTATE_START_LIVE || !start->lanes ||
	    start->lanes & ~TCPSTATE_LANES_ALL || start->reserved ||
	    (start->mode != TCPSTATE_START_SINCE && start->mono_ns))
		return -EINVAL;
	if (!reader->global || start->mode == TCPSTATE_START_NOW ||
	    start->mode == TCPSTATE_START_LIVE)
		return 0;
	for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++) {
		if (start->lanes & BIT(lane))
			oldest = max(oldest, tcps_recorder_oldest(lane));
	}
	start->mono_ns = max(start->mono_ns, oldest);
	return 0;
}

/**
 * tcps_reader_set_start() - set start point and lanes
 * @reader: the reader
 * @start: passed tcps_reader_check_start()
 *
 * Return: 0, -ENOMEM or -ERESTARTSYS.
 */
int tcps_reader_set_start(struct tcps_reader *reader,
			  const struct tcpstate_start *start)
{
	struct tcps_live *live = NULL;

	if (start->mode == TCPSTATE_START_LIVE) {
		live = tcps_live_make();
		if (!live)
			return -ENOMEM;
	}
	if (mutex_lock_interruptible(&reader->turn)) {
		tcps_live_free(live);
		return -ERESTARTSYS;
	}
	mutex_lock(&reader->lock);
	place(reader, start, live);
	mutex_unlock(&reader->lock);
	mutex_unlock(&reader->turn);
	return 0;
}
