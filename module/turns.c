// SPDX-License-Identifier: GPL-2.0
/*
 * The rings that a reader reads, and whose turn it is.
 *
 * Knows cursors and the times of records; must not know what a record says or
 * where it goes. All functions need reader->lock.
 *
 * Rings with a record older than the cut stand in a heap, the one with the
 * oldest first. Nothing older than the cut is written any more: until the heap
 * is empty the other rings need not be looked at, however many there are.
 */
#include "turns.h"

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "reader.h"
#include "recorder.h"

/* Rings of a CPU that are to be looked at, as bits. */
static u32 rings_on(const struct tcps_reader *reader,
		    const struct tcps_spot *spot)
{
	u32 rings = tcps_rings_of_lanes(reader->lanes);

	/* One look instead of one for each ring. */
	if (spot->news &&
	    tcps_recorder_rare(spot->cpu) == reader->rare[spot->cpu])
		rings &= ~tcps_rings_of_lanes(TCPSTATE_LANE_RARE);
	return rings;
}

static void set_spot(struct tcps_reader *reader, struct tcps_spot *spot,
		     int cpu, unsigned int number)
{
	spot->cpu = cpu;
	spot->number = number;
	spot->ring = tcps_recorder_ring(cpu, number);
	spot->cursor = tcps_reader_cursor(reader, cpu, number);
}

/**
 * tcps_spot_next() - go to the next ring that a reader reads
 * @reader: the reader
 * @spot: begins as TCPS_FIRST_SPOT, or as TCPS_FIRST_NEWS to leave rings out that
 *	have nothing that is new
 *
 * Return: false after the last.
 */
bool tcps_spot_next(struct tcps_reader *reader, struct tcps_spot *spot)
{
	while (!spot->left) {
		spot->cpu = cpumask_next(spot->cpu, cpu_possible_mask);
		if (spot->cpu >= nr_cpu_ids)
			return false;
		if (tcps_recorder_of(spot->cpu))
			spot->left = rings_on(reader, spot);
	}
	set_spot(reader, spot, spot->cpu, __ffs(spot->left));
	spot->left &= spot->left - 1;
	return true;
}

/**
 * tcps_spot_look() - is there a record at the cursor?
 * @reader: the reader
 * @spot: its place; moved beyond what was overwritten, which is counted
 * @time: result: of that record. If some were lost before it: when the loss is
 *	to be told, which in the rare lane is the time of the last one lost,
 *	because what comes after that can stand in another ring
 *
 * Return: false if there is none yet.
 */
bool tcps_spot_look(struct tcps_reader *reader, const struct tcps_spot *spot,
		    u64 *time)
{
	struct tcps_cursor *cursor = spot->cursor;

	for (;;) {
		u64 head = tcps_ring_head(spot->ring);
		u64 skip = 1; /* the one being overwritten right now */

		if (cursor->pos == head)
			return false;
		if (head - cursor->pos > spot->ring->slots)
			skip = head - spot->ring->slots - cursor->pos;
		else if (tcps_ring_time(spot->ring, cursor->pos, time))
			break;
		tcps_reader_skip(reader, spot->cpu, spot->number, skip);
		cursor->lost += skip;
		reader->stats.lost += skip;
	}
	if (unlikely(cursor->lost) && tcps_ring_is_rare(spot->number))
		*time = min(*time, tcps_ring_gone(spot->ring));
	return true;
}

static bool is_before(const struct tcps_turn *a, const struct tcps_turn *b)
{
	return a->time != b->time ? a->time < b->time : a->ring < b->ring;
}

/* Put a turn where the first was; what is older comes before it. */
static void sift(struct tcps_turns *turns, struct tcps_turn turn)
{
	struct tcps_turn *heap = turns->heap;
	u32 at = 0, next;

	while ((next = 2 * at + 1) < turns->count) {
		if (next + 1 < turns->count &&
		    is_before(&heap[next + 1], &heap[next]))
			next++;
		if (is_before(&turn, &heap[next]))
			break;
		heap[at] = heap[next];
		at = next;
	}
	heap[at] = turn;
}

static void add(struct tcps_turns *turns, struct tcps_turn turn)
{
	struct tcps_turn *heap = turns->heap;
	u32 at = turns->count++;

	while (at && is_before(&turn, &heap[(at - 1) / 2])) {
		heap[at] = heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap[at] = turn;
}

/**
 * tcps_turns_begin() - find out which rings have something
 * @reader: the turns before are over
 * @cut: only what is older; all of that is published
 */
void tcps_turns_begin(struct tcps_reader *reader, u64 cut)
{
	struct tcps_spot spot = TCPS_FIRST_NEWS;
	struct tcps_turns *turns = &reader->turns;

	turns->cut = cut;
	turns->count = 0;
	while (tcps_spot_next(reader, &spot)) {
		struct tcps_turn turn = {
			.ring = spot.cpu * TCPS_RINGS + spot.number,
		};

		if (tcps_spot_look(reader, &spot, &turn.time) &&
		    turn.time < cut)
			add(turns, turn);
	}
}

/**
 * tcps_turns_first() - the ring whose next record is the oldest
 * @reader: the reader
 * @spot: result
 *
 * Return: the time until which it is its turn; 0 if no ring has anything older
 * than the cut.
 */
u64 tcps_turns_first(struct tcps_reader *reader, struct tcps_spot *spot)
{
	const struct tcps_turns *turns = &reader->turns;
	u64 until = turns->cut;

	if (!turns->count)
		return 0;
	set_spot(reader, spot, turns->heap[0].ring / TCPS_RINGS,
		 turns->heap[0].ring % TCPS_RINGS);
	if (turns->count > 1)
		until = min(until, turns->heap[1].time);
	if (turns->count > 2)
		until = min(until, turns->heap[2].time);
	/* Of equal times those of one ring come first, then those of the next. */
	return max(until, turns->heap[0].time + 1);
}

/**
 * tcps_turns_over() - the next record of the first ring may not be the oldest
 * @reader: the reader
 * @spot: of that ring
 */
void tcps_turns_over(struct tcps_reader *reader, const struct tcps_spot *spot)
{
	struct tcps_turns *turns = &reader->turns;
	struct tcps_turn turn = turns->heap[0];

	if (!tcps_spot_look(reader, spot, &turn.time) ||
	    turn.time >= turns->cut)
		turn = turns->heap[--turns->count];
	if (turns->count)
		sift(turns, turn);
}
