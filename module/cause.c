// SPDX-License-Identifier: GPL-2.0
/*
 * Why a full socket changes its state, from what the kernel left in it and
 * what a hook marked just before.
 *
 * Must not know tables, records or counters. Called from the state tracepoint,
 * before the new state is stored, with the socket locked. Reads the socket
 * only. Where two reasons leave the same traces the answer is unknown.
 */
#include "cause.h"

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/net.h>
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/mptcp.h>
#include <net/tcp.h>

#include "compat.h"
#include "life.h"

u8 tcps_cause_usual[16] __read_mostly;

static bool would_be_marked(const struct tcps_clues *clues, enum tcps_mark mark)
{
	return clues->marked & BIT(mark);
}

/* tcp_reset() is known not to be the reason. */
static bool no_reset(const struct tcps_clues *clues)
{
	return would_be_marked(clues, TCPS_MARK_RST);
}

/*
 * __tcp_close() sets this before all else. In states that our own FIN has not
 * left yet nobody else does; in others shutdown() can have done so before.
 */
static bool closing(const struct sock *sk)
{
	return sk->sk_shutdown == SHUTDOWN_MASK && in_task();
}

/* SYN retries, of connect() or after crossed SYNs. */
static bool retries_used_up(const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;
	u32 limit = icsk->icsk_syn_retries;

	if (!limit)
		limit = READ_ONCE(ipv4->sysctl_tcp_syn_retries);
	if (sk->sk_state == TCP_SYN_SENT)
		limit += compat_syn_linear_timeouts(ipv4);
	return icsk->icsk_retransmits >= limit;
}

/* Zero-window probes have been sent for so long, answered or not. */
static bool probed_for(const struct sock *sk, u32 timeout)
{
	u32 since = inet_csk(sk)->icsk_probes_tstamp;

	return since &&
	       (s32)(tcp_jiffies32 - since) >= (s32)msecs_to_jiffies(timeout);
}

/*
 * A timer gave up: tcp_write_timeout(), tcp_probe_timer(),
 * tcp_keepalive_timer(). Keepalive works only while nothing is unacknowledged
 * or unsent, the others only while something is, of which nothing is in flight
 * when the window is probed; the sequence numbers outlive the queues.
 * TCP_USER_TIMEOUT takes the place of the number of tries in the first and the
 * last, and comes beside it in the middle one and while a handshake is under
 * way.
 */
static u8 timed_out(const struct sock *sk)
{
	u32 user = READ_ONCE(inet_csk(sk)->icsk_user_timeout);
	const struct tcp_sock *tp = tcp_sk(sk);

	switch (sk->sk_state) {
	case TCP_SYN_RECV:
		if (rcu_access_pointer(tp->fastopen_rsk))
			return TCPSTATE_CAUSE_SYNACK_TIMEOUT;
		fallthrough;
	case TCP_SYN_SENT:
		return user && !retries_used_up(sk) ?
			       TCPSTATE_CAUSE_USER_TIMEOUT :
			       TCPSTATE_CAUSE_TIMEOUT;
	}
	if (tp->snd_una == tp->write_seq)
		return user ? TCPSTATE_CAUSE_USER_TIMEOUT :
			      TCPSTATE_CAUSE_KEEPALIVE;
	if (!user || (tp->snd_una == tp->snd_nxt && !probed_for(sk, user)))
		return TCPSTATE_CAUSE_TIMEOUT;
	return TCPSTATE_CAUSE_USER_TIMEOUT;
}

/*
 * The last resort, if nobody left a mark: the program may have read the error
 * before us. Errors that nothing but the end itself sets; others can be old. A
 * timer that gives up reports an earlier soft error instead of its own.
 */
static u8 by_error(const struct sock *sk)
{
	int err = READ_ONCE(sk->sk_err);

	switch (err) {
	case ETIMEDOUT:
		return timed_out(sk);
	case ECONNABORTED:
		return TCPSTATE_CAUSE_ABORT;
	case 0:
		return TCPSTATE_CAUSE_UNKNOWN;
	default:
		return err == READ_ONCE(sk->sk_err_soft) ?
			       timed_out(sk) :
			       TCPSTATE_CAUSE_UNKNOWN;
	}
}

/*
 * connect() itself fails, and sets no error: its caller will tell. Before
 * tcp_connect() it looks for a port, and then, if that changed the port, for a
 * route once more; tcp_connect() looks for a route, sets the sequence numbers,
 * allocates and sends.
 */
static u8 connect_failed(const struct sock *sk, const struct tcps_clues *clues)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (!would_be_marked(clues, TCPS_MARK_CONNECT))
		return TCPSTATE_CAUSE_UNKNOWN;
	if (clues->held)
		return ntohs(inet_sk(sk)->inet_sport) == clues->port ?
			       TCPSTATE_CAUSE_PORTS_EXHAUSTED :
			       TCPSTATE_CAUSE_NO_ROUTE;
	if (tp->packets_out)
		return TCPSTATE_CAUSE_FILTERED;
	return tp->snd_una == tp->write_seq ? TCPSTATE_CAUSE_NO_MEMORY :
					      TCPSTATE_CAUSE_NO_ROUTE;
}

static u8 opening_failed(const struct sock *sk, const struct tcps_clues *clues)
{
	const struct socket *socket = READ_ONCE(sk->sk_socket);
	int err = READ_ONCE(sk->sk_err), soft = READ_ONCE(sk->sk_err_soft);

	if (socket && socket->state == SS_UNCONNECTED)
		return connect_failed(sk, clues);
	switch (err) {
	case 0:
		if (closing(sk))
			return TCPSTATE_CAUSE_CLOSE;
		/* MPTCP does not ask TCP to give up one that it opens. */
		return sk_is_mptcp(sk) && no_reset(clues) ?
			       TCPSTATE_CAUSE_DISCONNECT :
			       TCPSTATE_CAUSE_UNKNOWN;
	case ETIMEDOUT:
	case ECONNABORTED:
		return by_error(sk);
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EPROTO:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case ENONET:
	case EOPNOTSUPP:
	case EACCES:
		/* The timer reports the error of an ICMP that did not count. */
		if (err == soft && (retries_used_up(sk) ||
				    READ_ONCE(inet_csk(sk)->icsk_user_timeout)))
			return timed_out(sk);
		return no_reset(clues) ? TCPSTATE_CAUSE_ICMP :
					 TCPSTATE_CAUSE_UNKNOWN;
	default:
		return TCPSTATE_CAUSE_UNKNOWN;
	}
}

/* tcp_check_oom() said that there is too much; of what it does not say. */
static u8 too_much(const struct sock *sk)
{
	return compat_out_of_memory(sk) ? TCPSTATE_CAUSE_NO_MEMORY :
					  TCPSTATE_CAUSE_ORPHAN_LIMIT;
}

/*
 * Does a program close it, rather than a packet? Whoever works on a packet does
 * not own the socket, or has the packet from its backlog, whose length stays
 * until all of it is done.
 */
static bool in_close(const struct sock *sk)
{
	return sock_owned_by_user_nocheck(sk) && !READ_ONCE(sk->sk_backlog.len);
}

/*
 * An orphan is ended without an error; only for one this is called. RST, abort
 * and timers that gave up are known already; FIN_WAIT2 is ended by its own
 * timer, which sends an RST first, or where the FIN was acknowledged, by data
 * after it; all that is left is what __tcp_close() and tcp_out_of_resources()
 * do, the latter never in FIN_WAIT2.
 */
static u8 orphan_end(const struct sock *sk, u8 old,
		     const struct tcps_clues *clues)
{
	if (old == TCP_FIN_WAIT2) {
		if (READ_ONCE(tcp_sk(sk)->linger2) < 0)
			return TCPSTATE_CAUSE_LINGER2;
		if (clues->mark == TCPS_MARK_ACTIVE_RESET)
			return TCPSTATE_CAUSE_FIN_TIMEOUT;
		if (!would_be_marked(clues, TCPS_MARK_ACTIVE_RESET))
			return TCPSTATE_CAUSE_UNKNOWN;
		if (!in_close(sk))
			return TCPSTATE_CAUSE_DATA_AFTER_CLOSE;
	}
	if (!check_net(sock_net(sk)))
		return TCPSTATE_CAUSE_NETNS_EXIT;
	return no_reset(clues) ? too_much(sk) : TCPSTATE_CAUSE_UNKNOWN;
}

/*
 * The limit was not reached just before; other CPUs can have reached it since,
 * for the moment in which the kernel looked.
 */
static u8 no_timewait(const struct sock *sk)
{
	const struct net *net = sock_net(sk);

	return compat_tw_count(net) + 2 * num_online_cpus() >=
			       compat_tw_max(net) ?
		       TCPSTATE_CAUSE_TW_OVERFLOW :
		       TCPSTATE_CAUSE_NO_MEMORY;
}

static u8 by_mark(const struct sock *sk, u8 old, const struct tcps_clues *clues)
{
	switch (clues->mark) {
	case TCPS_MARK_RST:
		return TCPSTATE_CAUSE_RST;
	case TCPS_MARK_SYN:
		return TCPSTATE_CAUSE_SYN;
	case TCPS_MARK_DATA:
		return TCPSTATE_CAUSE_DATA_AFTER_CLOSE;
	case TCPS_MARK_ABORT:
		/* That of a listener is made before anything is locked. */
		return old == TCP_LISTEN ? TCPSTATE_CAUSE_NONE :
					   TCPSTATE_CAUSE_ABORT;
	case TCPS_MARK_TIMER:
		return timed_out(sk);
	case TCPS_MARK_ICMP:
		return TCPSTATE_CAUSE_ICMP;
	case TCPS_MARK_TIME_WAIT_FULL:
		return TCPSTATE_CAUSE_TW_OVERFLOW;
	case TCPS_MARK_TIME_WAIT:
		return no_timewait(sk);
	case TCPS_MARK_DISCONNECT:
		/*
		 * Nobody but the listener can reach what was not accepted. A
		 * subflow that is being opened has no socket any more either.
		 */
		if (!READ_ONCE(sk->sk_socket) && old != TCP_SYN_SENT)
			return sk_is_mptcp(sk) ? TCPSTATE_CAUSE_UNKNOWN :
						 TCPSTATE_CAUSE_LISTENER_CLOSED;
		/* close() ends a connection in this way for SO_LINGER 0. */
		if (old == TCP_LISTEN || !closing(sk))
			return TCPSTATE_CAUSE_DISCONNECT;
		if (tcp_sk(sk)->repair)
			return TCPSTATE_CAUSE_REPAIR;
		if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime)
			return TCPSTATE_CAUSE_LINGER0;
		return TCPSTATE_CAUSE_UNKNOWN;
	case TCPS_MARK_SHUTDOWN:
		/* Of TCP's own sockets shutdown() disconnects those. */
		return old == TCP_SYN_SENT ? TCPSTATE_CAUSE_SHUTDOWN :
					     TCPSTATE_CAUSE_NONE;
	default:
		return TCPSTATE_CAUSE_NONE;
	}
}

/*
 * A listener that speaks MPTCP is stopped by the socket that the program has,
 * which stands above it, and not by tcp_close() or tcp_disconnect().
 */
static u8 subflow_listener_end(const struct sock *sk)
{
	const struct socket *socket = READ_ONCE(sk->sk_socket);
	const struct sock *above = socket ? READ_ONCE(socket->sk) : NULL;

	/* Only if it never stood among the listeners. */
	if (!sock_flag(sk, SOCK_RCU_FREE))
		return TCPSTATE_CAUSE_PORT_FAILURE;
	if (!above)
		return TCPSTATE_CAUSE_UNKNOWN;
	return READ_ONCE(above->sk_shutdown) == SHUTDOWN_MASK ?
		       TCPSTATE_CAUSE_CLOSE :
		       TCPSTATE_CAUSE_DISCONNECT;
}

static u8 listener_end(const struct sock *sk, const struct tcps_clues *clues)
{
	if (!clues->mark && !closing(sk) && sk_is_mptcp(sk))
		return subflow_listener_end(sk);
	if (!would_be_marked(clues, TCPS_MARK_DISCONNECT))
		return by_error(sk);
	if (closing(sk))
		return TCPSTATE_CAUSE_CLOSE;
	if (clues->mark == TCPS_MARK_ABORT)
		return TCPSTATE_CAUSE_ABORT;
	return would_be_marked(clues, TCPS_MARK_ABORT) ?
		       TCPSTATE_CAUSE_PORT_FAILURE :
		       TCPSTATE_CAUSE_UNKNOWN;
}

static u8 end_of(const struct sock *sk, u8 old, const struct tcps_clues *clues)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u8 cause = by_mark(sk, old, clues);

	if (cause != TCPSTATE_CAUSE_NONE)
		return cause;
	switch (old) {
	case TCP_LISTEN:
		return listener_end(sk, clues);
	case TCP_SYN_SENT:
		return opening_failed(sk, clues);
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
	case TCP_CLOSE_WAIT:
		/* What close() does straight, if not by tcp_disconnect(). */
		if (closing(sk))
			return would_be_marked(clues, TCPS_MARK_DISCONNECT) ?
				       TCPSTATE_CAUSE_UNREAD_DATA :
				       TCPSTATE_CAUSE_UNKNOWN;
		return by_error(sk);
	}
	/* Our FIN is the last that can be acknowledged. */
	if (old == TCP_LAST_ACK && no_reset(clues) &&
	    tp->snd_una == tp->write_seq)
		return TCPSTATE_CAUSE_ACK;
	/* close() with data that nobody read; others leave a mark. */
	if (closing(sk) && !sock_flag(sk, SOCK_DEAD))
		return would_be_marked(clues, TCPS_MARK_DISCONNECT) ?
			       TCPSTATE_CAUSE_UNREAD_DATA :
			       TCPSTATE_CAUSE_UNKNOWN;
	/* No program is left to read the error of an orphan. */
	if (sock_flag(sk, SOCK_DEAD) && !READ_ONCE(sk->sk_err))
		return orphan_end(sk, old, clues);
	return by_error(sk);
}

/**
 * tcps_cause_of_timewait() - why a timewait sock takes over in TIME_WAIT
 * @old: state of the full socket
 *
 * Return: an enum tcpstate_cause.
 */
u8 tcps_cause_of_timewait(u8 old)
{
	switch (old) {
	case TCPSTATE_CLOSING:
		return TCPSTATE_CAUSE_ACK;
	case TCPSTATE_FIN_WAIT1:
		return TCPSTATE_CAUSE_FIN_ACK;
	default:
		return TCPSTATE_CAUSE_FIN;
	}
}

/**
 * tcps_cause_of() - why a full socket changes its state
 * @sk: the socket, locked
 * @old: state before, not equal to @new
 * @new: state after
 * @clues: what else is known
 *
 * Return: an enum tcpstate_cause.
 */
u8 tcps_cause_of(const struct sock *sk, u8 old, u8 new,
		 const struct tcps_clues *clues)
{
	switch (new) {
	case TCP_SYN_SENT:
		return TCPSTATE_CAUSE_CONNECT;
	case TCP_LISTEN:
		return TCPSTATE_CAUSE_LISTEN;
	case TCP_SYN_RECV:
		return TCPSTATE_CAUSE_SYN;
	case TCP_ESTABLISHED:
		if (old == TCP_SYN_RECV)
			return TCPSTATE_CAUSE_ACK;
		return unlikely(tcp_sk(sk)->repair) ? TCPSTATE_CAUSE_REPAIR :
						      TCPSTATE_CAUSE_SYN_ACK;
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
		return TCPSTATE_CAUSE_FIN;
	case TCP_FIN_WAIT2:
		return TCPSTATE_CAUSE_ACK;
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
		if (clues->mark == TCPS_MARK_SHUTDOWN)
			return TCPSTATE_CAUSE_SHUTDOWN;
		return would_be_marked(clues, TCPS_MARK_SHUTDOWN) ?
			       TCPSTATE_CAUSE_CLOSE :
			       TCPSTATE_CAUSE_UNKNOWN;
	case TCP_CLOSE:
		return end_of(sk, old, clues);
	default:
		return TCPSTATE_CAUSE_UNKNOWN;
	}
}

/**
 * tcps_cause_init() - before the first event
 * @marked: marks that are made, as bits of enum tcps_mark
 */
void tcps_cause_init(u32 marked)
{
	u8 ours = marked & BIT(TCPS_MARK_SHUTDOWN) ? TCPSTATE_CAUSE_CLOSE :
						     TCPSTATE_CAUSE_UNKNOWN;

	tcps_cause_usual[TCPSTATE_ESTABLISHED] = TCPSTATE_CAUSE_ACK;
	tcps_cause_usual[TCPSTATE_FIN_WAIT1] = ours;
	tcps_cause_usual[TCPSTATE_FIN_WAIT2] = TCPSTATE_CAUSE_ACK;
	tcps_cause_usual[TCPSTATE_CLOSE_WAIT] = TCPSTATE_CAUSE_FIN;
	tcps_cause_usual[TCPSTATE_LAST_ACK] = ours;
	tcps_cause_usual[TCPSTATE_CLOSING] = TCPSTATE_CAUSE_FIN;
	/* From LAST_ACK, and if an RST would have been seen. */
	if (marked & BIT(TCPS_MARK_RST))
		tcps_cause_usual[TCPSTATE_CLOSE] = TCPSTATE_CAUSE_ACK;
}
