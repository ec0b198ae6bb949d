/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A reader: a cursor in each ring, a filter, and its own books.
 *
 * Knows the recorder; must not know files, ioctls or user memory.
 */
#ifndef _TCPS_READER_H
#define _TCPS_READER_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/tcpstate.h>

#include "arming.h"
#include "recorder.h"

struct pid_namespace;
struct tcps_live;
struct user_namespace;

/* Bytes of records taken out of the rings ahead of copying to the user. */
#define TCPS_STAGE_BYTES 8192

/**
 * struct tcps_cursor - a reader's place in one ring
 * @pos: number of the next record to take
 * @start: number of the first record of this reader
 * @lost: records lost since the last LOST record for this ring
 */
struct tcps_cursor {
	u64 pos;
	u64 start;
	u64 lost;
};

/**
 * struct tcps_turn - a ring that has a record older than the cut
 * @time: of that record, or older if it was overwritten since
 * @ring: number of the ring among the reader's cursors
 */
struct tcps_turn {
	u64 time;
	u32 ring;
};

/**
 * struct tcps_turns - the order in which rings have their turns; see turns.c
 * @cut: none has its turn with a record that is not older
 * @count: elements of @heap that are valid
 * @heap: the first is the oldest; room for all rings
 */
struct tcps_turns {
	u64 cut;
	u32 count;
	struct tcps_turn *heap;
};

/**
 * struct tcps_reader - one open file
 *
 * @list: on the list of readers; under readers_lock of reader.c
 * @gen: generation of the network namespace it may see; constant
 * @inum: its inode number, for display; constant
 * @global: may ask for all namespaces; constant
 * @pid: process that opened it, in the initial pid namespace; constant
 * @comm: its name; constant
 * @pid_ns: pids are translated to it, NULL for the initial one; constant
 * @user_ns: uids are translated to it, NULL for the initial one; constant
 * @turn: held by whoever reads or changes what is read, also while it copies
 *	to the user, which can take for ever; outside @lock
 * @arming: where it asked for segments to be seen; under @turn
 * @lock: covers all below; taken by all, /proc included, for a short time
 * @filter: what it wants
 * @sure: types of which it wants all records that it may see
 * @lanes: lanes it reads
 * @turns: which ring is next
 * @seq: records given to it
 * @stats: delivered, filtered, lost, lost_runs; the rest is derived
 * @stage: records taken but not delivered
 * @stage_from: bytes of the stage already delivered
 * @stage_to: bytes of the stage filled
 * @live: tells the live connections before the stream begins, or NULL
 * @rare: for each CPU the records of its rare lane that are taken or lost: the
 *	sum of those cursors
 * @cursors: one for each ring of each CPU
 */
struct tcps_reader {
	struct list_head list;
	u32 gen;
	u32 inum;
	bool global;
	u32 pid;
	char comm[TCPSTATE_COMM_LEN];
	struct pid_namespace *pid_ns;
	struct user_namespace *user_ns;

	struct mutex turn; /* who reads; see above */
	enum tcps_arming arming;
	struct mutex lock; /* covers all below; see above */
	struct tcpstate_filter filter;
	u64 sure;
	u32 lanes;
	struct tcps_turns turns;
	u32 seq;
	struct tcpstate_stats stats;
	u8 *stage;
	u32 stage_from;
	u32 stage_to;
	struct tcps_live *live;
	u64 *rare;
	struct tcps_cursor cursors[];
};

/**
 * struct tcps_reader_rights - what a reader may see; fixed when it is made
 * @gen: generation of its network namespace
 * @inum: inode number of its network namespace
 * @global: may ask for all namespaces
 * @pid_ns: its pid namespace; a reference is taken
 * @user_ns: its user namespace; a reference is taken
 */
struct tcps_reader_rights {
	u32 gen;
	u32 inum;
	bool global;
	struct pid_namespace *pid_ns;
	struct user_namespace *user_ns;
};

struct tcps_reader *tcps_reader_make(const struct tcps_reader_rights *rights);
void tcps_reader_end(struct tcps_reader *reader);

int tcps_reader_check_start(const struct tcps_reader *reader,
			    struct tcpstate_start *start);
int tcps_reader_set_start(struct tcps_reader *reader,
			  const struct tcpstate_start *start);
size_t tcps_reader_min(const struct tcps_reader *reader);

static inline struct tcps_cursor *tcps_reader_cursor(struct tcps_reader *reader,
						     int cpu, unsigned int ring)
{
	return &reader->cursors[cpu * TCPS_RINGS + ring];
}

/* Go on, by records taken or lost. */
static inline void tcps_reader_skip(struct tcps_reader *reader, int cpu,
				    unsigned int ring, u64 records)
{
	tcps_reader_cursor(reader, cpu, ring)->pos += records;
	if (tcps_ring_is_rare(ring))
		reader->rare[cpu] += records;
}

void tcps_readers_init(unsigned int max);
unsigned int tcps_readers_max(void);
unsigned int tcps_readers_open(void);
void tcps_readers_walk(void (*each)(struct tcps_reader *reader, void *data),
		       void *data);

#endif /* _TCPS_READER_H */
