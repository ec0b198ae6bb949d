/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An entry of the table: what is kept of one connection.
 *
 * Must not know how entries are found, nor what happens to a connection.
 */
#ifndef _TCPS_ENTRY_H
#define _TCPS_ENTRY_H

#include <linux/types.h>
#include <linux/tcpstate.h>

#include "path.h"
#include "who.h"

/* Flags of an entry. */
#define TCPS_HELD 0x01 /* its birth is counted but not recorded yet */
#define TCPS_SINCE 0x02 /* since is known */
#define TCPS_UNBORN 0x04 /* child of a SYN cookie, not established yet */
#define TCPS_MOVED 0x08 /* in timewait; the end of its sock is to come */
#define TCPS_MIGRATING 0x10 /* its request is being cloned */
#define TCPS_ORPHANED 0x20 /* a child of its request died */
#define TCPS_STALE 0x40 /* the carrier is gone; kept for TCPS_MOVED */
#define TCPS_DOUBTED 0x80 /* nobody looked for a while: it is in no books */

/**
 * struct tcps_life - one connection
 *
 * All members are covered by the lock of its group. An entry whose connection
 * has ended is a tombstone, in state CLOSE.
 *
 * @next: in the bucket
 * @cookie: socket cookie, key
 * @carrier: kernel object that holds the connection; compared only. NULL while
 *	the object that takes it over has not shown itself
 * @since: when it entered @state, CLOCK_MONOTONIC
 * @who: what goes into its records
 * @state: present state; CLOSE in a tombstone
 * @mark: enum tcps_mark for the next transition
 * @why: enum tcpstate_cause that a request or timewait sock will end of, if
 *	it ends now; that a tombstone ended of
 * @flags: TCPS_HELD ...
 * @seq: transitions so far in this life
 * @steps: steps in @path
 * @account: that pays for the entry
 * @path: what it went through
 */
struct tcps_life {
	struct tcps_life *next;
	u64 cookie;
	const void *carrier;
	u64 since;
	struct tcps_who who;
	u8 state;
	u8 mark;
	u8 why;
	u8 flags;
	u16 seq;
	u8 steps;
	u8 account;
	struct tcps_path path;
};

#endif /* _TCPS_ENTRY_H */
