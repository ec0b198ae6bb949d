// SPDX-License-Identifier: GPL-2.0
/*
 * What hooks see of children, the sockets that a listener's connections get.
 *
 * Knows sockets, requests and events; must not know which hook calls, nor who
 * reads.
 *
 * Folding. The kernel reports the birth of a child as LISTEN to SYN_RECV of the
 * clone, or as CLOSE to SYN_RECV if the listener was closed meanwhile, before
 * the clone has addresses or a cookie of its own (until 6.12): it is only
 * counted. The child takes its request's connection over, or, if there was none
 * in the SYN queue, is born when it comes to the accept queue.
 */
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/mptcp.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "broken.h"
#include "caller.h"
#include "compat.h"
#include "counters.h"
#include "event.h"
#include "gate.h"
#include "observe.h"

/**
 * tcps_observe_clone() - the kernel makes a child
 * @sk: the clone of the listener
 */
void tcps_observe_clone(const struct sock *sk)
{
	struct tcps_net *tn;
	unsigned long flags;

	local_irq_save(flags);
	tn = tcps_net_in_hook(sock_net(sk));
	if (likely(tn)) {
		tcps_observe_listen_child();
		tcps_cell_inc(tcps_ledger_here(&tn->ledger)->children);
		if (TCPS_BROKEN_NOW(TCPS_LAW_AGREES))
			tcps_cell_inc(tcps_ledger_here(&tn->ledger)->children);
	}
	local_irq_restore(flags);
}

static bool is_fastopen_child(const struct sock *sk)
{
	return rcu_access_pointer(tcp_sk(sk)->fastopen_rsk);
}

/* A Fast Open child that has not come to the accept queue yet. */
static bool is_fresh_fastopen_child(const struct sock *sk)
{
	const struct request_sock *req =
		rcu_dereference_check(tcp_sk(sk)->fastopen_rsk, true);

	return req && !req->sk;
}

/*
 * A clone that lost the race for its request, or that could not be completed.
 * Nobody has accepted it, and a Fast Open child would be known.
 */
static bool is_stray(const struct sock *sk, u8 new)
{
	return new == TCP_CLOSE && !READ_ONCE(sk->sk_socket) &&
	       !is_fastopen_child(sk);
}

/**
 * tcps_observe_claim() - take over what its request left
 * @event: locked; no entry was found
 * @sk: the socket, in SYN_RECV
 *
 * The request was dropped for a child that lives on outside of its queue.
 *
 * Return: its entry, or NULL if there is no such thing.
 */
struct tcps_life *tcps_observe_claim(struct tcps_event *event,
				     const struct sock *sk)
{
	struct tcps_life *life = tcps_table_find(&event->bucket, NULL);

	if (life) {
		life->carrier = sk;
		tcps_who_set_sock(&life->who, sk);
	}
	return life;
}

static void stray(struct tcps_event *event)
{
	struct tcps_life *life = NULL;

	tcps_event_count(event, stray);
	while ((life = tcps_table_same(&event->bucket, life)))
		life->flags |= TCPS_ORPHANED;
}

/* Birth of a child without a request that we know. */
static struct tcps_life *make_child(struct tcps_event *event,
				    const struct sock *sk,
				    const struct tcps_who *listener)
{
	struct tcps_life *life = tcps_event_make(event);

	if (!life)
		return NULL;
	tcps_who_set_sock(&life->who, sk);
	tcps_life_begin(life);
	if (listener)
		tcps_who_inherit(&life->who, listener);
	return life;
}

static struct tcps_life *fastopen_birth(struct tcps_event *event,
					const struct sock *sk,
					const struct tcps_who *listener)
{
	struct tcps_life *life = make_child(event, sk, listener);

	if (life) {
		life->who.id.flags |= TCPSTATE_F_FASTOPEN;
		tcps_event_step(event, life, TCPSTATE_SYN_RECV,
				TCPSTATE_CAUSE_SYN);
	}
	return life;
}

static struct tcps_life *cookie_child(struct tcps_event *event,
				      const struct sock *sk,
				      const struct tcps_who *listener)
{
	struct tcps_life *life = make_child(event, sk, listener);

	if (life)
		life->flags |= TCPS_UNBORN;
	return life;
}

/**
 * tcps_observe_unknown_child() - a socket without an entry leaves SYN_RECV
 * @event: locked
 * @sk: the socket
 * @new: state after
 * @found: result: its entry, or NULL if it is to be taken in
 *
 * Return: false if it is nobody's: a clone that came to nothing.
 */
bool tcps_observe_unknown_child(struct tcps_event *event, const struct sock *sk,
				u8 new, struct tcps_life **found)
{
	/* An MPTCP join can end before it has left SYN_RECV. */
	*found = sk_is_mptcp(sk) || new != TCP_CLOSE ?
			 tcps_observe_claim(event, sk) :
			 NULL;
	if (*found)
		return true;
	if (is_stray(sk, new)) {
		stray(event);
		return false;
	}
	if (is_fresh_fastopen_child(sk))
		*found = fastopen_birth(event, sk, NULL);
	/* An MPTCP join after a SYN cookie sees no accept queue. */
	else if (new == TCP_ESTABLISHED && tcps_event_is_walked() &&
		 !tcps_event_lacks(event) && !READ_ONCE(tcps_gate_was_shut))
		*found = cookie_child(event, sk, NULL);
	return true;
}

/**
 * tcps_observe_unborn() - a child of a SYN cookie leaves SYN_RECV
 * @event: locked
 * @life: its entry
 * @new: state after
 *
 * It was in SYN_RECV for a moment only.
 *
 * Return: true if that is all.
 */
bool tcps_observe_unborn(struct tcps_event *event, struct tcps_life *life,
			 u8 new)
{
	life->flags &= ~TCPS_UNBORN;
	switch (new) {
	case TCP_ESTABLISHED:
		tcps_event_step(event, life, new, TCPSTATE_CAUSE_COOKIE);
		return true;
	case TCP_CLOSE:
		tcps_event_count(event, stray);
		tcps_table_drop(&event->bucket, life);
		return true;
	default:
		tcps_event_step(event, life, TCPSTATE_SYN_RECV,
				TCPSTATE_CAUSE_SYN);
		return false;
	}
}

/* Nearly all children come from their request, of which we are told before. */
static __always_inline bool comes_from_queue(unsigned long caller)
{
	/* Where it did so last; any CPU may write it. */
	static unsigned long usual;

	if (likely(caller == READ_ONCE(usual)))
		return true;
	if (tcps_caller_of(caller) != TCPS_BY_COMPLETE)
		return false;
	WRITE_ONCE(usual, caller);
	return true;
}

/* It is known: it has been in the queue of another listener that is closed. */
static void come_again(struct tcps_life *life, const struct sock *listener,
		       u64 now)
{
	u64 queued = life->path.queued;

	if (life->state == TCPSTATE_CLOSE)
		return;
	tcps_observe_comes_to(life, listener);
	tcps_observe_queued(life, listener, now);
	/* It has been waiting since. */
	if (queued)
		life->path.queued = queued;
}

/**
 * tcps_observe_requeued() - a child moves to another listener's accept queue
 * @child: the child
 * @listener: which
 */
void tcps_observe_requeued(const struct sock *child,
			   const struct sock *listener)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!tcps_event_begin(&event, sock_net(child)))
		return;
	life = tcps_event_lock(&event, tcps_observe_cookie(child), child);
	if (life)
		come_again(life, listener, event.section.now);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/* Its SYN_RECV is seen in both kinds of children, without an entry. */
static noinline void child_untracked(struct tcps_event *event,
				     const struct sock *sk)
{
	struct tcps_who who = {};

	tcps_who_set_sock(&who, sk);
	tcps_event_untracked(event, &who, TCPSTATE_CLOSE, TCPSTATE_SYN_RECV,
			     TCPSTATE_CAUSE_SYN);
}

static void come_first(struct tcps_event *event, const struct sock *listener,
		       const struct request_sock *req, const struct sock *child,
		       const struct tcps_who *whose)
{
	struct tcps_life *life;

	if (tcp_rsk(req)->tfo_listener)
		life = fastopen_birth(event, child, whose);
	else
		life = cookie_child(event, child, whose);
	if (life)
		tcps_observe_queued(life, listener, event->section.now);
	else
		child_untracked(event, child);
}

/**
 * tcps_observe_child() - a child comes to the accept queue
 * @listener: the listener
 * @req: its request
 * @child: the child, locked
 * @caller: return address
 *
 * Born here is a child of Fast Open or of a SYN cookie, whose requests were in
 * no SYN queue. Whether anybody gave request or child a cookie says nothing:
 * programs do (BPF). Whether we know it does.
 */
void tcps_observe_child(const struct sock *listener,
			const struct request_sock *req,
			const struct sock *child, unsigned long caller)
{
	struct tcps_event event compat_unset;
	const struct tcps_who *whose;
	struct tcps_life *life;
	struct tcps_who room;

	if (child->sk_protocol != IPPROTO_TCP || !tcps_gate_open())
		return;
	if (likely(comes_from_queue(caller)))
		return;
	if (tcp_rsk(req)->tfo_listener)
		tcps_observe_listen_fastopen(listener);
	/* A cookie that came back is told before the connection it makes. */
	else
		tcps_observe_listen_settle(NULL);
	if (!tcps_event_begin(&event, sock_net(child)))
		return;
	whose = tcps_observe_listener(&event, listener, &room);
	life = tcps_event_lock(&event, tcps_observe_cookie(child), child);
	if (life)
		come_again(life, listener, event.section.now);
	else if (child->sk_state == TCP_SYN_RECV)
		come_first(&event, listener, req, child, whose);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}
