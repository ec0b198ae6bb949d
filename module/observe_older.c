// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that were there before anybody looked are taken in, each once:
 * at load, and whenever recording is switched on.
 *
 * Knows the kernel's objects and events; must not know where they were found.
 * The finder holds the lock of the hash chain in which the object stands: it
 * cannot end meanwhile, because the kernel takes it out of the chain before
 * (a full socket) or after (a timewait sock) our hook sees the end, and the
 * entry of one that ended stays until the walk is over.
 *
 * When recording is switched on again, all that is known is old. So all is
 * taken out of the books and each entry doubted; an event or the walk confirms
 * it, and what nobody confirmed is not there any more. An entry that an event
 * confirmed is right: the finder, which does not lock the object, must not
 * touch it.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/inet_timewait_sock.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "counters.h"
#include "event.h"
#include "listener.h"
#include "netns.h"
#include "observe.h"
#include "table.h"

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

/*
 * Nobody has looked at it since it was in the state that is remembered. What
 * stands in a hash chain has not ended: it lived again meanwhile.
 */
static bool is_forgotten(const struct tcps_life *life, const struct sock *sk)
{
	if (tcps_event_is_walked())
		return false;
	return life->flags & TCPS_DOUBTED ||
	       (life->state == TCPSTATE_CLOSE && !(life->flags & TCPS_UNBORN) &&
		sk_hashed(sk));
}

/*
 * Everything is visited twice, and what finds no room is counted the second
 * time. Set and read by the walk only.
 */
static bool is_last;

/* No room: it is counted all the same, as its end will be. */
static void count_only(struct tcps_event *event, u8 state)
{
	if (is_last && !tcps_event_is_walked())
		tcps_event_older(event, state);
}

/*
 * After all that is older was taken in, only what found no room is looked for,
 * and each event gave what it was about a cookie.
 */
static bool is_wanted(const struct tcps_event *event, const struct sock *sk)
{
	return !tcps_event_is_walked() ||
	       (tcps_event_lacks(event) && atomic64_read(&sk->sk_cookie));
}

/* A large group can have emptied the stock the first time. */
static void list_again(struct tcps_event *event, const struct tcps_life *life)
{
	struct tcps_untracked *untracked = &event->tn->untracked;
	u64 cookie = event->bucket.cookie;

	if (life->state != TCPSTATE_LISTEN || tcps_listener_find(cookie))
		return;
	if (tcps_listener_add(cookie, &life->who, event->tn->owner->account))
		tcps_untracked_row_done(untracked);
	else
		tcps_untracked_row_lacked(untracked);
}

/* A child can be on its way: what it belongs to is not settled. */
static bool is_wanted_sock(const struct tcps_event *event,
			   const struct sock *sk, u8 state)
{
	return is_wanted(event, sk) &&
	       (state != TCP_SYN_RECV || !tcps_event_is_walked());
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
	bool wanted;

	if (state == TCP_CLOSE || !tcps_event_begin(&event, sock_net(sk)))
		return;
	wanted = is_wanted_sock(&event, sk, state);
	if (!wanted && state != TCP_LISTEN)
		goto out;
	life = tcps_event_lock(&event, tcps_observe_cookie(sk), sk);
	if (life && is_forgotten(life, sk)) {
		if (life->state != state)
			tcps_who_set_sock(&life->who, sk);
		tcps_event_confirm(&event, life, state);
	} else if (wanted && !is_known(&event, sk, state == TCP_SYN_RECV) &&
		   !tcps_observe_adopt(&event, sk, state)) {
		count_only(&event, state);
	}
	if (life)
		list_again(&event, life);
	tcps_event_unlock(&event);
out:
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
	struct tcps_life *life;

	if (!tcps_event_begin(&event, read_pnet(&inet_rsk(req)->ireq_net)))
		return;
	if (!is_wanted(&event, sk))
		goto out;
	life = tcps_event_lock(&event, tcps_observe_cookie(sk), req);
	if (life && life->flags & TCPS_DOUBTED)
		tcps_event_confirm(&event, life, TCPSTATE_SYN_RECV);
	else if (!is_known(&event, req, true) &&
		 !tcps_observe_adopt_request(&event, req))
		count_only(&event, TCPSTATE_SYN_RECV);
	tcps_event_unlock(&event);
out:
	tcps_event_end(&event);
}

/*
 * One that ends leaves its chain after our hook saw the end, and then its entry
 * is gone; but its timer was stopped before. While all that is older is taken
 * in, the entry stays.
 */
static bool is_running(const struct inet_timewait_sock *tw)
{
	return !tcps_event_is_walked() || timer_pending(&tw->tw_timer);
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
	struct tcps_life *life;

	if (!tcps_event_begin(&event, twsk_net(tw)))
		return;
	if (!is_wanted(&event, sk))
		goto out;
	life = tcps_event_lock(&event, tcps_observe_cookie(sk), tw);
	if (life && life->flags & TCPS_DOUBTED)
		tcps_event_confirm(&event, life, state);
	else if (!life && is_running(tw) &&
		 !tcps_observe_adopt_timewait(&event, tw, state))
		count_only(&event, state);
	tcps_event_unlock(&event);
out:
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

/*
 * Its state is not known any more: it is taken out of the books until it shows
 * itself. The end of a sock that gave its connection to a timewait sock is not
 * waited for any longer: it came, and nobody looked.
 */
static void doubt(struct tcps_life *life, u64 now, void *data)
{
	life->flags &= ~TCPS_MOVED;
	if (life->state != TCPSTATE_CLOSE)
		life->flags |= TCPS_DOUBTED;
}

static bool is_stale(const struct tcps_life *life)
{
	return life->flags & TCPS_STALE;
}

/* Of what is in no entry nothing is known either. */
static void close_books(struct net *net, struct tcps_net *tn, void *data)
{
	struct tcps_cells *sum = data;
	struct tcps_gauge gauge;
	u8 state;

	memset(sum, 0, sizeof(*sum));
	tcps_ledger_fold(sum, &tn->ledger);
	for (state = 1; state < TCPSTATE_STATE_COUNT; state++) {
		if (state == TCPSTATE_CLOSE)
			continue;
		tcps_counters_gauge(&gauge, sum, state);
		tcps_cell_sub(
			READ_ONCE(tn->ledger.cells[0])->preexisting[state],
			gauge.now);
	}
	tcps_untracked_reset(&tn->untracked);
}

/**
 * tcps_observe_older_begin() - all is to be taken in once more
 *
 * No hook counts anything at present; and none has since it is not known what
 * became of what we knew. May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_observe_older_begin(void)
{
	struct tcps_cells *sum = kmalloc(sizeof(*sum), GFP_KERNEL);
	unsigned int group;

	if (!sum)
		return -ENOMEM;
	is_last = false;
	tcps_event_set_walked(false);
	tcps_observe_moved_forget();
	tcps_table_sweep(is_stale);
	for (group = 0; group < tcps_table_groups(); group++) {
		tcps_table_visit(group, false, doubt, NULL);
		cond_resched();
	}
	tcps_netns_walk(close_books, sum);
	kfree(sum);
	return 0;
}

/*
 * It was not found. Of a sock the end is remembered, because it can live again
 * as long as it is there.
 */
static void end_doubted(struct tcps_life *life, u64 now, void *data)
{
	if (!(life->flags & TCPS_DOUBTED) ||
	    life->who.carrier != TCPSTATE_CARRIER_SOCK)
		return;
	if (life->state == TCPSTATE_LISTEN)
		tcps_listener_remove(life->cookie);
	life->state = TCPSTATE_CLOSE;
	life->why = TCPSTATE_CAUSE_NONE;
	life->mark = TCPS_MARK_NONE;
	life->flags = 0;
}

static bool is_over(const struct tcps_life *life)
{
	return life->flags & TCPS_DOUBTED || is_spent(life);
}

/* All have been visited once. */
void tcps_observe_older_last(void)
{
	is_last = true;
}

/* All have been found: what is unknown from now on is not older. */
void tcps_observe_older_end(void)
{
	unsigned int group;

	tcps_event_set_walked(true);
	for (group = 0; group < tcps_table_groups(); group++) {
		tcps_table_visit(group, false, end_doubted, NULL);
		cond_resched();
	}
	tcps_table_sweep(is_over);
	tcps_table_note(TCPS_TABLE_NOTE_NONE);
}
