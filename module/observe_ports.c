// SPDX-License-Identifier: GPL-2.0
/*
 * That no local port was to be had becomes an event.
 *
 * Knows sockets and events; must not know which hook calls, nor who reads.
 */
#include <linux/errno.h>
#include <linux/tcpstate.h>
#include <net/sock.h>

#include "compat.h"
#include "counters.h"
#include "event.h"
#include "gate.h"
#include "observe.h"

static void tell(struct tcps_event *event, const struct tcps_who *who,
		 const struct net *net, struct tcpstate_record *rec)
{
	rec->type = TCPSTATE_EVENT_PORTS_EXHAUSTED;
	rec->ports.stands_for =
		tcps_event_tell(event, &event->tn->storm[TCPS_STORM_PORTS],
				rec->type, rec->cause);
	if (!rec->ports.stands_for)
		return;
	compat_local_ports(net, &rec->ports.low, &rec->ports.high);
	tcps_event_rare(event, who, rec);
}

/**
 * tcps_observe_no_port() - connect() fails for want of a port
 * @event: locked
 * @life: its entry, in SYN_SENT, before its last step
 * @net: its namespace
 * @had_one: it was bound to a port beforehand
 */
void tcps_observe_no_port(struct tcps_event *event,
			  const struct tcps_life *life, const struct net *net,
			  bool had_one)
{
	struct tcpstate_record rec = {
		.cause = had_one ? TCPSTATE_CAUSE_TUPLE_TAKEN :
				   TCPSTATE_CAUSE_RANGE_USED,
		.old_state = life->state,
		.new_state = life->state,
		.cookie = life->cookie,
		.flags = TCPSTATE_F_TRACKED,
		.ports.error = EADDRNOTAVAIL,
	};

	tell(event, &life->who, net, &rec);
}

/**
 * tcps_observe_bind_failed() - bind() to port 0, or listen() without bind(),
 *	found no port
 * @sk: the socket, locked
 */
void tcps_observe_bind_failed(const struct sock *sk)
{
	struct tcpstate_record rec = {
		.cause = TCPSTATE_CAUSE_BIND,
		.old_state = sk->sk_state,
		.new_state = sk->sk_state,
		.ports.error = EADDRINUSE,
	};
	struct tcps_who who = {};
	struct tcps_event event compat_unset;

	if (sk->sk_protocol != IPPROTO_TCP || !tcps_gate_open() ||
	    !tcps_event_begin(&event, sock_net(sk)))
		return;
	tcps_who_set_sock(&who, sk);
	who.id.lport = 0;
	if (!sk->sk_kern_sock)
		tcps_who_own(&who);
	rec.cookie = tcps_observe_cookie(sk);
	tell(&event, &who, sock_net(sk), &rec);
	tcps_event_end(&event);
}
