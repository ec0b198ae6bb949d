/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which function of the kernel called a hooked one.
 *
 * Knows addresses; must not know what follows from it.
 */
#ifndef _TCPS_CALLER_H
#define _TCPS_CALLER_H

#include <linux/types.h>

/**
 * enum tcps_caller - a function of interest
 * @TCPS_BY_NOBODY: none of those
 * @TCPS_BY_CHECK_REQ: tcp_check_req()
 * @TCPS_BY_REQ_ERR: tcp_req_err()
 * @TCPS_BY_ABORT: tcp_abort()
 * @TCPS_BY_REQ_TIMER: reqsk_timer_handler()
 * @TCPS_BY_RCV: tcp_v4_rcv(), tcp_v6_rcv()
 * @TCPS_BY_PURGE: inet_twsk_purge()
 * @TCPS_BY_TW_STATE: tcp_timewait_state_process()
 * @TCPS_BY_HASH: connect() looking for a port
 * @TCPS_BY_DESCHEDULE: inet_twsk_deschedule_put()
 * @TCPS_BY_STATE: tcp_rcv_state_process()
 * @TCPS_BY_KEEPALIVE: tcp_keepalive_timer()
 * @TCPS_BY_WRITE_TIMER: the timer of what is to be sent, in all its parts
 * @TCPS_BY_ICMP: tcp_v4_err(), tcp_v6_err()
 * @TCPS_BY_COMPLETE: inet_csk_complete_hashdance()
 * @TCPS_BY_TPROXY: nf_tproxy_handle_time_wait4(), ...6(), of a module
 * @TCPS_CALLERS: how many
 */
enum tcps_caller {
	TCPS_BY_NOBODY,
	TCPS_BY_CHECK_REQ,
	TCPS_BY_REQ_ERR,
	TCPS_BY_ABORT,
	TCPS_BY_REQ_TIMER,
	TCPS_BY_RCV,
	TCPS_BY_PURGE,
	TCPS_BY_TW_STATE,
	TCPS_BY_HASH,
	TCPS_BY_DESCHEDULE,
	TCPS_BY_STATE,
	TCPS_BY_KEEPALIVE,
	TCPS_BY_WRITE_TIMER,
	TCPS_BY_ICMP,
	TCPS_BY_COMPLETE,
	TCPS_BY_TPROXY,
	TCPS_CALLERS,
};

enum tcps_caller tcps_caller_of(unsigned long address);

#endif /* _TCPS_CALLER_H */
