// SPDX-License-Identifier: GPL-2.0
/*
 * A reader: a cursor in each ring, a filter, and its own books.
 *
 * Knows the recorder; must not know files, ioctls or user memory.
 *
 * Records are merged from the rings into the stage, a small buffer of the
 * reader's own, and leave the stage one by one when they have been copied to
 * the user. A record in the stage cannot be overwritten any more, and counts
 * as pending.
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

#include "recorder.h"

#define EVENTS_ALL	(GENMASK_ULL(TCPSTATE_EVENT_COUNT - 1, 1))
#define STATES_ALL	(GENMASK(TCPSTATE_STATE_COUNT - 1, 1))

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

static struct tcps_cursor *cursor_of(struct tcps_reader *reader, int cpu,
				     unsigned int lane)
{
	return &reader->cursors[cpu * TCPSTATE_LANE_COUNT + lane];
}

/* All (cpu, lane, ring, cursor) that the reader reads. */
#define for_each_cursor(reader, cpu, lane, ring, cursor)		\
	for_each_possible_cpu(cpu)					\
		for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++)	\
			if (!((reader)->lanes & BIT(lane)) ||		\
			    !((ring) = tcps_recorder_ring(cpu, lane)) || \
			    !((cursor) = cursor_of(reader, cpu, lane))) \
				continue;				\
			else

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

static void place(struct tcps_reader *reader,
		  const struct tcpstate_start *start)
{
	const struct tcps_ring *ring;
	unsigned int lane;
	int cpu;

	reader->lanes = start->lanes;
	reader->seq = 0;
	reader->stage_from = 0;
	reader->stage_to = 0;
	memset(&reader->stats, 0, sizeof(reader->stats));
	/* A CPU whose rings come later starts with its first record. */
	for_each_possible_cpu(cpu) {
		for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++) {
			struct tcps_cursor *cursor =
				cursor_of(reader, cpu, lane);

			ring = tcps_recorder_ring(cpu, lane);
			cursor->pos = ring ? start_pos(ring, start) : 0;
			cursor->start = cursor->pos;
			cursor->lost = 0;
		}
	}
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
	struct tcps_reader *reader;
	int err = -ENOMEM;

	reader = kvzalloc(struct_size(reader, cursors,
				      nr_cpu_ids * TCPSTATE_LANE_COUNT),
			  GFP_KERNEL_ACCOUNT);
	if (!reader)
		return ERR_PTR(-ENOMEM);
	reader->stage = kmalloc(TCPS_STAGE_BYTES, GFP_KERNEL_ACCOUNT);
	if (!reader->stage)
		goto free;
	mutex_init(&reader->lock);
	reader->gen = rights->gen;
	reader->inum = rights->inum;
	reader->global = rights->global;
	reader->pid = task_tgid_nr(current);
	strscpy(reader->comm, current->group_leader->comm,
		sizeof(reader->comm));
	place(reader, &now);

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
	if (reader->pid_ns)
		put_pid_ns(reader->pid_ns);
	if (reader->user_ns)
		put_user_ns(reader->user_ns);
	kfree(reader->stage);
	kvfree(reader);
}

static bool listed(const u16 *ports, unsigned int count, u16 port)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (ports[i] == port)
			return true;
	}
	return !count;
}

static bool visible(const struct tcps_reader *reader,
		    const struct tcpstate_record *rec)
{
	return rec->netns_gen == reader->gen ||
	       (reader->global &&
		reader->filter.flags & TCPSTATE_FILTER_ALL_NETNS);
}

static bool wanted(const struct tcps_reader *reader,
		   const struct tcpstate_record *rec)
{
	const struct tcpstate_filter *f = &reader->filter;

	if (rec->type == TCPSTATE_EVENT_LOST)
		return true;
	if (f->events && !(f->events & BIT_ULL(rec->type)))
		return false;
	if (f->family && f->family != rec->family)
		return false;
	if (rec->type == TCPSTATE_EVENT_STATE) {
		if (f->old_states && !(f->old_states & BIT(rec->old_state)))
			return false;
		if (f->new_states && !(f->new_states & BIT(rec->new_state)))
			return false;
	}
	return listed(f->lports, f->nr_lports, rec->lport) &&
	       listed(f->rports, f->nr_rports, rec->rport);
}

/*
 * Does the reader get this record? If not, count it. Records of other
 * namespaces are not counted for a reader that may not know of them.
 */
static bool pass(struct tcps_reader *reader, const struct tcpstate_record *rec)
{
	/* A LOST record in a ring is about recording as a whole. */
	if (rec->type == TCPSTATE_EVENT_LOST && !rec->netns_gen)
		return true;
	if (visible(reader, rec)) {
		if (wanted(reader, rec))
			return true;
		reader->stats.filtered++;
	} else if (reader->global) {
		reader->stats.filtered++;
	}
	return false;
}

static u32 pid_for(const struct tcps_reader *reader, u32 nr)
{
	u32 result;

	if (!nr || !reader->pid_ns)
		return nr;
	rcu_read_lock();
	result = pid_nr_ns(find_pid_ns(nr, &init_pid_ns), reader->pid_ns);
	rcu_read_unlock();
	return result;
}

/* Ids as the opener's namespaces have them. */
static void translate(const struct tcps_reader *reader,
		      struct tcpstate_record *rec)
{
	rec->tgid = pid_for(reader, rec->tgid);
	if (rec->type == TCPSTATE_EVENT_STATE)
		rec->state.actor = pid_for(reader, rec->state.actor);
	if (reader->user_ns)
		rec->uid = from_kuid_munged(reader->user_ns,
					    KUIDT_INIT(rec->uid));
}

static struct tcpstate_record *stage_end(struct tcps_reader *reader)
{
	return (struct tcpstate_record *)(reader->stage + reader->stage_to);
}

static void stage_lost(struct tcps_reader *reader, u64 count, u64 time,
		       int cpu, unsigned int lane)
{
	struct tcpstate_record *rec = stage_end(reader);

	memset(rec, 0, sizeof(*rec));
	rec->size = sizeof(*rec);
	rec->type = TCPSTATE_EVENT_LOST;
	rec->mono_ns = time;
	rec->netns_inum = reader->inum;
	rec->netns_gen = reader->gen;
	rec->lost.lane = BIT(lane);
	if (reader->global) {
		rec->lost.count = count;
		rec->lost.cpu = cpu;
	} else {
		rec->flags = TCPSTATE_F_SCOPED;
	}
	reader->stage_to += sizeof(*rec);
}

/*
 * Time of the record at the cursor. Moves the cursor beyond what was
 * overwritten and counts that. Returns false if there is none yet.
 */
static bool look(struct tcps_reader *reader, const struct tcps_ring *ring,
		 struct tcps_cursor *cursor, u64 *time)
{
	for (;;) {
		u64 head = tcps_ring_head(ring), skip;

		if (cursor->pos == head)
			return false;
		if (head - cursor->pos > ring->slots)
			skip = head - ring->slots - cursor->pos;
		else if (tcps_ring_time(ring, cursor->pos, time))
			return true;
		else
			skip = 1; /* it is being overwritten right now */
		cursor->pos += skip;
		cursor->lost += skip;
		reader->stats.lost += skip;
	}
}

/* The ring whose next record is the oldest, if older than the cut. */
struct turn {
	const struct tcps_ring *ring;
	struct tcps_cursor *cursor;
	unsigned int lane;
	int cpu;
	u64 time;
	u64 until; /* no other ring has anything older than this */
};

static bool next_turn(struct tcps_reader *reader, u64 cut, struct turn *turn)
{
	const struct tcps_ring *ring;
	struct tcps_cursor *cursor;
	unsigned int lane;
	int cpu;

	turn->ring = NULL;
	turn->time = cut;
	turn->until = cut;
	for_each_cursor(reader, cpu, lane, ring, cursor) {
		u64 time;

		if (!look(reader, ring, cursor, &time))
			continue;
		if (time < turn->time) {
			turn->until = turn->time;
			turn->ring = ring;
			turn->cursor = cursor;
			turn->lane = lane;
			turn->cpu = cpu;
			turn->time = time;
		} else if (time < turn->until) {
			turn->until = time;
		}
	}
	return turn->ring;
}

/* Take records from one ring while they are older than all others. */
static bool take_turn(struct tcps_reader *reader, struct turn *turn)
{
	while (reader->stage_to <= TCPS_STAGE_BYTES - TCPSTATE_LIFE_SIZE -
					   TCPSTATE_RECORD_SIZE) {
		struct tcpstate_record *rec;
		u64 lost = turn->cursor->lost;

		if (lost) {
			turn->cursor->lost = 0;
			stage_lost(reader, lost, turn->time, turn->cpu,
				   turn->lane);
		}
		rec = stage_end(reader);
		if (tcps_ring_copy(turn->ring, turn->cursor->pos, rec)) {
			turn->cursor->pos++;
			if (pass(reader, rec)) {
				translate(reader, rec);
				reader->stage_to += rec->size;
			}
		}
		/* Overwritten between look and copy: look again finds it. */
		if (!look(reader, turn->ring, turn->cursor, &turn->time) ||
		    turn->time >= turn->until)
			return true;
	}
	return false;
}

/**
 * tcps_reader_fill() - get records into the stage if it is empty
 * @reader: its lock is held
 *
 * This is the one condition for read, poll and sleeping.
 *
 * Return: true if there is a record to deliver.
 */
bool tcps_reader_fill(struct tcps_reader *reader)
{
	struct turn turn;
	u64 cut;

	if (reader->stage_from < reader->stage_to)
		return true;
	reader->stage_from = 0;
	reader->stage_to = 0;

	cut = tcps_recorder_cut();
	if (!tcps_recorder_settle())
		return false;
	while (next_turn(reader, cut, &turn)) {
		if (!take_turn(reader, &turn))
			break;
		cond_resched();
	}
	return reader->stage_to > 0;
}

/**
 * tcps_reader_peek() - the next record to deliver
 * @reader: its lock is held, and tcps_reader_fill() said true
 *
 * Return: the record, numbered.
 */
struct tcpstate_record *tcps_reader_peek(struct tcps_reader *reader)
{
	struct tcpstate_record *rec =
		(struct tcpstate_record *)(reader->stage + reader->stage_from);

	rec->seq = reader->seq + 1;
	return rec;
}

/* Was this LOST record made for the reader, and not found in a ring? */
static bool made_here(const struct tcpstate_record *rec)
{
	return rec->type == TCPSTATE_EVENT_LOST && rec->netns_gen;
}

/**
 * tcps_reader_took() - the record from tcps_reader_peek() was delivered
 * @reader: its lock is held
 */
void tcps_reader_took(struct tcps_reader *reader)
{
	struct tcpstate_record *rec = tcps_reader_peek(reader);

	reader->seq++;
	reader->stage_from += rec->size;
	if (made_here(rec))
		reader->stats.lost_runs++;
	else
		reader->stats.delivered++;
}

/* Bytes that a read() must at least have room for. */
size_t tcps_reader_min(const struct tcps_reader *reader)
{
	return READ_ONCE(reader->lanes) & TCPSTATE_LANE_LIVES ?
		       TCPSTATE_LIFE_SIZE :
		       TCPSTATE_RECORD_SIZE;
}

static bool ports_bad(const u16 *ports, unsigned int count)
{
	return count > TCPSTATE_FILTER_PORTS ||
	       memchr_inv(ports + count, 0,
			  (TCPSTATE_FILTER_PORTS - count) * sizeof(*ports));
}

/* A filter set while records are staged counts for them too. */
static void filter_stage(struct tcps_reader *reader)
{
	u32 from = reader->stage_from, to = 0;

	while (from < reader->stage_to) {
		struct tcpstate_record *rec =
			(struct tcpstate_record *)(reader->stage + from);
		u32 size = rec->size;

		from += size;
		if (made_here(rec) || pass(reader, rec)) {
			memmove(reader->stage + to, rec, size);
			to += size;
		}
	}
	reader->stage_from = 0;
	reader->stage_to = to;
}

/**
 * tcps_reader_set_filter() - replace the filter
 * @reader: the reader
 * @filter: from the user, not checked
 *
 * Return: 0, -EINVAL, -EPERM; see TCPSTATE_IOC_SET_FILTER.
 */
int tcps_reader_set_filter(struct tcps_reader *reader,
			   const struct tcpstate_filter *filter)
{
	if (filter->events & ~EVENTS_ALL ||
	    filter->flags & ~TCPSTATE_FILTER_ALL_NETNS ||
	    filter->old_states & ~STATES_ALL ||
	    filter->new_states & ~STATES_ALL ||
	    (filter->family && filter->family != AF_INET &&
	     filter->family != AF_INET6) ||
	    ports_bad(filter->lports, filter->nr_lports) ||
	    ports_bad(filter->rports, filter->nr_rports) ||
	    memchr_inv(filter->reserved, 0, sizeof(filter->reserved)))
		return -EINVAL;
	if (filter->flags & TCPSTATE_FILTER_ALL_NETNS && !reader->global)
		return -EPERM;

	mutex_lock(&reader->lock);
	reader->filter = *filter;
	filter_stage(reader);
	mutex_unlock(&reader->lock);
	return 0;
}

/**
 * tcps_reader_set_start() - set start point and lanes
 * @reader: the reader
 * @start: from the user, not checked; mono_ns is updated
 *
 * Return: 0, -EINVAL; see TCPSTATE_IOC_SET_START.
 */
int tcps_reader_set_start(struct tcps_reader *reader,
			  struct tcpstate_start *start)
{
	unsigned int lane;
	u64 oldest = 0;

	if (start->mode > TCPSTATE_START_SINCE || !start->lanes ||
	    start->lanes & ~TCPSTATE_LANES_ALL || start->reserved ||
	    (start->mode != TCPSTATE_START_SINCE && start->mono_ns))
		return -EINVAL;

	mutex_lock(&reader->lock);
	place(reader, start);
	mutex_unlock(&reader->lock);

	if (!reader->global || start->mode == TCPSTATE_START_NOW)
		return 0;
	for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++) {
		if (start->lanes & BIT(lane))
			oldest = max(oldest, tcps_recorder_oldest(lane));
	}
	start->mono_ns = max(start->mono_ns, oldest);
	return 0;
}

static u64 staged(const struct tcps_reader *reader)
{
	u32 from = reader->stage_from;
	u64 count = 0;

	while (from < reader->stage_to) {
		const struct tcpstate_record *rec =
			(const struct tcpstate_record *)(reader->stage + from);

		count += !made_here(rec);
		from += rec->size;
	}
	return count;
}

/**
 * tcps_reader_stats() - the books of a reader
 * @reader: its lock is held
 * @stats: result
 */
void tcps_reader_stats(struct tcps_reader *reader, struct tcpstate_stats *stats)
{
	const struct tcps_ring *ring;
	struct tcps_cursor *cursor;
	unsigned int lane;
	u64 recorded = 0, pending = staged(reader), time;
	int cpu;

	for_each_cursor(reader, cpu, lane, ring, cursor) {
		u64 head;

		look(reader, ring, cursor, &time); /* find what was lost */
		head = tcps_ring_head(ring);
		recorded += head - cursor->start;
		pending += head - cursor->pos;
	}
	*stats = reader->stats;
	if (reader->global) {
		stats->recorded = recorded;
		stats->pending = pending;
	} else {
		stats->lost = !!stats->lost;
		stats->flags = TCPSTATE_F_SCOPED;
	}
}
