/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet that came to a listener, noted until the kernel is done with it.
 *
 * Knows CPUs and times; must not know what follows from a note.
 */
#ifndef _TCPS_NOTE_H
#define _TCPS_NOTE_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

#include "mib.h"
#include "who.h"

struct request_sock;

enum tcps_note_kind {
	TCPS_NOTE_NOTHING,
	TCPS_NOTE_SYN, /* tcp_v4_conn_request(), tcp_v6_conn_request() */
	TCPS_NOTE_ACK, /* tcp_check_req() */
	TCPS_NOTE_COOKIE, /* cookie_v4_check(), cookie_v6_check() */
};

/* Flags of a note. */
#define TCPS_NOTE_UNPROVEN \
	0x01 /* in the last quarter: its peer was asked for */
#define TCPS_NOTE_CHILD 0x02 /* a child was made */
#define TCPS_NOTE_DROPPED 0x04 /* the request will not wait on */
#define TCPS_NOTE_ALOOF 0x08 /* it did not come to this host alone */
#define TCPS_NOTE_FASTOPEN 0x10 /* its child is on its way to the queue */

/**
 * struct tcps_note - a packet that came to a listener
 *
 * Written by the owning CPU with interrupts off; while that is offline, by
 * others under a lock of note.c.
 *
 * @kind: enum tcps_note_kind; the rest is valid if it is not NOTHING
 * @flags: TCPS_NOTE_UNPROVEN ...
 * @uid: user of the listener
 * @listener: cookie of the listener
 * @net: namespace; alive: tcps_note_down()
 * @req: request, compared only
 * @req_cookie: of the request
 * @mib: what the kernel had counted
 * @no_routes: likewise
 * @synq: length of the listener's SYN queue
 * @acceptq: of its accept queue
 * @max: limit of both
 * @who: tuple of the packet, unless that of the request
 */
struct tcps_note {
	u8 kind;
	u8 flags;
	u32 uid;
	u64 listener;
	const struct net *net;
	const struct request_sock *req;
	u64 req_cookie;
	struct tcps_mib mib;
	u64 no_routes;
	u32 synq;
	u32 acceptq;
	u32 max;
	struct tcps_who who;
};

DECLARE_PER_CPU(struct tcps_note, tcps_notes);

void tcps_note_look_soon(void);

void tcps_note_down(void);
void tcps_note_forget(void);

void tcps_note_init(void (*settle)(struct tcps_note *note, int cpu));
void tcps_note_exit(void);

#endif /* _TCPS_NOTE_H */
