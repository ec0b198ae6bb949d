/* SPDX-License-Identifier: GPL-2.0 */
/*
 * laws - the life lines that a stream told.
 *
 * Must not know the kernel's books.
 */
#ifndef LIB_LAWS_CHAIN_H
#define LIB_LAWS_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "laws_stream.h"

/* Steps that a life record has room for whatever the module keeps. */
#define LAWS_STEPS 7

/**
 * struct laws_life - what the stream told of one life
 * @cookie: key
 * @netns: key, inode number of the namespace
 * @life: key
 * @seq: number of the last transition
 * @losses: losses that the stream had told of by then
 * @mono_ns: time of the last record
 * @since_ns: when it entered @state, if @since_known
 * @port: local port
 * @state: after the last transition
 * @before: before it
 * @cause: of it
 * @carrier: after it
 * @first: state before the first transition that was told
 * @first_seq: number of the first transition that was told
 * @told: life records of it
 * @since_known: there is @since_ns
 * @late_birth: the last record is a birth, and may have been held back
 * @snapshot: it began with one
 * @preexisting: older than the module
 * @step: transitions 1, 2 ... as a life record has them, but @dwell_ns is the
 *	time in the state before; state 0 where one was not told
 */
struct laws_life {
	uint64_t cookie;
	uint64_t netns;
	uint32_t life;
	uint32_t seq;
	uint32_t losses;
	uint32_t first_seq;
	uint64_t mono_ns;
	uint64_t since_ns;
	uint16_t port;
	uint8_t state;
	uint8_t before;
	uint8_t cause;
	uint8_t carrier;
	uint8_t first;
	uint8_t told;
	bool since_known;
	bool late_birth;
	bool snapshot;
	bool preexisting;
	struct laws_step step[LAWS_STEPS];
};

/**
 * struct laws_chain - all lives of a stream
 * @name: of the stream, for messages; NULL if it is the only one
 * @lives: in the order in which they were first told
 * @count: how many
 * @room: for how many there is memory
 * @slots: hash table of indices into @lives, + 1
 * @slot_count: power of two
 * @losses: losses told of until now
 * @switched: one of them was that recording was switched off
 * @ended: lives that came to CLOSE
 * @untracked: records without a life
 * @ends: life records
 * @end_count: how many
 * @end_room: for how many there is memory
 * @ends_lost: some are missing, because they were overwritten
 * @unknown: transitions for an unknown cause, and the first of each
 */
struct laws_chain {
	const char *name;
	struct laws_life *lives;
	unsigned long count;
	unsigned long room;
	uint32_t *slots;
	unsigned long slot_count;
	uint32_t losses;
	bool switched;
	unsigned long ended;
	unsigned long untracked;
	struct laws_event *ends;
	unsigned long end_count;
	unsigned long end_room;
	bool ends_lost;
	struct {
		unsigned long count;
		uint64_t cookie;
		uint32_t life;
		uint32_t seq;
	} unknown[TCPSTATE_STATE_COUNT][TCPSTATE_STATE_COUNT];
};

/* Takes in one event of the stream, in its order. */
void laws_chain_add(struct laws_chain *chain, const struct laws_event *event);

/*
 * What only the end of the stream can tell. @listed says of a life that has
 * not ended whether the kernel still has its listener.
 */
void laws_chain_end(const struct laws_chain *chain,
		    bool (*listed)(const struct laws_life *life));

/* Life records, in any order, before or after the transitions. */
void laws_chain_add_end(struct laws_chain *chain,
			const struct laws_event *event);
void laws_chain_check_ends(struct laws_chain *chain);

struct laws_life *laws_chain_find(const struct laws_chain *chain,
				  uint64_t netns, uint64_t cookie,
				  uint32_t life);

/* The life that the event is about, made if there is none. */
struct laws_life *laws_chain_make(struct laws_chain *chain,
				  const struct laws_event *event);

/* The law is broken in this life; @seq 0: not at a transition. */
void __attribute__((format(printf, 4, 5)))
laws_chain_broken(const struct laws_chain *chain, const struct laws_life *life,
		  uint32_t seq, const char *format, ...);

#endif /* LIB_LAWS_CHAIN_H */
