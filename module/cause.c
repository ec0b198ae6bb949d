// SPDX-License-Identifier: GPL-2.0
/*
 * Why a full socket changes its state, from what the kernel left in it.
 *
 * Must not know tables, records or counters. Called from the state tracepoint,
 * before the new state is stored, with the socket locked. Reads the socket
 * only. Where two reasons leave the same traces the answer is unknown.
 */
#include "cause.h"

#include <linux/errno.h>
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/tcp.h>

/* The error that a reset, a timeout or an abort left before tcp_done(). */
static u8 by_error(int err)
{
	switch (err) {
	case ECONNRESET:
	case EPIPE:
		return TCPSTATE_CAUSE_RST;
	case ETIMEDOUT:
		return TCPSTATE_CAUSE_TIMEOUT;
	case ECONNABORTED:
		return TCPSTATE_CAUSE_ABORT;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EPROTO:
	case ENOPROTOOPT:
		return TCPSTATE_CAUSE_ICMP;
	default:
		return TCPSTATE_CAUSE_UNKNOWN;
	}
}

/* __tcp_close() sets this before all else, and no one else with this effect. */
static bool closing(const struct sock *sk)
{
	return sk->sk_shutdown == SHUTDOWN_MASK && in_task();
}

/*
 * close() of a connection that goes straight to CLOSE: data was not read, or
 * SO_LINGER 0. The receive queue is gone by now, but not its sequence numbers;
 * a FIN counts one.
 */
static u8 hard_close(const struct sock *sk, u8 old)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 unread = tp->rcv_nxt - READ_ONCE(tp->copied_seq);
	u32 fin = old == TCP_CLOSE_WAIT ? 1 : 0;

	if (unread > fin)
		return TCPSTATE_CAUSE_UNREAD_DATA;
	if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime)
		return TCPSTATE_CAUSE_LINGER0;
	return TCPSTATE_CAUSE_UNKNOWN;
}

static u8 end_of(const struct sock *sk, u8 old)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int err = READ_ONCE(sk->sk_err);

	switch (old) {
	case TCP_LISTEN:
		return closing(sk) ? TCPSTATE_CAUSE_CLOSE :
				     TCPSTATE_CAUSE_UNKNOWN;
	case TCP_SYN_SENT:
		if (err == ECONNREFUSED)
			return TCPSTATE_CAUSE_RST;
		if (err)
			return by_error(err);
		/* No error is set when connect() itself fails. */
		if (!inet_sk(sk)->inet_sport)
			return TCPSTATE_CAUSE_PORTS_EXHAUSTED;
		return closing(sk) ? TCPSTATE_CAUSE_CLOSE :
				     TCPSTATE_CAUSE_UNKNOWN;
	case TCP_LAST_ACK:
		if (err)
			return by_error(err);
		/* Our FIN is the last that can be acknowledged. */
		return tp->snd_una == tp->write_seq ? TCPSTATE_CAUSE_ACK :
						      TCPSTATE_CAUSE_UNKNOWN;
	case TCP_ESTABLISHED:
	case TCP_CLOSE_WAIT:
		if (err)
			return by_error(err);
		return closing(sk) ? hard_close(sk, old) :
				     TCPSTATE_CAUSE_UNKNOWN;
	default:
		return by_error(err);
	}
}

/**
 * tcps_cause_of() - why a full socket changes its state
 * @sk: the socket, locked
 * @old: state before, not equal to @new
 * @new: state after
 * @shutdown: tcp_shutdown() is making this transition
 * @can_tell_shutdown: @shutdown is reliable
 *
 * Return: an enum tcpstate_cause.
 */
u8 tcps_cause_of(const struct sock *sk, u8 old, u8 new, bool shutdown,
		 bool can_tell_shutdown)
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
		if (shutdown)
			return TCPSTATE_CAUSE_SHUTDOWN;
		return can_tell_shutdown ? TCPSTATE_CAUSE_CLOSE :
					   TCPSTATE_CAUSE_UNKNOWN;
	case TCP_CLOSE:
		return end_of(sk, old);
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
	case TCPSTATE_CAUSE_LINGER0:
	case TCPSTATE_CAUSE_UNREAD_DATA:
	case TCPSTATE_CAUSE_PORTS_EXHAUSTED:
		return true;
	default:
		return false;
	}
}
