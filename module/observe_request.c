// SPDX-License-Identifier: GPL-2.0
/*
 * What hooks see of requests, the SYN queue, becomes events.
 *
 * Knows requests, callers and events; must not know which hook calls, nor who
 * reads.
 *
 * A request begins when it comes to the SYN queue and ends when it is freed,
 * unless a child took its connection over. Whoever drops it says why before;
 * whether it was still there to be dropped only its end tells, because another
 * CPU may complete it meanwhile. One that is freed without having been dropped
 * never stood in the queue: there was another one with the same addresses.
 */
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/mptcp.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "caller.h"
#include "compat.h"
#include "counters.h"
#include "event.h"
#include "gate.h"
#include "listener.h"
#include "observe.h"

static const struct sock *as_sock(const struct request_sock *req)
{
	return req_to_sk((struct request_sock *)req);
}

static bool is_observed(const struct sock *listener)
{
	return listener && listener->sk_protocol == IPPROTO_TCP &&
	       tcps_gate_open();
}

/**
 * tcps_observe_request() - a request comes to the SYN queue
 * @listener: the listener
 * @req: the request, complete, not yet in the queue
 */
void tcps_observe_request(const struct sock *listener,
			  const struct request_sock *req)
{
	struct tcps_event event compat_unset;
	struct tcps_who room compat_unset;
	const struct tcps_who *whose;
	struct tcps_life *life;

	if (!is_observed(listener) ||
	    !tcps_event_begin(&event, sock_net(listener)))
		return;
	whose = tcps_observe_listener(&event, listener, &room);
	life = tcps_event_lock(&event, tcps_observe_cookie(as_sock(req)), req);
	if (!life)
		life = tcps_event_make(&event);
	if (life) {
		tcps_life_begin(life);
		tcps_who_set_request(&life->who, listener, req);
		tcps_who_inherit(&life->who, whose);
		if (unlikely(rsk_is_mptcp(req)))
			life->who.id.flags |= tcps_observe_syn_mptcp(req);
		tcps_event_step(&event, life, TCPSTATE_SYN_RECV,
				TCPSTATE_CAUSE_SYN);
	} else {
		memset(&room, 0, sizeof(room));
		tcps_who_set_request(&room, listener, req);
		if (rsk_is_mptcp(req))
			room.id.flags |= tcps_observe_syn_mptcp(req);
		tcps_event_untracked(&event, &room, TCPSTATE_CLOSE,
				     TCPSTATE_SYN_RECV, TCPSTATE_CAUSE_SYN);
	}
	tcps_observe_listen_done();
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_adopt_request() - take in a request older than the module
 * @event: locked; no entry was found
 * @req: the request
 *
 * Return: its entry, or NULL without room.
 */
struct tcps_life *tcps_observe_adopt_request(struct tcps_event *event,
					     const struct request_sock *req)
{
	struct tcps_life *life = tcps_event_adopt(event, TCPSTATE_SYN_RECV,
						  TCPSTATE_CARRIER_REQUEST);

	if (!life)
		return NULL;
	tcps_who_set_request(&life->who, req->rsk_listener, req);
	/* Until its child says better. */
	if (rsk_is_mptcp(req))
		life->who.id.flags |= TCPSTATE_F_MPTCP;
	return life;
}

/*
 * The entry of the request that this one, or that of this child, was cloned
 * from when its listener closed. A timer frees the old one after that.
 */
static struct tcps_life *cloned_from(const struct tcps_event *event)
{
	return tcps_table_find(&event->bucket, NULL) ?:
		       tcps_table_with(&event->bucket, TCPS_MIGRATING);
}

/**
 * tcps_observe_know() - the entry of a request, locked
 * @event: begun
 * @req: the request
 *
 * Taken in if it is older than the module. A migrated request takes over that
 * of the one it was cloned from.
 *
 * Return: its entry or NULL.
 */
struct tcps_life *tcps_observe_know(struct tcps_event *event,
				    const struct request_sock *req)
{
	struct tcps_life *life;

	life = tcps_event_lock(event, tcps_observe_cookie(as_sock(req)), req);
	if (life)
		return life;
	life = cloned_from(event);
	if (life) {
		life->carrier = req;
		/* It is of another listener now; its owner is known already. */
		tcps_who_set_request(&life->who, req->rsk_listener, req);
		return life;
	}
	if (tcps_event_is_walked() || tcps_table_same(&event->bucket, NULL) ||
	    !sk_hashed(as_sock(req)))
		return NULL;
	return tcps_observe_adopt_request(event, req);
}

static bool begin(struct tcps_event *event, const struct request_sock *req)
{
	return tcps_event_begin(event, read_pnet(&inet_rsk(req)->ireq_net));
}

/**
 * tcps_observe_check_req() - tcp_check_req() looks at a packet
 * @listener: the listener
 * @req: the request
 * @skb: the packet
 *
 * With tcp_abort_on_overflow an ACK can end a request too: then it must be
 * known that an RST before it did not.
 */
void tcps_observe_check_req(const struct sock *listener,
			    const struct request_sock *req,
			    const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!is_observed(listener))
		return;
	tcps_observe_ack(listener, req);
	if (likely(!th->rst && !th->syn) &&
	    !READ_ONCE(read_pnet(&inet_rsk(req)->ireq_net)
			       ->ipv4.sysctl_tcp_abort_on_overflow))
		return;
	if (!is_observed(req->rsk_listener) || !begin(&event, req))
		return;
	life = tcps_observe_know(&event, req);
	if (life)
		life->mark = th->rst ? TCPS_MARK_RST :
			     th->syn ? TCPS_MARK_SYN :
				       TCPS_MARK_NONE;
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/*
 * The child was cloned before the walk, or whoever, gave the request its
 * cookie: it will have another one, and is taken in instead of the request.
 */
static bool parted(struct tcps_event *event, const struct request_sock *req,
		   const struct sock *child)
{
	u64 cookie = atomic64_read(&inet_rsk(req)->ir_cookie);
	struct tcps_life *life;

	if (likely(cookie == tcps_observe_cookie(child)) || !cookie)
		return false;
	life = tcps_event_lock(event, cookie, req);
	if (life && !(life->flags & TCPS_DOUBTED))
		tcps_event_uncount(event, preexisting[TCPSTATE_SYN_RECV]);
	if (life)
		tcps_table_drop(&event->bucket, life);
	tcps_event_unlock(event);
	return true;
}

/* If its request moved, the child is that of another listener. */
static __always_inline void take_over(struct tcps_life *life,
				      const struct sock *child, bool moved)
{
	life->carrier = child;
	life->flags &= ~(TCPS_MIGRATING | TCPS_ORPHANED);
	life->mark = TCPS_MARK_NONE;
	life->why = TCPSTATE_CAUSE_NONE;
	if (unlikely(moved))
		tcps_who_set_sock(&life->who, child);
	else
		tcps_who_set_child(&life->who, child);
}

/* The same where not all is as usual: older, cloned, without room. */
static noinline void complete_unknown(const struct sock *listener,
				      const struct request_sock *req,
				      const struct sock *child)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;
	bool older;

	if (!tcps_event_begin(&event, sock_net(child)))
		return;
	older = parted(&event, req, child) || !tcps_event_is_walked();
	life = tcps_event_lock(&event, tcps_observe_cookie(child), req);
	if (!life)
		life = cloned_from(&event);
	if (life) {
		take_over(life, child, true);
		if (listener != req->rsk_listener)
			tcps_observe_comes_to(life, listener);
		tcps_observe_queued(life, listener, event.section.now);
	} else if (older && !tcps_table_find(&event.bucket, child)) {
		event.carrier = child;
		tcps_observe_adopt(&event, child, TCPSTATE_SYN_RECV);
	}
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_complete() - a child takes its request's connection over
 * @listener: the listener
 * @req: the request
 * @child: the child, locked
 *
 * No transition, no record.
 */
void tcps_observe_complete(const struct sock *listener,
			   const struct request_sock *req,
			   const struct sock *child)
{
	u64 cookie = atomic64_read(&inet_rsk(req)->ir_cookie);
	struct tcps_bucket bucket compat_unset;
	struct tcps_life *life = NULL;
	unsigned long flags;

	if (!is_observed(child))
		return;
	tcps_observe_listen_done();
	if (likely(cookie == atomic64_read(&child->sk_cookie))) {
		flags = tcps_table_lock_irqsave(&bucket, cookie);
		life = tcps_table_find(&bucket, req);
		if (likely(life)) {
			take_over(life, child, listener != req->rsk_listener);
			if (unlikely(listener != req->rsk_listener))
				tcps_observe_comes_to(life, listener);
			tcps_observe_queued(life, listener, ktime_get_ns());
		}
		tcps_table_unlock_irqrestore(&bucket, flags);
	}
	if (unlikely(!life))
		complete_unknown(listener, req, child);
}

/**
 * tcps_observe_migrate() - inet_reqsk_clone() begins
 * @req: the request that is cloned
 * @listener: for which other one
 *
 * If that succeeds, the request is freed without having been dropped.
 */
void tcps_observe_migrate(const struct request_sock *req,
			  const struct sock *listener)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!is_observed(listener))
		return;
	/* Its child waits for accept(). */
	if (req->sk) {
		tcps_observe_requeued(req->sk, listener);
		return;
	}
	/* Without a cookie it has no entry. */
	if (!atomic64_read(&inet_rsk(req)->ir_cookie) || !begin(&event, req))
		return;
	life = tcps_event_lock(&event, tcps_observe_cookie(as_sock(req)), req);
	if (life) {
		life->flags |= TCPS_MIGRATING;
		tcps_observe_comes_to(life, listener);
	}
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/* Freed, but the connection goes on in an object that is to show itself. */
static bool goes_on(const struct tcps_life *life)
{
	/* An MPTCP join lives on outside of the accept queue. */
	if (life->why == TCPSTATE_CAUSE_MPTCP_DROP)
		return !(life->flags & TCPS_ORPHANED);
	return life->flags & TCPS_MIGRATING && !life->why;
}

static void count_expired(struct tcps_event *event, const struct sock *listener)
{
	struct tcps_listener *whose =
		tcps_listener_find(tcps_observe_cookie(listener));

	tcps_event_count(event, expired);
	if (whose)
		atomic64_inc(&whose->expired);
}

static void end(struct tcps_event *event, struct tcps_life *life,
		const struct request_sock *req)
{
	if (goes_on(life)) {
		life->carrier = NULL;
		life->flags &= ~TCPS_MIGRATING;
		life->why = TCPSTATE_CAUSE_NONE;
		return;
	}
	if (unlikely(life->flags & TCPS_DOUBTED))
		tcps_event_confirm(event, life, TCPSTATE_SYN_RECV);
	/* Nobody dropped it, because it never was in the queue. */
	if (!life->why)
		life->why = tcps_observe_drops() ? TCPSTATE_CAUSE_DUPLICATE :
						   TCPSTATE_CAUSE_UNKNOWN;
	if (life->why == TCPSTATE_CAUSE_SYNACK_TIMEOUT && req->rsk_listener)
		count_expired(event, req->rsk_listener);
	if (life->why == TCPSTATE_CAUSE_RST)
		tcps_observe_reset_ended(event, life);
	tcps_event_step(event, life, TCPSTATE_CLOSE, life->why);
	tcps_table_drop(&event->bucket, life);
}

/**
 * tcps_observe_request_end() - a request is freed
 * @req: the request
 */
void tcps_observe_request_end(const struct request_sock *req)
{
	struct tcps_life *life, *cloned;
	struct tcps_event event compat_unset;
	bool in_queue = true;

	if (unlikely(rsk_is_mptcp(req) && req->sk))
		tcps_observe_taken(req);
	/* Nobody gave it a cookie: it never came to the SYN queue. */
	if (!atomic64_read(&inet_rsk(req)->ir_cookie)) {
		/* One whose child was made was never refused. */
		if (!req->sk)
			tcps_observe_syn_freed(req);
		return;
	}
	/* Switched off: no event, but the entry must not stay. */
	if (unlikely(tcps_observe_missed()) && (req->sk || !tcps_gate_open())) {
		tcps_table_forget(tcps_observe_cookie(as_sock(req)), req);
		return;
	}
	/* Its child took over, long ago. */
	if (req->sk || !begin(&event, req))
		return;
	life = tcps_event_lock(&event, tcps_observe_cookie(as_sock(req)), req);
	cloned = tcps_table_with(&event.bucket, TCPS_MIGRATING);
	if (life) {
		end(&event, life, req);
	} else if (cloned) {
		/* Its clone took over already. */
		cloned->flags &= ~TCPS_MIGRATING;
	} else if (tcps_event_lacks(&event) &&
		   !tcps_table_same(&event.bucket, NULL)) {
		struct tcps_who who = {};

		if (req->rsk_listener)
			tcps_who_set_request(&who, req->rsk_listener, req);
		tcps_event_untracked(&event, &who, TCPSTATE_SYN_RECV,
				     TCPSTATE_CLOSE, TCPSTATE_CAUSE_UNKNOWN);
	} else {
		in_queue = false;
	}
	tcps_event_unlock(&event);
	tcps_event_end(&event);
	/* It got its cookie from a program. */
	if (unlikely(!in_queue))
		tcps_observe_syn_freed(req);
}
