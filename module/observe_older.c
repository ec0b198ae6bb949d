// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that are older than the module are taken in, each once.
 *
 * Knows the kernel's objects and events; must not know where they were found.
 * The finder holds the lock of the hash chain in which the object stands: it
 * cannot end meanwhile, because the kernel takes it out of the chain before
 * (a full socket) or after (a timewait sock) our hook sees the end, and the
 * entry of one that ended stays until the walk is over.
 */
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/inet_timewait_sock.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "event.h"
#include "listener.h"
#include "observe.h"

/* Another object of the same connection is known: this one is on its way. */
static bool is_known(struct tcps_event *event, const void *carrier, bool child)
{
	const struct tcps_life *life = NULL;

	while ((life = tcps_table_same(&event->bucket, life))) {
		if (life->carrier == carrier || life->flags & TCPS_MOVED)
			return true;
		if (child && life->state == TCPSTATE_SYN_RECV)
			return true;
	}
	return false;
}

/* No room: it is counted all the same, as its end will be. */
static void count_only(struct tcps_event *event, u8 state)
{
	tcps_event_count(event, preexisting[state]);
	tcps_event_count(event, untracked);
}

/**
 * tcps_observe_older_sock() - a full socket was found
 * @sk: the socket, not locked, in a hash chain that is
 */
void tcps_observe_older_sock(const struct sock *sk)
{
	u8 state = inet_sk_state_load(sk);
	struct tcps_life *life;
	struct tcps_event event compat_unset;

	if (state == TCP_CLOSE || !tcps_event_begin(&event, sock_net(sk)))
		return;
	life = tcps_event_lock(&event, tcps_observe_cookie(sk), sk);
	if (!is_known(&event, sk, state == TCP_SYN_RECV) &&
	    !tcps_observe_adopt(&event, sk, state))
		count_only(&event, state);
	/* A large group can have emptied the stock the first time. */
	if (life && life->state == TCPSTATE_LISTEN)
		tcps_listener_add(event.bucket.cookie, &life->who);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_older_request() - a request was found
 * @req: the request, in a hash chain that is locked
 */
void tcps_observe_older_request(const struct request_sock *req)
{
	const struct sock *sk = req_to_sk((struct request_sock *)req);
	struct tcps_event event compat_unset;

	if (!tcps_event_begin(&event, read_pnet(&inet_rsk(req)->ireq_net)))
		return;
	tcps_event_lock(&event, tcps_observe_cookie(sk), req);
	if (!is_known(&event, req, true) &&
	    !tcps_observe_adopt_request(&event, req))
		count_only(&event, TCPSTATE_SYN_RECV);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

/**
 * tcps_observe_older_timewait() - a timewait sock was found
 * @tw: the timewait sock, in a hash chain that is locked
 */
void tcps_observe_older_timewait(const struct inet_timewait_sock *tw)
{
	const struct sock *sk = (const struct sock *)tw;
	u8 state = READ_ONCE(tw->tw_substate);
	struct tcps_event event compat_unset;

	if (!tcps_event_begin(&event, twsk_net(tw)))
		return;
	if (!tcps_event_lock(&event, tcps_observe_cookie(sk), tw) &&
	    !tcps_observe_adopt_timewait(&event, tw, state))
		count_only(&event, state);
	tcps_event_unlock(&event);
	tcps_event_end(&event);
}

static bool is_spent(const struct tcps_life *life)
{
	return life->state == TCPSTATE_CLOSE && !(life->flags & TCPS_MOVED) &&
	       life->who.carrier == TCPSTATE_CARRIER_TIMEWAIT;
}

/* Make room for those that will be found next; may sleep. */
void tcps_observe_older_room(void)
{
	tcps_table_refill();
	tcps_listener_refill();
}

/* All have been found: what is unknown from now on is not older. */
void tcps_observe_older_end(void)
{
	tcps_event_walked();
	tcps_table_sweep(is_spent);
}
