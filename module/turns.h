/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rings that a reader reads, and whose turn it is.
 *
 * Knows cursors and the times of records; must not know what a record says or
 * where it goes. All functions need reader->lock.
 */
#ifndef _TCPS_TURNS_H
#define _TCPS_TURNS_H

#include <linux/types.h>

struct tcps_cursor;
struct tcps_reader;
struct tcps_ring;

/**
 * struct tcps_spot - one ring that a reader reads
 * @cpu: whose
 * @left: rings of that CPU that come after this one, as bits
 * @news: rings without anything new are left out
 * @number: of the ring among those of the CPU
 * @ring: the ring
 * @cursor: the reader's place in it
 */
struct tcps_spot {
	int cpu;
	u32 left;
	bool news;
	unsigned int number;
	const struct tcps_ring *ring;
	struct tcps_cursor *cursor;
};

/* clang-format off */
#define TCPS_FIRST_SPOT	{ .cpu = -1 }
#define TCPS_FIRST_NEWS	{ .cpu = -1, .news = true }
/* clang-format on */

bool tcps_spot_next(struct tcps_reader *reader, struct tcps_spot *spot);
bool tcps_spot_look(struct tcps_reader *reader, const struct tcps_spot *spot,
		    u64 *time);

void tcps_turns_begin(struct tcps_reader *reader, u64 cut);
u64 tcps_turns_first(struct tcps_reader *reader, struct tcps_spot *spot);
void tcps_turns_over(struct tcps_reader *reader, const struct tcps_spot *spot);

#endif /* _TCPS_TURNS_H */
