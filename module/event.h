/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event: something a hook saw, on its way to counters and recorder.
 *
 * Knows the table, the counters and the recorder; must not know the kernel's
 * objects, nor which hook saw it.
 */
#ifndef _TCPS_EVENT_H
#define _TCPS_EVENT_H

#include <linux/types.h>

#include "life.h"
#include "netns.h"
#include "recorder.h"
#include "storm.h"

/**
 * struct tcps_event - an event
 * @section: we are in it
 * @tn: our state of the network namespace
 * @bucket: locked, from tcps_event_lock() to tcps_event_unlock()
 * @cookie: the connection's
 * @carrier: kernel object
 */
struct tcps_event {
	struct tcps_section section;
	struct tcps_net *tn;
	struct tcps_bucket bucket;
	u64 cookie;
	const void *carrier;
};

bool tcps_event_begin(struct tcps_event *event, const struct net *net);
struct tcps_life *tcps_event_lock(struct tcps_event *event, u64 cookie,
				  const void *carrier);
void tcps_event_unlock(struct tcps_event *event);
void tcps_event_end(struct tcps_event *event);

/* Count in the cells of the namespace; field is one of struct tcps_cells. */
#define tcps_event_count(event, field) __this_cpu_inc((event)->tn->cells->field)

struct tcps_life *tcps_event_make(struct tcps_event *event);
struct tcps_life *tcps_event_adopt(struct tcps_event *event, u8 state,
				   u8 carrier);
void tcps_event_resync(struct tcps_event *event, struct tcps_life *life,
		       u8 state);
void tcps_event_step(struct tcps_event *event, struct tcps_life *life, u8 new,
		     u8 cause);
void tcps_event_birth(struct tcps_event *event, struct tcps_life *life, u8 new,
		      u8 cause);
void tcps_event_born(struct tcps_event *event, struct tcps_life *life);
void tcps_event_untracked(struct tcps_event *event, const struct tcps_who *who,
			  u8 old, u8 new, u8 cause);
u32 tcps_event_tell(struct tcps_event *event, struct tcps_storm *storm, u8 type,
		    u8 cause);
void tcps_event_rare(struct tcps_event *event, const struct tcps_who *who,
		     struct tcpstate_record *rec);
void tcps_event_segment(struct tcps_event *event, const struct tcps_who *who,
			struct tcpstate_record *rec);

/* Set once all that was older than the module has been taken in. */
void tcps_event_walked(void);
bool tcps_event_is_walked(void);

bool tcps_cause_is_syscall(u8 cause);

#endif /* _TCPS_EVENT_H */
