/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path of a connection: the states it went through, why, how long, and
 * what it carried.
 *
 * Knows numbers only; must not know sockets, tables or hooks.
 */
#ifndef _TCPS_PATH_H
#define _TCPS_PATH_H

#include <linux/bitops.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

/* No connection passes through more states than these before CLOSE. */
#define TCPS_PATH_STEPS 6

/**
 * struct tcps_path - packed
 * @step: state, cause and carrier of each step
 * @dwell: time in each of the steps but the last one possible, packed
 * @srtt_us: smoothed round-trip time
 * @retrans: segments retransmitted
 * @bytes_in: payload received
 * @bytes_out: payload acknowledged
 * @listener: cookie of the listener, while nobody has accepted it; in place of
 *	@bytes_in, which is taken at the end
 * @queued: when it came to the accept queue, CLOCK_MONOTONIC; likewise
 * @segs_in: segments received
 * @segs_out: segments sent
 */
struct tcps_path {
	u16 step[TCPS_PATH_STEPS];
	u32 dwell[TCPS_PATH_STEPS - 1];
	u32 srtt_us;
	u32 retrans;
	union {
		struct {
			u64 bytes_in;
			u64 bytes_out;
		};
		struct {
			u64 listener;
			u64 queued;
		};
	};
	u32 segs_in;
	u32 segs_out;
};

/* A time in 32 bits: 26 of it, and how far they are shifted. */
#define TCPS_PATH_MANTISSA 26

static __always_inline u32 tcps_path_pack(u64 ns)
{
	int shift = fls64(ns) - TCPS_PATH_MANTISSA;

	if (shift <= 0)
		return ns;
	return (u32)shift << TCPS_PATH_MANTISSA | (u32)(ns >> shift);
}

static __always_inline u64 tcps_path_unpack(u32 packed)
{
	return (u64)(packed & ((1U << TCPS_PATH_MANTISSA) - 1))
	       << (packed >> TCPS_PATH_MANTISSA);
}

/**
 * tcps_path_leave() - the last state is left
 * @path: the path
 * @steps: steps in it
 * @dwell_ns: time spent in the state
 *
 * Return: steps in it now; the last may have been dropped.
 */
static __always_inline unsigned long
tcps_path_leave(struct tcps_path *path, unsigned long steps, u64 dwell_ns)
{
	u32 *dwell;

	if (unlikely(!steps))
		return 0;
	if (likely(steps < TCPS_PATH_STEPS)) {
		path->dwell[steps - 1] = tcps_path_pack(dwell_ns);
		return steps;
	}
	dwell = &path->dwell[TCPS_PATH_STEPS - 2];
	*dwell = tcps_path_pack(tcps_path_unpack(*dwell) + dwell_ns);
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
static __always_inline unsigned long tcps_path_enter(struct tcps_path *path,
						     unsigned long steps,
						     u8 state, u8 cause,
						     u8 carrier)
{
	path->step[steps] = state | cause << 4 | carrier << 11;
	return steps + 1;
}

/**
 * tcps_path_sent_syn() - did it begin with a SYN of ours?
 * @path: the path of a life that was seen from its beginning
 *
 * Return: true if so; with TCP_REPAIR there is none.
 */
static __always_inline bool tcps_path_sent_syn(const struct tcps_path *path)
{
	return (path->step[0] & 0xf) == TCPSTATE_SYN_SENT &&
	       (path->step[1] >> 4 & 0x7f) != TCPSTATE_CAUSE_REPAIR;
}

/**
 * tcps_path_carry() - another object carries the connection in its last state
 * @path: the path
 * @steps: steps in it
 * @carrier: enum tcpstate_carrier
 */
static inline void tcps_path_carry(struct tcps_path *path, unsigned long steps,
				   u8 carrier)
{
	if (steps)
		path->step[steps - 1] = (path->step[steps - 1] & 0x7ff) |
					carrier << 11;
}

u8 tcps_path_first_state(const struct tcps_path *path, u8 steps);
u64 tcps_path_length(const struct tcps_path *path, u8 steps);
u8 tcps_path_last_cause(const struct tcps_path *path, u8 steps);
void tcps_path_write(const struct tcps_path *path, u8 steps, u64 dwell_ns,
		     struct tcpstate_life_record *rec);

#endif /* _TCPS_PATH_H */
