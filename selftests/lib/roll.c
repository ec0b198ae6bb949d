// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the roll, and calls it.
 */
#include "roll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/**
 * struct roll_entry - a connection
 * @last: its last transition in the stream that has everything, so far
 * @at_look: the last one before the reader was told of it, or could have been
 * @at_looked: the last one before the reader had been told of all
 * @call: the roll call that what follows belongs to
 * @snapshots: how often it was told as alive
 * @snapshot: the last time
 * @first: number of the first transition that the reader was told, 0 for none
 * @seq: of the last
 */
struct roll_entry {
	struct tcpstate_record last;
	struct tcpstate_record at_look;
	struct tcpstate_record at_looked;
	unsigned int call;
	unsigned int snapshots;
	struct tcpstate_record snapshot;
	unsigned int first;
	unsigned int seq;
};

static size_t hash(__u64 cookie, unsigned int life)
{
	__u64 h = (cookie * 64 + life) * 0x9e3779b97f4a7c15ULL;

	return h ^ h >> 29;
}

static struct roll_entry *slot(struct roll_entry *entry, size_t room,
			       const struct tcpstate_record *r)
{
	size_t i = hash(r->cookie, r->life) & (room - 1);

	while (entry[i].last.cookie &&
	       (entry[i].last.cookie != r->cookie || entry[i].last.life != r->life))
		i = (i + 1) & (room - 1);
	return &entry[i];
}

static void grow(struct roll *roll)
{
	size_t room = roll->room ? 2 * roll->room : 1024;
	struct roll_entry *entry = calloc(room, sizeof(*entry));

	if (!entry)
		abort();
	for (size_t i = 0; i < roll->room; i++)
		if (roll->entry[i].last.cookie)
			*slot(entry, room, &roll->entry[i].last) = roll->entry[i];
	free(roll->entry);
	roll->entry = entry;
	roll->room = room;
}

/* The entry of a connection, which is made if it is new. */
static struct roll_entry *find(struct roll *roll, const struct tcpstate_record *r)
{
	struct roll_entry *e;

	if (2 * roll->count >= roll->room)
		grow(roll);
	e = slot(roll->entry, roll->room, r);
	if (!e->last.cookie) {
		roll->count++;
		e->last.cookie = r->cookie;
		e->last.life = r->life;
		e->last.new_state = TCPSTATE_CLOSE;
	}
	if (e->call != roll->call) {
		e->call = roll->call;
		e->at_look = e->last;
		e->at_looked = e->last;
		e->snapshots = 0;
		e->first = 0;
		e->seq = 0;
	}
	return e;
}

static unsigned int wrong(const struct tcpstate_record *r, const char *what)
{
	printf("# cookie %llu life %u seq %u in %s, ports %u %u: %s\n",
	       (unsigned long long)r->cookie, r->life, r->state.life_seq,
	       state_name(r->new_state), r->lport, r->rport, what);
	return 1;
}

static void take(struct roll_entry *e, const struct tcpstate_record *r,
		 const struct roll_call *call)
{
	__u64 look = e->snapshots ? e->snapshot.mono_ns : call->looked;

	e->last = *r;
	if (r->mono_ns <= look)
		e->at_look = *r;
	if (r->mono_ns <= call->looked)
		e->at_looked = *r;
}

/* Up to the end of the call. */
static void keep(struct roll *roll, const struct roll_call *call, bool before)
{
	__u64 until = before ? call->begin : call->end;

	for (; roll->taken < roll->all.count; roll->taken++) {
		const struct tcpstate_record *r = &roll->all.rec[roll->taken];

		if (r->mono_ns > until)
			break;
		if (r->type == TCPSTATE_EVENT_STATE)
			take(find(roll, r), r, call);
	}
}

/* One record of the reader. */
static unsigned int hear(struct roll *roll, const struct tcpstate_record *r)
{
	struct roll_entry *e = find(roll, r);
	unsigned int bad = 0;

	if (r->flags & TCPSTATE_F_SNAPSHOT) {
		if (e->snapshots++)
			bad += wrong(r, "told as alive twice");
		if (e->first)
			bad += wrong(r, "told as alive after transitions");
		e->snapshot = *r;
		e->seq = r->state.life_seq;
		return bad;
	}
	if (!e->first) {
		e->first = r->state.life_seq;
		if (!e->snapshots && (e->first != 1 || r->old_state != TCPSTATE_CLOSE))
			bad += wrong(r, "neither told as alive nor born");
	}
	if ((e->snapshots || e->first != r->state.life_seq) && r->state.life_seq != e->seq + 1)
		bad += wrong(r, "does not follow what was told before");
	e->seq = r->state.life_seq;
	return bad;
}

static bool same_ends(const struct tcpstate_record *a, const struct tcpstate_record *b)
{
	return a->family == b->family && a->lport == b->lport && a->rport == b->rport &&
	       a->netns_gen == b->netns_gen && !memcmp(a->laddr, b->laddr, 16) &&
	       !memcmp(a->raddr, b->raddr, 16);
}

static unsigned int check_snapshot(const struct roll_entry *e)
{
	const struct tcpstate_record *s = &e->snapshot, *r = &e->at_look;
	unsigned int bad = 0;

	if (s->old_state != s->new_state || s->new_state == TCPSTATE_CLOSE)
		bad += wrong(s, "no state to be alive in");
	if (s->state.life_seq != r->state.life_seq || s->new_state != r->new_state)
		bad += wrong(s, "was in another state at that moment") +
		       wrong(r, "namely this one");
	else if (!same_ends(s, r) && r->lport)
		bad += wrong(s, "has other ends in the stream");
	if (s->new_state == r->new_state && s->cause != r->cause)
		bad += wrong(s, "has another cause in the stream");
	return bad;
}

static unsigned int check(const struct roll_entry *e)
{
	unsigned int bad = e->snapshots ? check_snapshot(e) : 0;
	const struct tcpstate_record *r = &e->last;

	if (e->snapshots || e->first) {
		if (e->seq != r->state.life_seq)
			bad += wrong(r, "was the last one, but not told");
		return bad;
	}
	/* Whatever lived on after the look, or was born then, had to be told. */
	if (e->at_looked.new_state != TCPSTATE_CLOSE)
		bad += wrong(r, "was alive, but not told");
	else if (r->state.life_seq != e->at_looked.state.life_seq)
		bad += wrong(r, "was born, but not told");
	return bad;
}

struct roll_result roll_call(struct roll *roll, const struct roll_call *call)
{
	struct roll_result result = { 0 };

	keep(roll, call, true);
	roll->call++;
	for (size_t i = 0; i < call->rec.count; i++) {
		const struct tcpstate_record *r = &call->rec.rec[i];

		if (r->type == TCPSTATE_EVENT_LOST)
			result.wrong += wrong(r, "records were lost");
		if (r->type == TCPSTATE_EVENT_STATE && r->mono_ns <= call->end)
			result.wrong += hear(roll, r);
	}
	keep(roll, call, false);
	for (size_t i = 0; i < roll->room; i++) {
		const struct roll_entry *e = &roll->entry[i];
		bool touched = e->call == roll->call;

		if (!e->last.cookie || (!touched && e->last.new_state == TCPSTATE_CLOSE))
			continue;
		if (!touched || (call->wanted && !call->wanted(&e->last) && !e->snapshots &&
				 !e->first)) {
			if (!touched && (!call->wanted || call->wanted(&e->last)))
				result.wrong += wrong(&e->last, "is alive, but not told");
			continue;
		}
		if (call->wanted && !call->wanted(&e->last))
			result.wrong += wrong(&e->last, "was not wanted");
		result.snapshots += e->snapshots;
		result.changed += e->snapshots && e->first;
		result.born += !e->snapshots && e->first;
		result.wrong += check(e);
	}
	return result;
}

void roll_free(struct roll *roll)
{
	records_free(&roll->all);
	free(roll->entry);
	memset(roll, 0, sizeof(*roll));
}
