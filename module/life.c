// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a connection: how an entry of the table begins, goes on, is told
 * and ends.
 *
 * Knows entries and records; must not know sockets, counters or hooks. All
 * functions are called with the entry's group locked.
 */
#include "life.h"

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "broken.h"

/* Flags that belong to the connection, not to the one life. */
#define STAY (TCPSTATE_F_MAPPED | TCPSTATE_F_MPTCP)

/**
 * tcps_life_begin() - a new life, in CLOSE
 * @life: a new entry or a tombstone
 *
 * Owner and history of the last life are forgotten.
 */
void tcps_life_begin(struct tcps_life *life)
{
	struct tcps_identity *id = &life->who.id;

	if (id->life < U16_MAX)
		id->life++;
	id->flags &= STAY;
	id->tgid = 0;
	memset(id->comm, 0, sizeof(id->comm));
	life->state = TCPSTATE_CLOSE;
	life->mark = TCPS_MARK_NONE;
	life->why = TCPSTATE_CAUSE_NONE;
	life->flags = 0;
	life->seq = 0;
	life->steps = 0;
	memset(&life->path, 0, sizeof(life->path));
}

/**
 * tcps_life_adopt() - a life that began before we looked
 * @life: a new entry or a tombstone
 * @state: its present state
 */
void tcps_life_adopt(struct tcps_life *life, u8 state)
{
	tcps_life_begin(life);
	life->who.id.flags |= TCPSTATE_F_PREEXISTING;
	life->state = state;
	life->steps = tcps_path_enter(&life->path, 0, state,
				      TCPSTATE_CAUSE_NONE, life->who.carrier);
}

/* All that a record says of a connection but what happened to it. */
static void fill(const struct tcps_life *life, u64 now,
		 struct tcpstate_record *rec)
{
	memset(rec, 0, sizeof(*rec));
	rec->size = sizeof(*rec);
	rec->type = TCPSTATE_EVENT_STATE;
	rec->mono_ns = now;
	rec->cookie = life->cookie;
	tcps_who_record(&life->who, rec);
	rec->flags |= TCPSTATE_F_TRACKED;
	rec->state.cgroup = life->who.cgroup;
	if (life->flags & TCPS_SINCE) {
		rec->flags |= TCPSTATE_F_DWELL;
		rec->state.dwell_ns = now > life->since ? now - life->since : 0;
	}
}

/**
 * tcps_life_step() - a connection changes its state
 * @life: the connection
 * @new: state after
 * @cause: why
 * @now: time, later than that of its last step
 * @rec: result: the record of it
 *
 * A life that enters CLOSE has ended: tcps_life_end() tells it.
 */
void tcps_life_step(struct tcps_life *life, u8 new, u8 cause, u64 now,
		    struct tcpstate_record *rec)
{
	fill(life, now, rec);
	rec->old_state = TCPS_BROKEN_NOW(TCPS_LAW_CHAIN) ? TCPSTATE_LISTEN :
							   life->state;
	rec->new_state = new;
	rec->cause = cause;
	if (life->seq < U16_MAX)
		life->seq++;
	rec->state.life_seq = life->seq;
	if (new != TCPSTATE_CLOSE) {
		life->steps = tcps_path_leave(&life->path, life->steps,
					      rec->state.dwell_ns);
		life->steps = tcps_path_enter(&life->path, life->steps, new,
					      cause, life->who.carrier);
	}
	if (new == TCPSTATE_CLOSE)
		life->why = cause;
	life->state = new;
	life->since = now;
	life->flags |= TCPS_SINCE;
	life->mark = TCPS_MARK_NONE;
}

/**
 * tcps_life_tell() - the present state of a connection
 * @life: the connection
 * @now: time
 * @rec: result: a record whose old and new state are equal
 */
void tcps_life_tell(const struct tcps_life *life, u64 now,
		    struct tcpstate_record *rec)
{
	fill(life, now, rec);
	rec->old_state = life->state;
	rec->new_state = life->state;
	rec->cause = tcps_path_last_cause(&life->path, life->steps);
	rec->state.life_seq = life->seq;
}

/**
 * tcps_life_end() - tell a whole life
 * @life: the connection, in CLOSE
 * @last: the record of its last step
 * @rec: result
 */
void tcps_life_end(const struct tcps_life *life,
		   const struct tcpstate_record *last,
		   struct tcpstate_life_record *rec)
{
	memset(rec, 0, sizeof(*rec));
	rec->head = *last;
	memset(&rec->head.life_end, 0, sizeof(rec->head.life_end));
	rec->head.size = sizeof(*rec);
	rec->head.type = TCPSTATE_EVENT_LIFE;
	rec->head.flags &= ~(TCPSTATE_F_ACTOR | TCPSTATE_F_DWELL);
	rec->head.life_end.cgroup = life->who.cgroup;
	rec->head.life_end.transitions = life->seq;
	tcps_path_record(&life->path, life->steps, last->state.dwell_ns, rec);
}
