/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of connections: entries, buckets, locks.
 *
 * Knows keys and memory; must not know what happens to a connection. A carrier
 * is an address to compare, never to follow.
 */
#ifndef _TCPS_TABLE_H
#define _TCPS_TABLE_H

#include <linux/types.h>

#include "bucket.h"
#include "compat.h"
#include "entry.h"

struct tcps_life *tcps_table_with(const struct tcps_bucket *bucket, u8 flags);
struct tcps_life *tcps_table_same(const struct tcps_bucket *bucket,
				  const struct tcps_life *after);
struct tcps_life *tcps_table_make(const struct tcps_bucket *bucket,
				  const void *carrier, u8 account);
void tcps_table_deep(unsigned int depth);
void tcps_table_drop(const struct tcps_bucket *bucket, struct tcps_life *life);

/**
 * tcps_table_forget() - remove the entry of a kernel object that is gone
 * @cookie: its cookie
 * @carrier: the object
 *
 * Return: false if it had none.
 */
static __always_inline bool tcps_table_forget(u64 cookie, const void *carrier)
{
	struct tcps_bucket bucket compat_unset;
	struct tcps_life *life;
	unsigned long flags;

	flags = tcps_table_lock_irqsave(&bucket, cookie);
	life = tcps_table_find(&bucket, carrier);
	if (life)
		tcps_table_drop(&bucket, life);
	tcps_table_unlock_irqrestore(&bucket, flags);
	return life;
}

/* Whose number of life is noted when they are removed. */
enum tcps_table_notes {
	TCPS_TABLE_NOTE_NONE,
	TCPS_TABLE_NOTE_DOUBTED,
	TCPS_TABLE_NOTE_ALL,
};

void tcps_table_note(enum tcps_table_notes which);
u16 tcps_table_noted(void);

void tcps_table_refill(void);

bool tcps_table_room(u8 account);

unsigned int tcps_table_group_of(u64 cookie);
unsigned int tcps_table_groups(void);
u64 tcps_table_visit(unsigned int group, bool look,
		     void (*each)(struct tcps_life *life, u64 now, void *data),
		     void *data);
void tcps_table_sweep(bool (*dead)(const struct tcps_life *life));

/**
 * struct tcps_table_stats - state of the table
 * @entries: connections and tombstones in it
 * @full: how often there was no room
 * @deepest: entries of the deepest bucket that was found; 0 if none was deep
 */
struct tcps_table_stats {
	u64 entries;
	u64 full;
	u64 deepest;
};

void tcps_table_stats(struct tcps_table_stats *stats);

int tcps_table_init(unsigned long max, unsigned long keep);
void tcps_table_quiet(void);
void tcps_table_exit(void);

#endif /* _TCPS_TABLE_H */
