// SPDX-License-Identifier: GPL-2.0
/*
 * What hooks see of requests that are dropped from the SYN queue: why they will
 * end.
 *
 * Knows requests, callers and events; must not know which hook calls, nor who
 * reads. Whether it was still there to be dropped only its end tells
 * (observe_request.c).
 */
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/inet_connection_sock.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "caller.h"
#include "compat.h"
#include "event.h"
#include "gate.h"
#include "observe.h"

static bool is_observed(const struct sock *listener)
{
	return listener && listener->sk_protocol == IPPROTO_TCP &&
	       tcps_gate_open();
}

/* Its listener is closed. Only from one of a group a request can move. */
static u8 end_by_close(const struct sock *listener)
{
	return compat_migrates(sock_net(listener)) &&
			       rcu_access_pointer(listener->sk_reuseport_cb) ?
		       TCPSTATE_CAUSE_MIGRATE_FAILED :
		       TCPSTATE_CAUSE_LISTENER_CLOSED;
}

static u8 end_by_timer(const struct request_sock *req)
{
	const struct sock *listener = req->rsk_listener;

	if (inet_sk_state_load(listener) != TCP_LISTEN)
		return end_by_close(listener);
	/*
	 * Its third packet came, but nobody could take it; or nobody wanted it
	 * as yet (TCP_DEFER_ACCEPT).
	 */
	if (inet_rsk(req)->acked &&
	    (!inet_csk(listener)->icsk_accept_queue.rskq_defer_accept ||
	     sk_acceptq_is_full(listener)))
		return TCPSTATE_CAUSE_ACCEPT_OVERFLOW;
	return TCPSTATE_CAUSE_SYNACK_TIMEOUT;
}

/* tcp_check_req() acts upon the packet that it was given last. */
static u8 end_by_packet(const struct tcps_life *life)
{
	switch (life->mark) {
	case TCPS_MARK_RST:
		return TCPSTATE_CAUSE_RST;
	case TCPS_MARK_SYN:
		return TCPSTATE_CAUSE_SYN;
	default:
		return TCPSTATE_CAUSE_ACCEPT_OVERFLOW;
	}
}

static u8 end_by(const struct tcps_life *life, const struct request_sock *req,
		 unsigned long caller)
{
	switch (tcps_caller_of(caller)) {
	case TCPS_BY_CHECK_REQ:
		return end_by_packet(life);
	case TCPS_BY_REQ_TIMER:
		return end_by_timer(req);
	case TCPS_BY_REQ_ERR:
		return TCPSTATE_CAUSE_ICMP;
	case TCPS_BY_ABORT:
		return TCPSTATE_CAUSE_ABORT;
	default:
		return TCPSTATE_CAUSE_UNKNOWN;
	}
}

/* The same for inet_csk_reqsk_queue_drop_and_put(). */
static u8 end_by_and_put(const struct request_sock *req, unsigned long caller)
{
	switch (tcps_caller_of(caller)) {
	case TCPS_BY_RCV:
		return end_by_close(req->rsk_listener);
	case TCPS_BY_PURGE:
		return TCPSTATE_CAUSE_NETNS_EXIT;
	case TCPS_BY_CHECK_REQ:
		return TCPSTATE_CAUSE_MPTCP_DROP;
	case TCPS_BY_REQ_TIMER:
		return end_by_timer(req);
	default:
		return TCPSTATE_CAUSE_UNKNOWN;
	}
}

/**
 * tcps_observe_drop() - a request is about to be dropped
 * @req: the request
 * @and_put: by inet_csk_reqsk_queue_drop_and_put(), not _drop()
 * @caller: return address
 *
 * The functions that drop call one another: what the outer one said stands.
 */
void tcps_observe_drop(const struct request_sock *req, bool and_put,
		       unsigned long caller)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;
	u8 cause;

	if (!is_observed(req->rsk_listener))
		return;
	tcps_observe_listen_settle(req);
	if (!tcps_event_begin(&event, read_pnet(&inet_rsk(req)->ireq_net)))
		return;
	life = tcps_observe_know(&event, req);
	if (life) {
		cause = and_put ? end_by_and_put(req, caller) :
				  end_by(life, req, caller);
		if (cause != TCPSTATE_CAUSE_UNKNOWN || !life->why)
			life->why = cause;
	}
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_unlink() - a request is about to leave the queue
 * @req: the request
 * @caller: return address
 *
 * All ways lead here; only the timer has no function of its own before.
 */
void tcps_observe_unlink(const struct request_sock *req, unsigned long caller)
{
	/* Who did so last and was not the timer; any CPU may write it. */
	static unsigned long usual;

	if (likely(caller == READ_ONCE(usual)))
		return;
	if (tcps_caller_of(caller) != TCPS_BY_REQ_TIMER)
		WRITE_ONCE(usual, caller);
	/* The clone of one that another CPU completed was never in it. */
	else if (sk_hashed(req_to_sk((struct request_sock *)req)))
		tcps_observe_drop(req, false, caller);
}
