// SPDX-License-Identifier: GPL-2.0
/*
 * The one funnel: what a hook saw becomes a count and a record.
 *
 * Knows the life table, the counters and the recorder; must not know which
 * hook calls, nor who reads.
 *
 * Folding. The kernel reports the birth of an accepted socket as LISTEN to
 * SYN_RECV of the clone, before the clone has addresses or a cookie of its own
 * (until 6.12): we count CLOSE to SYN_RECV at once and record it just before
 * the clone's next transition, when the tuple is complete. It reports CLOSE to
 * SYN_SENT before connect() has chosen a port: we count it at once and record
 * it in tcp_connect(), or before the failure.
 */
#include "observe.h"

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cgroup.h>
#include <linux/sched.h>
#include <linux/sock_diag.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/ipv6.h>
#include <net/mptcp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "cause.h"
#include "compat.h"
#include "counters.h"
#include "gate.h"
#include "life.h"
#include "netns.h"
#include "recorder.h"

/* Marks that are made, as bits of enum tcps_mark; constant after init. */
static u32 marks_made;

/**
 * struct event - one transition on its way
 * @sk: the socket
 * @tn: our state of its network namespace; NULL without memory for it
 * @section: we are in it
 * @cookie: the socket's
 * @no_port: what looks like its local port is not
 */
struct event {
	const struct sock *sk;
	struct tcps_net *tn;
	struct tcps_section section;
	u64 cookie;
	bool no_port;
};

static u64 cookie_of(const struct sock *sk)
{
	u32 cookie[2];

	/* The only field of the kernel's that we write, as ss -e does. */
	sock_diag_save_cookie((struct sock *)sk, cookie);
	return (u64)cookie[1] << 32 | cookie[0];
}

/* The process in whose name we run; none in interrupts and kernel threads. */
static bool current_owner(struct tcps_owner *owner)
{
	if (!in_task() || current->flags & PF_KTHREAD)
		return false;
	owner->tgid = current->tgid;
	strscpy_pad(owner->comm, current->group_leader->comm,
		    sizeof(owner->comm));
	return true;
}

static u64 cgroup_of(const struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	struct cgroup *cgroup =
		sock_cgroup_ptr((struct sock_cgroup_data *)&sk->sk_cgrp_data);

	return cgroup ? cgroup_id(cgroup) : 0;
#else
	return 0;
#endif
}

static void fill_tuple(struct tcpstate_record *rec, const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);

	rec->lport = ntohs(inet->inet_sport);
	rec->rport = ntohs(sk->sk_dport);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		if (!ipv6_addr_v4mapped(&sk->sk_v6_daddr) &&
		    !ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr)) {
			rec->family = AF_INET6;
			memcpy(rec->laddr, &sk->sk_v6_rcv_saddr, 16);
			memcpy(rec->raddr, &sk->sk_v6_daddr, 16);
			return;
		}
		rec->flags |= TCPSTATE_F_MAPPED;
	}
#endif
	rec->family = AF_INET;
	memcpy(rec->laddr, &sk->sk_rcv_saddr, 4);
	memcpy(rec->raddr, &sk->sk_daddr, 4);
}

static void record(const struct event *event, u8 old, u8 new, u8 cause,
		   const struct tcps_view *view)
{
	const struct sock *sk = event->sk;
	struct tcpstate_record rec = {
		.size = sizeof(rec),
		.type = TCPSTATE_EVENT_STATE,
		.old_state = old,
		.new_state = new,
		.cause = cause,
		.carrier = TCPSTATE_CARRIER_SOCK,
		.ifindex = READ_ONCE(sk->sk_bound_dev_if),
		.mono_ns = event->section.now,
		.cookie = event->cookie,
		.netns_inum = event->tn->inum,
		.netns_gen = event->tn->gen,
		.uid = __kuid_val(compat_sk_uid(sk)),
		.state.cgroup = cgroup_of(sk),
	};

	fill_tuple(&rec, sk);
	if (event->no_port)
		rec.lport = 0;
	if (!rec.lport)
		rec.flags |= TCPSTATE_F_PARTIAL;
	if (sk_is_mptcp(sk))
		rec.flags |= TCPSTATE_F_MPTCP;
	if (view) {
		rec.flags |= view->flags;
		rec.life = view->life;
		rec.state.life_seq = view->seq;
		rec.state.dwell_ns = view->dwell_ns;
		if (view->flags & TCPSTATE_F_OWNER) {
			rec.tgid = view->owner.tgid;
			memcpy(rec.comm, view->owner.comm, sizeof(rec.comm));
		}
	}
	if (tcps_cause_is_syscall(cause) && in_task() &&
	    !(current->flags & PF_KTHREAD)) {
		rec.flags |= TCPSTATE_F_ACTOR;
		rec.state.actor = current->tgid;
	}
	if (tcps_recorder_write(&event->section, TCPS_LANE_MAIN, &rec))
		__this_cpu_inc(event->tn->cells->records);
}

static bool begin(struct event *event, const struct sock *sk)
{
	event->sk = sk;
	event->no_port = false;
	tcps_recorder_enter(&event->section);
	event->tn = tcps_net_of(sock_net(sk));
	if (likely(event->tn))
		return true;
	tcps_recorder_leave(&event->section);
	return false;
}

static void end(const struct event *event)
{
	tcps_recorder_leave(&event->section);
}

/* A socket on the passive side, by what it looks like; for lack of an entry. */
static bool is_child(const struct sock *sk)
{
	const struct socket *socket = READ_ONCE(sk->sk_socket);

	return !socket || socket->state != SS_CONNECTING;
}

/*
 * Make sure that there is an entry. A connection that is older than the module
 * is counted when it gets one.
 */
static bool know(const struct event *event, u8 state)
{
	enum tcps_known known = tcps_life_know(event->cookie, event->sk, state);

	if (known == TCPS_ADOPTED)
		__this_cpu_inc(event->tn->cells->preexisting[state]);
	return known != TCPS_UNKNOWN;
}

/* Write the record that was held back until now. */
static void record_held(const struct event *event, bool child,
			const struct tcps_view *view)
{
	if (child)
		record(event, TCPSTATE_CLOSE, TCPSTATE_SYN_RECV,
		       TCPSTATE_CAUSE_SYN, view);
	else
		record(event, TCPSTATE_CLOSE, TCPSTATE_SYN_SENT,
		       TCPSTATE_CAUSE_CONNECT, view);
}

static void transition(struct event *event, u8 old, u8 new)
{
	const struct sock *sk = event->sk;
	struct tcps_step step = {
		.cookie = event->cookie,
		.carrier = sk,
		.now = event->section.now,
		.old = old,
		.new = new,
	};
	struct tcps_clues clues = {};
	struct tcps_view view, held;
	struct tcps_owner owner;
	bool tracked;
	u8 cause;

	if (old == TCPSTATE_CLOSE && current_owner(&owner))
		step.owner = &owner;
	tracked = tcps_life_step(&step, &view, &held);
	if (tracked) {
		clues.mark = step.mark;
		clues.marked = marks_made;
		clues.held = held.flags;
		clues.first = view.life == 1;
		if (view.adopted)
			__this_cpu_inc(event->tn->cells->preexisting[old]);
	} else {
		__this_cpu_inc(event->tn->cells->untracked);
	}
	/* A port of an earlier life is not one of this. */
	event->no_port = tracked && held.flags && old == TCPSTATE_SYN_SENT &&
			 !(sk->sk_userlocks & SOCK_BINDPORT_LOCK);
	cause = tcps_cause_of(sk, old, new, &clues);
	tcps_counters_transition(event->tn->cells, old, new, cause);

	if (tracked && held.flags)
		record_held(event, old == TCPSTATE_SYN_RECV, &held);
	else if (!tracked && old == TCPSTATE_SYN_RECV && is_child(sk))
		record_held(event, true, NULL);
	if (tracked && new == TCPSTATE_SYN_SENT)
		tcps_life_hold(event->cookie, sk);
	else
		record(event, old, new, cause, tracked ? &view : NULL);
}

/**
 * tcps_observe_state() - a full socket changes its state
 * @sk: the socket, locked; the new state is not stored yet
 * @old: state before
 * @new: state after
 */
void tcps_observe_state(const struct sock *sk, int old, int new)
{
	struct event event;

	/* MPTCP, SCTP and DCCP sockets come here too. */
	if (sk->sk_protocol != IPPROTO_TCP || old == new || !tcps_gate_open() ||
	    !begin(&event, sk))
		return;
	if (old == TCP_LISTEN && new == TCP_SYN_RECV) {
		tcps_counters_transition(event.tn->cells, TCPSTATE_CLOSE,
					 TCPSTATE_SYN_RECV, TCPSTATE_CAUSE_SYN);
		tcps_life_clone(sk, event.section.now);
	} else {
		event.cookie = cookie_of(sk);
		if (old == TCP_SYN_RECV)
			know(&event, old);
		transition(&event, old, new);
	}
	end(&event);
}

/**
 * tcps_observe_connect() - connect() has a complete tuple
 * @sk: the socket, locked, in SYN_SENT
 */
void tcps_observe_connect(const struct sock *sk)
{
	struct tcps_view view;
	struct event event;

	if (sk->sk_protocol != IPPROTO_TCP || !tcps_gate_open() ||
	    !begin(&event, sk))
		return;
	event.cookie = cookie_of(sk);
	if (tcps_life_release(event.cookie, sk, event.section.now, &view))
		record(&event, TCPSTATE_CLOSE, TCPSTATE_SYN_SENT,
		       TCPSTATE_CAUSE_CONNECT, &view);
	end(&event);
}

/* Say what is about to change the state. */
static void mark(struct event *event, enum tcps_mark mark)
{
	event->cookie = cookie_of(event->sk);
	if (know(event, event->sk->sk_state))
		tcps_life_mark(event->cookie, event->sk, mark);
}

/**
 * tcps_observe_shutdown() - tcp_shutdown() begins
 * @sk: the socket, locked
 * @how: SEND_SHUTDOWN, RCV_SHUTDOWN bits
 *
 * In these two states, and only there, it changes the state at once.
 */
void tcps_observe_shutdown(const struct sock *sk, int how)
{
	struct event event;

	if (!(how & SEND_SHUTDOWN) || sk->sk_protocol != IPPROTO_TCP ||
	    (sk->sk_state != TCP_ESTABLISHED &&
	     sk->sk_state != TCP_CLOSE_WAIT) ||
	    !tcps_gate_open() || !begin(&event, sk))
		return;
	mark(&event, TCPS_MARK_SHUTDOWN);
	end(&event);
}

/**
 * tcps_observe_disconnect() - tcp_disconnect() begins
 * @sk: the socket, locked
 *
 * Unless the state is CLOSE already, that is what it does first.
 */
void tcps_observe_disconnect(const struct sock *sk)
{
	struct event event;

	if (sk->sk_protocol != IPPROTO_TCP || sk->sk_state == TCP_CLOSE ||
	    !tcps_gate_open() || !begin(&event, sk))
		return;
	mark(&event, TCPS_MARK_DISCONNECT);
	end(&event);
}

/**
 * tcps_observe_reset() - tcp_reset() begins
 * @sk: the socket, locked
 * @skb: the segment; NULL if this kernel does not say
 *
 * It ends the connection at once, for a segment with RST or for data that came
 * after shutdown().
 */
void tcps_observe_reset(const struct sock *sk, const struct sk_buff *skb)
{
	struct event event;

	if (sk->sk_protocol != IPPROTO_TCP || sk->sk_state == TCP_CLOSE ||
	    !tcps_gate_open() || !begin(&event, sk))
		return;
	if (skb)
		mark(&event,
		     tcp_hdr(skb)->rst ? TCPS_MARK_RST : TCPS_MARK_DATA);
	else if (sk->sk_shutdown & RCV_SHUTDOWN &&
		 (sk->sk_state == TCP_FIN_WAIT1 ||
		  sk->sk_state == TCP_FIN_WAIT2))
		mark(&event, TCPS_MARK_RESET);
	else
		mark(&event, TCPS_MARK_RST);
	end(&event);
}

/**
 * tcps_observe_graft() - accept() gives a connection to a process
 * @sk: the socket, locked
 */
void tcps_observe_graft(const struct sock *sk)
{
	struct tcps_owner owner;
	struct event event;

	if (sk->sk_protocol != IPPROTO_TCP ||
	    (sk->sk_family != AF_INET && sk->sk_family != AF_INET6) ||
	    !tcps_gate_open() || !current_owner(&owner) || !begin(&event, sk))
		return;
	event.cookie = cookie_of(sk);
	if (know(&event, sk->sk_state))
		tcps_life_own(event.cookie, sk, &owner);
	end(&event);
}

/**
 * tcps_observe_destroy() - a full socket is destroyed
 * @sk: the socket
 *
 * Works even when switched off, or entries would stay for good.
 */
void tcps_observe_destroy(const struct sock *sk)
{
	unsigned long flags;

	if (sk->sk_protocol != IPPROTO_TCP)
		return;
	local_irq_save(flags);
	/* A socket that never had a cookie has no entry under it. */
	if (atomic64_read(&sk->sk_cookie))
		tcps_life_forget(cookie_of(sk), sk);
	/* A clone whose next event came while the gate was shut. */
	if (unlikely(tcps_gate_was_shut))
		tcps_life_forget((u64)(unsigned long)sk, sk);
	local_irq_restore(flags);
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
		marks_made |= BIT(TCPS_MARK_RST) | BIT(TCPS_MARK_DATA) |
			      BIT(TCPS_MARK_RESET);
}
