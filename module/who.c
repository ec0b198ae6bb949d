// SPDX-License-Identifier: GPL-2.0
/*
 * Who a connection is: its addresses, its namespace, its socket, its owner.
 *
 * Knows the kernel's three carriers and the layout of a record; must not know
 * tables, states or hooks. Each object is read while the kernel passes it to a
 * hook, and never again.
 */
#include "who.h"

#include <linux/build_bug.h>
#include <linux/cgroup.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/inet_sock.h>
#include <net/inet_timewait_sock.h>
#include <net/ipv6.h>
#include <net/mptcp.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <asm/word-at-a-time.h>

#include "compat.h"
#include "netns.h"

/* Where a member stands in a record, seen from the first of them. */
#define IN_RECORD(member)                           \
	(offsetof(struct tcpstate_record, member) - \
	 offsetof(struct tcpstate_record, netns_inum))

static_assert(offsetof(struct tcps_identity, netns_inum) ==
	      IN_RECORD(netns_inum));
static_assert(offsetof(struct tcps_identity, netns_gen) ==
	      IN_RECORD(netns_gen));
static_assert(offsetof(struct tcps_identity, laddr) == IN_RECORD(laddr));
static_assert(offsetof(struct tcps_identity, raddr) == IN_RECORD(raddr));
static_assert(offsetof(struct tcps_identity, lport) == IN_RECORD(lport));
static_assert(offsetof(struct tcps_identity, rport) == IN_RECORD(rport));
static_assert(offsetof(struct tcps_identity, flags) == IN_RECORD(flags));
static_assert(offsetof(struct tcps_identity, life) == IN_RECORD(life));
static_assert(offsetof(struct tcps_identity, tgid) == IN_RECORD(tgid));
static_assert(offsetof(struct tcps_identity, uid) == IN_RECORD(uid));
static_assert(offsetof(struct tcps_identity, comm) == IN_RECORD(comm));
static_assert(sizeof(struct tcps_identity) ==
	      offsetof(struct tcpstate_record, raw) -
		      offsetof(struct tcpstate_record, netns_inum));
static_assert(sizeof(struct tcps_identity) ==
	      TCPS_IDENTITY_WORDS * sizeof(u64));
static_assert(offsetof(struct tcpstate_record, netns_inum) % sizeof(u64) == 0);
static_assert(offsetof(struct tcps_who, id) % sizeof(u64) == 0);

/* What a socket says of itself; the rest of the flags is not its business. */
#define OF_SOCKET (TCPSTATE_F_MAPPED | TCPSTATE_F_MPTCP)

/* The user of an object that does not know it: the overflow uid. */
#define NOBODY 65534

static __always_inline void set_v4(struct tcps_who *who, __be32 laddr,
				   __be32 raddr)
{
	who->family = AF_INET;
	memset(who->id.laddr, 0, sizeof(who->id.laddr));
	memset(who->id.raddr, 0, sizeof(who->id.raddr));
	memcpy(who->id.laddr, &laddr, sizeof(laddr));
	memcpy(who->id.raddr, &raddr, sizeof(raddr));
}

static void set_v6(struct tcps_who *who, const struct in6_addr *laddr,
		   const struct in6_addr *raddr)
{
	who->family = AF_INET6;
	memcpy(who->id.laddr, laddr, sizeof(*laddr));
	memcpy(who->id.raddr, raddr, sizeof(*raddr));
}

/* Returns false for IPv4-mapped addresses: the object has them as IPv4 too. */
static bool set_unmapped(struct tcps_who *who, const struct in6_addr *laddr,
			 const struct in6_addr *raddr)
{
	if (ipv6_addr_v4mapped(raddr) || ipv6_addr_v4mapped(laddr)) {
		who->id.flags |= TCPSTATE_F_MAPPED;
		return false;
	}
	set_v6(who, laddr, raddr);
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

/**
 * tcps_who_set_net() - the namespace
 * @who: result
 * @tn: our state of it
 */
void tcps_who_set_net(struct tcps_who *who, const struct tcps_net *tn)
{
	who->id.netns_inum = tn->inum;
	who->id.netns_gen = tn->gen;
}

/**
 * tcps_who_set_sock() - take all that a full socket tells
 * @who: result
 * @sk: the socket
 *
 * Without a remote port its remote address is that of an earlier life.
 */
void tcps_who_set_sock(struct tcps_who *who, const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);

	who->carrier = TCPSTATE_CARRIER_SOCK;
	who->cgroup = cgroup_of(sk);
	tcps_who_set_user(who, sk);
	who->id.lport = ntohs(inet->inet_sport);
	who->id.rport = ntohs(sk->sk_dport);
	who->id.flags &= ~OF_SOCKET;
	if (sk_is_mptcp(sk))
		who->id.flags |= TCPSTATE_F_MPTCP;
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6 &&
	    set_unmapped(who, &sk->sk_v6_rcv_saddr,
			 sk->sk_dport ? &sk->sk_v6_daddr : &in6addr_any))
		return;
#endif
	set_v4(who, sk->sk_rcv_saddr, sk->sk_dport ? sk->sk_daddr : 0);
}

/**
 * tcps_who_set_child() - a full socket takes over from its request
 * @who: what tcps_who_set_request() took; addresses and cgroup are the same
 * @sk: the socket
 */
void tcps_who_set_child(struct tcps_who *who, const struct sock *sk)
{
	who->carrier = TCPSTATE_CARRIER_SOCK;
	tcps_who_set_user(who, sk);
	/* The third packet can turn out not to speak it. */
	if (unlikely(who->id.flags & TCPSTATE_F_MPTCP) && !sk_is_mptcp(sk))
		who->id.flags &= ~TCPSTATE_F_MPTCP;
}

/**
 * tcps_who_set_request() - take all that a request tells
 * @who: result
 * @listener: its listener
 * @req: the request
 *
 * Not whether it is MPTCP's: all requests of a listener that speaks it say so.
 */
void tcps_who_set_request(struct tcps_who *who, const struct sock *listener,
			  const struct request_sock *req)
{
	const struct inet_request_sock *ireq = inet_rsk(req);

	who->carrier = TCPSTATE_CARRIER_REQUEST;
	who->cgroup = cgroup_of(listener);
	who->id.uid = __kuid_val(compat_sk_uid(listener));
	/* Of a link-local peer the interface that it is at. */
	who->ifindex = ireq->ir_iif;
	who->id.lport = ireq->ir_num;
	who->id.rport = ntohs(ireq->ir_rmt_port);
	who->id.flags &= ~TCPSTATE_F_MAPPED;
#if IS_ENABLED(CONFIG_IPV6)
	if (ireq->ireq_family == AF_INET6 &&
	    set_unmapped(who, &ireq->ir_v6_loc_addr, &ireq->ir_v6_rmt_addr))
		return;
	/* The child will be an IPv6 socket with mapped addresses. */
	if (listener->sk_family == AF_INET6)
		who->id.flags |= TCPSTATE_F_MAPPED;
#endif
	set_v4(who, ireq->ir_loc_addr, ireq->ir_rmt_addr);
}

/**
 * tcps_who_set_timewait() - take all that a timewait sock tells
 * @who: result; it does not know its user nor its cgroup
 * @tw: the timewait sock
 */
void tcps_who_set_timewait(struct tcps_who *who,
			   const struct inet_timewait_sock *tw)
{
	who->carrier = TCPSTATE_CARRIER_TIMEWAIT;
	who->id.uid = NOBODY;
	who->ifindex = tw->tw_bound_dev_if;
	who->id.lport = ntohs(tw->tw_sport);
	who->id.rport = ntohs(tw->tw_dport);
	who->id.flags &= ~OF_SOCKET;
#if IS_ENABLED(CONFIG_IPV6)
	if (tw->tw_family == AF_INET6 &&
	    set_unmapped(who, &tw->tw_v6_rcv_saddr, &tw->tw_v6_daddr))
		return;
#endif
	set_v4(who, tw->tw_rcv_saddr, tw->tw_daddr);
}

/* Of the option: what it is for, and in that of MP_CAPABLE the version. */
#define MP_CAPABLE 0
#define MP_VERSION 1

/* Is there MPTCP in the options? As the kernel reads them, which checks more. */
static noinline bool speaks_mptcp(const struct tcphdr *th)
{
	const u8 *p = (const u8 *)(th + 1),
		 *end = (const u8 *)th + th->doff * 4;

	while (end - p > 2 && *p != TCPOPT_EOL) {
		if (*p == TCPOPT_NOP) {
			p++;
			continue;
		}
		if (p[1] < 2 || p[1] > end - p)
			break;
		if (*p == TCPOPT_MPTCP && p[1] > 2)
			return p[2] >> 4 != MP_CAPABLE ||
			       (p[2] & 0xf) == MP_VERSION;
		p += p[1];
	}
	return false;
}

/**
 * tcps_who_set_packet() - take all that a packet that came in tells
 * @who: result: family, interface, addresses, ports and flags
 * @listener: the listener; NULL if it came for nobody
 * @skb: the packet, whose TCP header was checked
 */
void tcps_who_set_packet(struct tcps_who *who, const struct sock *listener,
			 const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);

	who->ifindex = skb->skb_iif;
	who->id.lport = ntohs(th->dest);
	who->id.rport = ntohs(th->source);
	who->id.flags = listener && unlikely(sk_is_mptcp(listener)) &&
					speaks_mptcp(th) ?
				TCPSTATE_F_MPTCP :
				0;
#if IS_ENABLED(CONFIG_IPV6)
	if (skb->protocol == htons(ETH_P_IPV6)) {
		/* Mapped ones on the wire are as wrong as they look. */
		set_v6(who, &ipv6_hdr(skb)->daddr, &ipv6_hdr(skb)->saddr);
		return;
	}
	if (listener && listener->sk_family == AF_INET6)
		who->id.flags |= TCPSTATE_F_MAPPED;
#endif
	set_v4(who, ip_hdr(skb)->daddr, ip_hdr(skb)->saddr);
}

/*
 * The kernel's strscpy_pad() for the two words that it is. Somebody may be
 * changing the name: then it is some of both.
 */
static void set_comm(struct tcps_who *who, const char *comm)
{
	const struct word_at_a_time constants = WORD_AT_A_TIME_CONSTANTS;
	const unsigned long *from = (const unsigned long *)comm;
	unsigned long *to = (unsigned long *)who->id.comm;
	unsigned long word, bits;
	unsigned int i;

	BUILD_BUG_ON(TASK_COMM_LEN != TCPSTATE_COMM_LEN);
	for (i = 0; i < TCPSTATE_COMM_LEN / sizeof(word); i++) {
		memcpy(&word, &from[i], sizeof(word));
		if (has_zero(word, &bits, &constants)) {
			bits = prep_zero_mask(word, bits, &constants);
			word &= zero_bytemask(create_zero_mask(bits));
			to[i] = word;
			while (++i < TCPSTATE_COMM_LEN / sizeof(word))
				to[i] = 0;
			return;
		}
		to[i] = word;
	}
	who->id.comm[TCPSTATE_COMM_LEN - 1] = 0;
}

/**
 * tcps_who_own() - the process in whose name we run becomes the owner
 * @who: changed, unless we run in an interrupt or a kernel thread
 *
 * Return: true if there is such a process.
 */
bool tcps_who_own(struct tcps_who *who)
{
	if (!in_task() || current->flags & PF_KTHREAD)
		return false;
	who->id.tgid = current->tgid;
	set_comm(who, current->group_leader->comm);
	who->id.flags |= TCPSTATE_F_OWNER;
	who->id.flags &= ~TCPSTATE_F_OWNER_LISTENER;
	return true;
}

/**
 * tcps_who_inherit() - the listener's owner owns a connection for the time being
 * @who: changed
 * @listener: the listener's
 */
void tcps_who_inherit(struct tcps_who *who, const struct tcps_who *listener)
{
	if (!(listener->id.flags & TCPSTATE_F_OWNER))
		return;
	who->id.tgid = listener->id.tgid;
	memcpy(who->id.comm, listener->id.comm, sizeof(who->id.comm));
	who->id.flags |= TCPSTATE_F_OWNER | TCPSTATE_F_OWNER_LISTENER;
}

/**
 * tcps_who_pass_on() - it waits at another listener now, whose owner owns it
 * @who: changed
 * @listener: the listener's; NULL if nothing is known of it
 */
void tcps_who_pass_on(struct tcps_who *who, const struct tcps_who *listener)
{
	who->id.flags &= ~(TCPSTATE_F_OWNER | TCPSTATE_F_OWNER_LISTENER);
	who->id.tgid = 0;
	memset(who->id.comm, 0, sizeof(who->id.comm));
	if (listener)
		tcps_who_inherit(who, listener);
}
