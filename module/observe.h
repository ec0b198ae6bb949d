/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one funnel: what a hook saw becomes a count and a record.
 *
 * What hooks call, and what the parts of the funnel call of one another. Knows
 * the kernel's objects and events; must not know which hook calls, nor who
 * reads.
 */
#ifndef _TCPS_OBSERVE_H
#define _TCPS_OBSERVE_H

#include <linux/types.h>
#include <net/sock.h>

struct inet_timewait_sock;
struct net;
struct net_device;
struct request_sock;
struct sk_buff;
struct tcps_event;
struct tcps_life;
struct tcps_who;

/* Full sockets: their states (observe_sock.c). */
void tcps_observe_state(const struct sock *sk, int from, int to);
void tcps_observe_connect(const struct sock *sk);
void tcps_observe_destroy(const struct sock *sk);

/* Full sockets that came to a listener (observe_child.c). */
void tcps_observe_child(const struct sock *listener,
			const struct request_sock *req,
			const struct sock *child, unsigned long caller);

/* Full sockets: what will change them (observe_mark.c). */
void tcps_observe_shutdown(const struct sock *sk, int how);
void tcps_observe_disconnect(const struct sock *sk);
void tcps_observe_reset(const struct sock *sk, const struct sk_buff *skb,
			unsigned long caller);
void tcps_observe_active_reset(const struct sock *sk);
void tcps_observe_abort(const struct sock *sk);
void tcps_observe_failed(const struct sock *sk, unsigned long caller);
void tcps_observe_time_wait(const struct sock *sk);
void tcps_observe_graft(const struct sock *sk);

/* RSTs (observe_reset.c). */
void tcps_observe_reset_sent(const struct sock *sk, u32 reason,
			     unsigned long caller);
void tcps_observe_reset_reply(const struct sock *sk, const struct sk_buff *skb,
			      u32 reason, unsigned long caller);

/* Memory (observe_memory.c). */
void tcps_observe_pressure(const struct sock *sk);
void tcps_observe_memory_init(void);
void tcps_observe_memory_exit(void);

/* Ports (observe_ports.c). */
void tcps_observe_bind_failed(const struct sock *sk);

/* Requests (observe_request.c). */
void tcps_observe_request(const struct sock *listener,
			  const struct request_sock *req);
void tcps_observe_drop(const struct request_sock *req, bool and_put,
		       unsigned long caller);
void tcps_observe_unlink(const struct request_sock *req, unsigned long caller);
void tcps_observe_check_req(const struct sock *listener,
			    const struct request_sock *req,
			    const struct sk_buff *skb);
void tcps_observe_complete(const struct sock *listener,
			   const struct request_sock *req,
			   const struct sock *child);
void tcps_observe_migrate(const struct request_sock *req,
			  const struct sock *listener);
void tcps_observe_request_end(const struct request_sock *req);

/* SYNs and SYN-ACKs that are sent again (observe_again.c). */
void tcps_observe_syn_again(const struct sock *sk, const struct sk_buff *skb);
void tcps_observe_synack_by(const struct sock *sk,
			    const struct request_sock *req, bool timer);
void tcps_observe_synack(const struct sock *sk, const struct request_sock *req);

/* Packets that come to a listener (observe_listen.c). */
void tcps_observe_syn(const struct sock *listener, const struct sk_buff *skb);
void tcps_observe_unproven(const struct request_sock *req);
void tcps_observe_unsigned(const struct sock *sk, const struct sk_buff *skb);
void tcps_observe_cookie_ack(const struct sock *listener,
			     const struct sk_buff *skb);
void tcps_observe_listen_init(void);

/* Timewait socks (observe_timewait.c). */
void tcps_observe_timewait(const struct inet_timewait_sock *tw,
			   const struct sock *sk);
void tcps_observe_timewait_again(const struct inet_timewait_sock *tw);
void tcps_observe_timewait_packet(const struct inet_timewait_sock *tw,
				  const struct sk_buff *skb);
void tcps_observe_timewait_drop(const struct inet_timewait_sock *tw,
				unsigned long caller);
void tcps_observe_timewait_end(const struct inet_timewait_sock *tw,
			       unsigned long caller);

/* Packets with SYN, FIN or RST (observe_segment.c). */
void tcps_observe_segment_in(struct net *net, struct sk_buff *skb, u8 family);
void tcps_observe_segment_out(struct net *net, struct sk_buff *skb, u8 family,
			      const struct net_device *dev);

/* What was there before the module (observe_older.c). */
void tcps_observe_older_sock(const struct sock *sk);
void tcps_observe_older_request(const struct request_sock *req);
void tcps_observe_older_timewait(const struct inet_timewait_sock *tw);
int tcps_observe_older_begin(void);
void tcps_observe_older_room(void);
void tcps_observe_older_last(void);
void tcps_observe_older_end(void);

/**
 * struct tcps_waiting - what tcp_time_wait() is about to take
 * @cookie: of the connection; 0 if nothing
 * @mark: enum tcps_mark
 *
 * Written by softirqs of the owning CPU.
 */
struct tcps_waiting {
	u64 cookie;
	u8 mark;
};

DECLARE_PER_CPU(struct tcps_waiting, tcps_waiting);

/* Among the parts of the funnel. */
u8 tcps_observe_waiting(u64 cookie);
u64 tcps_observe_new_cookie(const struct sock *sk);

/**
 * tcps_observe_cookie() - the cookie of a socket, request or timewait sock
 * @sk: it, alive
 *
 * Return: its cookie, made now if nobody asked before.
 */
static __always_inline u64 tcps_observe_cookie(const struct sock *sk)
{
	u64 cookie = atomic64_read(&sk->sk_cookie);

	return likely(cookie) ? cookie : tcps_observe_new_cookie(sk);
}

u32 tcps_observe_marks(void);
bool tcps_observe_drops(void);
bool tcps_observe_missed(void);
const struct tcps_who *tcps_observe_listener(struct tcps_event *event,
					     const struct sock *listener,
					     struct tcps_who *room);
void tcps_observe_list(struct tcps_event *event, const struct tcps_who *who);
struct tcps_life *tcps_observe_adopt(struct tcps_event *event,
				     const struct sock *sk, u8 state);
struct tcps_life *tcps_observe_know(struct tcps_event *event,
				    const struct request_sock *req);
struct tcps_life *tcps_observe_adopt_request(struct tcps_event *event,
					     const struct request_sock *req);
struct tcps_life *
tcps_observe_adopt_timewait(struct tcps_event *event,
			    const struct inet_timewait_sock *tw, u8 state);
struct tcps_life *tcps_observe_claim(struct tcps_event *event,
				     const struct sock *sk);
void tcps_observe_totals(struct tcps_life *life, const struct sock *sk);
void tcps_observe_clone(const struct sock *sk);
bool tcps_observe_unknown_child(struct tcps_event *event, const struct sock *sk,
				u8 new, struct tcps_life **found);
bool tcps_observe_unborn(struct tcps_event *event, struct tcps_life *life,
			 u8 new);
bool tcps_observe_moved(const struct sock *sk);
void tcps_observe_moved_forget(void);
void tcps_observe_queued(struct tcps_life *life, const struct sock *listener,
			 u64 now);
void tcps_observe_requeued(const struct sock *child,
			   const struct sock *listener);
void tcps_observe_comes_to(struct tcps_life *life, const struct sock *listener);
void tcps_observe_taken(const struct request_sock *req);
void tcps_observe_ack(const struct sock *listener,
		      const struct request_sock *req);
void tcps_observe_syn_freed(const struct request_sock *req);
u16 tcps_observe_syn_mptcp(const struct request_sock *req);
void tcps_observe_listen_child(void);
void tcps_observe_listen_done(void);
void tcps_observe_listen_fastopen(const struct sock *listener);
void tcps_observe_listen_settle(const struct request_sock *req);
void tcps_observe_no_timewait(struct tcps_event *event,
			      const struct tcps_life *life,
			      const struct net *net, u8 cause);
void tcps_observe_no_port(struct tcps_event *event,
			  const struct tcps_life *life, const struct net *net,
			  bool had_one);
void tcps_observe_reset_received(const struct sock *sk,
				 const struct sk_buff *skb);
void tcps_observe_reset_ended(struct tcps_event *event,
			      const struct tcps_life *life);
bool tcps_observe_reset_follows(struct tcps_event *event,
				const struct tcps_life *life,
				const struct sock *sk, u8 cause, u8 mark);

#endif /* _TCPS_OBSERVE_H */
