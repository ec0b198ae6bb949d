/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a full socket changes its state, from what the kernel left in it.
 *
 * Must not know tables, records or counters.
 */
#ifndef _TCPS_CAUSE_H
#define _TCPS_CAUSE_H

#include <linux/types.h>

struct sock;

/**
 * struct tcps_clues - what is known of a transition besides the socket
 * @mark: enum tcps_mark
 * @marked: marks that would be there, as bits; others tell nothing
 * @held: tcp_connect() was not reached
 * @port: local port the socket had before connect() looked for one
 */
struct tcps_clues {
	u8 mark;
	u32 marked;
	bool held;
	u16 port;
};

u8 tcps_cause_of(const struct sock *sk, u8 old, u8 new,
		 const struct tcps_clues *clues);
u8 tcps_cause_of_timewait(u8 old);
bool tcps_cause_is_syscall(u8 cause);

#endif /* _TCPS_CAUSE_H */
