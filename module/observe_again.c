// SPDX-License-Identifier: GPL-2.0
/*
 * What hooks see of SYNs and SYN-ACKs that are sent again.
 *
 * Knows sockets, requests and events; must not know which hook calls, nor who reads.
 */
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/inet_connection_sock.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "event.h"
#include "gate.h"
#include "listener.h"
#include "observe.h"

static bool is_observed(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP && tcps_gate_open();
}

/*
 * The entry of a connection whose SYN-ACK is sent again. With Fast Open it is
 * the child that stands for it, and whose timer calls.
 */
static struct tcps_life *know_sender(struct tcps_event *event,
				     const struct sock *sk,
				     const struct request_sock *req)
{
	if (!tcp_rsk(req)->tfo_listener)
		return tcps_observe_know(event, req);
	return tcps_event_lock(event, tcps_observe_cookie(sk), sk);
}

/**
 * tcps_observe_synack_by() - tcp_rtx_synack() begins
 * @sk: the listener, or the child of Fast Open
 * @req: the request
 * @timer: the timer of the request calls, not a SYN that came again
 */
void tcps_observe_synack_by(const struct sock *sk,
			    const struct request_sock *req, bool timer)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!is_observed(sk) || !tcps_event_begin(&event, sock_net(sk)))
		return;
	/* Not the listener's timer but the child's, not pending as it runs. */
	if (tcp_rsk(req)->tfo_listener)
		timer = !inet_csk(sk)->icsk_pending;
	life = know_sender(&event, sk, req);
	if (life)
		life->mark = timer ? TCPS_MARK_RTX_TIMER : TCPS_MARK_RTX_SYN;
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

static void tell_synack(struct tcps_event *event, const struct tcps_life *life,
			const struct request_sock *req, u8 cause,
			u32 stands_for)
{
	struct tcpstate_record rec = {
		.type = TCPSTATE_EVENT_SYNACK_RETRANSMIT,
		.cause = cause,
		.old_state = life->state,
		.new_state = life->state,
		.cookie = life->cookie,
		.flags = TCPSTATE_F_TRACKED,
		.retransmit.attempt = req->num_retrans + 1,
		.retransmit.stands_for = stands_for,
	};

	tcps_event_rare(event, &life->who, &rec);
}

/* Whose connection it is: with Fast Open it is not the sender. */
static const struct sock *listening(const struct sock *sk,
				    const struct request_sock *req)
{
	return req->rsk_listener ?: sk;
}

/**
 * tcps_observe_synack() - a SYN-ACK was sent again
 * @sk: the listener, or the child of Fast Open
 * @req: the request
 */
void tcps_observe_synack(const struct sock *sk, const struct request_sock *req)
{
	u8 cause = TCPSTATE_CAUSE_TIMER;
	struct tcps_listener *whose;
	struct tcps_storm *storm;
	struct tcps_event event compat_unset;
	struct tcps_life *life;
	u32 stands_for;

	if (!is_observed(sk) || !tcps_event_begin(&event, sock_net(sk)))
		return;
	life = know_sender(&event, sk, req);
	if (life && life->mark == TCPS_MARK_RTX_SYN)
		cause = TCPSTATE_CAUSE_DUPLICATE_SYN;
	whose = tcps_listener_find(tcps_observe_cookie(listening(sk, req)));
	storm = whose ? &whose->storm[TCPS_STORM_SYNACK] :
			&event.tn->storm[TCPS_STORM_SYNACK];
	/* Without an entry there is nobody to tell of. */
	stands_for = tcps_event_tell(&event, life ? storm : NULL,
				     TCPSTATE_EVENT_SYNACK_RETRANSMIT, cause);
	if (whose)
		tcps_listener_tell(whose, TCPSTATE_EVENT_SYNACK_RETRANSMIT,
				   cause);
	if (stands_for)
		tell_synack(&event, life, req, cause, stands_for);
	if (life)
		life->mark = TCPS_MARK_NONE;
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_syn_again() - a segment was sent again
 * @sk: the socket, locked
 * @skb: the segment, which may be no SYN
 */
void tcps_observe_syn_again(const struct sock *sk, const struct sk_buff *skb)
{
	struct tcpstate_record rec = {
		.type = TCPSTATE_EVENT_SYN_RETRANSMIT,
		.cause = TCPSTATE_CAUSE_TIMER,
		.flags = TCPSTATE_F_TRACKED,
	};
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (likely(!(TCP_SKB_CB(skb)->tcp_flags & TCPHDR_SYN)) ||
	    !is_observed(sk) || !tcps_event_begin(&event, sock_net(sk)))
		return;
	life = tcps_event_lock(&event, tcps_observe_cookie(sk), sk);
	rec.retransmit.stands_for = tcps_event_tell(
		&event, life ? &event.tn->storm[TCPS_STORM_SYN] : NULL,
		TCPSTATE_EVENT_SYN_RETRANSMIT, TCPSTATE_CAUSE_TIMER);
	if (rec.retransmit.stands_for) {
		rec.old_state = life->state;
		rec.new_state = life->state;
		rec.cookie = life->cookie;
		/* Of this connect(): tcp_disconnect() sets it to 0. */
		rec.retransmit.attempt = tcp_sk(sk)->total_retrans;
		tcps_event_rare(&event, &life->who, &rec);
	}
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}
