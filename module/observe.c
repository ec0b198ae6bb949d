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

static bool can_tell_shutdown; /* written before the hooks are on */

/**
 * struct event - one transition on its way
 * @sk: the socket
 * @tn: our state of its network namespace; NULL without memory for it
 * @section: we are in it
 * @cookie: the socket's
 */
struct event {
	const struct sock *sk;
	struct tcps_net *tn;
	struct tcps_section section;
	u64 cookie;
};

static u64 cookie_of(const struct sock *sk)
{
	u32 cookie[2];

	/* The only field of the kernel's that we write, as ss -e does. */
	sock_diag_save_cookie((struct sock *)sk, cookie);
	return (u64)cookie[1] << 32 | cookie[0];
}

/* The process in whose name the running code works; none in interrupts. */
static bool current_owner(struct tcps_owner *owner)
{
	if (!in_task())
		return false;
	owner->tgid = current->tgid;
	strscpy_pad(owner->comm, current->group_leader->comm,
		    sizeof(owner->comm));
	return true;
}

static bool is_subflow(const struct sock *sk)
{
#ifdef CONFIG_MPTCP
	return tcp_sk(sk)->is_mptcp;
#else
	return false;
#endif
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
	if (!rec.lport)
		rec.flags |= TCPSTATE_F_PARTIAL;
	if (is_subflow(sk))
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

/* A socket on the passive side: not made by connect(). */
static bool is_child(const struct sock *sk)
{
	const struct socket *socket = READ_ONCE(sk->sk_socket);

	return !socket || socket->state != SS_CONNECTING;
}

/* Record the birth of an accepted socket, which was counted when cloned. */
static void record_birth(struct event *event)
{
	struct tcps_step step = {
		.cookie = event->cookie,
		.carrier = event->sk,
		.now = event->section.now,
		.old = TCPSTATE_CLOSE,
		.new = TCPSTATE_SYN_RECV,
		.late = true,
	};
	struct tcps_view view, held;
	bool tracked = tcps_life_step(&step, &view, &held);

	record(event, TCPSTATE_CLOSE, TCPSTATE_SYN_RECV, TCPSTATE_CAUSE_SYN,
	       tracked ? &view : NULL);
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
	struct tcps_view view, held;
	struct tcps_owner owner;
	bool tracked;
	u8 cause;

	if (old == TCPSTATE_CLOSE && current_owner(&owner))
		step.owner = &owner;
	tracked = tcps_life_step(&step, &view, &held);
	cause = tcps_cause_of(sk, old, new, step.shutdown,
			      tracked && can_tell_shutdown);
	tcps_counters_transition(event->tn->cells, old, new, cause);
	if (!tracked)
		__this_cpu_inc(event->tn->cells->untracked);
	else if (view.adopted)
		__this_cpu_inc(event->tn->cells->preexisting[old]);

	if (tracked && held.flags)
		record(event, TCPSTATE_CLOSE, TCPSTATE_SYN_SENT,
		       TCPSTATE_CAUSE_CONNECT, &held);
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
	} else {
		event.cookie = cookie_of(sk);
		if (old == TCP_SYN_RECV && is_child(sk) &&
		    !tcps_life_known(event.cookie, sk))
			record_birth(&event);
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
	tcps_life_mark_shutdown(cookie_of(sk), sk);
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
	tcps_life_own(cookie_of(sk), sk, &owner);
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

	/* A socket that never had a cookie has no entry. */
	if (sk->sk_protocol != IPPROTO_TCP || !atomic64_read(&sk->sk_cookie))
		return;
	local_irq_save(flags);
	tcps_life_forget(cookie_of(sk), sk);
	local_irq_restore(flags);
}

/**
 * tcps_observe_can_tell_shutdown() - is tcps_observe_shutdown() called?
 * @yes: if not, close() and shutdown() cannot be told apart
 */
void tcps_observe_can_tell_shutdown(bool yes)
{
	can_tell_shutdown = yes;
}
