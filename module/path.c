// SPDX-License-Identifier: GPL-2.0
/*
 * The path of a connection: the states it went through, why, how long, and
 * what it carried.
 *
 * Knows numbers only; must not know sockets, tables or hooks.
 *
 * Six steps are enough for every life that RFC 9293 knows. A path that grows
 * longer all the same keeps its first five; the time of what is left out is
 * added to the fifth, so that the sum stays right.
 */
#include "path.h"

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/string.h>

/* A time in 32 bits: 26 of it, and how far they are shifted. */
#define MANTISSA_BITS 26

static u32 pack_time(u64 ns)
{
	int shift = fls64(ns) - MANTISSA_BITS;

	if (shift <= 0)
		return ns;
	return (u32)shift << MANTISSA_BITS | (u32)(ns >> shift);
}

static u64 unpack_time(u32 packed)
{
	return (u64)(packed & ((1U << MANTISSA_BITS) - 1))
	       << (packed >> MANTISSA_BITS);
}

static u16 pack_step(u8 state, u8 cause, u8 carrier)
{
	BUILD_BUG_ON(TCPSTATE_STATE_COUNT > 16);
	BUILD_BUG_ON(TCPSTATE_CAUSE_COUNT > 128);
	BUILD_BUG_ON(TCPSTATE_CARRIER_COUNT > 4);
	return state | cause << 4 | carrier << 11;
}

static struct tcpstate_life_step unpack_step(u16 packed)
{
	return (struct tcpstate_life_step){
		.state = packed & 0xf,
		.cause = packed >> 4 & 0x7f,
		.carrier = packed >> 11,
	};
}

/**
 * tcps_path_leave() - the last state is left
 * @path: the path
 * @steps: steps in it
 * @dwell_ns: time spent in the state
 *
 * Return: steps in it now; the last may have been dropped.
 */
u8 tcps_path_leave(struct tcps_path *path, u8 steps, u64 dwell_ns)
{
	u32 *dwell;

	if (!steps)
		return 0;
	if (steps < TCPS_PATH_STEPS) {
		dwell = &path->dwell[steps - 1];
		*dwell = pack_time(unpack_time(*dwell) + dwell_ns);
		return steps;
	}
	dwell = &path->dwell[TCPS_PATH_STEPS - 2];
	*dwell = pack_time(unpack_time(*dwell) + dwell_ns);
	return TCPS_PATH_STEPS - 1;
}

/**
 * tcps_path_enter() - a state is entered
 * @path: the path; tcps_path_leave() has left the one before
 * @steps: steps in it; 0 begins a new path
 * @state: which
 * @cause: why
 * @carrier: enum tcpstate_carrier
 *
 * Return: steps in it now.
 */
u8 tcps_path_enter(struct tcps_path *path, u8 steps, u8 state, u8 cause,
		   u8 carrier)
{
	path->step[steps] = pack_step(state, cause, carrier);
	if (steps < TCPS_PATH_STEPS - 1)
		path->dwell[steps] = 0;
	return steps + 1;
}

/**
 * tcps_path_first_state() - how it began
 * @path: the path
 * @steps: steps in it
 *
 * Return: the first state after CLOSE, or in which it was found; 0 if none.
 */
u8 tcps_path_first_state(const struct tcps_path *path, u8 steps)
{
	return steps ? unpack_step(path->step[0]).state : 0;
}

/**
 * tcps_path_length() - time spent in all states but the present one
 * @path: the path
 * @steps: steps in it
 *
 * Return: nanoseconds.
 */
u64 tcps_path_length(const struct tcps_path *path, u8 steps)
{
	u64 ns = 0;
	u8 i;

	for (i = 0; i + 1 < steps && i < TCPS_PATH_STEPS - 1; i++)
		ns += unpack_time(path->dwell[i]);
	return ns;
}

/**
 * tcps_path_last_cause() - why the present state was entered
 * @path: the path
 * @steps: steps in it
 *
 * Return: enum tcpstate_cause, none without a step.
 */
u8 tcps_path_last_cause(const struct tcps_path *path, u8 steps)
{
	return steps ? unpack_step(path->step[steps - 1]).cause :
		       TCPSTATE_CAUSE_NONE;
}

/* Who sent the first FIN or RST, by the step that shows it. */
static u8 closer_of(const struct tcpstate_life_step *step)
{
	switch (step->state) {
	case TCPSTATE_FIN_WAIT1:
		return 1;
	case TCPSTATE_CLOSE_WAIT:
		return 2;
	case TCPSTATE_CLOSE:
		break;
	default:
		return 0;
	}
	switch (step->cause) {
	case TCPSTATE_CAUSE_RST:
		return 2;
	case TCPSTATE_CAUSE_LINGER0:
	case TCPSTATE_CAUSE_UNREAD_DATA:
	case TCPSTATE_CAUSE_ABORT:
	case TCPSTATE_CAUSE_DISCONNECT:
	case TCPSTATE_CAUSE_LISTENER_CLOSED:
	case TCPSTATE_CAUSE_ACCEPT_OVERFLOW:
		return 1;
	default:
		return 0;
	}
}

/**
 * tcps_path_record() - write a whole path into a life record
 * @path: a path that has come to CLOSE
 * @steps: steps in it before that
 * @dwell_ns: time spent in the last of them
 * @rec: result; its head is there already but for life_end
 */
void tcps_path_record(const struct tcps_path *path, u8 steps, u64 dwell_ns,
		      struct tcpstate_life_record *rec)
{
	struct tcpstate_life_data *end = &rec->head.life_end;
	u8 i;

	BUILD_BUG_ON(TCPS_PATH_STEPS + 1 > TCPSTATE_LIFE_STEPS);
	rec->bytes_in = path->bytes_in;
	rec->bytes_out = path->bytes_out;
	rec->segs_in = path->segs_in;
	rec->segs_out = path->segs_out;
	rec->retrans = path->retrans;
	end->srtt_us = path->srtt_us;
	end->total_ns = 0;
	end->first_closer = 0;
	for (i = 0; i < steps; i++) {
		rec->step[i] = unpack_step(path->step[i]);
		if (i < TCPS_PATH_STEPS - 1)
			rec->dwell_ns[i] = unpack_time(path->dwell[i]);
		if (i == steps - 1)
			rec->dwell_ns[i] += dwell_ns;
		end->total_ns += rec->dwell_ns[i];
	}
	rec->step[i].state = TCPSTATE_CLOSE;
	rec->step[i].cause = rec->head.cause;
	rec->step[i].carrier = rec->head.carrier;
	end->steps = steps + 1;
	for (i = 0; i < end->steps && !end->first_closer; i++)
		end->first_closer = closer_of(&rec->step[i]);
}
