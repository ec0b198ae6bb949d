// SPDX-License-Identifier: GPL-2.0
/*
 * The connections that are alive, told once to somebody who then follows the
 * stream.
 *
 * Knows the table and records; must not know readers or rings.
 *
 * The table is told group by group. All connections of a group are looked at in
 * one moment, and what happens to them afterwards bears a later time: a
 * record of the stream from before that time is told already, one from after
 * is not. So neither is anything missing nor is anything told twice, however
 * long the telling takes.
 */
#include "live.h"

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "look.h"
#include "table.h"

/**
 * struct tcps_live - a telling
 *
 * Whoever tells sees to it that only one does so at a time.
 *
 * @group: next group to look at
 * @look: at the last one
 * @next: next record to give out
 * @floor: when each group was looked at, 0 if it was not yet: 8 bytes for each 16
 *	entries that the table may hold, at most, as long as the telling goes on, charged to
 *	who is told
 */
struct tcps_live {
	unsigned int group;
	struct tcps_look look;
	unsigned int next;
	u64 floor[];
};

/**
 * tcps_live_make() - begin to tell
 *
 * Return: a telling, or NULL without memory.
 */
struct tcps_live *tcps_live_make(void)
{
	struct tcps_live *live;

	live = kvzalloc(struct_size(live, floor, tcps_table_groups()),
			GFP_KERNEL_ACCOUNT);
	return live;
}

/**
 * tcps_live_free() - end a telling
 * @live: which, or NULL
 */
void tcps_live_free(struct tcps_live *live)
{
	if (!live)
		return;
	tcps_look_free(&live->look);
	kvfree(live);
}

/* A birth that is held back will be told by its record. */
static bool is_told(const struct tcps_life *life, u32 gen)
{
	return !(life->flags & TCPS_HELD);
}

/* Say that connections could not be told, which must not go unnoticed. */
static void tell_lost(const struct tcps_live *live, struct tcpstate_record *rec)
{
	memset(rec, 0, sizeof(*rec));
	rec->size = sizeof(*rec);
	rec->type = TCPSTATE_EVENT_LOST;
	rec->flags = TCPSTATE_F_SNAPSHOT;
	rec->mono_ns = live->look.time;
	rec->lost.count = live->look.count;
	rec->lost.lane = TCPSTATE_LANE_MAIN;
}

/* Look at the next group. Returns false if its connections found no room. */
static bool look(struct tcps_live *live)
{
	unsigned int group = live->group++;
	bool complete = tcps_look_at(&live->look, group, true, is_told, 0);

	live->next = 0;
	live->floor[group] = live->look.time;
	return complete;
}

/**
 * tcps_live_next() - tell one connection
 * @live: the telling
 * @rec: result
 *
 * Return: false if all have been told.
 */
bool tcps_live_next(struct tcps_live *live, struct tcpstate_record *rec)
{
	while (live->next == live->look.count) {
		if (live->group == tcps_table_groups())
			return false;
		if (!look(live)) {
			tell_lost(live, rec);
			live->look.count = 0;
			return true;
		}
		cond_resched();
	}
	*rec = live->look.records[live->next++];
	rec->flags |= TCPSTATE_F_SNAPSHOT;
	return true;
}

/**
 * tcps_live_told() - is a record part of what was told?
 * @live: the telling
 * @rec: a record of the stream
 *
 * Return: true if the connection was looked at after it.
 */
bool tcps_live_told(const struct tcps_live *live,
		    const struct tcpstate_record *rec)
{
	if (rec->type != TCPSTATE_EVENT_STATE &&
	    rec->type != TCPSTATE_EVENT_LIFE)
		return false;
	/* Only what is in the table can be told. */
	return rec->flags & TCPSTATE_F_TRACKED &&
	       rec->mono_ns <= live->floor[tcps_table_group_of(rec->cookie)];
}

/**
 * tcps_live_done() - can a telling be ended?
 * @live: the telling
 * @mono_ns: no record of the stream that is to come is older
 *
 * Return: true if no such record can have been told.
 */
bool tcps_live_done(const struct tcps_live *live, u64 mono_ns)
{
	return live->group == tcps_table_groups() &&
	       live->next == live->look.count && mono_ns > live->look.time;
}
