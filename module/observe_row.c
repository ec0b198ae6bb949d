// SPDX-License-Identifier: GPL-2.0
/*
 * Rows of the list of listeners, as the funnel uses them: who listens, and what
 * comes to whom.
 *
 * Knows sockets and listeners; must not know which hook calls, nor who reads.
 */
#include <linux/string.h>
#include <net/sock.h>

#include "event.h"
#include "listener.h"
#include "observe.h"

/**
 * tcps_observe_list() - a socket listens
 * @event: locked
 * @who: address and owner
 */
void tcps_observe_list(struct tcps_event *event, const struct tcps_who *who)
{
	if (!tcps_listener_add(event->bucket.cookie, who,
			       event->tn->owner->account))
		tcps_untracked_row(&event->tn->untracked);
}

/**
 * tcps_observe_listener() - who listens?
 * @event: begun, nothing locked
 * @listener: the listener
 * @room: for the answer, if it is not kept where it can be read later
 *
 * Return: the answer, valid until tcps_event_end(); without an owner if that is
 * not known.
 */
const struct tcps_who *tcps_observe_listener(struct tcps_event *event,
					     const struct sock *listener,
					     struct tcps_who *room)
{
	u64 cookie = tcps_observe_cookie(listener);
	struct tcps_listener *known = tcps_listener_find(cookie);
	struct tcps_life *life;

	/* listen() without bind() got its port after it was told: see below. */
	if (likely(known && known->who.id.lport))
		return &known->who;
	memset(room, 0, sizeof(*room));
	life = tcps_event_lock(event, cookie, listener);
	if (life) {
		if (!life->who.id.lport)
			tcps_who_set_sock(&life->who, listener);
		*room = life->who;
	}
	tcps_event_unlock(event);
	return room;
}

/**
 * tcps_observe_queued() - a connection comes to the accept queue
 * @life: its entry, locked
 * @listener: the listener
 * @now: CLOCK_MONOTONIC
 */
void tcps_observe_queued(struct tcps_life *life, const struct sock *listener,
			 u64 now)
{
	u64 cookie = tcps_observe_cookie(listener);
	struct tcps_listener *whose = tcps_listener_find(cookie);

	life->path.listener = cookie;
	life->path.queued = now;
	if (whose)
		tcps_listener_high(&whose->acceptq_high,
				   READ_ONCE(listener->sk_ack_backlog) + 1);
}

/**
 * tcps_observe_comes_to() - a connection comes to another listener
 * @life: its entry, locked
 * @listener: which
 *
 * Until somebody calls accept() it is its owner's.
 */
void tcps_observe_comes_to(struct tcps_life *life, const struct sock *listener)
{
	struct tcps_listener *whose =
		tcps_listener_find(tcps_observe_cookie(listener));

	tcps_who_pass_on(&life->who, whose ? &whose->who : NULL);
}
