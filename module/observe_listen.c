// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of packets that come to a listener: SYNs and third packets that
 * are refused, SYN cookies.
 *
 * Knows listeners, packets and events; must not know which hook calls, nor who
 * reads.
 *
 * The kernel refuses in silence: it counts, and returns. So what comes to a
 * listener is noted, with what the kernel had counted on this CPU so far, and
 * is looked at again when the kernel is done with it: by then its own counters
 * tell what it did. It works on one such packet at a time on each CPU, with
 * softirqs off from before our hook until after it has counted; so one note for
 * each CPU will do. A note is looked at by the hook that ends it, by the next
 * one of its kind on this CPU, by a timer if it is likely to tell something,
 * and before anyone looks at counters. One that was answered in the usual way
 * is dropped before.
 */
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/inet_connection_sock.h>
#include <net/ip6_route.h>
#include <net/request_sock.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "event.h"
#include "gate.h"
#include "listener.h"
#include "mib.h"
#include "note.h"
#include "observe.h"

/* The tuple of a request that is still there. */
static void set_who_of_request(struct tcps_event *event, struct tcps_note *note)
{
	const struct tcps_life *life;

	memset(&note->who, 0, sizeof(note->who));
	life = tcps_event_lock(event, note->req_cookie, note->req);
	/* Another CPU can have completed it meanwhile. */
	if (!life)
		life = tcps_table_same(&event->bucket, NULL);
	if (life)
		note->who = life->who;
	tcps_event_unlock(event);
}

/* It belongs to whoever listens. */
static void set_owner(struct tcps_note *note, const struct tcps_listener *owner)
{
	struct tcps_who *who = &note->who;

	who->id.life = 0;
	who->id.tgid = 0;
	memset(who->id.comm, 0, sizeof(who->id.comm));
	who->id.flags &= TCPSTATE_F_MAPPED | TCPSTATE_F_MPTCP;
	who->id.uid = note->uid;
	if (owner)
		tcps_who_inherit(who, &owner->who);
}

static void record(struct tcps_event *event, struct tcps_note *note, u8 type,
		   u8 cause, u32 stands_for)
{
	struct tcpstate_record rec = {
		.type = type,
		.cause = cause,
		.old_state = TCPSTATE_LISTEN,
		.new_state = TCPSTATE_LISTEN,
		.cookie = note->listener,
		.flags = TCPSTATE_F_INCOMING,
		.refusal.synq = note->synq,
		.refusal.synq_max = note->max,
		.refusal.acceptq = note->acceptq,
		.refusal.acceptq_max = note->max,
		.refusal.stands_for = stands_for,
		.refusal.backlog =
			READ_ONCE(note->net->ipv4.sysctl_max_syn_backlog),
	};

	note->who.carrier = TCPSTATE_CARRIER_NONE;
	if (type == TCPSTATE_EVENT_ACCEPT_DROP) {
		rec.old_state = TCPSTATE_SYN_RECV;
		rec.new_state = TCPSTATE_CLOSE;
		/* It waits on; the next ACK, or its timer, will tell. */
		if (note->req && !(note->flags & TCPS_NOTE_DROPPED)) {
			rec.new_state = TCPSTATE_SYN_RECV;
			note->who.carrier = TCPSTATE_CARRIER_REQUEST;
		}
	}
	tcps_event_rare(event, &note->who, &rec);
}

/* It was counted; perhaps it is to be recorded too. */
static noinline void tell_more(struct tcps_note *note,
			       struct tcps_listener *listener,
			       struct tcps_storm *storm, u8 type, u8 cause)
{
	struct tcps_event event compat_unset;
	u32 stands_for;

	if (!tcps_event_begin(&event, note->net))
		return;
	stands_for = tcps_storm_pass(storm, event.section.now);
	if (stands_for) {
		if (note->kind == TCPS_NOTE_ACK)
			set_who_of_request(&event, note);
		set_owner(note, listener);
		record(&event, note, type, cause, stands_for);
	}
	tcps_event_end(&event);
}

static __always_inline void tell(struct tcps_note *note, enum tcps_net_storm nr,
				 u8 type, u8 cause)
{
	struct tcps_net *tn = tcps_net_in_hook(note->net);
	struct tcps_listener *listener;
	struct tcps_storm *storm;

	if (!tn)
		return;
	tcps_counters_tell(tcps_ledger_here(&tn->ledger), type, cause);
	listener = tcps_listener_find(note->listener);
	storm = &tn->storm[nr];
	if (likely(listener)) {
		storm = &listener->storm[nr];
		tcps_listener_tell(listener, type, cause);
		tcps_listener_high(&listener->synq_high, note->synq);
		tcps_listener_high(&listener->acceptq_high, note->acceptq);
	}
	if (!tcps_storm_is_dry(storm))
		tell_more(note, listener, storm, type, cause);
}

static __always_inline void tell_refused_syn(struct tcps_note *note, u8 cause)
{
	tell(note, TCPS_STORM_SYN_DROP, TCPSTATE_EVENT_SYN_DROP, cause);
}

static noinline void tell_cookie(struct tcps_note *note, u8 cause)
{
	tell(note, TCPS_STORM_COOKIE, TCPSTATE_EVENT_COOKIE, cause);
}

/* Refused before it had a request; what had one ends in syn_freed(). */
static __always_inline void settle_syn(struct tcps_note *note,
				       const struct tcps_mib *now)
{
	if (now->sent != note->mib.sent)
		tell_cookie(note, TCPSTATE_CAUSE_COOKIE_SENT);
	else if (now->drops == note->mib.drops)
		return;
	else if (now->full != note->mib.full)
		tell_refused_syn(note, TCPSTATE_CAUSE_SYN_QUEUE_FULL);
	else if (now->overflows != note->mib.overflows)
		tell_refused_syn(note, TCPSTATE_CAUSE_ACCEPT_QUEUE_FULL);
	else
		/* Fast Open: the listener was closed when its child was there. */
		tell_refused_syn(note, note->flags & (TCPS_NOTE_ALOOF |
						      TCPS_NOTE_CHILD) ?
					       TCPSTATE_CAUSE_OTHER :
					       TCPSTATE_CAUSE_NO_MEMORY);
}

/* By itself, so that the usual flood of SYNs needs less of a stack. */
static noinline void settle_ack(struct tcps_note *note, int cpu)
{
	u8 cause = TCPSTATE_CAUSE_NO_MEMORY;
	struct tcps_mib now;

	tcps_mib_take(&now, true, tcps_mib_of(note->net, cpu));
	if (note->kind != TCPS_NOTE_COOKIE)
		;
	else if (now.valid != note->mib.valid)
		tell_cookie(note, TCPSTATE_CAUSE_COOKIE_VALID);
	else if (now.failed != note->mib.failed)
		tell_cookie(note, TCPSTATE_CAUSE_COOKIE_FAILED);
	if (now.drops == note->mib.drops)
		return;
	if (now.overflows != note->mib.overflows)
		cause = TCPSTATE_CAUSE_ACCEPT_QUEUE_FULL;
	else if (note->flags & TCPS_NOTE_CHILD)
		cause = TCPSTATE_CAUSE_OTHER;
	tell(note, TCPS_STORM_ACCEPT_DROP, TCPSTATE_EVENT_ACCEPT_DROP, cause);
}

/* See what became of a packet. Interrupts are off. */
static void settle(struct tcps_note *note, int cpu)
{
	struct tcps_mib now compat_unset;

	switch (note->kind) {
	case TCPS_NOTE_NOTHING:
		return;
	case TCPS_NOTE_SYN:
		tcps_mib_take(&now, false, tcps_mib_of(note->net, cpu));
		settle_syn(note, &now);
		break;
	default:
		settle_ack(note, cpu);
		break;
	}
	note->kind = TCPS_NOTE_NOTHING;
}

static __always_inline void set_listener(struct tcps_note *note,
					 const struct sock *listener)
{
	note->listener = tcps_observe_cookie(listener);
	note->uid = __kuid_val(compat_sk_uid(listener));
	note->net = sock_net(listener);
	note->synq = inet_csk_reqsk_queue_len(listener);
	note->acceptq = READ_ONCE(listener->sk_ack_backlog);
	note->max = READ_ONCE(listener->sk_max_ack_backlog);
}

/* A new note. Interrupts are off. Returns NULL if there is nothing to note. */
static __always_inline struct tcps_note *begin(enum tcps_note_kind kind,
					       const struct sock *listener)
{
	struct tcps_note *note = this_cpu_ptr(&tcps_notes);
	const struct net *net = sock_net(listener);
	const struct tcps_net *tn;

	if (unlikely(note->kind != TCPS_NOTE_NOTHING))
		settle(note, smp_processor_id());
	tn = tcps_net_in_hook(net);
	/* Asked again, because it may have been shut since. */
	if (unlikely(!tn || READ_ONCE(tn->dying) || !tcps_gate_open()))
		return NULL;
	note->kind = kind;
	note->flags = 0;
	note->req = NULL;
	set_listener(note, listener);
	tcps_mib_take(&note->mib, kind == TCPS_NOTE_COOKIE, tcps_mib_here(net));
	return note;
}

static bool is_observed(const struct sock *listener)
{
	return listener->sk_protocol == IPPROTO_TCP && tcps_gate_open();
}

/* Whether the kernel takes it for one to this host alone. */
static bool is_unicast(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (skb->protocol == htons(ETH_P_IPV6))
		return ipv6_unicast_destination(skb);
#endif
	return !(skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST));
}

/**
 * tcps_observe_syn() - tcp_v4_conn_request() or tcp_v6_conn_request() begins
 * @listener: the listener
 * @skb: the SYN
 */
void tcps_observe_syn(const struct sock *listener, const struct sk_buff *skb)
{
	unsigned long flags;
	struct tcps_note *note;

	if (listener->sk_protocol != IPPROTO_TCP)
		return;
	local_irq_save(flags);
	note = begin(TCPS_NOTE_SYN, listener);
	if (note) {
		tcps_who_set_packet(&note->who, listener, skb);
		if (unlikely(!is_unicast(skb)))
			note->flags |= TCPS_NOTE_ALOOF;
		note->no_routes =
			tcps_mib_no_routes(note->net, note->who.family);
		if (unlikely(note->synq > note->max ||
			     note->acceptq > note->max))
			tcps_note_look_soon();
	}
	local_irq_restore(flags);
}

/**
 * tcps_observe_unsigned() - a segment is dropped for its signature
 * @sk: whose it would have been; NULL if nobody's
 * @skb: the segment
 *
 * Only SYNs to a listener are told: of others it is seen that they did not
 * come.
 */
void tcps_observe_unsigned(const struct sock *sk, const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcps_note note = { .kind = TCPS_NOTE_SYN };
	unsigned long flags;

	if (!sk || sk->sk_state != TCP_LISTEN || !is_observed(sk) || !th->syn ||
	    th->ack || th->rst)
		return;
	local_irq_save(flags);
	set_listener(&note, sk);
	tcps_who_set_packet(&note.who, sk, skb);
	tell_refused_syn(&note, TCPSTATE_CAUSE_AUTH);
	local_irq_restore(flags);
}

static bool is_from(const struct tcps_who *who, const struct request_sock *req)
{
	const struct inet_request_sock *ireq = inet_rsk(req);

	if (who->id.lport != ireq->ir_num ||
	    who->id.rport != ntohs(ireq->ir_rmt_port))
		return false;
#if IS_ENABLED(CONFIG_IPV6)
	if (who->family == AF_INET6)
		return !memcmp(who->id.raddr, &ireq->ir_v6_rmt_addr,
			       sizeof(ireq->ir_v6_rmt_addr));
#endif
	return !memcmp(who->id.raddr, &ireq->ir_rmt_addr,
		       sizeof(ireq->ir_rmt_addr));
}

/* The SYN for which this request was made. */
static struct tcps_note *syn_of(const struct request_sock *req)
{
	struct tcps_note *note = this_cpu_ptr(&tcps_notes);

	return note->kind == TCPS_NOTE_SYN && is_from(&note->who, req) ? note :
									 NULL;
}

/**
 * tcps_observe_syn_mptcp() - was it a SYN of MPTCP?
 * @req: a request of a listener that speaks it, made just now; interrupts are off
 *
 * Return: the flag or 0; if the SYN was not seen that which the child can mend.
 */
u16 tcps_observe_syn_mptcp(const struct request_sock *req)
{
	const struct tcps_note *note = syn_of(req);

	return note ? note->who.id.flags & TCPSTATE_F_MPTCP : TCPSTATE_F_MPTCP;
}

/**
 * tcps_observe_unproven() - tcp_peer_is_proven() begins
 * @req: request of a SYN that is refused unless it is
 */
void tcps_observe_unproven(const struct request_sock *req)
{
	unsigned long flags;
	struct tcps_note *note;

	local_irq_save(flags);
	note = syn_of(req);
	if (note)
		note->flags |= TCPS_NOTE_UNPROVEN;
	local_irq_restore(flags);
}

/**
 * tcps_observe_syn_freed() - a request that never stood in the queue is freed
 * @req: the request
 *
 * It got a cookie, or is refused, which the kernel will count now; or it is
 * long over.
 */
void tcps_observe_syn_freed(const struct request_sock *req)
{
	struct tcps_mib now;
	unsigned long flags;
	struct tcps_note *note;

	local_irq_save(flags);
	note = syn_of(req);
	/* That of a child is freed if it is refused, or long after. */
	if (!note || note->flags & TCPS_NOTE_FASTOPEN)
		goto out;
	tcps_mib_take(&now, false, tcps_mib_here(note->net));
	if (now.sent != note->mib.sent)
		tell_cookie(note, TCPSTATE_CAUSE_COOKIE_SENT);
	/* The kernel counts after this: it was another SYN that it refused. */
	else if (now.drops != note->mib.drops)
		settle_syn(note, &now);
	else if (note->flags & TCPS_NOTE_CHILD)
		tell_refused_syn(note, TCPSTATE_CAUSE_OTHER);
	else if (note->flags & TCPS_NOTE_UNPROVEN)
		tell_refused_syn(note, TCPSTATE_CAUSE_LAST_QUARTER);
	else if (tcps_mib_no_routes(note->net, note->who.family) !=
		 note->no_routes)
		tell_refused_syn(note, TCPSTATE_CAUSE_NO_ROUTE);
	/*
	 * A security module is asked before a route is looked for. But IPv6 does
	 * not count each route that it cannot take, nor leaves other traces.
	 */
	else if (note->who.family == AF_INET6)
		tell_refused_syn(note, TCPSTATE_CAUSE_OTHER);
	else
		tell_refused_syn(note, TCPSTATE_CAUSE_FILTERED);
	note->kind = TCPS_NOTE_NOTHING;
out:
	local_irq_restore(flags);
}

/* All went as usual: a SYN got its request, an ACK its child. */
void tcps_observe_listen_done(void)
{
	this_cpu_write(tcps_notes.kind, TCPS_NOTE_NOTHING);
}

/**
 * tcps_observe_ack() - tcp_check_req() begins
 * @listener: the listener
 * @req: a request of it
 */
void tcps_observe_ack(const struct sock *listener,
		      const struct request_sock *req)
{
	unsigned long flags;
	struct tcps_note *note;

	local_irq_save(flags);
	note = begin(TCPS_NOTE_ACK, listener);
	if (note) {
		note->req = req;
		note->req_cookie = atomic64_read(&inet_rsk(req)->ir_cookie);
		if (unlikely(note->acceptq > note->max))
			tcps_note_look_soon();
	}
	local_irq_restore(flags);
}

/**
 * tcps_observe_cookie_ack() - cookie_v4_check() or cookie_v6_check() begins
 * @listener: the listener
 * @skb: a packet that belongs to no request
 */
void tcps_observe_cookie_ack(const struct sock *listener,
			     const struct sk_buff *skb)
{
	unsigned long flags;
	struct tcps_note *note;

	if (!is_observed(listener))
		return;
	local_irq_save(flags);
	note = begin(TCPS_NOTE_COOKIE, listener);
	if (note) {
		tcps_who_set_packet(&note->who, listener, skb);
		tcps_note_look_soon();
	}
	local_irq_restore(flags);
}

/* A child was made, by whatever came last on this CPU. */
void tcps_observe_listen_child(void)
{
	this_cpu_or(tcps_notes.flags, TCPS_NOTE_CHILD);
}

/**
 * tcps_observe_listen_fastopen() - a child of Fast Open comes to the queue
 * @listener: its listener; closed by now: the SYN is refused, and counted later
 */
void tcps_observe_listen_fastopen(const struct sock *listener)
{
	unsigned long flags;

	local_irq_save(flags);
	this_cpu_or(tcps_notes.flags, TCPS_NOTE_FASTOPEN);
	if (inet_sk_state_load(listener) != TCP_LISTEN)
		tcps_note_look_soon();
	local_irq_restore(flags);
}

/**
 * tcps_observe_listen_settle() - the kernel has decided
 * @req: the request is about to be dropped; NULL: a child was made
 */
void tcps_observe_listen_settle(const struct request_sock *req)
{
	unsigned long flags;
	struct tcps_note *note;

	local_irq_save(flags);
	note = this_cpu_ptr(&tcps_notes);
	if (note->kind == TCPS_NOTE_ACK && note->req == req)
		note->flags |= TCPS_NOTE_DROPPED;
	settle(note, smp_processor_id());
	local_irq_restore(flags);
}

void tcps_observe_listen_init(void)
{
	tcps_note_init(settle);
}
