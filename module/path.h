/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path of a connection: the states it went through, why, how long, and
 * what it carried.
 *
 * Knows numbers only; must not know sockets, tables or hooks.
 */
#ifndef _TCPS_PATH_H
#define _TCPS_PATH_H

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

u8 tcps_path_leave(struct tcps_path *path, u8 steps, u64 dwell_ns);
u8 tcps_path_enter(struct tcps_path *path, u8 steps, u8 state, u8 cause,
		   u8 carrier);
u8 tcps_path_first_state(const struct tcps_path *path, u8 steps);
u64 tcps_path_length(const struct tcps_path *path, u8 steps);
u8 tcps_path_last_cause(const struct tcps_path *path, u8 steps);
void tcps_path_record(const struct tcps_path *path, u8 steps, u64 dwell_ns,
		      struct tcpstate_life_record *rec);

#endif /* _TCPS_PATH_H */
