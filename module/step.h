/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A step of a life, and the record of it.
 *
 * Knows entries and records; must not know sockets, counters, rings or hooks.
 * All functions are called with the entry's group locked. They are inline
 * because each transition comes here.
 */
#ifndef _TCPS_STEP_H
#define _TCPS_STEP_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

#include "broken.h"
#include "life.h"

/**
 * struct tcps_step - a step of a life, beside what its entry says
 * @now: CLOCK_MONOTONIC
 * @dwell_ns: how long it was in the state before; 0 if that is not known
 * @actor: process whose system call it was; 0 if none
 * @flags: TCPSTATE_F_* of the record
 * @type: enum tcpstate_event
 * @old: state before
 * @new: state after
 * @cause: why
 */
struct tcps_step {
	u64 now;
	u64 dwell_ns;
	u32 actor;
	u16 flags;
	u8 type;
	u8 old;
	u8 new;
	u8 cause;
};

/**
 * tcps_life_dwell() - how long it has been in its state
 * @life: the connection
 * @step: result; its time is there already
 */
static __always_inline void tcps_life_dwell(const struct tcps_life *life,
					    struct tcps_step *step)
{
	step->dwell_ns = 0;
	step->flags = TCPSTATE_F_TRACKED;
	if (likely(life->flags & TCPS_SINCE)) {
		step->flags |= TCPSTATE_F_DWELL;
		if (likely(step->now > life->since))
			step->dwell_ns = step->now - life->since;
	}
}

/**
 * tcps_life_is_plain() - is all known that there is to know of it?
 * @life: the connection
 *
 * Return: false if it is in any of the conditions that flags stand for.
 */
static __always_inline bool tcps_life_is_plain(const struct tcps_life *life)
{
	return life->flags == TCPS_SINCE;
}

/**
 * tcps_life_step() - a connection changes its state
 * @life: the connection
 * @plain: tcps_life_is_plain(), and there is no mark
 * @new: state after
 * @cause: why
 * @now: time, later than that of its last step
 * @step: result
 *
 * A life that enters CLOSE has ended: tcps_life_end() tells it.
 */
static __always_inline void tcps_life_step(struct tcps_life *life, bool plain,
					   u8 new, u8 cause, u64 now,
					   struct tcps_step *step)
{
	step->type = TCPSTATE_EVENT_STATE;
	step->now = now;
	step->actor = 0;
	step->old = TCPS_BROKEN_NOW(TCPS_LAW_CHAIN) ? TCPSTATE_LISTEN :
						      life->state;
	step->new = new;
	step->cause = cause;
	if (plain) {
		step->flags = TCPSTATE_F_TRACKED | TCPSTATE_F_DWELL;
		step->dwell_ns = now - life->since;
	} else {
		tcps_life_dwell(life, step);
		life->flags |= TCPS_SINCE;
		life->mark = TCPS_MARK_NONE;
	}
	if (likely(life->seq < U16_MAX))
		life->seq++;
	if (new != TCPSTATE_CLOSE) {
		unsigned long steps = tcps_path_leave(&life->path, life->steps,
						      step->dwell_ns);

		life->steps = tcps_path_enter(&life->path, steps, new, cause,
					      life->who.carrier);
	} else {
		life->why = cause;
	}
	life->state = new;
	life->since = now;
}

/* What records of a life have in common; the union is the caller's. */
static __always_inline void tcps_life_write_head(const struct tcps_life *life,
						 const struct tcps_step *step,
						 struct tcpstate_record *rec)
{
	WRITE_ONCE(rec->type, step->type);
	WRITE_ONCE(rec->old_state, step->old);
	WRITE_ONCE(rec->new_state, step->new);
	WRITE_ONCE(rec->cause, step->cause);
	WRITE_ONCE(rec->seq, 0);
	WRITE_ONCE(rec->mono_ns, step->now);
	WRITE_ONCE(rec->cookie, life->cookie);
	tcps_who_write(&life->who, step->flags, rec);
}

/**
 * tcps_life_write() - write the record of a step
 * @life: the connection, after it
 * @step: the step
 * @rec: result, perhaps a slot of a ring that is being read
 */
static __always_inline void tcps_life_write(const struct tcps_life *life,
					    const struct tcps_step *step,
					    struct tcpstate_record *rec)
{
	WRITE_ONCE(rec->size, sizeof(*rec));
	tcps_life_write_head(life, step, rec);
	WRITE_ONCE(rec->state.dwell_ns, step->dwell_ns);
	WRITE_ONCE(rec->state.cgroup, life->who.cgroup);
	WRITE_ONCE(rec->state.actor, step->actor);
	WRITE_ONCE(rec->state.life_seq, life->seq);
	WRITE_ONCE(rec->state.reserved, 0);
}

/**
 * tcps_life_tell() - the present state of a connection
 * @life: the connection
 * @now: time
 * @step: result: a step whose old and new state are equal
 */
static inline void tcps_life_tell(const struct tcps_life *life, u64 now,
				  struct tcps_step *step)
{
	step->type = TCPSTATE_EVENT_STATE;
	step->now = now;
	step->actor = 0;
	step->old = life->state;
	step->new = life->state;
	step->cause = tcps_path_last_cause(&life->path, life->steps);
	tcps_life_dwell(life, step);
}

#endif /* _TCPS_STEP_H */
