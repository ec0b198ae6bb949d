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

#include <linux/build_bug.h>
#include <linux/string.h>

static struct tcpstate_life_step unpack_step(u16 packed)
{
	return (struct tcpstate_life_step){
		.state = packed & 0xf,
		.cause = packed >> 4 & 0x7f,
		.carrier = packed >> 11,
	};
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
		ns += tcps_path_unpack(path->dwell[i]);
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
 * tcps_path_write() - write a whole path into a life record
 * @path: a path that has come to CLOSE
 * @steps: steps in it before that
 * @dwell_ns: time spent in the last of them
 * @rec: result: all but its head and the cgroup and number of transitions there
 */
void tcps_path_write(const struct tcps_path *path, u8 steps, u64 dwell_ns,
		     struct tcpstate_life_record *rec)
{
	struct tcpstate_life_data *end = &rec->head.life_end;
	u8 i;

	BUILD_BUG_ON(TCPSTATE_STATE_COUNT > 16);
	BUILD_BUG_ON(TCPSTATE_CAUSE_COUNT > 128);
	BUILD_BUG_ON(TCPSTATE_CARRIER_COUNT > 4);
	BUILD_BUG_ON(TCPS_PATH_STEPS + 1 > TCPSTATE_LIFE_STEPS);
	rec->bytes_in = path->bytes_in;
	rec->bytes_out = path->bytes_out;
	rec->segs_in = path->segs_in;
	rec->segs_out = path->segs_out;
	rec->retrans = path->retrans;
	rec->reserved = 0;
	memset(rec->dwell_ns, 0, sizeof(rec->dwell_ns));
	memset(rec->step, 0, sizeof(rec->step));
	end->srtt_us = path->srtt_us;
	end->total_ns = 0;
	end->first_closer = 0;
	for (i = 0; i < steps && i < TCPS_PATH_STEPS; i++) {
		rec->step[i] = unpack_step(path->step[i]);
		if (i < TCPS_PATH_STEPS - 1)
			rec->dwell_ns[i] = tcps_path_unpack(path->dwell[i]);
		if (i == steps - 1)
			rec->dwell_ns[i] += dwell_ns;
		end->total_ns += rec->dwell_ns[i];
	}
	rec->step[i].state = TCPSTATE_CLOSE;
	rec->step[i].cause = rec->head.cause;
	rec->step[i].carrier = rec->head.carrier;
	end->steps = i + 1;
	for (i = 0; i < end->steps && !end->first_closer; i++)
		end->first_closer = closer_of(&rec->step[i]);
}
