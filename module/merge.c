// SPDX-License-Identifier: GPL-2.0
/*
 * From rings to reader: records merged by time, filtered, translated, counted.
 *
 * Knows the recorder and struct tcps_reader; must not know files, ioctls or
 * user memory. All functions need reader->lock but set_filter, which takes both.
 *
 * Records are merged into the stage, a small buffer of the reader's own, and
 * leave it one by one when they have been copied to the user. A record in the
 * stage cannot be overwritten any more, and counts as pending.
 */
#include "merge.h"

#include <linux/bits.h>
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "arming.h"
#include "broken.h"
#include "ended.h"
#include "filter.h"
#include "live.h"
#include "reader.h"
#include "recorder.h"
#include "turns.h"

static bool visible(const struct tcps_reader *reader,
		    const struct tcpstate_record *rec)
{
	return rec->netns_gen == reader->gen ||
	       (reader->global &&
		reader->filter.flags & TCPSTATE_FILTER_ALL_NETNS);
}

/* A record made for this reader, which no ring has: in no statistics. */
static bool is_extra(const struct tcpstate_record *rec)
{
	return rec->flags & TCPSTATE_F_SNAPSHOT ||
	       (rec->type == TCPSTATE_EVENT_LOST && rec->netns_gen);
}

static bool wanted(const struct tcps_reader *reader,
		   const struct tcpstate_record *rec)
{
	return rec->type == TCPSTATE_EVENT_LOST ||
	       (visible(reader, rec) &&
		(reader->sure & BIT_ULL(rec->type) ||
		 tcps_filter_match(&reader->filter, rec)));
}

/*
 * Does the reader get this record? If not, count it. Records of other
 * namespaces are not counted for a reader that may not know of them.
 */
static bool pass(struct tcps_reader *reader, const struct tcpstate_record *rec)
{
	if (is_extra(rec))
		return wanted(reader, rec);
	if (reader->live && tcps_live_told(reader->live, rec)) {
		reader->stats.filtered += reader->global ||
					  visible(reader, rec);
		return false;
	}
	/*
	 * A LOST record in a ring is about recording as a whole and stands in
	 * each lane: it counts in the first lane that the reader reads.
	 */
	if (rec->type == TCPSTATE_EVENT_LOST && !rec->netns_gen) {
		if (rec->lost.lane == BIT(__ffs(reader->lanes)))
			return true;
		reader->stats.filtered += reader->global;
		return false;
	}
	if (wanted(reader, rec))
		return true;
	reader->stats.filtered += reader->global || visible(reader, rec);
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
	if (likely(!reader->pid_ns && !reader->user_ns))
		return;
	rec->tgid = pid_for(reader, rec->tgid);
	if (rec->type == TCPSTATE_EVENT_STATE)
		rec->state.actor = pid_for(reader, rec->state.actor);
	if (reader->user_ns && rec->cookie)
		rec->uid =
			from_kuid_munged(reader->user_ns, KUIDT_INIT(rec->uid));
}

static struct tcpstate_record *stage_end(struct tcps_reader *reader)
{
	return (struct tcpstate_record *)(reader->stage + reader->stage_to);
}

static void stage_lost(struct tcps_reader *reader, const struct tcps_spot *spot,
		       u64 time)
{
	struct tcpstate_record *rec = stage_end(reader);

	memset(rec, 0, sizeof(*rec));
	rec->size = sizeof(*rec);
	rec->type = TCPSTATE_EVENT_LOST;
	rec->mono_ns = time;
	rec->netns_inum = reader->inum;
	rec->netns_gen = reader->gen;
	rec->lost.lane = BIT(tcps_lane_of_ring(spot->number));
	if (reader->global) {
		rec->lost.count = spot->cursor->lost;
		rec->lost.cpu = spot->cpu;
	} else {
		rec->flags = TCPSTATE_F_SCOPED;
	}
	reader->stage_to += sizeof(*rec);
}

static bool stage_has_room(const struct tcps_reader *reader)
{
	/* For the largest record and a LOST record before it. */
	return reader->stage_to + TCPSTATE_LIFE_SIZE + TCPSTATE_RECORD_SIZE <=
	       TCPS_STAGE_BYTES;
}

/* Once the stream is beyond the last look nothing in it was told before. */
static void end_live(struct tcps_reader *reader,
		     const struct tcpstate_record *rec)
{
	if (likely(!reader->live) ||
	    !tcps_live_done(reader->live, rec->mono_ns))
		return;
	tcps_live_free(reader->live);
	reader->live = NULL;
}

/* Connections that are alive. Returns false if all have been told. */
static bool fill_live(struct tcps_reader *reader)
{
	while (stage_has_room(reader)) {
		struct tcpstate_record *rec = stage_end(reader);

		if (!tcps_live_next(reader->live, rec))
			break;
		if (!wanted(reader, rec)) {
			if (signal_pending(current))
				break;
			continue;
		}
		if (rec->type == TCPSTATE_EVENT_LOST && !reader->global) {
			rec->flags |= TCPSTATE_F_SCOPED;
			rec->lost.count = 0;
		}
		translate(reader, rec);
		reader->stage_to += rec->size;
	}
	return reader->stage_to > 0;
}

/*
 * A filter can want none of a whole ring: let others run every few dozen
 * records. Returns false for somebody who has a signal.
 */
static bool may_go_on(unsigned int *seen)
{
	if (++*seen % 64)
		return true;
	cond_resched();
	return !signal_pending(current);
}

/*
 * Take records from one ring while they are older than @until. Returns false if
 * the stage is full, or for somebody who has a signal.
 */
static bool take_turn(struct tcps_reader *reader, const struct tcps_spot *spot,
		      u64 until, unsigned int *seen)
{
	struct tcps_cursor *cursor = spot->cursor;
	const bool rare = tcps_ring_is_rare(spot->number);
	u64 head, time;

	if (!tcps_spot_look(reader, spot, &time) || time >= until)
		return true;
	/* What is written from now on is later than the cut. */
	head = tcps_ring_head(spot->ring);
	while (stage_has_room(reader)) {
		struct tcpstate_record *rec;

		if (cursor->lost) {
			stage_lost(reader, spot, time);
			cursor->lost = 0;
		}
		rec = stage_end(reader);
		/* If it was overwritten since the look, the next look tells. */
		if (cursor->pos == head ||
		    !tcps_ring_copy(spot->ring, cursor->pos, rec) ||
		    rec->mono_ns >= until)
			return true;
		if (spot->number == TCPS_RING_LIVES)
			tcps_life_expand((void *)rec);
		cursor->pos++;
		if (unlikely(rare))
			reader->rare[spot->cpu]++;
		end_live(reader, rec);
		if (!TCPS_BROKEN_NOW(TCPS_LAW_LOSS) && pass(reader, rec)) {
			translate(reader, rec);
			reader->stage_to += rec->size;
		}
		if (!may_go_on(seen))
			return false;
	}
	return false;
}

/**
 * tcps_merge_fill() - get records into the stage if it is empty
 * @reader: its lock is held
 *
 * This is the one condition for read, poll and sleeping.
 *
 * Return: true if there is a record to deliver.
 */
bool tcps_merge_fill(struct tcps_reader *reader)
{
	struct tcps_spot spot;
	unsigned int seen = 0;
	u64 cut, until;
	bool anew;

	if (reader->stage_from < reader->stage_to)
		return true;
	reader->stage_from = 0;
	reader->stage_to = 0;
	if (reader->live && fill_live(reader))
		return true;
	/* A signal came before all were told, which are told before the stream. */
	if (reader->live && !tcps_live_over(reader->live))
		return false;

	/* What an earlier cut left can be nothing, and there is more behind. */
	do {
		anew = !reader->turns.count;
		if (anew) {
			cut = tcps_recorder_cut();
			if (!tcps_recorder_settle())
				return false;
			tcps_turns_begin(reader, cut);
		}
		while ((until = tcps_turns_first(reader, &spot))) {
			if (!take_turn(reader, &spot, until, &seen))
				break;
			tcps_turns_over(reader, &spot);
			cond_resched();
		}
	} while (!anew && !reader->stage_to && !signal_pending(current));
	return reader->stage_to > 0;
}

static struct tcpstate_record *staged_at(struct tcps_reader *reader, u32 from)
{
	return (struct tcpstate_record *)(reader->stage + from);
}

/**
 * tcps_merge_peek() - the next records to deliver
 * @reader: its lock is held, and tcps_merge_fill() said true
 * @room: bytes that the user has room for
 * @size: result: bytes of the whole records that fit
 *
 * Return: the records, numbered. They stay where they are, even without
 * reader->lock, until the caller gives reader->turn up.
 */
const void *tcps_merge_peek(struct tcps_reader *reader, size_t room,
			    size_t *size)
{
	u32 from = reader->stage_from, seq = reader->seq;

	while (from < reader->stage_to) {
		struct tcpstate_record *rec = staged_at(reader, from);

		if (from - reader->stage_from + rec->size > room)
			break;
		rec->seq = ++seq;
		from += rec->size;
	}
	*size = from - reader->stage_from;
	return reader->stage + reader->stage_from;
}

/**
 * tcps_merge_took() - records from tcps_merge_peek() were delivered
 * @reader: its lock is held
 * @size: bytes that reached the user; a part of a record does not count
 *
 * Return: bytes of the whole records among them.
 */
size_t tcps_merge_took(struct tcps_reader *reader, size_t size)
{
	u32 from = reader->stage_from;

	while (size) {
		const struct tcpstate_record *rec =
			staged_at(reader, reader->stage_from);

		if (rec->size > size)
			break;
		size -= rec->size;
		reader->seq++;
		reader->stage_from += rec->size;
		if (!is_extra(rec))
			reader->stats.delivered++;
		else if (rec->type == TCPSTATE_EVENT_LOST)
			reader->stats.lost_runs++;
	}
	return reader->stage_from - from;
}

/* Apply a new filter to what is staged already. */
static void refilter(struct tcps_reader *reader)
{
	u32 from = reader->stage_from, to = 0;

	while (from < reader->stage_to) {
		struct tcpstate_record *rec =
			(struct tcpstate_record *)(reader->stage + from);
		u32 size = rec->size;

		from += size;
		if (pass(reader, rec)) {
			memmove(reader->stage + to, rec, size);
			to += size;
		}
	}
	reader->stage_from = 0;
	reader->stage_to = to;
}

static enum tcps_arming arming_of(const struct tcpstate_filter *filter)
{
	if (!(filter->flags & TCPSTATE_FILTER_SEGMENTS))
		return TCPS_ARMING_NOWHERE;
	return filter->flags & TCPSTATE_FILTER_ALL_NETNS ? TCPS_ARMING_ALL :
							   TCPS_ARMING_OWN;
}

/**
 * tcps_merge_set_filter() - replace the filter
 * @reader: the reader
 * @filter: from the user, not checked
 *
 * Return: 0, -EINVAL, -EPERM, -ERESTARTSYS, or why segments cannot be seen; see
 * TCPSTATE_IOC_SET_FILTER.
 */
int tcps_merge_set_filter(struct tcps_reader *reader,
			  const struct tcpstate_filter *filter)
{
	int err;

	if (!tcps_filter_valid(filter))
		return -EINVAL;
	if (filter->flags & TCPSTATE_FILTER_ALL_NETNS && !reader->global)
		return -EPERM;

	if (mutex_lock_interruptible(&reader->turn))
		return -ERESTARTSYS;
	/* First, because it can fail: then nothing is changed. */
	err = tcps_arming_ask(reader->gen, &reader->arming, arming_of(filter));
	if (!err) {
		mutex_lock(&reader->lock);
		reader->filter = *filter;
		reader->sure = tcps_filter_sure(filter);
		refilter(reader);
		mutex_unlock(&reader->lock);
	}
	mutex_unlock(&reader->turn);
	return err;
}

static u64 staged(const struct tcps_reader *reader)
{
	u32 from = reader->stage_from;
	u64 count = 0;

	while (from < reader->stage_to) {
		const struct tcpstate_record *rec =
			(const struct tcpstate_record *)(reader->stage + from);

		count += !is_extra(rec);
		from += rec->size;
	}
	return count;
}

/**
 * tcps_merge_stats() - the books of a reader
 * @reader: its lock is held
 * @stats: result
 */
void tcps_merge_stats(struct tcps_reader *reader, struct tcpstate_stats *stats)
{
	u64 recorded = 0, pending = staged(reader), time;
	struct tcps_spot spot = TCPS_FIRST_SPOT;

	while (tcps_spot_next(reader, &spot)) {
		u64 head;

		tcps_spot_look(reader, &spot, &time); /* find what was lost */
		head = tcps_ring_head(spot.ring);
		recorded += head - spot.cursor->start;
		pending += head - spot.cursor->pos;
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
