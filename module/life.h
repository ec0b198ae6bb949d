/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life table: what we remember of each connection between two events.
 *
 * Knows cookies, states and times; must not know sockets (a carrier is an
 * address to compare, never to follow), records or counters.
 */
#ifndef _TCPS_LIFE_H
#define _TCPS_LIFE_H

#include <linux/types.h>
#include <linux/tcpstate.h>

/**
 * struct tcps_owner - a process
 * @tgid: its id in the initial pid namespace, 0 if there is none
 * @comm: its name
 */
struct tcps_owner {
	u32 tgid;
	char comm[TCPSTATE_COMM_LEN];
};

/**
 * enum tcps_mark - what is about to change the state
 *
 * Set by a hook on a function that changes the state at once, under the same
 * socket lock; the next transition takes it.
 *
 * @TCPS_MARK_NONE: nothing is known
 * @TCPS_MARK_SHUTDOWN: tcp_shutdown()
 * @TCPS_MARK_DISCONNECT: tcp_disconnect()
 * @TCPS_MARK_RST: tcp_reset() for a segment with RST
 * @TCPS_MARK_DATA: tcp_reset() for data after shutdown()
 * @TCPS_MARK_RESET: tcp_reset(), one of the two
 */
enum tcps_mark {
	TCPS_MARK_NONE,
	TCPS_MARK_SHUTDOWN,
	TCPS_MARK_DISCONNECT,
	TCPS_MARK_RST,
	TCPS_MARK_DATA,
	TCPS_MARK_RESET,
};

/**
 * struct tcps_step - a transition, for the table
 * @cookie: socket cookie
 * @carrier: address of the kernel object, for comparison only
 * @now: time, ns
 * @owner: who owns it from now on; NULL if that does not change
 * @old: state before
 * @new: state after
 * @mark: result: what was marked for this transition
 */
struct tcps_step {
	u64 cookie;
	const void *carrier;
	u64 now;
	const struct tcps_owner *owner;
	u8 old;
	u8 new;
	u8 mark;
};

/**
 * struct tcps_view - what the table says of a transition
 * @dwell_ns: time in the old state, with %TCPSTATE_F_DWELL
 * @life: number of the life
 * @seq: number of the transition in it
 * @flags: TCPSTATE_F_TRACKED, _DWELL, _PREEXISTING, _OWNER
 * @adopted: the connection is older than the module and was seen first now
 * @owner: the owner, with %TCPSTATE_F_OWNER
 */
struct tcps_view {
	u64 dwell_ns;
	u16 life;
	u16 seq;
	u16 flags;
	bool adopted;
	struct tcps_owner owner;
};

/**
 * enum tcps_known - what tcps_life_know() found
 * @TCPS_UNKNOWN: no entry, and none was made
 * @TCPS_KNOWN: an entry
 * @TCPS_ADOPTED: none, and one was made for a connection older than the module
 */
enum tcps_known {
	TCPS_UNKNOWN,
	TCPS_KNOWN,
	TCPS_ADOPTED,
};

enum tcps_known tcps_life_know(u64 cookie, const void *carrier, u8 state);
bool tcps_life_step(struct tcps_step *step, struct tcps_view *view,
		    struct tcps_view *held);
void tcps_life_clone(const void *carrier, u64 now);
void tcps_life_hold(u64 cookie, const void *carrier);
bool tcps_life_release(u64 cookie, const void *carrier, u64 now,
		       struct tcps_view *view);
void tcps_life_mark(u64 cookie, const void *carrier, enum tcps_mark mark);
void tcps_life_own(u64 cookie, const void *carrier,
		   const struct tcps_owner *owner);
void tcps_life_forget(u64 cookie, const void *carrier);

/**
 * struct tcps_life_stats - state of the table
 * @entries: connections and tombstones in it
 * @full: how often there was no room
 * @resyncs: connections whose old state was not the one remembered
 */
struct tcps_life_stats {
	u64 entries;
	u64 full;
	u64 resyncs;
};

void tcps_life_stats(struct tcps_life_stats *stats);

int tcps_life_init(unsigned long max);
void tcps_life_quiet(void);
void tcps_life_exit(void);

#endif /* _TCPS_LIFE_H */
