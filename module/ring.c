// SPDX-License-Identifier: GPL-2.0
/*
 * One overwriting ring of equal records: one writer, any number of readers.
 *
 * Knows words and numbers; must not know lanes, CPUs or what a record says,
 * but for where its time stands.
 *
 * A slot is invalidated, written, and published by its number; a reader copies
 * it and believes the copy if the number was right before and after. Words are
 * copied by READ_ONCE and WRITE_ONCE because the two may overlap.
 */
#include "ring.h"

#include <linux/kernel.h>
#include <linux/tcpstate.h>
#include <asm/div64.h>

#define TIME_WORD (offsetof(struct tcpstate_record, mono_ns) / sizeof(u64))

/**
 * tcps_ring_init() - make a ring
 * @ring: to be filled in, all 0
 * @slots: number of slots
 * @record_size: bytes of a record, a multiple of 64
 * @memory: for the slots and their numbers, all 0; it stays the caller's
 */
void tcps_ring_init(struct tcps_ring *ring, u32 slots, u32 record_size,
		    void *memory)
{
	ring->slots = slots;
	ring->words = record_size / sizeof(u64);
	ring->data = memory;
	ring->seq = ring->data + (size_t)slots * ring->words;
	ring->number = ring->seq;
	ring->to = ring->data;
	ring->end = ring->seq + slots;
}

/**
 * tcps_ring_write() - write one record
 * @ring: written by this CPU only, interrupts are off
 * @record: as many bytes as records of this ring have
 */
void tcps_ring_write(struct tcps_ring *ring, const u64 *record)
{
	u64 *to = tcps_ring_open(ring);
	unsigned int i;

	for (i = 0; i < ring->words; i += 8) {
		WRITE_ONCE(to[i], record[i]);
		WRITE_ONCE(to[i + 1], record[i + 1]);
		WRITE_ONCE(to[i + 2], record[i + 2]);
		WRITE_ONCE(to[i + 3], record[i + 3]);
		WRITE_ONCE(to[i + 4], record[i + 4]);
		WRITE_ONCE(to[i + 5], record[i + 5]);
		WRITE_ONCE(to[i + 6], record[i + 6]);
		WRITE_ONCE(to[i + 7], record[i + 7]);
	}
	tcps_ring_close(ring);
}

/**
 * tcps_ring_replace() - write one record, and keep the time of whose place it takes
 * @ring: written by this CPU only, interrupts are off
 * @record: as many bytes as records of this ring have
 */
void tcps_ring_replace(struct tcps_ring *ring, const u64 *record)
{
	if (ring->head >= ring->slots) {
		WRITE_ONCE(ring->gone, ring->to[TIME_WORD]);
		/* Known before it is invalid; pairs with tcps_ring_gone(). */
		smp_wmb();
	}
	tcps_ring_write(ring, record);
}

/**
 * tcps_ring_gone() - until when records were overwritten
 * @ring: from tcps_recorder_ring()
 *
 * Return: at least the time of the last record that this reader found
 * overwritten; 0 if none was, or none is told.
 */
u64 tcps_ring_gone(const struct tcps_ring *ring)
{
	/* Found invalid, then this; pairs with tcps_ring_replace(). */
	smp_rmb();
	return READ_ONCE(ring->gone);
}

/**
 * tcps_ring_copy() - copy a record out
 * @ring: from tcps_recorder_ring()
 * @pos: number of the record, below the head
 * @record: room for a record of this lane
 *
 * Return: false if it was overwritten.
 */
bool tcps_ring_copy(const struct tcps_ring *ring, u64 pos, void *record)
{
	u64 slot64 = pos;
	u32 slot = do_div(slot64, ring->slots);
	const u64 *from = ring->data + (size_t)slot * ring->words;
	u64 *to = record;
	unsigned int i;

	/* Number before words; pairs with the release of the number. */
	if (smp_load_acquire(&ring->seq[slot]) != pos + 1)
		return false;
	for (i = 0; i < ring->words; i += 8) {
		to[i] = READ_ONCE(from[i]);
		to[i + 1] = READ_ONCE(from[i + 1]);
		to[i + 2] = READ_ONCE(from[i + 2]);
		to[i + 3] = READ_ONCE(from[i + 3]);
		to[i + 4] = READ_ONCE(from[i + 4]);
		to[i + 5] = READ_ONCE(from[i + 5]);
		to[i + 6] = READ_ONCE(from[i + 6]);
		to[i + 7] = READ_ONCE(from[i + 7]);
	}
	/* Words before the second look; pairs with smp_wmb() of the writer. */
	smp_rmb();
	return READ_ONCE(ring->seq[slot]) == pos + 1;
}

/**
 * tcps_ring_time() - time of a record
 * @ring: from tcps_recorder_ring()
 * @pos: number of the record, below the head
 * @time: result
 *
 * Return: false if it was overwritten.
 */
bool tcps_ring_time(const struct tcps_ring *ring, u64 pos, u64 *time)
{
	u64 slot64 = pos;
	u32 slot = do_div(slot64, ring->slots);
	const u64 *from = ring->data + (size_t)slot * ring->words;

	/* Number before words; pairs with the release of the number. */
	if (smp_load_acquire(&ring->seq[slot]) != pos + 1)
		return false;
	*time = READ_ONCE(from[TIME_WORD]);
	/* Words before the second look; pairs with smp_wmb() of the writer. */
	smp_rmb();
	return READ_ONCE(ring->seq[slot]) == pos + 1;
}
