/* SPDX-License-Identifier: GPL-2.0 */
/*
 * laws - one line of tcpstate-tail --json as numbers.
 *
 * Must not know any law.
 */
#ifndef LIB_LAWS_STREAM_H
#define LIB_LAWS_STREAM_H

#include <linux/tcpstate.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct laws_step - a state that a connection entered
 * @state: which
 * @cause: why
 * @carrier: who held the connection then
 * @dwell_ns: how long it stayed; 0 if unknown
 */
struct laws_step {
	uint8_t state;
	uint8_t cause;
	uint8_t carrier;
	uint64_t dwell_ns;
};

/**
 * struct laws_event - one event; what it does not have is 0
 * @seq: number among those given to the reader
 * @mono_ns: when
 * @cookie: whose
 * @netns: inode number of the namespace
 * @dwell_ns: time in the old state, if @has_dwell
 * @total_ns: of a life record
 * @count: of a loss, or how many events this one stands for
 * @life: number of the life
 * @life_seq: number of the transition in it
 * @transitions: of a life record, 0 if it does not say
 * @port: local port
 * @flags: TCPSTATE_F_*, with those that only show as null: TRACKED and DWELL
 * @kind: enum tcpstate_event, 0 for one that is newer than this program
 * @old: state before, 0 for none
 * @new: state after
 * @cause: enum tcpstate_cause
 * @carrier: enum tcpstate_carrier
 * @steps: number of elements in @step
 * @step: of a life record
 */
struct laws_event {
	uint64_t seq;
	uint64_t mono_ns;
	uint64_t cookie;
	uint64_t netns;
	uint64_t dwell_ns;
	uint64_t total_ns;
	uint64_t count;
	uint32_t life;
	uint32_t life_seq;
	uint32_t transitions;
	uint32_t flags;
	uint16_t port;
	uint8_t kind;
	uint8_t old;
	uint8_t new;
	uint8_t cause;
	uint8_t carrier;
	uint8_t steps;
	struct laws_step step[TCPSTATE_LIFE_STEPS];
};

/* Number of a kind of event, 0 if there is none. */
int laws_kind(const char *name);

/* Calls @each for each line of the file; ends the program if one is bad. */
void laws_stream_read(const char *path,
		      void (*each)(const struct laws_event *event, void *data),
		      void *data);

#endif /* LIB_LAWS_STREAM_H */
