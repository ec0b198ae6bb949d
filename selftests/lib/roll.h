/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The roll of all connections, kept from a stream that has everything, and the
 * roll call: was a reader who came late told each connection that was alive,
 * once, and from there on all that happened to it?
 *
 * Must not know how the streams were read.
 */
#ifndef TCPSTATE_TEST_ROLL_H
#define TCPSTATE_TEST_ROLL_H

#include "device.h"

/**
 * struct roll - the roll
 * @all: the stream that has everything, in order; filled by the caller
 * @taken: records of it that are in the roll
 * @entry: one for each connection, a hash table
 * @room: slots in @entry
 * @count: of them in use
 * @call: number of the last roll call
 */
struct roll {
	struct records all;
	size_t taken;
	struct roll_entry *entry;
	size_t room;
	size_t count;
	unsigned int call;
};

/**
 * struct roll_call - a reader who came late
 * @begin: before it began
 * @looked: after it had been told all that were alive
 * @end: both streams were read up to here
 * @wanted: its filter, NULL for all
 * @rec: what it was told
 */
struct roll_call {
	__u64 begin;
	__u64 looked;
	__u64 end;
	bool (*wanted)(const struct tcpstate_record *r);
	struct records rec;
};

/**
 * struct roll_result - what came of a roll call
 * @snapshots: connections told as alive
 * @changed: of those, how many went on in the stream
 * @born: connections that began in the stream
 * @wrong: what is wrong; each was printed
 */
struct roll_result {
	unsigned int snapshots;
	unsigned int changed;
	unsigned int born;
	unsigned int wrong;
};

struct roll_result roll_call(struct roll *roll, const struct roll_call *call);
void roll_free(struct roll *roll);

#endif
