// SPDX-License-Identifier: GPL-2.0
/*
 * What hooks see of timewait socks becomes events.
 *
 * Knows timewait socks, callers and events; must not know which hook calls,
 * nor who reads.
 *
 * A timewait sock takes a connection over from its full socket, in FIN_WAIT2
 * or TIME_WAIT; that the kernel then reports the socket as closed means
 * nothing. Whoever wants it gone says so first; only if its timer had not run
 * out meanwhile that is the cause.
 */
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/inet_timewait_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "caller.h"
#include "cause.h"
#include "compat.h"
#include "counters.h"
#include "event.h"
#include "gate.h"
#include "observe.h"

/*
 * Socks without an entry between their timewait sock's birth and their own
 * end, which follows at once: as many as can be on their way at a time. Set
 * and cleared by cmpxchg, in hooks.
 */
#define MOVED_MAX 256

static const struct sock *moved[MOVED_MAX];

static const struct sock *as_sock(const struct inet_timewait_sock *tw)
{
	return (const struct sock *)tw;
}

/* DCCP has timewait socks too; its protocol does not count its memory. */
static bool is_tcp(const struct inet_timewait_sock *tw)
{
	return tw->tw_prot->memory_allocated;
}

static bool is_observed(const struct inet_timewait_sock *tw)
{
	return is_tcp(tw) && tcps_gate_open();
}

static bool begin(struct tcps_event *event, const struct inet_timewait_sock *tw)
{
	return tcps_event_begin(event, twsk_net(tw));
}

static void remember_moved(const struct sock *sk)
{
	unsigned int i;

	for (i = 0; i < MOVED_MAX; i++) {
		if (!cmpxchg(&moved[i], NULL, sk))
			return;
	}
}

/**
 * tcps_observe_moved() - did a timewait sock take over from this sock?
 * @sk: a full socket without an entry that is about to be closed
 *
 * Return: true if it did.
 */
bool tcps_observe_moved(const struct sock *sk)
{
	unsigned int i;

	if (sk->sk_state != TCP_FIN_WAIT2 && sk->sk_state != TCP_CLOSING &&
	    sk->sk_state != TCP_FIN_WAIT1)
		return false;
	for (i = 0; i < MOVED_MAX; i++) {
		if (READ_ONCE(moved[i]) == sk)
			return cmpxchg(&moved[i], sk, NULL) == sk;
	}
	return false;
}

/* Nobody saw the end of those: what is left of them is of the past. */
void tcps_observe_moved_forget(void)
{
	unsigned int i;

	for (i = 0; i < MOVED_MAX; i++)
		WRITE_ONCE(moved[i], NULL);
}

static void birth(struct tcps_event *event, struct tcps_life *life,
		  const struct inet_timewait_sock *tw, const struct sock *sk)
{
	if (unlikely(life->flags & TCPS_DOUBTED))
		tcps_event_confirm(event, life, sk->sk_state);
	else if (life->state != sk->sk_state)
		tcps_event_resync(event, life, sk->sk_state);
	life->carrier = tw;
	life->flags |= TCPS_MOVED;
	life->mark = TCPS_MARK_NONE;
	life->why = TCPSTATE_CAUSE_NONE;
	life->who.carrier = TCPSTATE_CARRIER_TIMEWAIT;
	tcps_who_set_user(&life->who, sk);
	tcps_observe_totals(life, sk);
	if (tw->tw_substate == TCP_TIME_WAIT)
		tcps_event_step(event, life, TCPSTATE_TIME_WAIT,
				tcps_cause_of_timewait(life->state));
	else
		tcps_path_carry(&life->path, life->steps,
				TCPSTATE_CARRIER_TIMEWAIT);
}

/*
 * It got the cookie that its sock had when it was allocated; since then somebody
 * can have given the sock one. They are one connection: as long as nobody else
 * sees the timewait sock, it can have that too.
 */
static u64 common_cookie(const struct inet_timewait_sock *tw,
			 const struct sock *sk)
{
	u64 cookie = tcps_observe_cookie(sk);

	if (unlikely(atomic64_read(&tw->tw_cookie) != cookie))
		atomic64_set((atomic64_t *)&tw->tw_cookie, cookie);
	return cookie;
}

static void birth_untracked(struct tcps_event *event,
			    const struct inet_timewait_sock *tw,
			    const struct sock *sk)
{
	struct tcps_who who = {};

	remember_moved(sk);
	if (tw->tw_substate != TCP_TIME_WAIT)
		return;
	tcps_who_set_sock(&who, sk);
	who.carrier = TCPSTATE_CARRIER_TIMEWAIT;
	tcps_event_untracked(event, &who, sk->sk_state, TCPSTATE_TIME_WAIT,
			     tcps_cause_of_timewait(sk->sk_state));
}

/**
 * tcps_observe_timewait() - a timewait sock takes over
 * @tw: the timewait sock, complete, not yet public
 * @sk: the full socket, locked
 */
void tcps_observe_timewait(const struct inet_timewait_sock *tw,
			   const struct sock *sk)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	/* tcp_time_wait() has done what it was about to do. */
	this_cpu_write(tcps_waiting.cookie, 0);
	if (!is_observed(tw) || !begin(&event, tw))
		return;
	tcps_event_count(&event, tw_births);
	if (tw->tw_substate == TCP_FIN_WAIT2)
		tcps_event_count(&event, tw_handovers_fin_wait2);
	life = tcps_event_lock(&event, common_cookie(tw, sk), sk);
	if (!life)
		life = tcps_observe_adopt(&event, sk, sk->sk_state);
	if (life)
		birth(&event, life, tw, sk);
	else
		birth_untracked(&event, tw, sk);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_adopt_timewait() - take in a timewait sock
 * @event: locked; no entry was found
 * @tw: the timewait sock, older than the module
 * @state: its state
 *
 * Return: its entry, or NULL without room.
 */
struct tcps_life *
tcps_observe_adopt_timewait(struct tcps_event *event,
			    const struct inet_timewait_sock *tw, u8 state)
{
	struct tcps_life *life =
		tcps_event_adopt(event, state, TCPSTATE_CARRIER_TIMEWAIT);

	if (life)
		tcps_who_set_timewait(&life->who, tw);
	return life;
}

/* The entry of one that goes on, taken in if it is older than the module. */
static struct tcps_life *know(struct tcps_event *event,
			      const struct inet_timewait_sock *tw)
{
	struct tcps_life *life;

	life = tcps_event_lock(event, tcps_observe_cookie(as_sock(tw)), tw);
	if (life || tcps_event_is_walked() ||
	    tcps_table_with(&event->bucket, TCPS_MOVED))
		return life;
	return tcps_observe_adopt_timewait(event, tw, tw->tw_substate);
}

/**
 * tcps_observe_timewait_again() - the timer of a timewait sock is set anew
 * @tw: the timewait sock
 *
 * That is how FIN_WAIT2 becomes TIME_WAIT in it; the new state is stored.
 */
void tcps_observe_timewait_again(const struct inet_timewait_sock *tw)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!is_observed(tw) || !begin(&event, tw))
		return;
	life = know(&event, tw);
	if (life && life->state == TCPSTATE_FIN_WAIT2 &&
	    tw->tw_substate == TCP_TIME_WAIT) {
		if (unlikely(life->flags & TCPS_DOUBTED))
			tcps_event_confirm(&event, life, TCPSTATE_FIN_WAIT2);
		tcps_event_step(&event, life, TCPSTATE_TIME_WAIT,
				TCPSTATE_CAUSE_FIN);
	}
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_timewait_packet() - a packet comes for a timewait sock
 * @tw: the timewait sock
 * @skb: the packet
 *
 * A SYN ends FIN_WAIT2, as other packets do: only here they can be told apart.
 */
void tcps_observe_timewait_packet(const struct inet_timewait_sock *tw,
				  const struct sk_buff *skb)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (likely(tw->tw_substate != TCP_FIN_WAIT2) || !is_observed(tw) ||
	    !begin(&event, tw))
		return;
	life = tcps_event_lock(&event, tcps_observe_cookie(as_sock(tw)), tw);
	if (life)
		life->mark = tcp_hdr(skb)->syn ? TCPS_MARK_SYN : TCPS_MARK_NONE;
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/* A packet that is none of TIME_WAIT's ended it. */
static u8 end_by_packet(const struct tcps_life *life)
{
	if (life->state == TCPSTATE_TIME_WAIT)
		return TCPSTATE_CAUSE_RECYCLED;
	return life->mark == TCPS_MARK_SYN ? TCPSTATE_CAUSE_SYN :
					     TCPSTATE_CAUSE_DATA_AFTER_CLOSE;
}

static u8 end_by(const struct tcps_life *life, unsigned long caller)
{
	switch (tcps_caller_of(caller)) {
	case TCPS_BY_TW_STATE:
		return TCPSTATE_CAUSE_RST;
	case TCPS_BY_HASH:
		return TCPSTATE_CAUSE_REUSED;
	case TCPS_BY_PURGE:
		return TCPSTATE_CAUSE_NETNS_EXIT;
	case TCPS_BY_ABORT:
		return TCPSTATE_CAUSE_ABORT;
	case TCPS_BY_RCV:
		return end_by_packet(life);
	case TCPS_BY_TPROXY:
		/* A SYN that somebody else is to have, before TCP saw it. */
		return life->state == TCPSTATE_TIME_WAIT ?
			       TCPSTATE_CAUSE_RECYCLED :
			       TCPSTATE_CAUSE_SYN;
	default:
		return TCPSTATE_CAUSE_UNKNOWN;
	}
}

/**
 * tcps_observe_timewait_drop() - inet_twsk_deschedule_put() begins
 * @tw: the timewait sock
 * @caller: return address
 *
 * Also when switched off: the end may be seen when it is on again.
 */
void tcps_observe_timewait_drop(const struct inet_timewait_sock *tw,
				unsigned long caller)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!is_tcp(tw) || !begin(&event, tw))
		return;
	life = likely(tcps_gate_open()) ?
		       know(&event, tw) :
		       tcps_event_lock(&event, tcps_observe_cookie(as_sock(tw)),
				       tw);
	if (life)
		life->why = end_by(life, caller);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/* Why it ends, now that it does; tcp_fin_timeout is how long FIN_WAIT2 lasts. */
static u8 end_of(u8 state, u8 why, unsigned long caller)
{
	switch (tcps_caller_of(caller)) {
	case TCPS_BY_DESCHEDULE:
		return why ?: TCPSTATE_CAUSE_UNKNOWN;
	case TCPS_BY_PURGE:
		return TCPSTATE_CAUSE_NETNS_EXIT;
	default:
		return state == TCPSTATE_FIN_WAIT2 ?
			       TCPSTATE_CAUSE_FIN_TIMEOUT :
			       TCPSTATE_CAUSE_EXPIRED;
	}
}

static void end(struct tcps_event *event, struct tcps_life *life,
		unsigned long caller)
{
	u8 cause = end_of(life->state, life->why, caller);

	if (unlikely(life->flags & TCPS_DOUBTED))
		tcps_event_confirm(event, life, life->state);
	/* While it was said that FIN_WAIT2 ends, another CPU saw a FIN. */
	if (life->state == TCPSTATE_TIME_WAIT &&
	    (cause == TCPSTATE_CAUSE_SYN ||
	     cause == TCPSTATE_CAUSE_DATA_AFTER_CLOSE))
		cause = TCPSTATE_CAUSE_UNKNOWN;
	if (cause == TCPSTATE_CAUSE_RST)
		tcps_observe_reset_ended(event, life);
	tcps_event_step(event, life, TCPSTATE_CLOSE, cause);
	/*
	 * The end of its sock may be yet to come, on another CPU; and the walk
	 * may still find the timewait sock, which leaves its hash chain later.
	 */
	if (life->flags & TCPS_MOVED)
		life->flags |= TCPS_STALE;
	else if (tcps_event_is_walked())
		tcps_table_drop(&event->bucket, life);
}

static void end_untracked(struct tcps_event *event,
			  const struct inet_timewait_sock *tw,
			  unsigned long caller)
{
	struct tcps_who who = {};

	tcps_who_set_timewait(&who, tw);
	tcps_event_untracked(event, &who, tw->tw_substate, TCPSTATE_CLOSE,
			     end_of(tw->tw_substate, TCPSTATE_CAUSE_NONE,
				    caller));
}

/**
 * tcps_observe_timewait_end() - a timewait sock ends
 * @tw: the timewait sock
 * @caller: return address
 */
void tcps_observe_timewait_end(const struct inet_timewait_sock *tw,
			       unsigned long caller)
{
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!is_tcp(tw) || !begin(&event, tw))
		return;
	life = tcps_event_lock(&event, tcps_observe_cookie(as_sock(tw)), tw);
	if (unlikely(!tcps_gate_open())) {
		/* No event, but the entry must not stay; nor be made again. */
		if (life && tcps_event_is_walked())
			tcps_table_drop(&event.bucket, life);
		else if (life)
			life->state = TCPSTATE_CLOSE;
		goto out;
	}
	if (!life)
		life = tcps_observe_adopt_timewait(&event, tw, tw->tw_substate);
	if (life && life->state != TCPSTATE_CLOSE)
		end(&event, life, caller);
	else if (!life)
		end_untracked(&event, tw, caller);
out:
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_no_timewait() - a connection is closed without TIME_WAIT
 * @event: locked
 * @life: its entry, before its last step
 * @net: its namespace
 * @cause: limit or memory
 */
void tcps_observe_no_timewait(struct tcps_event *event,
			      const struct tcps_life *life,
			      const struct net *net, u8 cause)
{
	u32 stands_for = tcps_event_tell(event,
					 &event->tn->storm[TCPS_STORM_TW],
					 TCPSTATE_EVENT_TW_OVERFLOW, cause);
	struct tcpstate_record rec = {
		.type = TCPSTATE_EVENT_TW_OVERFLOW,
		.cause = cause,
		.old_state = life->state,
		.new_state = life->state,
		.cookie = life->cookie,
		.flags = TCPSTATE_F_TRACKED,
		.tw.count = compat_tw_count(net),
		.tw.max = compat_tw_max(net),
		.tw.stands_for = stands_for,
	};

	if (stands_for)
		tcps_event_rare(event, &life->who, &rec);
}
