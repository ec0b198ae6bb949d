// SPDX-License-Identifier: GPL-2.0
/*
 * What hooks see of RSTs, received and sent, becomes events.
 *
 * Knows sockets, packets, callers and events; must not know which hook calls,
 * nor who reads.
 *
 * One that is received is told when the kernel acts upon it: in tcp_reset(),
 * or where it was the end of a request or timewait sock. One that the kernel
 * ignores is none.
 *
 * One that is sent is told where the kernel decides to send it, as its own
 * OutRsts counts them. That it then finds no memory or no route to send it by,
 * or no key to sign it with (TCP-MD5, TCP-AO), cannot be told from here. RSTs
 * that netfilter sends (REJECT) are not TCP's.
 *
 * It is told before the end that it tells of, with the state that the
 * connection is in. But what close(), connect() with AF_UNSPEC and data after
 * close() do is to end it first, and to send then: that is foreseen at the end,
 * and is not told again when it comes about.
 *
 * Up to 6.1 no reason is given with it: as many as possible are told by the
 * state of the socket, by what its last transition was for, and by who calls.
 */
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/inet_timewait_sock.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "caller.h"
#include "compat.h"
#include "counters.h"
#include "event.h"
#include "gate.h"
#include "observe.h"

static void tell(struct tcps_event *event, enum tcps_net_storm storm,
		 const struct tcps_who *who, struct tcpstate_record *rec)
{
	rec->type = TCPSTATE_EVENT_RESET;
	rec->reset.stands_for = tcps_event_tell(event, &event->tn->storm[storm],
						rec->type, rec->cause);
	if (rec->reset.stands_for)
		tcps_event_rare(event, who, rec);
}

/* What comes in the same event bears a later time. */
static void tell_first(struct tcps_event *event)
{
	event->section.now++;
}

static void set_segment(struct tcpstate_record *rec, const struct tcphdr *th)
{
	rec->reset.seq = ntohl(th->seq);
	rec->reset.ack = th->ack ? ntohl(th->ack_seq) : 0;
}

/* Of a socket, with its entry if it has one. */
static void tell_of(struct tcps_event *event, const struct tcps_life *life,
		    const struct sock *sk, struct tcpstate_record *rec)
{
	struct tcps_who who = {};

	rec->cookie = event->bucket.cookie;
	if (life) {
		rec->flags |= TCPSTATE_F_TRACKED;
		tell(event, TCPS_STORM_RESET, &life->who, rec);
		return;
	}
	if (sk->sk_state == TCP_TIME_WAIT)
		tcps_who_set_timewait(&who, inet_twsk(sk));
	else
		tcps_who_set_sock(&who, sk);
	tell(event, TCPS_STORM_RESET, &who, rec);
}

/**
 * tcps_observe_reset_received() - an RST ends the connection of a full socket
 * @sk: the socket, locked
 * @skb: the segment; NULL if this kernel does not say
 */
void tcps_observe_reset_received(const struct sock *sk,
				 const struct sk_buff *skb)
{
	struct tcpstate_record rec = {
		.cause = TCPSTATE_CAUSE_RST,
		.old_state = sk->sk_state,
		.new_state = sk->sk_state,
		.flags = TCPSTATE_F_INCOMING,
	};
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (!tcps_event_begin(&event, sock_net(sk)))
		return;
	if (skb)
		set_segment(&rec, tcp_hdr(skb));
	life = tcps_event_lock(&event, tcps_observe_cookie(sk), sk);
	tell_of(&event, life, sk, &rec);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_reset_ended() - an RST ended a request or timewait sock
 * @event: locked
 * @life: its entry, before its last step
 *
 * That it did shows when the segment is gone: its numbers are not known.
 */
void tcps_observe_reset_ended(struct tcps_event *event,
			      const struct tcps_life *life)
{
	struct tcpstate_record rec = {
		.cause = TCPSTATE_CAUSE_RST,
		.old_state = life->state,
		.new_state = life->state,
		.cookie = life->cookie,
		.flags = TCPSTATE_F_INCOMING | TCPSTATE_F_TRACKED,
	};

	tell(event, TCPS_STORM_RESET, &life->who, &rec);
	tell_first(event);
}

/* What a connection ended of, if that is told by an RST. */
static u8 by_end(u8 cause)
{
	switch (cause) {
	case TCPSTATE_CAUSE_DATA_AFTER_CLOSE:
	case TCPSTATE_CAUSE_LINGER0:
	case TCPSTATE_CAUSE_LINGER2:
	case TCPSTATE_CAUSE_UNREAD_DATA:
	case TCPSTATE_CAUSE_DISCONNECT:
	case TCPSTATE_CAUSE_LISTENER_CLOSED:
	case TCPSTATE_CAUSE_ORPHAN_LIMIT:
	case TCPSTATE_CAUSE_NO_MEMORY:
		return cause;
	default:
		return TCPSTATE_CAUSE_UNKNOWN;
	}
}

static u8 by_keepalive(const struct sock *sk)
{
	if (sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD))
		return READ_ONCE(tcp_sk(sk)->linger2) < 0 ?
			       TCPSTATE_CAUSE_LINGER2 :
			       TCPSTATE_CAUSE_FIN_TIMEOUT;
	return READ_ONCE(inet_csk(sk)->icsk_user_timeout) ?
		       TCPSTATE_CAUSE_USER_TIMEOUT :
		       TCPSTATE_CAUSE_KEEPALIVE;
}

/*
 * Timers and tcp_abort() change the state afterwards. All others but those that
 * change it first are MPTCP's, which refuses a child.
 */
static u8 why_sent(const struct sock *sk, const struct tcps_life *life,
		   unsigned long caller)
{
	if (sk->sk_state == TCP_CLOSE)
		return life && life->state == TCPSTATE_CLOSE ?
			       by_end(life->why) :
			       TCPSTATE_CAUSE_UNKNOWN;
	switch (tcps_caller_of(caller)) {
	case TCPS_BY_ABORT:
		return TCPSTATE_CAUSE_ABORT;
	case TCPS_BY_KEEPALIVE:
		return by_keepalive(sk);
	case TCPS_BY_WRITE_TIMER:
		return compat_out_of_memory(sk) ? TCPSTATE_CAUSE_NO_MEMORY :
						  TCPSTATE_CAUSE_ORPHAN_LIMIT;
	default:
		return sk->sk_state == TCP_SYN_RECV ?
			       TCPSTATE_CAUSE_MPTCP_DROP :
			       TCPSTATE_CAUSE_UNKNOWN;
	}
}

/* As tcp_acceptable_seq(): not beyond the window of the peer. */
static u32 acceptable_seq(const struct tcp_sock *tp)
{
	u32 end = tcp_wnd_end(tp);

	if (!before(end, tp->snd_nxt) ||
	    (tp->rx_opt.wscale_ok &&
	     tp->snd_nxt - end < 1U << tp->rx_opt.rcv_wscale))
		return tp->snd_nxt;
	return end;
}

/* What becomes of the connection when tcp_disconnect() is done with it. */
static bool disconnect_resets(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->repair)
		return false;
	switch (sk->sk_state) {
	case TCP_ESTABLISHED:
	case TCP_CLOSE_WAIT:
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
	case TCP_SYN_RECV:
		return true;
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		return tp->snd_nxt != tp->write_seq;
	default:
		return false;
	}
}

static u8 disconnect_reason(const struct sock *sk)
{
	return sk->sk_state == TCP_CLOSING || sk->sk_state == TCP_LAST_ACK ?
		       COMPAT_RESET_DISCONNECT_DATA :
		       COMPAT_RESET_DISCONNECT;
}

/* tcp_send_active_reset() by those that change the state before. */
static bool active_follows(const struct sock *sk, u8 cause, u8 mark, u8 *why)
{
	if (mark == TCPS_MARK_DISCONNECT) {
		*why = disconnect_reason(sk);
		return disconnect_resets(sk);
	}
	if (!in_task() || mark == TCPS_MARK_ACTIVE_RESET)
		return false;
	switch (cause) {
	case TCPSTATE_CAUSE_UNREAD_DATA:
		*why = COMPAT_RESET_CLOSE;
		return true;
	case TCPSTATE_CAUSE_LINGER2:
		*why = COMPAT_RESET_LINGER2;
		return true;
	case TCPSTATE_CAUSE_ORPHAN_LIMIT:
	case TCPSTATE_CAUSE_NO_MEMORY:
		*why = COMPAT_RESET_MEMORY;
		return sock_flag(sk, SOCK_DEAD) && mark != TCPS_MARK_TIME_WAIT;
	default:
		return false;
	}
}

/* The packet that ended it is answered: what it acknowledged is ours by now. */
static bool reply_follows(const struct sock *sk, u8 cause, u8 mark)
{
	if (mark == TCPS_MARK_ACTIVE_RESET)
		return false;
	return cause == TCPSTATE_CAUSE_DATA_AFTER_CLOSE ||
	       (cause == TCPSTATE_CAUSE_LINGER2 &&
		sk->sk_state == TCP_FIN_WAIT2);
}

/**
 * tcps_observe_reset_follows() - will an RST be sent when a connection has ended?
 * @event: locked
 * @life: its entry, before its last step
 * @sk: the socket, before that too
 * @cause: why it ends
 * @mark: enum tcps_mark that it had
 *
 * It is told if so.
 *
 * Return: true if so.
 */
bool tcps_observe_reset_follows(struct tcps_event *event,
				const struct tcps_life *life,
				const struct sock *sk, u8 cause, u8 mark)
{
	struct tcpstate_record rec = {
		.cause = by_end(cause),
		.old_state = life->state,
		.new_state = life->state,
		.cookie = life->cookie,
		.flags = TCPSTATE_F_TRACKED,
	};
	u8 why = COMPAT_RESET_DATA;

	if (active_follows(sk, cause, mark, &why)) {
		rec.reset.seq = acceptable_seq(tcp_sk(sk));
		rec.reset.ack = tcp_sk(sk)->rcv_nxt;
	} else if (reply_follows(sk, cause, mark)) {
		rec.reset.seq = tcp_sk(sk)->snd_una;
	} else {
		return false;
	}
	rec.reset.reason = compat_reset_reason(why);
	tell(event, TCPS_STORM_RESET, &life->who, &rec);
	tell_first(event);
	return true;
}

/*
 * Was it told when its connection ended? An orphan has no entry any more, and
 * one that never had any is told now.
 */
static bool is_told(const struct tcps_event *event, struct tcps_life *life)
{
	if (!life)
		return !tcps_event_lacks(event);
	if (life->mark != TCPS_MARK_RESET_TOLD)
		return false;
	life->mark = TCPS_MARK_NONE;
	return true;
}

/**
 * tcps_observe_reset_sent() - tcp_send_active_reset() begins
 * @sk: the socket, locked
 * @reason: the kernel's, plus 1; 0 if it has none
 * @caller: return address
 */
void tcps_observe_reset_sent(const struct sock *sk, u32 reason,
			     unsigned long caller)
{
	struct tcpstate_record rec = {
		.old_state = sk->sk_state,
		.new_state = sk->sk_state,
		.reset.reason = reason,
	};
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	if (sk->sk_protocol != IPPROTO_TCP || !tcps_gate_open() ||
	    !tcps_event_begin(&event, sock_net(sk)))
		return;
	rec.reset.seq = acceptable_seq(tcp_sk(sk));
	rec.reset.ack = tcp_sk(sk)->rcv_nxt;
	life = tcps_event_lock(&event, tcps_observe_cookie(sk), sk);
	if (sk->sk_state != TCP_CLOSE || !is_told(&event, life)) {
		rec.cause = why_sent(sk, life, caller);
		tell_of(&event, life, sk, &rec);
	}
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/* What tcp_v4_send_reset() and tcp_v6_send_reset() put into the RST. */
static void set_reply(struct tcpstate_record *rec, const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);

	if (th->ack)
		rec->reset.seq = ntohl(th->ack_seq);
	else
		rec->reset.ack = ntohl(th->seq) + th->syn + th->fin + skb->len -
				 (th->doff << 2);
}

/* Nobody there: only what was sent to an address of ours is answered. */
static void reply_stray(const struct sk_buff *skb, u32 reason)
{
	struct tcpstate_record rec = {
		.cause = TCPSTATE_CAUSE_NO_SOCKET,
		.reset.reason = reason,
	};
	struct tcps_who who = {};
	struct tcps_event event compat_unset;

	if (ip_hdr(skb)->version == 4 ? skb_rtable(skb)->rt_type != RTN_LOCAL :
					!ipv6_unicast_destination(skb))
		return;
	if (!tcps_event_begin(&event, dev_net(READ_ONCE(skb_dst(skb)->dev))))
		return;
	tcps_who_set_packet(&who, NULL, skb);
	set_reply(&rec, skb);
	tell(&event, TCPS_STORM_STRAY, &who, &rec);
	tcps_event_end(&event);
}

/*
 * A listener answers: an ACK that belongs to nothing, or for a request that is
 * refused. The packet says whose.
 */
static void reply_of_listener(const struct sock *listener,
			      const struct sk_buff *skb,
			      struct tcpstate_record *rec)
{
	struct tcps_event event compat_unset;
	struct tcps_who who = {}, room;

	if (!tcps_event_begin(&event, sock_net(listener)))
		return;
	tcps_who_set_packet(&who, listener, skb);
	who.id.uid = __kuid_val(compat_sk_uid(listener));
	tcps_who_inherit(&who, tcps_observe_listener(&event, listener, &room));
	rec->cookie = tcps_observe_cookie(listener);
	set_reply(rec, skb);
	tell(&event, TCPS_STORM_RESET, &who, rec);
	tcps_event_end(&event);
}

/*
 * It was just ended by the packet: data after close(), after which an orphan
 * has no entry any more. tcp_reset() leaves an error, other ends do not.
 */
static u8 why_closed(const struct sock *sk, const struct tcps_life *life)
{
	if (life && life->state == TCPSTATE_CLOSE &&
	    by_end(life->why) != TCPSTATE_CAUSE_UNKNOWN)
		return life->why;
	return !READ_ONCE(sk->sk_err) && READ_ONCE(tcp_sk(sk)->linger2) < 0 ?
		       TCPSTATE_CAUSE_LINGER2 :
		       TCPSTATE_CAUSE_DATA_AFTER_CLOSE;
}

static u8 why_reply(const struct sock *sk, const struct tcphdr *th,
		    unsigned long caller)
{
	if (sk->sk_state == TCP_TIME_WAIT)
		return th->syn ? TCPSTATE_CAUSE_SYN :
				 TCPSTATE_CAUSE_DATA_AFTER_CLOSE;
	if (tcps_caller_of(caller) == TCPS_BY_CHECK_REQ)
		return th->syn ? TCPSTATE_CAUSE_SYN :
				 TCPSTATE_CAUSE_ACCEPT_OVERFLOW;
	if (th->ack)
		return TCPSTATE_CAUSE_ACK;
	return sk->sk_state == TCP_LISTEN ? TCPSTATE_CAUSE_MPTCP_DROP :
					    TCPSTATE_CAUSE_UNKNOWN;
}

static u8 state_of(const struct sock *sk)
{
	return sk->sk_state == TCP_TIME_WAIT ? inet_twsk(sk)->tw_substate :
					       sk->sk_state;
}

/**
 * tcps_observe_reset_reply() - tcp_v4_send_reset(), tcp_v6_send_reset() begins
 * @sk: the listener, full socket or timewait sock that answers, or NULL
 * @skb: the packet that is answered
 * @reason: the kernel's, plus 1; 0 if it has none
 * @caller: return address
 */
void tcps_observe_reset_reply(const struct sock *sk, const struct sk_buff *skb,
			      u32 reason, unsigned long caller)
{
	struct tcpstate_record rec = { .reset.reason = reason };
	struct tcps_event event compat_unset;
	struct tcps_life *life;

	/* No RST is answered by one. */
	if (tcp_hdr(skb)->rst || !tcps_gate_open())
		return;
	if (!sk) {
		reply_stray(skb, reason);
		return;
	}
	rec.cause = why_reply(sk, tcp_hdr(skb), caller);
	rec.old_state = state_of(sk);
	rec.new_state = rec.old_state;
	if (sk->sk_state == TCP_LISTEN) {
		reply_of_listener(sk, skb, &rec);
		return;
	}
	if (!tcps_event_begin(&event, sock_net(sk)))
		return;
	set_reply(&rec, skb);
	life = tcps_event_lock(&event, tcps_observe_cookie(sk), sk);
	if (sk->sk_state == TCP_CLOSE)
		rec.cause = why_closed(sk, life);
	if (sk->sk_state != TCP_CLOSE || !is_told(&event, life))
		tell_of(&event, life, sk, &rec);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}
