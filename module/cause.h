/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a full socket changes its state, from what the kernel left in it.
 *
 * Must not know tables, records or counters.
 */
#ifndef _TCPS_CAUSE_H
#define _TCPS_CAUSE_H

#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/tcp.h>
#include <linux/tcpstate.h>

#include "life.h"

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

/* By state after; 0 if unknown. Constant after init. */
extern u8 tcps_cause_usual[16];

/**
 * tcps_cause_at_once() - why, in the usual cases
 * @sk: the socket, locked
 * @old: state before, not CLOSE
 * @new: state after
 * @mark: enum tcps_mark
 *
 * Return: what tcps_cause_of() would, or 0: ask it.
 */
static __always_inline u8 tcps_cause_at_once(const struct sock *sk, u8 old,
					     u8 new, u8 mark)
{
	if (unlikely(mark != TCPS_MARK_NONE))
		return TCPSTATE_CAUSE_NONE;
	switch (new) {
	case TCPSTATE_ESTABLISHED:
		if (old == TCPSTATE_SYN_SENT)
			return unlikely(tcp_sk(sk)->repair) ?
				       TCPSTATE_CAUSE_NONE :
				       TCPSTATE_CAUSE_SYN_ACK;
		break;
	case TCPSTATE_CLOSE:
		if (old != TCPSTATE_LAST_ACK ||
		    tcp_sk(sk)->snd_una != tcp_sk(sk)->write_seq)
			return TCPSTATE_CAUSE_NONE;
		break;
	}
	return tcps_cause_usual[new % ARRAY_SIZE(tcps_cause_usual)];
}

void tcps_cause_init(u32 marked);

#endif /* _TCPS_CAUSE_H */
