// SPDX-License-Identifier: GPL-2.0
/*
 * What hooks see just before a full socket changes its state: who will have
 * done it.
 *
 * Knows sockets and events; must not know which hook calls, nor who reads. A
 * mark lies in the socket's entry until its next transition.
 */
#include <linux/bits.h>
#include <linux/cred.h>
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "caller.h"
#include "cause.h"
#include "compat.h"
#include "event.h"
#include "gate.h"
#include "listener.h"
#include "observe.h"
#include "observe_hooks.h"

/* Marks that are made, as bits of enum tcps_mark; constant after init. */
static u32 marks_made;

DEFINE_PER_CPU(struct tcps_waiting, tcps_waiting);

/* Which of the hooks of other carriers there are; constant after init. */
static bool drops_seen, timewait_seen, exact;

/* The entry of a socket that is in the middle of its life. */
static struct tcps_life *know(struct tcps_event *event, const struct sock *sk)
{
	u8 state = sk->sk_state;
	struct tcps_life *life;

	life = tcps_event_lock(event, tcps_observe_cookie(sk), sk);
	if (life || state == TCP_CLOSE)
		return life;
	if (state == TCP_SYN_RECV) {
		life = tcps_observe_claim(event, sk);
		if (life)
			return life;
		/* A clone that will be stray is not taken in. */
		if (tcps_event_is_walked() && !READ_ONCE(sk->sk_socket))
			return NULL;
	}
	return tcps_observe_adopt(event, sk, state);
}

/* The same for a socket that has no entry yet. */
static noinline void mark_unknown(const struct sock *sk, enum tcps_mark mark)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!tcps_event_begin(&event, sock_net(sk)))
		return;
	life = know(&event, sk);
	if (life)
		life->mark = mark;
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/* Say what is about to change the state. No record, so no time either. */
static void mark(const struct sock *sk, enum tcps_mark mark)
{
	struct tcps_bucket bucket compat_unset;
	struct tcps_life *life;
	unsigned long flags;

	flags = tcps_table_lock_irqsave(&bucket, tcps_observe_cookie(sk));
	life = tcps_table_find(&bucket, sk);
	if (likely(life))
		life->mark = mark;
	tcps_table_unlock_irqrestore(&bucket, flags);
	if (unlikely(!life))
		mark_unknown(sk, mark);
}

static bool is_observed(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP && tcps_gate_open();
}

/**
 * tcps_observe_shutdown() - tcp_shutdown() begins
 * @sk: the socket, locked
 * @how: SEND_SHUTDOWN, RCV_SHUTDOWN bits
 *
 * In these states, and only there, it changes the state at once; in SYN_SENT
 * only MPTCP calls it.
 */
void tcps_observe_shutdown(const struct sock *sk, int how)
{
	if (how & SEND_SHUTDOWN &&
	    1 << sk->sk_state &
		    (TCPF_ESTABLISHED | TCPF_SYN_SENT | TCPF_CLOSE_WAIT) &&
	    is_observed(sk))
		mark(sk, TCPS_MARK_SHUTDOWN);
}

/**
 * tcps_observe_disconnect() - tcp_disconnect() begins
 * @sk: the socket, locked
 *
 * Unless the state is CLOSE already, that is what it does first.
 */
void tcps_observe_disconnect(const struct sock *sk)
{
	if (sk->sk_state != TCP_CLOSE && !compat_disconnect_refused(sk) &&
	    is_observed(sk))
		mark(sk, TCPS_MARK_DISCONNECT);
}

/*
 * Older kernels do not show the segment. Whether it had RST is found out first,
 * in a function of its own; what looks for data that nobody will read comes
 * later.
 */
static bool by_data(const struct sock *sk, unsigned long caller)
{
	return (sk->sk_state == TCP_FIN_WAIT1 ||
		sk->sk_state == TCP_FIN_WAIT2) &&
	       tcps_caller_of(caller) == TCPS_BY_STATE;
}

/**
 * tcps_observe_reset() - tcp_reset() begins
 * @sk: the socket, locked
 * @skb: the segment; NULL if this kernel does not say
 * @caller: return address
 *
 * It ends the connection at once, for a segment with RST, for data that came
 * after shutdown(), or for a SYN that a Fast Open child cannot bear.
 */
void tcps_observe_reset(const struct sock *sk, const struct sk_buff *skb,
			unsigned long caller)
{
	if (sk->sk_state == TCP_CLOSE || !is_observed(sk))
		return;
	if (skb ? tcp_hdr(skb)->rst : !by_data(sk, caller)) {
		mark(sk, TCPS_MARK_RST);
		tcps_observe_reset_received(sk, skb);
	} else {
		mark(sk, sk->sk_state == TCP_SYN_RECV ? TCPS_MARK_SYN :
							TCPS_MARK_DATA);
	}
}

/**
 * tcps_observe_active_reset() - tcp_send_active_reset() begins
 * @sk: the socket, locked
 *
 * For an orphan in FIN_WAIT2 its timer does this, and nobody else.
 */
void tcps_observe_active_reset(const struct sock *sk)
{
	if (sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD) &&
	    is_observed(sk))
		mark(sk, TCPS_MARK_ACTIVE_RESET);
}

/**
 * tcps_observe_abort() - tcp_abort() begins
 * @sk: a full socket, not locked
 *
 * In other states it ends the connection by tcps_observe_failed().
 */
void tcps_observe_abort(const struct sock *sk)
{
	if (sk->sk_state == TCP_LISTEN && is_observed(sk))
		mark(sk, TCPS_MARK_ABORT);
}

/*
 * An ICMP error ends no connection but one that is being opened; once a Fast
 * Open child is accepted it counts as open.
 */
static bool ends_by_icmp(const struct sock *sk)
{
	const struct request_sock *req =
		rcu_dereference_check(tcp_sk(sk)->fastopen_rsk, true);

	return sk->sk_state == TCP_SYN_SENT ||
	       (sk->sk_state == TCP_SYN_RECV && !(req && !req->sk));
}

static enum tcps_mark by_caller(const struct sock *sk, unsigned long caller)
{
	switch (tcps_caller_of(caller)) {
	case TCPS_BY_ABORT:
		return TCPS_MARK_ABORT;
	case TCPS_BY_KEEPALIVE:
	case TCPS_BY_WRITE_TIMER:
		return TCPS_MARK_TIMER;
	case TCPS_BY_ICMP:
		return ends_by_icmp(sk) ? TCPS_MARK_ICMP : TCPS_MARK_NONE;
	default:
		return TCPS_MARK_NONE;
	}
}

/**
 * tcps_observe_failed() - a connection is about to end with an error
 * @sk: the socket, locked
 * @caller: return address
 *
 * Its program can read the error, which takes it away, before the state
 * changes: who calls is what tells the cause.
 */
void tcps_observe_failed(const struct sock *sk, unsigned long caller)
{
	enum tcps_mark by;

	if (sk->sk_state == TCP_CLOSE || !is_observed(sk))
		return;
	by = by_caller(sk, caller);
	if (by != TCPS_MARK_NONE)
		mark(sk, by);
}

/**
 * tcps_observe_time_wait() - tcp_time_wait() begins
 * @sk: the socket, locked
 *
 * It makes a timewait sock, or closes the connection for lack of one. A softirq
 * does so before anything else happens on this CPU: what it is about to do need
 * not be looked up.
 */
void tcps_observe_time_wait(const struct sock *sk)
{
	enum tcps_mark by = TCPS_MARK_TIME_WAIT;

	/* Without the next hook nobody would take the mark away. */
	if (!timewait_seen || !is_observed(sk))
		return;
	if (compat_tw_count(sock_net(sk)) >= compat_tw_max(sock_net(sk)))
		by = TCPS_MARK_TIME_WAIT_FULL;
	if (likely(in_serving_softirq())) {
		this_cpu_write(tcps_waiting.cookie, tcps_observe_cookie(sk));
		this_cpu_write(tcps_waiting.mark, by);
	} else {
		mark(sk, by);
	}
}

/**
 * tcps_observe_waiting() - was tcp_time_wait() about to take this connection?
 * @cookie: the connection's
 *
 * Only the softirq that said so is told, once.
 *
 * Return: the mark, or %TCPS_MARK_NONE.
 */
u8 tcps_observe_waiting(u64 cookie)
{
	if (!in_serving_softirq() ||
	    this_cpu_read(tcps_waiting.cookie) != cookie)
		return TCPS_MARK_NONE;
	this_cpu_write(tcps_waiting.cookie, 0);
	return this_cpu_read(tcps_waiting.mark);
}

/* It has been waiting in the accept queue. */
static void accepted(struct tcps_event *event, struct tcps_life *life)
{
	struct tcps_listener *whose = tcps_listener_find(life->path.listener);

	tcps_event_count(event, accepted);
	if (whose) {
		atomic64_inc(&whose->accepted);
		tcps_histogram_add(&whose->wait,
				   event->section.now - life->path.queued);
	}
	life->path.listener = 0;
	life->path.queued = 0;
}

/**
 * tcps_observe_graft() - accept() gives a connection to a process
 * @sk: the socket, locked
 */
void tcps_observe_graft(const struct sock *sk)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!is_observed(sk) ||
	    (sk->sk_family != AF_INET && sk->sk_family != AF_INET6) ||
	    !tcps_event_begin(&event, sock_net(sk)))
		return;
	life = know(&event, sk);
	if (life && tcps_who_own(&life->who))
		tcps_who_set_user(&life->who, sk);
	if (life && life->path.listener && life->state != TCPSTATE_CLOSE)
		accepted(&event, life);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_taken() - the request of an MPTCP child is freed
 * @req: the request; its child came to an accept queue
 *
 * Of MPTCP accept() gives a process another socket, and says nothing of the
 * child; but it lets go of its request. If the listener is closed, the child
 * ends before that, or has come to another one's queue.
 */
void tcps_observe_taken(const struct request_sock *req)
{
	const struct sock *listener = req->rsk_listener;
	u64 cookie = atomic64_read(&inet_rsk(req)->ir_cookie);
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!tcps_gate_open() ||
	    !tcps_event_begin(&event, read_pnet(&inet_rsk(req)->ireq_net)))
		return;
	/*
	 * One that stood in the SYN queue can be freed late, by who found it
	 * there, when the child is gone; then we know the child's cookie.
	 */
	life = tcps_event_lock(&event, cookie ?: tcps_observe_cookie(req->sk),
			       req->sk);
	if (life && life->state != TCPSTATE_CLOSE && life->path.listener &&
	    (!listener ||
	     life->path.listener == tcps_observe_cookie(listener))) {
		if (tcps_who_own(&life->who))
			life->who.id.uid = __kuid_val(current_fsuid());
		accepted(&event, life);
	}
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_marks() - which marks are made
 *
 * Return: bits of enum tcps_mark.
 */
u32 tcps_observe_marks(void)
{
	return marks_made;
}

/**
 * tcps_observe_drops() - would a request that is dropped be marked?
 *
 * Return: true if all hooks on that are there.
 */
bool tcps_observe_drops(void)
{
	return drops_seen;
}

/**
 * tcps_observe_missed() - can a hook have been missed?
 *
 * Return: true if it is switched off or was, or if hooks are not exact.
 */
bool tcps_observe_missed(void)
{
	return !exact || READ_ONCE(tcps_gate_was_shut);
}

/**
 * tcps_observe_init() - before the first event
 * @hooks: which hooks there are
 */
void tcps_observe_init(const struct tcps_observe_hooks *hooks)
{
	marks_made = 0;
	if (hooks->shutdown)
		marks_made |= BIT(TCPS_MARK_SHUTDOWN);
	if (hooks->disconnect)
		marks_made |= BIT(TCPS_MARK_DISCONNECT);
	if (hooks->reset)
		marks_made |= BIT(TCPS_MARK_RST) | BIT(TCPS_MARK_DATA);
	if (hooks->active_reset)
		marks_made |= BIT(TCPS_MARK_ACTIVE_RESET);
	if (hooks->abort)
		marks_made |= BIT(TCPS_MARK_ABORT);
	if (hooks->failed)
		marks_made |= BIT(TCPS_MARK_TIMER) | BIT(TCPS_MARK_ICMP);
	if (hooks->connect)
		marks_made |= BIT(TCPS_MARK_CONNECT);
	tcps_cause_init(marks_made);
	drops_seen = hooks->drops;
	timewait_seen = hooks->timewait;
	exact = hooks->exact;
}
