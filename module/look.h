/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A look at one group of the table: its connections as of one moment.
 *
 * Knows the table and records; must not know what they are wanted for.
 */
#ifndef _TCPS_LOOK_H
#define _TCPS_LOOK_H

#include <linux/types.h>
#include <linux/tcpstate.h>

struct tcps_life;

/**
 * struct tcps_look - what was seen
 *
 * One look after the other uses the same memory, which grows as it must. All
 * members are 0 at first; tcps_look_free() ends it.
 *
 * @records: connections, each with its present state
 * @room: records that there is room for
 * @count: records there are; more than @room if there was no memory
 * @time: of the look, CLOCK_MONOTONIC
 */
struct tcps_look {
	struct tcpstate_record *records;
	unsigned int room;
	unsigned int count;
	u64 time;
};

bool tcps_look_at(struct tcps_look *look, unsigned int group, bool floor,
		  bool (*wanted)(const struct tcps_life *life, u32 gen),
		  u32 gen);
void tcps_look_free(struct tcps_look *look);

#endif /* _TCPS_LOOK_H */
