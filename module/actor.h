/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The actor: whose system call made a transition.
 *
 * Knows causes and the running task; must not know connections.
 */
#ifndef _TCPS_ACTOR_H
#define _TCPS_ACTOR_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

/* What a process causes, by a system call, as bits. */
#define TCPS_BY_SYSCALL                                                             \
	(BIT_ULL(TCPSTATE_CAUSE_CONNECT) | BIT_ULL(TCPSTATE_CAUSE_LISTEN) |         \
	 BIT_ULL(TCPSTATE_CAUSE_CLOSE) | BIT_ULL(TCPSTATE_CAUSE_SHUTDOWN) |         \
	 BIT_ULL(TCPSTATE_CAUSE_DISCONNECT) | BIT_ULL(TCPSTATE_CAUSE_REPAIR) |      \
	 BIT_ULL(TCPSTATE_CAUSE_ABORT) | BIT_ULL(TCPSTATE_CAUSE_LINGER0) |          \
	 BIT_ULL(TCPSTATE_CAUSE_UNREAD_DATA) |                                      \
	 BIT_ULL(TCPSTATE_CAUSE_ORPHAN_LIMIT) | /* at once only what is complete */ \
	 BIT_ULL(TCPSTATE_CAUSE_LISTENER_CLOSED) |                                  \
	 BIT_ULL(TCPSTATE_CAUSE_NO_ROUTE) |                                         \
	 BIT_ULL(TCPSTATE_CAUSE_PORTS_EXHAUSTED) |                                  \
	 BIT_ULL(TCPSTATE_CAUSE_PORT_FAILURE) |                                     \
	 BIT_ULL(TCPSTATE_CAUSE_REUSED))

/*
 * Is whoever runs the actor? Other causes can be worked off in process context
 * too, from the socket's backlog.
 */
static __always_inline bool tcps_actor_is_here(u8 cause, u8 carrier)
{
	BUILD_BUG_ON(TCPSTATE_CAUSE_COUNT > 64);
	if (!(TCPS_BY_SYSCALL >> cause & 1) || !in_task() ||
	    current->flags & PF_KTHREAD)
		return false;
	/* A request of a closed listener ends when the next packet comes. */
	if (carrier == TCPSTATE_CARRIER_REQUEST &&
	    cause != TCPSTATE_CAUSE_ABORT)
		return false;
	/*
	 * What was shut down in SYN_RECV is worked off when the ACK comes,
	 * which can be in the middle of another process: its write to a tun.
	 */
	return cause != TCPSTATE_CAUSE_SHUTDOWN || !in_softirq();
}

#endif /* _TCPS_ACTOR_H */
