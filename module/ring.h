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
 * @number: the seq of the slot that is written next; the writer's own
 * @to: that slot; likewise
 * @end: behind the last seq; constant
 * @slots: number of slots; constant
 * @words: 64-bit words of a slot; constant
 * @seq: for each slot the number of the record in it plus 1, 0 while it is
 *	written or empty. Written by the writer, the final value with release;
 *	pairs with the acquire in tcps_ring_copy()
 * @data: the slots. Written by the writer; a copy is valid only if the slot's
 *	seq was the same before and after
 * @gone: time of the record overwritten last, 0 if none was. Written by
 *	tcps_ring_replace() before that is invalid; in other rings always 0
 */
struct tcps_ring {
	u64 head;
	u64 *number;
	u64 *to;
	u64 *end;
	u32 slots;
	u32 words;
	u64 *seq;
	u64 *data;
	u64 gone;
};

/* Records ever written; all below it are complete (or overwritten). */
static inline u64 tcps_ring_head(const struct tcps_ring *ring)
{
	/* Pairs with the release of the head in tcps_ring_close(). */
	return smp_load_acquire(&ring->head);
}

void tcps_ring_init(struct tcps_ring *ring, u32 slots, u32 record_size,
		    void *memory);

/**
 * tcps_ring_open() - make the next slot ready to be written
 * @ring: written by this CPU only, interrupts are off
 *
 * Return: the slot, to be filled word by word with WRITE_ONCE(), because a
 * reader may be copying what was in it; tcps_ring_close() publishes it.
 */
static __always_inline void *tcps_ring_open(struct tcps_ring *ring)
{
	WRITE_ONCE(*ring->number, 0);
	/* Invalid before any new word; pairs with tcps_ring_copy(). */
	smp_wmb();
	return ring->to;
}

/**
 * tcps_ring_close() - publish the slot that was opened
 * @ring: as for tcps_ring_open()
 */
static __always_inline void tcps_ring_close(struct tcps_ring *ring)
{
	u64 *number = ring->number;
	u64 *to = ring->to + ring->words;
	u64 head = ring->head + 1;

	/* Words before number; pairs with the acquire in tcps_ring_copy(). */
	smp_store_release(number, head);
	/* Number before head; pairs with tcps_ring_head(). */
	smp_store_release(&ring->head, head);
	if (unlikely(++number == ring->end)) {
		number = ring->seq;
		to = ring->data;
	}
	ring->number = number;
	ring->to = to;
}

void tcps_ring_write(struct tcps_ring *ring, const u64 *record);
void tcps_ring_replace(struct tcps_ring *ring, const u64 *record);
u64 tcps_ring_gone(const struct tcps_ring *ring);
bool tcps_ring_copy(const struct tcps_ring *ring, u64 pos, void *record);
bool tcps_ring_time(const struct tcps_ring *ring, u64 pos, u64 *time);

#endif /* _TCPS_RING_H */
