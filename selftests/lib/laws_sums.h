/* SPDX-License-Identifier: GPL-2.0 */
/*
 * laws - how many of which events a stream has, between two moments of rest.
 *
 * Must not know what the numbers are compared with.
 */
#ifndef LIB_LAWS_SUMS_H
#define LIB_LAWS_SUMS_H

#include "laws_files.h"
#include "laws_stream.h"

/* Beside the carriers: transitions with the flag fastopen, of any carrier. */
#define LAWS_FASTOPEN TCPSTATE_CARRIER_COUNT

/**
 * struct laws_sums - numbers of events
 * @before: only what came after this moment, unless NULL
 * @after: only what came before this moment, unless NULL
 * @netns: only of this namespace, unless 0
 * @state: transitions by old state, new state, cause and carrier
 * @event: other events by kind and cause, with those they stand for
 * @transitions: all that are in @state
 * @whole: nothing is missing
 */
struct laws_sums {
	const struct laws_books *before;
	const struct laws_books *after;
	uint64_t netns;
	uint64_t state[TCPSTATE_STATE_COUNT][TCPSTATE_STATE_COUNT]
		      [TCPSTATE_CAUSE_COUNT][TCPSTATE_CARRIER_COUNT + 1];
	uint64_t event[TCPSTATE_EVENT_COUNT][TCPSTATE_CAUSE_COUNT];
	uint64_t transitions;
	bool whole;
};

void laws_sums_add(struct laws_sums *sums, const struct laws_event *event);

#endif /* LIB_LAWS_SUMS_H */
