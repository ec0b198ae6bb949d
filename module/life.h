/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of a connection: how an entry of the table begins, goes on, is told
 * and ends.
 *
 * Knows entries and records; must not know sockets, counters or hooks.
 */
#ifndef _TCPS_LIFE_H
#define _TCPS_LIFE_H

#include <linux/build_bug.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

#include "broken.h"
#include "table.h"

/**
 * enum tcps_mark - what is about to change the state
 *
 * Set by a hook on a function that changes the state at once, or on a packet
 * that may; the next transition takes it.
 *
 * @TCPS_MARK_NONE: nothing is known
 * @TCPS_MARK_SHUTDOWN: tcp_shutdown()
 * @TCPS_MARK_DISCONNECT: tcp_disconnect()
 * @TCPS_MARK_RST: a segment with RST
 * @TCPS_MARK_SYN: a segment with SYN
 * @TCPS_MARK_DATA: tcp_reset() for data after shutdown()
 * @TCPS_MARK_ABORT: tcp_abort()
 * @TCPS_MARK_TIMER: a timer gives up
 * @TCPS_MARK_ICMP: an ICMP error that ends a handshake
 * @TCPS_MARK_ACTIVE_RESET: tcp_send_active_reset() of an orphan
 * @TCPS_MARK_TIME_WAIT: tcp_time_wait()
 * @TCPS_MARK_TIME_WAIT_FULL: the same, at the limit of timewait socks
 * @TCPS_MARK_CONNECT: tcp_connect(); never set, it releases what was held
 * @TCPS_MARK_RTX_TIMER: a SYN-ACK is sent again by a timer
 * @TCPS_MARK_RTX_SYN: a SYN-ACK is sent again for a SYN
 * @TCPS_MARK_RESET_TOLD: of a tombstone: the RST that is sent now is told
 */
enum tcps_mark {
	TCPS_MARK_NONE,
	TCPS_MARK_SHUTDOWN,
	TCPS_MARK_DISCONNECT,
	TCPS_MARK_RST,
	TCPS_MARK_SYN,
	TCPS_MARK_DATA,
	TCPS_MARK_ABORT,
	TCPS_MARK_TIMER,
	TCPS_MARK_ICMP,
	TCPS_MARK_ACTIVE_RESET,
	TCPS_MARK_TIME_WAIT,
	TCPS_MARK_TIME_WAIT_FULL,
	TCPS_MARK_CONNECT,
	TCPS_MARK_RTX_TIMER,
	TCPS_MARK_RTX_SYN,
	TCPS_MARK_RESET_TOLD,
};

void tcps_life_begin(struct tcps_life *life);
void tcps_life_adopt(struct tcps_life *life, u8 state);

#endif /* _TCPS_LIFE_H */
