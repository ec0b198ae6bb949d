// SPDX-License-Identifier: GPL-2.0
/*
 * What hooks see of full sockets becomes events.
 *
 * Knows sockets, causes and events; must not know which hook calls, nor who
 * reads.
 *
 * Folding. The kernel reports CLOSE to SYN_SENT before connect() has chosen a
 * port: we count it at once and record it in tcp_connect(), or before the
 * failure. It reports a socket that a timewait sock took over as closed: that
 * ends nothing. For what it reports of children see observe_child.c.
 */
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/mptcp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "cause.h"
#include "compat.h"
#include "counters.h"
#include "event.h"
#include "gate.h"
#include "listener.h"
#include "observe.h"

/**
 * struct gone - the socket whose entry has just gone on this CPU
 * @sk: compared only
 * @cookie: its cookie
 *
 * Its own end follows, mostly here too, and then there is nothing to be looked
 * up. Written by hooks with preemption off. If its end comes elsewhere this is
 * good for nothing until the next end of a socket here; which is another one by
 * cookie, if not by address.
 */
struct gone {
	const struct sock *sk;
	u64 cookie;
};

static DEFINE_PER_CPU(struct gone, gone);

/* A socket that is closed for good has no entry any more. */
static __always_inline void set_gone(const struct sock *sk, u64 cookie)
{
	__this_cpu_write(gone.sk, sk);
	__this_cpu_write(gone.cookie, cookie);
}

/* Is this the end of such a one? */
static __always_inline bool take_gone(const struct sock *sk, u64 cookie)
{
	bool is = this_cpu_read(gone.sk) == sk &&
		  this_cpu_read(gone.cookie) == cookie;

	this_cpu_write(gone.sk, NULL);
	return is;
}

/* The cookie of a socket that nobody asked for before. */
u64 tcps_observe_new_cookie(const struct sock *sk)
{
	u32 cookie[2];

	/* The only field of the kernel's that we write, as ss -e does. */
	sock_diag_save_cookie((struct sock *)sk, cookie);
	return (u64)cookie[1] << 32 | cookie[0];
}

/**
 * tcps_observe_adopt() - take in a full socket that is older than the module
 * @event: locked; no entry was found
 * @sk: the socket
 * @state: its state
 *
 * Return: its entry, or NULL without room.
 */
struct tcps_life *tcps_observe_adopt(struct tcps_event *event,
				     const struct sock *sk, u8 state)
{
	struct tcps_life *life =
		tcps_event_adopt(event, state, TCPSTATE_CARRIER_SOCK);

	if (life)
		tcps_who_set_sock(&life->who, sk);
	if (life && state == TCP_LISTEN)
		tcps_observe_list(event, &life->who);
	return life;
}

/* The end of its sock was all that this entry still waited for. */
static void sock_gone(const struct tcps_bucket *bucket, struct tcps_life *life)
{
	life->flags &= ~TCPS_MOVED;
	if (life->flags & TCPS_STALE)
		tcps_table_drop(bucket, life);
}

/* The end of a sock whose connection lives on in a timewait sock. */
static bool was_moved(struct tcps_event *event, const struct sock *sk)
{
	struct tcps_life *life = tcps_table_with(&event->bucket, TCPS_MOVED);
	struct tcps_life *tombstone;

	if (!life)
		return false;
	/* It can live again, and then it must be numbered. */
	if (!sock_flag(sk, SOCK_DEAD)) {
		tombstone = tcps_event_make(event);
		if (tombstone)
			tcps_who_set_sock(&tombstone->who, sk);
	}
	sock_gone(&event->bucket, life);
	return true;
}

/*
 * A socket without an entry. Returns false if its transition is nobody's;
 * otherwise *found may be NULL: there is no room.
 */
static bool take_in(struct tcps_event *event, const struct sock *sk, u8 old,
		    u8 new, struct tcps_life **found)
{
	*found = NULL;
	if (old == TCP_CLOSE) {
		*found = tcps_event_make(event);
		return true;
	}
	if (new == TCP_CLOSE && was_moved(event, sk))
		return false;
	if (old == TCP_SYN_RECV) {
		if (!tcps_observe_unknown_child(event, sk, new, found))
			return false;
		if (*found)
			return true;
	}
	*found = tcps_observe_adopt(event, sk, old);
	return true;
}

/*
 * Whoever calls connect() or listen() owns it, unless that is the kernel, in
 * whose context ever. What carries an MPTCP or SMC socket is made as the
 * kernel's own.
 */
static void own(struct tcps_who *who, const struct sock *sk)
{
	if (!sk->sk_kern_sock || sk_is_mptcp(sk) || compat_is_smc(sk))
		tcps_who_own(who);
}

/* A life that connect() or listen() begins. */
static void begin(struct tcps_life *life, const struct sock *sk)
{
	life->who.port = ntohs(inet_sk(sk)->inet_sport);
	tcps_life_begin(life);
	tcps_who_set_sock(&life->who, sk);
	/* A port of an earlier life is none: it is yet to be chosen. */
	if (!inet_sk(sk)->inet_num)
		life->who.id.lport = 0;
	own(&life->who, sk);
}

/* Its last life ended, and nobody saw it. */
static void lose_sight(struct tcps_event *event, const struct tcps_life *life)
{
	tcps_event_count(event, resyncs);
	if (!(life->flags & TCPS_DOUBTED))
		tcps_event_uncount(event, preexisting[life->state]);
}

/* Bring the entry to the state that the kernel says it is in. */
static void agree(struct tcps_event *event, struct tcps_life *life,
		  const struct sock *sk, u8 old)
{
	if (old == TCP_CLOSE) {
		if (life->state != TCPSTATE_CLOSE)
			lose_sight(event, life);
		begin(life, sk);
	} else if (unlikely(life->flags & TCPS_DOUBTED)) {
		tcps_event_confirm(event, life, old);
	} else if (life->state != old) {
		tcps_event_resync(event, life, old);
	}
}

/* connect() is about to fail, and its birth is not recorded yet. */
static void late_birth(struct tcps_event *event, struct tcps_life *life,
		       const struct sock *sk)
{
	/* A port of an earlier life is not one of this. */
	bool no_port = life->state == TCPSTATE_SYN_SENT &&
		       !life->who.id.lport &&
		       ntohs(inet_sk(sk)->inet_sport) == life->who.port;

	tcps_who_set_sock(&life->who, sk);
	if (no_port)
		life->who.id.lport = 0;
	tcps_event_born(event, life, TCPSTATE_CAUSE_CONNECT);
}

static void transition(struct tcps_event *event, struct tcps_life *life,
		       const struct sock *sk, u8 old, u8 new)
{
	struct tcps_clues clues = { .marked = tcps_observe_marks() };
	bool told = false;
	u8 cause;

	if (life->flags & TCPS_UNBORN && tcps_observe_unborn(event, life, new))
		return;
	/* It was left just before, even if all else that is known is old. */
	clues.mark = life->mark;
	if (new == TCP_CLOSE)
		clues.mark = tcps_observe_waiting(life->cookie) ?: clues.mark;
	agree(event, life, sk, old);
	clues.held = life->flags & TCPS_HELD;
	clues.port = life->who.port;
	cause = tcps_cause_of(sk, old, new, &clues);
	if (clues.held)
		late_birth(event, life, sk);
	if (new == TCP_SYN_SENT) {
		tcps_event_birth(event, life, new, cause);
		return;
	}
	if (new == TCP_CLOSE) {
		if (old == TCP_LISTEN)
			tcps_who_set_sock(&life->who, sk);
		else
			tcps_observe_totals(life, sk);
		if (cause == TCPSTATE_CAUSE_PORTS_EXHAUSTED)
			tcps_observe_no_port(event, life, sock_net(sk),
					     life->who.id.lport);
		if (cause == TCPSTATE_CAUSE_TW_OVERFLOW ||
		    clues.mark == TCPS_MARK_TIME_WAIT)
			tcps_observe_no_timewait(event, life, sock_net(sk),
						 cause);
	}
	tcps_who_set_user(&life->who, sk);
	if (new == TCP_CLOSE)
		told = tcps_observe_reset_follows(event, life, sk, cause,
						  clues.mark);
	tcps_event_step(event, life, new, cause);
	if (told)
		life->mark = TCPS_MARK_RESET_TOLD;
	if (new == TCP_LISTEN)
		tcps_observe_list(event, &life->who);
}

/* The same without an entry: all that is known is what the socket says. */
static void untracked(struct tcps_event *event, const struct sock *sk, u8 old,
		      u8 new)
{
	/* Without an entry there are no marks: most ends cannot be told. */
	struct tcps_clues clues = {};
	struct tcps_who who = {};

	tcps_who_set_sock(&who, sk);
	if (old == TCP_CLOSE)
		own(&who, sk);
	tcps_event_untracked(event, &who, old, new,
			     tcps_cause_of(sk, old, new, &clues));
	if (new == TCP_LISTEN) {
		tcps_who_set_net(&who, event->tn);
		tcps_observe_list(event, &who);
	}
}

/*
 * connect() of a socket of which nothing is known, told later. Returns false,
 * and has done nothing, if something is.
 */
static noinline bool opens(const struct sock *sk)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;
	unsigned long flags;
	bool known;

	flags = tcps_table_lock_irqsave(&event.bucket, tcps_observe_cookie(sk));
	event.tn = tcps_net_in_hook(sock_net(sk));
	event.carrier = sk;
	known = !event.tn || tcps_table_same(&event.bucket, NULL);
	life = NULL;
	if (!known) {
		event.cells = tcps_ledger_here(&event.tn->ledger);
		life = tcps_event_make(&event);
	}
	if (life) {
		begin(life, sk);
		tcps_event_birth(&event, life, TCPSTATE_SYN_SENT,
				 TCPSTATE_CAUSE_CONNECT);
	} else if (!known) {
		tcps_recorder_enter(&event.section);
		untracked(&event, sk, TCP_CLOSE, TCP_SYN_SENT);
		tcps_recorder_leave(&event.section);
	}
	tcps_table_unlock_irqrestore(&event.bucket, flags);
	return !known;
}

static noinline void unusual(const struct sock *sk, u8 old, u8 new)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!tcps_event_begin(&event, sock_net(sk)))
		return;
	life = tcps_event_lock(&event, tcps_observe_cookie(sk), sk);
	if (life || take_in(&event, sk, old, new, &life)) {
		if (life)
			transition(&event, life, sk, old, new);
		else if (new != TCP_CLOSE || !tcps_observe_moved(sk))
			untracked(&event, sk, old, new);
	}
	if (old == TCP_LISTEN && !tcps_listener_remove(event.bucket.cookie))
		tcps_untracked_row_done(&event.tn->untracked);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/*
 * A sock is closed because a timewait sock took over, and will not live again:
 * nothing to be told. Returns false if that is not so.
 */
static noinline bool left(const struct sock *sk)
{
	struct tcps_bucket bucket compat_unset;
	struct tcps_life *life;
	unsigned long flags;
	u64 cookie = atomic64_read(&sk->sk_cookie);

	if (!sock_flag(sk, SOCK_DEAD) || !cookie)
		return false;
	flags = tcps_table_lock_irqsave(&bucket, cookie);
	life = tcps_table_find(&bucket, sk) ?
		       NULL :
		       tcps_table_with(&bucket, TCPS_MOVED);
	if (life) {
		sock_gone(&bucket, life);
		set_gone(sk, cookie);
	}
	tcps_table_unlock_irqrestore(&bucket, flags);
	return life;
}

/* It will not live again. By value, so that the event can stay in registers. */
static noinline void bury(struct tcps_life **head, struct tcps_life *life,
			  const struct sock *sk)
{
	struct tcps_bucket bucket = { .head = head };

	set_gone(sk, life->cookie);
	tcps_table_drop(&bucket, life);
}

/*
 * Most transitions are of a connection that is known, out of the state in which
 * it is known to be, for a reason that shows. All of this is in one function
 * that calls none, so that it needs no stack; or in two, for the end is another
 * thing. Returns false, and has done nothing, if it is none of those.
 */
static __always_inline bool usual(const struct sock *sk, u8 old, u8 new,
				  bool ends)
{
	u64 cookie = atomic64_read(&sk->sk_cookie);
	struct tcps_event event compat_unset;
	u8 cause = TCPSTATE_CAUSE_NONE;
	struct tcps_life *life;

	if (unlikely(!cookie))
		return false;
	if (!tcps_event_begin(&event, sock_net(sk)))
		return true;
	life = tcps_event_lock(&event, cookie, sk);
	if (likely(life && life->state == old && tcps_life_is_plain(life)))
		cause = tcps_cause_at_once(sk, old, new, life->mark);
	if (likely(cause)) {
		if (ends)
			tcps_observe_totals(life, sk);
		tcps_who_set_user(&life->who, sk);
		tcps_event_step_inline(&event, life, true, new, cause);
		if (ends && sock_flag(sk, SOCK_DEAD))
			bury(event.bucket.head, life, sk);
	}
	tcps_event_unlock(&event);
	tcps_event_end(&event);
	return cause;
}

static noinline bool usual_end(const struct sock *sk)
{
	return usual(sk, TCP_LAST_ACK, TCP_CLOSE, true);
}

/**
 * tcps_observe_state() - a full socket changes its state
 * @sk: the socket, locked; the new state is not stored yet
 * @from: state before
 * @to: state after
 */
void tcps_observe_state(const struct sock *sk, int from, int to)
{
	u8 old = from, new = to;

	/* MPTCP, SCTP and DCCP sockets come here too. */
	if (sk->sk_protocol != IPPROTO_TCP || old == new || !tcps_gate_open())
		return;
	/* The state before is the listener's, which may be closed by now. */
	if (new == TCP_SYN_RECV && old != TCP_SYN_SENT) {
		tcps_observe_clone(sk);
		return;
	}
	if (new == TCP_CLOSE) {
		if (old == TCP_LAST_ACK ? !usual_end(sk) : !left(sk))
			unusual(sk, old, new);
	} else if (old != TCP_CLOSE) {
		if (!usual(sk, old, new, false))
			unusual(sk, old, new);
	} else if (new != TCP_SYN_SENT || !opens(sk)) {
		unusual(sk, old, new);
	}
}

/**
 * tcps_observe_connect() - connect() has a complete tuple
 * @sk: the socket, locked, in SYN_SENT
 */
void tcps_observe_connect(const struct sock *sk)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (sk->sk_protocol != IPPROTO_TCP || !tcps_gate_open() ||
	    !tcps_event_begin(&event, sock_net(sk)))
		return;
	life = tcps_event_lock(&event, tcps_observe_cookie(sk), sk);
	/* When its birth was counted only the port was missing. */
	if (life && life->flags & TCPS_HELD) {
		life->who.id.lport = ntohs(inet_sk(sk)->inet_sport);
		tcps_who_set_user(&life->who, sk);
		tcps_event_born(&event, life, TCPSTATE_CAUSE_CONNECT);
	}
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/* Nobody looked when this sock ended, of which a timewait sock took over. */
static void forget_moved(u64 cookie)
{
	struct tcps_bucket bucket;
	struct tcps_life *life;
	unsigned long flags;

	flags = tcps_table_lock_irqsave(&bucket, cookie);
	life = tcps_table_with(&bucket, TCPS_MOVED);
	if (life)
		sock_gone(&bucket, life);
	tcps_table_unlock_irqrestore(&bucket, flags);
}

static noinline void forget(const struct sock *sk, u64 cookie)
{
	if (unlikely(READ_ONCE(tcps_gate_was_shut)))
		tcps_listener_remove(cookie);
	if (!tcps_table_forget(cookie, sk) &&
	    unlikely(READ_ONCE(tcps_gate_was_shut)))
		forget_moved(cookie);
}

/**
 * tcps_observe_destroy() - a full socket is destroyed
 * @sk: the socket
 *
 * Works even when switched off, or entries would stay for good.
 */
void tcps_observe_destroy(const struct sock *sk)
{
	u64 cookie = atomic64_read(&sk->sk_cookie);

	/* A socket that never had a cookie has no entry. */
	if (sk->sk_protocol == IPPROTO_TCP && cookie && !take_gone(sk, cookie))
		forget(sk, cookie);
}
