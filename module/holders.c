// SPDX-License-Identifier: GPL-2.0
/*
 * Who may write into which ring of a lane that is shared.
 *
 * Pure: compiled for the host's tests as well. Knows numbers of rings, owners
 * and records; must not know what the records are.
 *
 * A ring has one holder at a time, who writes it through from end to end and
 * then goes on with a free one, with one that is taken from another, or with the
 * one of its own that it began first: so it always has the newest of its records,
 * as many as its rings have room for. What a ring had of an earlier holder is
 * overwritten only as far as the new one writes.
 *
 * Shares. Anybody may have what is free. When nothing is, who has less than a
 * quarter of the rings may take one
 *
 * - from whoever has more than a quarter and one: what is left, even without the
 *   one being written, is the newest quarter of its records;
 * - else from whoever writes most, if that has more than its share, and still not
 *   less than the taker then. The host (the owner of the initial namespace) is
 *   not taken from, and has a share of a quarter and one;
 * - else, as the host, the one that was written least recently;
 * - else, with no ring at all, one that has not been written for long.
 *
 * So the host always has the newest quarter; each of two others as well; of up to
 * four others each keeps a ring's room of its newest, and has two rings at least;
 * of up to eight each has a ring.
 */
#include "holders.h"

#include <linux/kernel.h>
#include <linux/minmax.h>

#define NONE (-1)
#define QUARTER (TCPS_RARE_RINGS / 4)

static unsigned int count_of(const struct tcps_holders *holders, u64 owner)
{
	unsigned int i, count = 0;

	for (i = 0; i < TCPS_RARE_RINGS; i++)
		count += holders->ring[i].owner == owner;
	return count;
}

/* The ring that an owner began to write through first, or last. */
static int find_turn(const struct tcps_holders *holders, u64 owner, bool last)
{
	int i, found = NONE;
	bool later;

	for (i = 0; i < TCPS_RARE_RINGS; i++) {
		const struct tcps_hold *hold = &holders->ring[i];

		if (hold->owner != owner)
			continue;
		later = found == NONE || hold->turn > holders->ring[found].turn;
		if (found == NONE || later == last)
			found = i;
	}
	return found;
}

/* Owners but the host that hold a ring, and the one that asks. */
static unsigned int count_others(const struct tcps_holders *holders, u64 asks)
{
	unsigned int i, j, count = 0;

	for (i = 0; i < TCPS_RARE_RINGS; i++) {
		u64 owner = holders->ring[i].owner;

		for (j = 0; j < i && holders->ring[j].owner != owner; j++)
			;
		count += j == i && owner && owner != TCPS_HOLDERS_HOST;
	}
	return count + (asks != TCPS_HOLDERS_HOST && !count_of(holders, asks));
}

/* Of each owner but the host. */
static unsigned int share_of_each(unsigned int others)
{
	return max((TCPS_RARE_RINGS - QUARTER - 1) / max(others, 3U), 1U);
}

/* The oldest ring of whom has most, if that is more than @enough. */
static int find_rich(const struct tcps_holders *holders, unsigned int enough)
{
	int i, found = NONE;

	for (i = 0; i < TCPS_RARE_RINGS; i++) {
		u64 owner = holders->ring[i].owner;
		unsigned int has = count_of(holders, owner);

		if (has > enough) {
			enough = has;
			found = find_turn(holders, owner, false);
		}
	}
	return found;
}

/* The oldest ring of whom began a turn last, of those with more than @enough. */
static int find_busy(const struct tcps_holders *holders, unsigned int enough)
{
	int i, busy = NONE;

	for (i = 0; i < TCPS_RARE_RINGS; i++) {
		const struct tcps_hold *hold = &holders->ring[i];

		if (hold->owner != TCPS_HOLDERS_HOST &&
		    count_of(holders, hold->owner) > enough &&
		    (busy == NONE || hold->turn > holders->ring[busy].turn))
			busy = i;
	}
	return busy == NONE ?
		       NONE :
		       find_turn(holders, holders->ring[busy].owner, false);
}

/* The ring of another that was written least recently; not of the host. */
static int find_silent(const struct tcps_holders *holders, u64 asks, u64 before)
{
	int i, found = NONE;

	for (i = 0; i < TCPS_RARE_RINGS; i++) {
		const struct tcps_hold *hold = &holders->ring[i];

		if (hold->owner != asks && hold->owner != TCPS_HOLDERS_HOST &&
		    hold->newest <= before) {
			before = hold->newest;
			found = i;
		}
	}
	return found;
}

/* A ring of another, for an owner that has so many. */
static int find_taken(const struct tcps_holders *holders, u64 owner,
		      unsigned int has, u64 now)
{
	unsigned int share = share_of_each(count_others(holders, owner));
	bool host = owner == TCPS_HOLDERS_HOST;
	int found = find_rich(holders, QUARTER + 1);

	if (found == NONE)
		found = find_busy(holders, host ? share : max(share, has + 1));
	if (found == NONE && host)
		found = find_silent(holders, owner, now);
	if (found == NONE && !has && now > TCPS_HOLDERS_IDLE)
		found = find_silent(holders, owner, now - TCPS_HOLDERS_IDLE);
	return found;
}

/* The ring that an owner goes on with. */
static int find_next(const struct tcps_holders *holders, u64 owner, u64 now)
{
	unsigned int has = count_of(holders, owner);
	int found = find_turn(holders, 0, false);

	if (found == NONE && has < QUARTER)
		found = find_taken(holders, owner, has, now);
	if (found == NONE)
		found = find_turn(holders, owner, false);
	return found;
}

/**
 * tcps_holders_init() - nobody holds anything
 * @holders: to be filled in, all 0
 * @slots: records that each ring has room for
 */
void tcps_holders_init(struct tcps_holders *holders, u32 slots)
{
	holders->slots = slots;
}

static int begin_turn(struct tcps_holders *holders, u64 owner, u64 now)
{
	int found = find_next(holders, owner, now);

	if (found != NONE) {
		holders->ring[found].owner = owner;
		holders->ring[found].left = holders->slots;
		holders->ring[found].turn = ++holders->turns;
	}
	return found;
}

/**
 * tcps_holders_take() - where to write a record
 * @holders: of the lane
 * @owner: whose it is, not 0
 * @now: CLOCK_MONOTONIC
 *
 * Some hundred steps when a ring is full, or nobody's; a few at other times.
 *
 * Return: the number of the ring, which must be written; or -1: in none.
 */
int tcps_holders_take(struct tcps_holders *holders, u64 owner, u64 now)
{
	int found = holders->last;

	if (holders->ring[found].owner != owner)
		found = find_turn(holders, owner, true);
	if (found == NONE || !holders->ring[found].left)
		found = begin_turn(holders, owner, now);
	if (found == NONE)
		return NONE;
	holders->ring[found].left--;
	holders->ring[found].newest = now;
	holders->last = found;
	return found;
}
