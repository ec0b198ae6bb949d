/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may write into which ring of a lane that is shared.
 *
 * Pure: compiled for the host's tests as well. Knows numbers of rings, owners
 * and records; must not know what the records are.
 */
#ifndef _TCPS_HOLDERS_H
#define _TCPS_HOLDERS_H

#include <linux/types.h>

#include "sizes.h"

/* The owner of this number has its share whoever else there is: the host. */
#define TCPS_HOLDERS_HOST 1

/* Silence after which one who holds nothing at all may take a ring, ns. */
#define TCPS_HOLDERS_IDLE (600ULL * 1000000000)

/**
 * struct tcps_hold - who holds a ring
 * @owner: number of the holder; 0 if nobody ever did
 * @turn: when the holder last began to write it through: larger is later
 * @newest: CLOCK_MONOTONIC of the last record
 * @left: records until it has been written through since @turn
 */
struct tcps_hold {
	u64 owner;
	u64 turn;
	u64 newest;
	u32 left;
};

/**
 * struct tcps_holders - who holds the rings of one lane on one CPU
 *
 * Like the rings it has one writer: the owning CPU with interrupts off.
 *
 * @slots: records that each ring has room for; constant
 * @last: the ring that was written last
 * @turns: turns begun so far
 * @ring: of each ring
 */
struct tcps_holders {
	u32 slots;
	u32 last;
	u64 turns;
	struct tcps_hold ring[TCPS_RARE_RINGS];
};

void tcps_holders_init(struct tcps_holders *holders, u32 slots);
int tcps_holders_take(struct tcps_holders *holders, u64 owner, u64 now);

#endif /* _TCPS_HOLDERS_H */
