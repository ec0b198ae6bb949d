/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who a connection is: its addresses, its namespace, its socket, its owner.
 *
 * Knows the kernel's three carriers and the layout of a record; must not know
 * tables, states or hooks.
 */
#ifndef _TCPS_WHO_H
#define _TCPS_WHO_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/tcpstate.h>
#include <net/sock.h>

#include "compat.h"

/* 64-bit words of a struct tcps_identity. */
#define TCPS_IDENTITY_WORDS 9

struct inet_timewait_sock;
struct request_sock;
struct sk_buff;
struct tcps_net;

/**
 * struct tcps_identity - the middle of a record, byte for byte
 *
 * The same members as in &struct tcpstate_record, in the same order, so that
 * they are copied at one stroke; who.c asserts it.
 *
 * @netns_inum: inode number of the namespace
 * @netns_gen: its generation
 * @laddr: local address
 * @raddr: remote address
 * @lport: local port
 * @rport: remote port
 * @flags: TCPSTATE_F_* that stay: OWNER, OWNER_LISTENER, PREEXISTING, MAPPED,
 *	MPTCP, FASTOPEN
 * @life: number of the life
 * @tgid: owner
 * @uid: user of the socket
 * @comm: owner's name
 */
struct tcps_identity {
	u32 netns_inum;
	u32 netns_gen;
	u8 laddr[16];
	u8 raddr[16];
	u16 lport;
	u16 rport;
	u16 flags;
	u16 life;
	u32 tgid;
	u32 uid;
	char comm[TCPSTATE_COMM_LEN];
};

/**
 * struct tcps_who - all that is known of a connection but its states
 * @id: what goes into a record as it is
 * @cgroup: id of the cgroup of the socket
 * @ifindex: interface the socket is bound to
 * @family: AF_INET or AF_INET6
 * @carrier: enum tcpstate_carrier
 * @port: local port that the socket had before connect() looked for one
 */
struct tcps_who {
	struct tcps_identity id;
	u64 cgroup;
	u32 ifindex;
	u8 family;
	u8 carrier;
	u16 port;
};

void tcps_who_set_net(struct tcps_who *who, const struct tcps_net *tn);
void tcps_who_set_sock(struct tcps_who *who, const struct sock *sk);
void tcps_who_set_child(struct tcps_who *who, const struct sock *sk);
void tcps_who_set_request(struct tcps_who *who, const struct sock *listener,
			  const struct request_sock *req);
void tcps_who_set_timewait(struct tcps_who *who,
			   const struct inet_timewait_sock *tw);
void tcps_who_set_packet(struct tcps_who *who, const struct sock *listener,
			 const struct sk_buff *skb);

/**
 * tcps_who_set_user() - what belongs to the socket and can change
 * @who: result
 * @sk: a full socket
 */
static __always_inline void tcps_who_set_user(struct tcps_who *who,
					      const struct sock *sk)
{
	who->ifindex = READ_ONCE(sk->sk_bound_dev_if);
	who->id.uid = __kuid_val(compat_sk_uid(sk));
}

bool tcps_who_own(struct tcps_who *who);
void tcps_who_inherit(struct tcps_who *who, const struct tcps_who *listener);
void tcps_who_pass_on(struct tcps_who *who, const struct tcps_who *listener);

/**
 * tcps_who_write() - write it into a record
 * @who: what
 * @flags: further flags of the record
 * @rec: result, perhaps a slot of a ring that is being read; other members stay
 */
static __always_inline void tcps_who_write(const struct tcps_who *who,
					   u16 flags,
					   struct tcpstate_record *rec)
{
	const u64 *from = (const u64 *)&who->id;
	u64 *to = (u64 *)&rec->netns_inum;

	WRITE_ONCE(rec->family, who->family);
	WRITE_ONCE(rec->carrier, who->carrier);
	WRITE_ONCE(rec->ifindex, who->ifindex);
	WRITE_ONCE(to[0], from[0]);
	WRITE_ONCE(to[1], from[1]);
	WRITE_ONCE(to[2], from[2]);
	WRITE_ONCE(to[3], from[3]);
	WRITE_ONCE(to[4], from[4]);
	WRITE_ONCE(to[5], from[5]);
	WRITE_ONCE(to[6], from[6]);
	WRITE_ONCE(to[7], from[7]);
	WRITE_ONCE(to[8], from[8]);
	flags |= who->id.flags;
	if (!who->id.lport)
		flags |= TCPSTATE_F_PARTIAL;
	WRITE_ONCE(rec->flags, flags);
}

#endif /* _TCPS_WHO_H */
