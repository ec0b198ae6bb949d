/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The list of listeners: who listens, and what came of those who asked.
 *
 * Knows keys and numbers; must not know sockets, packets or hooks.
 */
#ifndef _TCPS_LISTENER_H
#define _TCPS_LISTENER_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "counters.h"
#include "histogram.h"
#include "netns.h"
#include "storm.h"
#include "tell.h"
#include "who.h"

/* The first of enum tcps_net_storm are those that belong to a listener. */
#define TCPS_LISTENER_STORMS (TCPS_STORM_SYNACK + 1)

/**
 * struct tcps_listener - one listener
 *
 * Found without a lock, in an RCU read section, for which interrupts off will
 * do. What has no other word is constant while it is in the list.
 *
 * @next: in the list or in the stock; under the lock of listener.c, read
 *	without
 * @retired: the next of those that went; under that lock
 * @cookie: socket cookie, key
 * @who: address and owner
 * @account: that pays for it
 * @told: events that are no transition, in order of tcps_tells; atomic
 * @accepted: connections that accept() gave to a process; atomic
 * @expired: half-open connections that ended by timer; atomic
 * @synq_high: most requests in the SYN queue that were seen; atomic, grows
 * @acceptq_high: most connections in the accept queue that were seen; likewise
 * @storm: of its events, by enum tcps_net_storm; see struct tcps_storm
 * @wait: from the accept queue to accept(); see struct tcps_histogram
 */
struct tcps_listener {
	struct tcps_listener *next;
	struct tcps_listener *retired;
	u64 cookie;
	struct tcps_who who;
	u8 account;
	atomic64_t told[TCPS_TELLS_MAX];
	atomic64_t accepted;
	atomic64_t expired;
	atomic_t synq_high;
	atomic_t acceptq_high;
	struct tcps_storm storm[TCPS_LISTENER_STORMS];
	struct tcps_histogram wait;
};

struct tcps_listener *tcps_listener_find(u64 cookie);
bool tcps_listener_add(u64 cookie, const struct tcps_who *who, u8 account);
bool tcps_listener_remove(u64 cookie);
bool tcps_listener_room(u8 account);

/**
 * tcps_listener_tell() - count an event that is no transition
 * @listener: of which
 * @event: enum tcpstate_event
 * @cause: why
 */
static __always_inline void tcps_listener_tell(struct tcps_listener *listener,
					       u8 event, u8 cause)
{
	int tell = tcps_counters_tell_of(event, cause);

	if (likely(tell >= 0))
		atomic64_inc(&listener->told[tell]);
}

/**
 * tcps_listener_high() - a queue was seen so long
 * @high: its high-water mark
 * @length: of the queue
 */
static inline void tcps_listener_high(atomic_t *high, int length)
{
	int seen = atomic_read(high);

	while (unlikely(length > seen) &&
	       !atomic_try_cmpxchg(high, &seen, length))
		;
}

void tcps_listener_each(void (*each)(struct tcps_listener *listener,
				     void *data),
			void *data);

/**
 * struct tcps_listener_stats - state of the list
 * @listeners: in it
 * @max: it may hold
 * @full: how often there was no room
 */
struct tcps_listener_stats {
	u64 listeners;
	u64 max;
	u64 full;
};

void tcps_listener_stats(struct tcps_listener_stats *stats);

int tcps_listener_init(unsigned int max);
void tcps_listener_refill(void);
void tcps_listener_exit(void);

#endif /* _TCPS_LISTENER_H */
