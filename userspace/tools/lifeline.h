/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - the life line of an ended connection: when each of its steps
 * was, and which are not there.
 *
 * This unit owns what the numbers of a TCPS_EVENT_LIFE say together. It must
 * not know what that looks like.
 */
#ifndef TOOLS_LIFELINE_H
#define TOOLS_LIFELINE_H

#include <stdbool.h>
#include <stdint.h>

#include <tcpstate.h>

/*
 * @start_ns is the time of the first transition that was seen, CLOCK_MONOTONIC,
 * @at_ns how much later each step was. @found: the first step is no transition
 * but the state in which the module found the connection, nobody knows since
 * when. @left_out transitions, or even more if @many, are none of the steps:
 * the record does not say which, and their time counts for the step before.
 */
struct lifeline {
	uint64_t start_ns;
	uint64_t at_ns[TCPS_STEPS];
	uint32_t left_out;
	bool many;
	bool found;
};

void lifeline_of(const struct tcps_event *e, struct lifeline *l);

#endif /* TOOLS_LIFELINE_H */
