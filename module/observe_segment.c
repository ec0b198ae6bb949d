// SPDX-License-Identifier: GPL-2.0
/*
 * What the hooks on packets see: segments with SYN, FIN or RST, each of which
 * is a count, and a record linked to its connection.
 *
 * Knows packets, sockets and events; must not know which hook calls, nor who
 * reads. Called under rcu_read_lock(), in softirq or in process context, with
 * or without a socket locked.
 */
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/tcpstate.h>
#include <net/inet_timewait_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/request_sock.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "event.h"
#include "gate.h"
#include "observe.h"
#include "segment.h"

/**
 * struct passage - a packet that passes a hook
 * @net: the namespace
 * @skb: the packet
 * @seg: what it says
 * @incoming: it came to this host
 * @ifindex: interface it came through, or leaves by
 * @dif: the same, for the lookup of sockets
 * @sdif: likewise, with a master device (VRF) above it
 */
struct passage {
	struct net *net;
	struct sk_buff *skb;
	struct tcps_segment seg;
	bool incoming;
	int ifindex;
	int dif;
	int sdif;
};

/*
 * Is it the socket of a TCP connection? What a packet carries may as well be a
 * raw socket, the socket with which TCP answers strangers (which is raw too),
 * that of a tunnel, or a listener.
 */
static bool is_connection(const struct sock *sk)
{
	if (!sk || (sk->sk_family != AF_INET && sk->sk_family != AF_INET6))
		return false;
	if (!sk_fullsock(sk))
		return true;
	return sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP &&
	       inet_sk_state_load(sk) != TCP_LISTEN;
}

static u64 cookie_of(const struct sock *sk)
{
	return atomic64_read(&sk->sk_cookie);
}

/* By addresses, as TCP will look for it. With a reference. */
static struct sock *look_up(const struct passage *p)
{
	const struct tcps_segment *seg = &p->seg;
	const void *raddr = p->incoming ? seg->saddr : seg->daddr;
	const void *laddr = p->incoming ? seg->daddr : seg->saddr;
	__be16 rport = p->incoming ? seg->sport : seg->dport;
	__be16 lport = p->incoming ? seg->dport : seg->sport;

	if (seg->family == AF_INET6)
		return compat_lookup_v6(p->net, raddr, rport, laddr, lport,
					p->dif, p->sdif);
	return compat_lookup_v4(p->net, *(const __be32 *)raddr, rport,
				*(const __be32 *)laddr, lport, p->dif, p->sdif);
}

/* The addresses of the packet, seen from this host. */
static void set_packet(struct tcps_who *who, const struct passage *p)
{
	const struct tcps_segment *seg = &p->seg;
	unsigned int size = seg->family == AF_INET6 ? sizeof(struct in6_addr) :
						      sizeof(struct in_addr);

	who->family = seg->family;
	memcpy(who->id.laddr, p->incoming ? seg->daddr : seg->saddr, size);
	memcpy(who->id.raddr, p->incoming ? seg->saddr : seg->daddr, size);
	who->id.lport = ntohs(p->incoming ? seg->dport : seg->sport);
	who->id.rport = ntohs(p->incoming ? seg->sport : seg->dport);
}

/* A connection that has no entry: what its socket says. Returns its state. */
static u8 set_sock(struct tcps_who *who, const struct sock *sk)
{
	const struct inet_timewait_sock *tw;

	switch (inet_sk_state_load(sk)) {
	case TCP_NEW_SYN_RECV:
		who->carrier = TCPSTATE_CARRIER_REQUEST;
		return TCPSTATE_SYN_RECV;
	case TCP_TIME_WAIT:
		who->carrier = TCPSTATE_CARRIER_TIMEWAIT;
		tw = inet_twsk(sk);
		return READ_ONCE(tw->tw_substate);
	default:
		who->carrier = TCPSTATE_CARRIER_SOCK;
		tcps_who_set_user(who, sk);
		return inet_sk_state_load(sk);
	}
}

/* An entry knows the most; returns false if there is none. */
static bool set_life(struct tcps_who *who, struct tcps_event *event,
		     const struct sock *sk, struct tcpstate_record *rec)
{
	struct tcps_life *life;

	life = tcps_event_lock(event, cookie_of(sk), sk);
	/* Another carrier has it already, or has it still. */
	if (!life)
		life = tcps_table_same(&event->bucket, NULL);
	if (life) {
		struct tcps_who packet = *who;

		*who = life->who;
		if (!who->id.lport) {
			memcpy(who->id.laddr, packet.id.laddr,
			       sizeof(who->id.laddr));
			memcpy(who->id.raddr, packet.id.raddr,
			       sizeof(who->id.raddr));
			who->id.lport = packet.id.lport;
			who->id.rport = packet.id.rport;
		}
		rec->old_state = life->state;
		rec->flags |= TCPSTATE_F_TRACKED;
	}
	tcps_event_unlock(event);
	return life;
}

static void tell(struct tcps_event *event, const struct passage *p,
		 const struct sock *sk)
{
	struct tcpstate_record rec = {
		.type = TCPSTATE_EVENT_SEGMENT,
		.cause = p->seg.flags,
		.ifindex = p->ifindex,
		.flags = p->incoming ? TCPSTATE_F_INCOMING : 0,
		.segment = p->seg.data,
	};
	struct tcps_who who = {};

	set_packet(&who, p);
	if (sk) {
		rec.cookie = cookie_of(sk);
		if (!set_life(&who, event, sk, &rec))
			rec.old_state = set_sock(&who, sk);
		rec.new_state = rec.old_state;
	}
	tcps_event_segment(event, &who, &rec);
}

static void count(struct tcps_event *event, const struct passage *p)
{
	if (p->incoming)
		tcps_event_count(event, segments.in[p->seg.kind]);
	else
		tcps_event_count(event, segments.out[p->seg.kind]);
	if (p->seg.bad_options)
		tcps_event_count(event, segments.bad_options);
}

static void observe_malformed(struct net *net)
{
	struct tcps_event event compat_unset;

	if (!tcps_event_begin(&event, net))
		return;
	tcps_event_count(&event, segments.malformed);
	tcps_event_end(&event);
}

static void observe_whole(const struct passage *p)
{
	struct sock *sk = p->skb->sk, *found = NULL;
	struct tcps_event event compat_unset;

	if (!is_connection(sk) || !cookie_of(sk)) {
		found = look_up(p);
		sk = found && cookie_of(found) ? found : NULL;
	}
	if (tcps_event_begin(&event, p->net)) {
		count(&event, p);
		tell(&event, p, sk);
		tcps_event_end(&event);
	}
	/* Outside of the event: that it goes may be the next event. */
	if (found)
		sock_gen_put(found);
}

/* Returns false if there is nothing more to do. */
static bool find(struct passage *p, u8 family)
{
	enum tcps_segment_found found;

	if (!tcps_gate_open())
		return false;
	found = family == AF_INET6 ? tcps_segment_find_v6(p->skb, &p->seg) :
				     tcps_segment_find_v4(p->skb, &p->seg);
	if (found == TCPS_SEGMENT_MALFORMED)
		observe_malformed(p->net);
	return found == TCPS_SEGMENT_WHOLE;
}

/**
 * tcps_observe_segment_in() - a packet comes to this host
 * @net: the namespace
 * @skb: the packet, not written to
 * @family: AF_INET or AF_INET6
 *
 * It has SYN, FIN or RST, or has to be looked at more closely.
 */
void tcps_observe_segment_in(struct net *net, struct sk_buff *skb, u8 family)
{
	struct passage p = { .net = net, .skb = skb, .incoming = true };

	if (!find(&p, family))
		return;
	p.ifindex = skb->dev ? skb->dev->ifindex : 0;
	if (family == AF_INET6) {
		p.dif = inet6_iif(skb);
		p.sdif = inet6_sdif(skb);
	} else {
		p.dif = inet_iif(skb);
		p.sdif = inet_sdif(skb);
	}
	observe_whole(&p);
}

/**
 * tcps_observe_segment_out() - a packet leaves this host
 * @net: the namespace
 * @skb: the packet, not written to
 * @family: AF_INET or AF_INET6
 * @dev: by which interface
 *
 * As for tcps_observe_segment_in().
 */
void tcps_observe_segment_out(struct net *net, struct sk_buff *skb, u8 family,
			      const struct net_device *dev)
{
	struct passage p = { .net = net, .skb = skb };

	if (!find(&p, family))
		return;
	p.ifindex = dev ? dev->ifindex : 0;
	p.dif = p.ifindex;
	observe_whole(&p);
}
