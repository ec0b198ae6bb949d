/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One overwriting ring of equal records: one writer, any number of readers.
 *
 * Knows words and numbers; must not know lanes, CPUs or what a record says,
 * but for where its time stands.
 */
#ifndef _TCPS_RING_H
#define _TCPS_RING_H

#include <linux/types.h>
#include <asm/barrier.h>

/**
 * struct tcps_ring - the records of one lane written on one CPU
 *
 * One writer: the owning CPU with interrupts off, so writes do not nest.
 * Record number n (from 0) stands in slot n % slots.
 *
 * @head: records ever written. Written by the writer with release when record
 *	head - 1 is complete; pairs with the acquire in tcps_ring_head()
 * @next: slot of record number head; the writer's own
 * @slots: number of slots; constant
 * @words: 64-bit words of a slot; constant
 * @seq: for each slot the number of the record in it plus 1, 0 while it is
 *	written or empty. Written by the writer, the final value with release;
 *	pairs with the acquire in tcps_ring_copy()
 * @data: the slots. Written by the writer; a copy is valid only if the slot's
 *	seq was the same before and after
 */
struct tcps_ring {
	u64 head;
	u32 next;
	u32 slots;
	u32 words;
	u64 *seq;
	u64 *data;
};

/* Records ever written; all below it are complete (or overwritten). */
static inline u64 tcps_ring_head(const struct tcps_ring *ring)
{
	/* Pairs with the release of the head in tcps_ring_write(). */
	return smp_load_acquire(&ring->head);
}

int tcps_ring_init(struct tcps_ring *ring, u32 slots, u32 record_size,
		   int node);
void tcps_ring_exit(struct tcps_ring *ring);

void tcps_ring_write(struct tcps_ring *ring, const u64 *record);
bool tcps_ring_copy(const struct tcps_ring *ring, u64 pos, void *record);
bool tcps_ring_time(const struct tcps_ring *ring, u64 pos, u64 *time);

#endif /* _TCPS_RING_H */
