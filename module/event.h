/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event: something a hook saw, on its way to counters and recorder.
 *
 * Knows the table, the counters and the recorder; must not know the kernel's
 * objects, nor which hook saw it.
 */
#ifndef _TCPS_EVENT_H
#define _TCPS_EVENT_H

#include <linux/sched.h>
#include <linux/types.h>

#include "actor.h"
#include "compat.h"
#include "counters.h"
#include "ended.h"
#include "ledger.h"
#include "life.h"
#include "netns.h"
#include "recorder.h"
#include "storm.h"

/**
 * struct tcps_event - an event
 * @section: we are in it
 * @tn: our state of the network namespace
 * @cells: where this CPU counts of it
 * @bucket: of the connection's cookie; locked from tcps_event_lock() to
 *	tcps_event_unlock()
 * @carrier: kernel object
 */
struct tcps_event {
	struct tcps_section section;
	struct tcps_net *tn;
	struct tcps_cells *cells;
	struct tcps_bucket bucket;
	const void *carrier;
};

/**
 * tcps_event_begin() - enter the recorder
 * @event: result
 * @net: namespace of the object
 *
 * Return: false, and nothing is to be ended, if nothing is observed there.
 */
static __always_inline bool tcps_event_begin(struct tcps_event *event,
					     const struct net *net)
{
	tcps_recorder_enter(&event->section);
	event->tn = tcps_net_in_hook(net);
	if (likely(event->tn)) {
		event->cells = tcps_ledger_here(&event->tn->ledger);
		return true;
	}
	tcps_recorder_leave(&event->section);
	return false;
}

/**
 * tcps_event_end() - leave the recorder
 * @event: the event
 */
static __always_inline void tcps_event_end(const struct tcps_event *event)
{
	tcps_recorder_leave(&event->section);
}

/**
 * tcps_event_lock() - lock a connection
 * @event: the event
 * @cookie: the connection's
 * @carrier: kernel object
 *
 * Return: its entry, or NULL if there is none.
 */
static __always_inline struct tcps_life *
tcps_event_lock(struct tcps_event *event, u64 cookie, const void *carrier)
{
	struct tcps_life *life;

	event->carrier = carrier;
	tcps_table_lock(&event->bucket, cookie, &event->section.now);
	life = tcps_table_find(&event->bucket, carrier);
	/*
	 * Two CPUs can change one timewait sock: whoever came second may have
	 * read the clock first.
	 */
	if (life && unlikely(event->section.now <= life->since))
		event->section.now = max(ktime_get_ns(), life->since + 1);
	return life;
}

/**
 * tcps_event_unlock() - let a connection go
 * @event: the event
 */
static __always_inline void tcps_event_unlock(const struct tcps_event *event)
{
	tcps_table_unlock(&event->bucket);
}

/* Count in the cells of the namespace; field is one of struct tcps_cells. */
#define tcps_event_count(event, field) tcps_cell_inc((event)->cells->field)
#define tcps_event_uncount(event, field) tcps_cell_dec((event)->cells->field)

/**
 * tcps_event_lacks() - can what is unknown be one that found no room?
 * @event: begun
 *
 * Return: true if there are such ones in its namespace.
 */
static inline bool tcps_event_lacks(const struct tcps_event *event)
{
	return tcps_untracked_any(&event->tn->untracked);
}

struct tcps_life *tcps_event_make(struct tcps_event *event);
struct tcps_life *tcps_event_adopt(struct tcps_event *event, u8 state,
				   u8 carrier);
void tcps_event_resync(struct tcps_event *event, struct tcps_life *life,
		       u8 state);
void tcps_event_confirm(struct tcps_event *event, struct tcps_life *life,
			u8 state);
static __always_inline void tcps_event_set_actor(struct tcps_step *step,
						 u8 carrier)
{
	if (tcps_actor_is_here(step->cause, carrier)) {
		step->flags |= TCPSTATE_F_ACTOR;
		step->actor = current->tgid;
	}
}

static __always_inline void tcps_event_write_step(struct tcps_event *event,
						  const struct tcps_life *life,
						  const struct tcps_step *step)
{
	struct tcpstate_record *rec =
		tcps_recorder_open(&event->section, TCPS_LANE_MAIN);

	if (unlikely(!rec))
		return;
	tcps_life_write(life, step, rec);
	tcps_recorder_close(&event->section, TCPS_LANE_MAIN);
	tcps_event_count(event, records);
}

void tcps_event_write_life(struct tcps_recorder_cpu *rc,
			   const struct tcps_life *life, u64 now, u8 old,
			   u16 flags, u64 dwell_ns);

/* tcps_event_step(); plain as for tcps_life_step(). */
static __always_inline void tcps_event_step_inline(struct tcps_event *event,
						   struct tcps_life *life,
						   bool plain, u8 new, u8 cause)
{
	struct tcps_step step compat_unset;
	struct tcps_net *tn = event->tn;

	tcps_counters_transition(event->cells, life->state, new, cause);
	tcps_life_step(life, plain, new, cause, event->section.now, &step);
	if (likely(step.flags & TCPSTATE_F_DWELL))
		tcps_ledger_dwell(&tn->ledger, step.old, step.dwell_ns);
	tcps_event_set_actor(&step, life->who.carrier);
	tcps_event_write_step(event, life, &step);
	if (new == TCPSTATE_CLOSE)
		tcps_event_write_life(event->section.rc, life, step.now,
				      step.old, step.flags, step.dwell_ns);
}

void tcps_event_born(struct tcps_event *event, struct tcps_life *life,
		     u8 cause);
void tcps_event_step(struct tcps_event *event, struct tcps_life *life, u8 new,
		     u8 cause);
void tcps_event_birth(struct tcps_event *event, struct tcps_life *life, u8 new,
		      u8 cause);
void tcps_event_untracked(struct tcps_event *event, const struct tcps_who *who,
			  u8 old, u8 new, u8 cause);
u32 tcps_event_tell(struct tcps_event *event, struct tcps_storm *storm, u8 type,
		    u8 cause);
void tcps_event_rare(struct tcps_event *event, const struct tcps_who *who,
		     struct tcpstate_record *rec);
void tcps_event_segment(struct tcps_event *event, const struct tcps_who *who,
			struct tcpstate_record *rec);

void tcps_event_older(struct tcps_event *event, u8 state);

/* All that was there before we looked has been taken in, or is to be. */
void tcps_event_set_walked(bool is);
bool tcps_event_is_walked(void);

#endif /* _TCPS_EVENT_H */
