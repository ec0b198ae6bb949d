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
#include <linux/errno.h>
#include <linux/net.h>
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/mptcp.h>
#include <net/tcp.h>

#include "life.h"

static bool would_be_marked(const struct tcps_clues *clues, enum tcps_mark mark)
{
	return clues->marked & BIT(mark);
}

/* tcp_reset() is known not to be the reason. */
static bool no_reset(const struct tcps_clues *clues)
{
	return would_be_marked(clues, TCPS_MARK_RESET);
}

/*
 * __tcp_close() sets this before all else. In states that our own FIN has not
 * left yet nobody else does.
 */
static bool closing(const struct sock *sk)
{
	return sk->sk_shutdown == SHUTDOWN_MASK && in_task();
}

/*
 * A timer gave up. Keepalive works only while nothing is unacknowledged or
 * unsent, the retransmission and probe timers only while something is, and the
 * sequence numbers outlive the queues. TCP_USER_TIMEOUT bounds them all and
 * leaves no trace.
 */
static u8 timed_out(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (READ_ONCE(inet_csk(sk)->icsk_user_timeout))
		return TCPSTATE_CAUSE_UNKNOWN;
	return tp->snd_una == tp->write_seq ? TCPSTATE_CAUSE_KEEPALIVE :
					      TCPSTATE_CAUSE_TIMEOUT;
}

/* Errors that nothing but the end itself sets; others can be old. */
static u8 by_error(const struct sock *sk)
{
	switch (READ_ONCE(sk->sk_err)) {
	case ETIMEDOUT:
		return timed_out(sk);
	case ECONNABORTED:
		return TCPSTATE_CAUSE_ABORT;
	default:
		return TCPSTATE_CAUSE_UNKNOWN;
	}
}

/* connect() itself fails, and sets no error: its caller will tell. */
static u8 connect_failed(const struct sock *sk, const struct tcps_clues *clues)
{
	/* The port of an earlier life stays, so it tells in the first only. */
	if (clues->held && clues->first && !inet_sk(sk)->inet_sport)
		return TCPSTATE_CAUSE_PORTS_EXHAUSTED;
	return TCPSTATE_CAUSE_UNKNOWN;
}

static u8 opening_failed(const struct sock *sk, const struct tcps_clues *clues)
{
	const struct socket *socket = READ_ONCE(sk->sk_socket);

	if (socket && socket->state == SS_UNCONNECTED)
		return connect_failed(sk, clues);
	switch (READ_ONCE(sk->sk_err)) {
	case 0:
		return closing(sk) ? TCPSTATE_CAUSE_CLOSE :
				     TCPSTATE_CAUSE_UNKNOWN;
	case ETIMEDOUT:
		if (READ_ONCE(inet_csk(sk)->icsk_user_timeout))
			return TCPSTATE_CAUSE_UNKNOWN;
		return TCPSTATE_CAUSE_TIMEOUT;
	case ECONNABORTED:
		return TCPSTATE_CAUSE_ABORT;
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EPROTO:
	case ENOPROTOOPT:
		/* A timer that gives up reports an earlier soft error. */
		if (no_reset(clues) && !READ_ONCE(sk->sk_err_soft))
			return TCPSTATE_CAUSE_ICMP;
		return TCPSTATE_CAUSE_UNKNOWN;
	default:
		return TCPSTATE_CAUSE_UNKNOWN;
	}
}

static u8 end_of(const struct sock *sk, u8 old, const struct tcps_clues *clues)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	switch (clues->mark) {
	case TCPS_MARK_RST:
		return TCPSTATE_CAUSE_RST;
	case TCPS_MARK_DATA:
		return TCPSTATE_CAUSE_DATA_AFTER_CLOSE;
	case TCPS_MARK_RESET:
		return TCPSTATE_CAUSE_UNKNOWN;
	case TCPS_MARK_DISCONNECT:
		/* Nobody but the listener can reach what was not accepted. */
		if (!READ_ONCE(sk->sk_socket))
			return sk_is_mptcp(sk) ? TCPSTATE_CAUSE_UNKNOWN :
						 TCPSTATE_CAUSE_LISTENER_CLOSED;
		/* close() ends a connection in this way for SO_LINGER 0. */
		if (old == TCP_LISTEN || !closing(sk))
			return TCPSTATE_CAUSE_DISCONNECT;
		if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime)
			return TCPSTATE_CAUSE_LINGER0;
		return TCPSTATE_CAUSE_UNKNOWN;
	}

	switch (old) {
	case TCP_LISTEN:
		if (closing(sk) && would_be_marked(clues, TCPS_MARK_DISCONNECT))
			return TCPSTATE_CAUSE_CLOSE;
		return by_error(sk);
	case TCP_SYN_SENT:
		return opening_failed(sk, clues);
	case TCP_SYN_RECV:
		/* ETIMEDOUT can be SYN-ACK retries of Fast Open as well. */
		return READ_ONCE(sk->sk_err) == ECONNABORTED ?
			       TCPSTATE_CAUSE_ABORT :
			       TCPSTATE_CAUSE_UNKNOWN;
	case TCP_ESTABLISHED:
	case TCP_CLOSE_WAIT:
		/* What close() does straight, if not by tcp_disconnect(). */
		if (closing(sk))
			return would_be_marked(clues, TCPS_MARK_DISCONNECT) ?
				       TCPSTATE_CAUSE_UNREAD_DATA :
				       TCPSTATE_CAUSE_UNKNOWN;
		return by_error(sk);
	case TCP_LAST_ACK:
		/* Our FIN is the last that can be acknowledged. */
		if (no_reset(clues) && tp->snd_una == tp->write_seq)
			return TCPSTATE_CAUSE_ACK;
		return by_error(sk);
	default:
		return by_error(sk);
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
 * tcps_cause_is_syscall() - does a process cause this, by a system call?
 * @cause: an enum tcpstate_cause
 *
 * Other causes can be worked off in process context too, from the socket's
 * backlog: then whoever runs is not the actor.
 *
 * Return: true if the running process is the actor.
 */
bool tcps_cause_is_syscall(u8 cause)
{
	switch (cause) {
	case TCPSTATE_CAUSE_CONNECT:
	case TCPSTATE_CAUSE_LISTEN:
	case TCPSTATE_CAUSE_CLOSE:
	case TCPSTATE_CAUSE_SHUTDOWN:
	case TCPSTATE_CAUSE_DISCONNECT:
	case TCPSTATE_CAUSE_ABORT:
	case TCPSTATE_CAUSE_LINGER0:
	case TCPSTATE_CAUSE_UNREAD_DATA:
	case TCPSTATE_CAUSE_PORTS_EXHAUSTED:
		return true;
	default:
		return false;
	}
}
