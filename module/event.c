// SPDX-License-Identifier: GPL-2.0
/*
 * An event: something a hook saw, on its way to counters and recorder.
 *
 * Knows the table, the counters and the recorder; must not know the kernel's
 * objects, nor which hook saw it.
 *
 * All functions but begin and lock are called with the bucket locked, and what
 * they write is written under that lock: the records of one connection get
 * their times and their places in one order.
 */
#include "event.h"

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uidgid.h>

#include "compat.h"
#include "counters.h"
#include "gate.h"
#include "holders.h"
#include "owner.h"
#include "tell.h"

/* Written by init and by whoever switches recording on; read by hooks. */
static bool walked;

/* Does its namespace have all it may in this bucket, which is so deep? */
static noinline bool is_crowded(struct tcps_event *event, unsigned int depth)
{
	const struct tcps_life *life;
	unsigned int mine = 0;

	tcps_table_deep(depth);
	for (life = *event->bucket.head; life; life = life->next)
		mine += life->who.id.netns_gen == event->tn->gen;
	if (mine < TCPS_BUCKET_MAX)
		return false;
	tcps_event_count(event, crowded);
	return true;
}

/**
 * tcps_event_make() - a new entry, numbered after older ones of its cookie
 * @event: the event; no entry was found
 *
 * Return: the entry, in CLOSE and no life begun, or NULL without room.
 */
struct tcps_life *tcps_event_make(struct tcps_event *event)
{
	const struct tcps_life *other;
	struct tcps_life *life;
	unsigned int depth = 0;
	u16 lives = 0;

	for (other = *event->bucket.head; other; other = other->next) {
		if (other->cookie == event->bucket.cookie)
			lives = max(lives, other->who.id.life);
		depth++;
	}
	if (unlikely(depth >= TCPS_BUCKET_DEEP) && is_crowded(event, depth))
		return NULL;
	life = tcps_table_make(&event->bucket, event->carrier,
			       event->tn->owner->account);
	if (!life)
		return NULL;
	life->who.id.life = lives;
	tcps_who_set_net(&life->who, event->tn);
	return life;
}

/**
 * tcps_event_older() - there is no room for what began before we looked
 * @event: the event
 * @state: present state
 *
 * It is counted all the same, as its end will be.
 */
void tcps_event_older(struct tcps_event *event, u8 state)
{
	tcps_event_count(event, preexisting[state]);
	tcps_event_count(event, untracked);
	tcps_untracked_enter(&event->tn->untracked, state);
}

/**
 * tcps_event_adopt() - a new entry for what is unknown
 * @event: the event; no entry was found
 * @state: present state
 * @carrier: enum tcpstate_carrier
 *
 * It began before we looked; or it found no room once, and is counted already.
 * What was told of its cookie before recording was switched off is of a life
 * with a lower number, although its entry can have gone meanwhile.
 *
 * Return: the entry, or NULL without room.
 */
struct tcps_life *tcps_event_adopt(struct tcps_event *event, u8 state,
				   u8 carrier)
{
	struct tcps_life *life = tcps_event_make(event);
	bool counted = tcps_event_lacks(event);

	if (!life) {
		tcps_untracked_lacked(&event->tn->untracked);
		/* Until all is taken in, the walk will count it. */
		if (!counted && tcps_event_is_walked())
			tcps_event_older(event, state);
		return NULL;
	}
	life->who.carrier = carrier;
	life->who.id.life = max(life->who.id.life, tcps_table_noted());
	tcps_life_adopt(life, state);
	if (counted)
		tcps_untracked_leave(&event->tn->untracked, state);
	else
		tcps_event_count(event, preexisting[state]);
	return life;
}

/* It goes on as a life of its own, whose number no other of its cookie has. */
static void adopt_again(const struct tcps_event *event, struct tcps_life *life,
			u8 state)
{
	const struct tcps_life *other = NULL;

	while ((other = tcps_table_same(&event->bucket, other)))
		life->who.id.life = max(life->who.id.life, other->who.id.life);
	tcps_life_adopt(life, state);
}

/**
 * tcps_event_resync() - nothing was seen of a connection for a while
 * @event: the event
 * @life: its entry
 * @state: its present state, which is not the one remembered
 */
void tcps_event_resync(struct tcps_event *event, struct tcps_life *life,
		       u8 state)
{
	tcps_event_count(event, resyncs);
	tcps_event_uncount(event, preexisting[life->state]);
	tcps_event_count(event, preexisting[state]);
	if (life->state != TCPSTATE_CLOSE)
		tcps_untracked_unseen(&event->tn->untracked, life->state);
	adopt_again(event, life, state);
}

/**
 * tcps_event_confirm() - a connection is there of which nobody knew any more
 * @event: the event
 * @life: its entry, %TCPS_DOUBTED or a tombstone
 * @state: its present state
 *
 * It comes into the books again.
 */
void tcps_event_confirm(struct tcps_event *event, struct tcps_life *life,
			u8 state)
{
	u8 stays = life->flags & TCPS_MOVED;

	life->flags &= ~TCPS_DOUBTED;
	tcps_event_count(event, preexisting[state]);
	if (life->state == state)
		return;
	tcps_event_count(event, resyncs);
	adopt_again(event, life, state);
	life->flags |= stays;
}

/**
 * tcps_event_write_life() - record a life that has ended
 * @rc: where
 * @life: its entry
 * @now: CLOCK_MONOTONIC
 * @old: state before CLOSE
 * @flags: of the record of its last step
 * @dwell_ns: how long it was in that state
 *
 * By value, so that the event can stay in registers.
 */
void tcps_event_write_life(struct tcps_recorder_cpu *rc,
			   const struct tcps_life *life, u64 now, u8 old,
			   u16 flags, u64 dwell_ns)
{
	struct tcps_section section = { .rc = rc };
	struct tcps_life_raw *raw =
		tcps_recorder_open(&section, TCPS_LANE_LIVES);
	struct tcps_step last = {
		.now = now,
		.dwell_ns = dwell_ns,
		.flags = flags & ~(TCPSTATE_F_ACTOR | TCPSTATE_F_DWELL),
		.type = TCPSTATE_EVENT_LIFE,
		.old = old,
		.new = TCPSTATE_CLOSE,
		.cause = life->why,
	};

	if (unlikely(!raw))
		return;
	tcps_life_end(life, &last, raw);
	tcps_recorder_close(&section, TCPS_LANE_LIVES);
}

/**
 * tcps_event_step() - a connection changes its state
 * @event: the event
 * @life: its entry
 * @new: state after
 * @cause: why
 */
void tcps_event_step(struct tcps_event *event, struct tcps_life *life, u8 new,
		     u8 cause)
{
	tcps_event_step_inline(event, life, false, new, cause);
}

/**
 * tcps_event_birth() - count a birth now, record it later
 * @event: the event, which needs no time
 * @life: its entry, whose life has just begun
 * @new: state after
 * @cause: why
 *
 * For connect(), which changes the state before it knows the port.
 */
void tcps_event_birth(struct tcps_event *event, struct tcps_life *life, u8 new,
		      u8 cause)
{
	tcps_counters_transition(event->cells, life->state, new, cause);
	life->steps =
		tcps_path_enter(&life->path, 0, new, cause, life->who.carrier);
	life->state = new;
	life->seq = 1;
	life->flags = TCPS_HELD;
}

/**
 * tcps_event_born() - record a birth that was only counted
 * @event: the event; its time is that of the birth
 * @life: its entry
 * @cause: why, once more
 */
void tcps_event_born(struct tcps_event *event, struct tcps_life *life, u8 cause)
{
	struct tcps_step step = {
		.now = event->section.now,
		.flags = TCPSTATE_F_TRACKED,
		.type = TCPSTATE_EVENT_STATE,
		.old = TCPSTATE_CLOSE,
		.new = life->state,
		.cause = cause,
	};

	life->flags &= ~TCPS_HELD;
	life->flags |= TCPS_SINCE;
	life->since = event->section.now;
	tcps_event_set_actor(&step, life->who.carrier);
	tcps_event_write_step(event, life, &step);
}

static void keep_books(struct tcps_untracked *untracked, u8 old, u8 new)
{
	if (old == TCPSTATE_CLOSE)
		tcps_untracked_enter(untracked, new);
	else if (new == TCPSTATE_CLOSE)
		tcps_untracked_leave(untracked, old);
	else
		tcps_untracked_step(untracked, old, new);
}

/**
 * tcps_event_untracked() - a transition of a connection without an entry
 * @event: the event
 * @who: whose
 * @old: state before
 * @new: state after
 * @cause: why
 */
void tcps_event_untracked(struct tcps_event *event, const struct tcps_who *who,
			  u8 old, u8 new, u8 cause)
{
	struct tcpstate_record rec = {
		.size = sizeof(rec),
		.type = TCPSTATE_EVENT_STATE,
		.old_state = old,
		.new_state = new,
		.cause = cause,
		.mono_ns = event->section.now,
		.cookie = event->bucket.cookie,
		.state.cgroup = who->cgroup,
	};
	u16 flags = 0;

	tcps_event_count(event, untracked);
	tcps_counters_transition(event->cells, old, new, cause);
	keep_books(&event->tn->untracked, old, new);
	if (tcps_actor_is_here(cause, who->carrier)) {
		flags |= TCPSTATE_F_ACTOR;
		rec.state.actor = current->tgid;
	}
	tcps_who_write(who, flags, &rec);
	rec.netns_inum = event->tn->inum;
	rec.netns_gen = event->tn->gen;
	if (tcps_recorder_write(&event->section, TCPS_LANE_MAIN, &rec))
		tcps_event_count(event, records);
}

/**
 * tcps_event_tell() - count something that is no transition
 * @event: the event
 * @storm: to which it belongs; NULL: nothing is to be recorded
 * @type: enum tcpstate_event
 * @cause: why
 *
 * Needs no lock.
 *
 * Return: how many the record stands for that is to be written now, by
 * tcps_event_rare(); 0 if none is.
 */
u32 tcps_event_tell(struct tcps_event *event, struct tcps_storm *storm, u8 type,
		    u8 cause)
{
	tcps_counters_tell(event->cells, type, cause);
	return storm ? tcps_storm_pass(storm, event->section.now) : 0;
}

/* What all records have in common; the rest is the caller's already. */
static void fill(const struct tcps_event *event, const struct tcps_who *who,
		 struct tcpstate_record *rec)
{
	rec->size = sizeof(*rec);
	rec->mono_ns = event->section.now;
	tcps_who_write(who, rec->flags, rec);
	/* Without a tuple nothing of it is missing. */
	if (!rec->family)
		rec->flags &= ~TCPSTATE_F_PARTIAL;
	rec->netns_inum = event->tn->inum;
	rec->netns_gen = event->tn->gen;
}

/*
 * Whose it is in the rare lane. A user is the same one whenever he comes again;
 * his struct tcps_owner is a new one if all his namespaces had gone.
 */
static u64 holder_of(const struct tcps_owner *owner)
{
	if (owner->is_host)
		return TCPS_HOLDERS_HOST;
	if (uid_valid(owner->uid))
		return BIT_ULL(32) | __kuid_val(owner->uid);
	return TCPS_HOLDERS_HOST + 1 + owner->id;
}

/**
 * tcps_event_rare() - record something that is no transition
 * @event: the event
 * @who: whose
 * @rec: type, cause, cookie, states, flags of the event and union are the
 *	caller's, the rest is 0
 *
 * Needs no lock.
 */
void tcps_event_rare(struct tcps_event *event, const struct tcps_who *who,
		     struct tcpstate_record *rec)
{
	fill(event, who, rec);
	tcps_recorder_write_rare(&event->section, rec,
				 holder_of(event->tn->owner));
}

/**
 * tcps_event_segment() - record a segment
 * @event: the event
 * @who: whose
 * @rec: as for tcps_event_rare(), and the interface
 *
 * Needs no lock. Segments are no rare events, and nobody who did not ask gets
 * any.
 */
void tcps_event_segment(struct tcps_event *event, const struct tcps_who *who,
			struct tcpstate_record *rec)
{
	u32 ifindex = rec->ifindex;

	fill(event, who, rec);
	rec->ifindex = ifindex;
	tcps_recorder_write(&event->section, TCPS_LANE_MAIN, rec);
}

/**
 * tcps_event_set_walked() - what tcps_event_is_walked() is to say
 * @is: all has been taken in that was there before we looked
 */
void tcps_event_set_walked(bool is)
{
	WRITE_ONCE(walked, is);
}

/**
 * tcps_event_is_walked() - is all taken in that was there before we looked?
 *
 * Return: true if what is unknown is not older than that.
 */
bool tcps_event_is_walked(void)
{
	return READ_ONCE(walked);
}
