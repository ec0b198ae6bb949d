// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - the rows of one chart: from an event of a connection to what
 * its ends did. See ladder.h.
 *
 * This file owns when two events are one row: a segment that was seen leaving at
 * one end and arriving at the other. It must not know other connections.
 */
#include "ladder.h"

#include <string.h>

/* What tells segments apart; others may be changed on the way (ECN). */
#define FLAGS (LADDER_FIN | LADDER_SYN | LADDER_RST | LADDER_ACK)

/* Without room for all the first and the latest stay. */
static struct ladder_row *new_row(struct ladder_connection *c, uint64_t ns,
				  enum ladder_kind kind, unsigned int end)
{
	struct ladder_row *row;

	if (c->nr_rows == LADDER_ROWS) {
		memmove(&c->row[LADDER_FIRST], &c->row[LADDER_FIRST + 1],
			(LADDER_ROWS - LADDER_FIRST - 1) * sizeof(c->row[0]));
		c->nr_rows--;
		c->cut++;
	}
	row = &c->row[c->nr_rows++];
	memset(row, 0, sizeof(*row));
	row->ns = ns;
	row->kind = kind;
	row->end = end;
	return row;
}

/* Who opened it, as far as this transition tells. */
static void learn_opener(struct ladder_connection *c, unsigned int local,
			 const struct tcps_event *e)
{
	if (c->opener != LADDER_NOBODY || e->old_state != TCPS_CLOSE)
		return;
	if (e->new_state == TCPS_SYN_SENT)
		c->opener = local;
	else if (e->new_state == TCPS_SYN_RECV || e->cause == TCPS_CAUSE_COOKIE)
		c->opener = !local;
}

/* Who accepted is told later than who listens, and is the better answer. */
static void learn_owner(struct ladder_end *end, const struct tcps_event *e)
{
	bool has = end->flags & TCPS_F_OWNER;
	bool was_listener = end->flags & TCPS_F_OWNER_LISTENER;

	end->uid = e->uid;
	if (!(e->flags & TCPS_F_OWNER) ||
	    (has && !was_listener && e->flags & TCPS_F_OWNER_LISTENER))
		return;
	end->flags = e->flags;
	end->pid = e->pid;
	memcpy(end->comm, e->comm, sizeof(end->comm));
}

static void add_state(struct ladder_connection *c, unsigned int local,
		      const struct tcps_event *e)
{
	struct ladder_row *row = new_row(c, e->mono_ns, LADDER_STATE, local);
	struct ladder_end *end = &c->end[local];

	row->state.before = end->has_state ? end->state : 0;
	row->state.old_state = e->old_state;
	row->state.new_state = e->new_state;
	row->state.cause = e->cause;
	row->state.has_dwell = e->flags & TCPS_F_DWELL;
	row->state.dwell_ns = e->state.dwell_ns;

	end->has_state = true;
	end->state = e->new_state;
	end->cookie = e->cookie;
	end->life = e->life;
	learn_opener(c, local, e);
	learn_owner(end, e);
}

static bool is_arrival_of(const struct ladder_row *row, unsigned int sender,
			  const struct tcps_event *e)
{
	if (row->kind != LADDER_SEGMENT || row->end != sender ||
	    !row->segment.left || row->segment.arrived)
		return false;
	if (row->segment.seq != e->segment.seq ||
	    row->segment.ack != e->segment.ack ||
	    (row->segment.flags ^ e->segment.tcp_flags) & FLAGS)
		return false;
	/* One that was sent again has another time stamp. */
	return !row->segment.has_timestamp || !e->segment.has_timestamp ||
	       row->segment.tsval == e->segment.tsval;
}

/* The latest that it can be: of those that were sent again the first was lost. */
static bool join(struct ladder_connection *c, unsigned int sender,
		 const struct tcps_event *e)
{
	unsigned int i = c->nr_rows;

	while (i-- > 0) {
		if (!is_arrival_of(&c->row[i], sender, e))
			continue;
		c->row[i].segment.arrived = true;
		c->row[i].segment.arrived_ns = e->mono_ns;
		return true;
	}
	return false;
}

/* The place of its FIN, or of its SYN, in the sequence of the sender. */
static uint32_t place(uint32_t seq, uint16_t len, uint8_t flags)
{
	return flags & LADDER_FIN ? seq + len : seq;
}

/*
 * How many before it had the same SYN or FIN. Where two SYNs cross, each is sent
 * once more with the ACK: that is no retransmission.
 */
static unsigned int count_again(const struct ladder_connection *c,
				unsigned int sender, const struct tcps_event *e)
{
	uint8_t which = e->segment.tcp_flags & (LADDER_SYN | LADDER_FIN);
	uint32_t at = place(e->segment.seq, e->segment.len, which);
	unsigned int i = c->nr_rows;
	const struct ladder_row *row;

	if (!which || e->segment.tcp_flags & LADDER_RST)
		return 0;
	while (i-- > 0) {
		row = &c->row[i];
		if (row->kind == LADDER_SEGMENT && row->end == sender &&
		    !((row->segment.flags ^ e->segment.tcp_flags) & FLAGS) &&
		    place(row->segment.seq, row->segment.len, which) == at)
			return row->segment.again < UINT16_MAX ?
				       row->segment.again + 1 :
				       UINT16_MAX;
	}
	return 0;
}

static void learn_isn(struct ladder_connection *c, unsigned int sender,
		      const struct tcps_event *e)
{
	struct ladder_end *end = &c->end[sender];
	uint8_t flags = e->segment.tcp_flags;

	if (flags & (LADDER_FIN | LADDER_RST))
		end->closes = true;
	if (!(flags & LADDER_SYN) || flags & LADDER_RST)
		return;
	if (!end->has_isn) {
		end->has_isn = true;
		end->isn = e->segment.seq;
	}
	if (c->opener == LADDER_NOBODY)
		c->opener = flags & LADDER_ACK ? !sender : sender;
}

static void add_segment(struct ladder_connection *c, unsigned int local,
			const struct tcps_event *e)
{
	bool incoming = e->flags & TCPS_F_INCOMING;
	unsigned int sender = incoming ? !local : local;
	struct ladder_row *row;
	unsigned int again;

	c->end[local].segments++;
	if (incoming && join(c, sender, e))
		return;

	learn_isn(c, sender, e);
	again = count_again(c, sender, e);
	row = new_row(c, e->mono_ns, LADDER_SEGMENT, sender);
	row->segment.seq = e->segment.seq;
	row->segment.ack = e->segment.ack;
	row->segment.tsval = e->segment.tsval;
	row->segment.tsecr = e->segment.tsecr;
	row->segment.window = e->segment.window;
	row->segment.len = e->segment.len;
	row->segment.mss = e->segment.mss;
	row->segment.wscale = e->segment.wscale;
	row->segment.flags = e->segment.tcp_flags;
	row->segment.has_mss = e->segment.has_mss;
	row->segment.has_wscale = e->segment.has_wscale;
	row->segment.has_sack_perm = e->segment.has_sack_perm;
	row->segment.has_timestamp = e->segment.has_timestamp;
	row->segment.left = !incoming;
	row->segment.arrived = incoming;
	row->segment.arrived_ns = e->mono_ns;
	row->segment.again = again;
}

static void add_note(struct ladder_connection *c, unsigned int local,
		     const struct tcps_event *e)
{
	struct ladder_row *row = new_row(c, e->mono_ns, LADDER_NOTE, local);

	row->note.event = e->kind;
	row->note.cause = e->cause;
	row->note.incoming = e->flags & TCPS_F_INCOMING;
	switch (e->kind) {
	case TCPS_EVENT_ACCEPT_DROP:
		row->note.n = e->refusal.acceptq;
		row->note.max = e->refusal.acceptq_max;
		break;
	case TCPS_EVENT_SYN_DROP:
		/* The queue that was full is the one to tell of. */
		if (e->cause == TCPS_CAUSE_ACCEPT_QUEUE_FULL) {
			row->note.n = e->refusal.acceptq;
			row->note.max = e->refusal.acceptq_max;
			break;
		}
		row->note.n = e->refusal.synq;
		row->note.max = e->refusal.synq_max;
		break;
	case TCPS_EVENT_SYN_RETRANSMIT:
	case TCPS_EVENT_SYNACK_RETRANSMIT:
		row->note.n = e->retransmit.attempt;
		break;
	case TCPS_EVENT_TW_OVERFLOW:
		row->note.n = e->tw.count;
		row->note.max = e->tw.max;
		break;
	}
}

static bool has_ended(const struct ladder_connection *c)
{
	const struct ladder_end *end = c->end;
	bool stateless = !end[0].has_state && !end[1].has_state;
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (end[i].has_state && end[i].state != TCPS_CLOSE)
			return false;
	/* A closed port: nobody there ever had a state. */
	for (i = 0; stateless && i < c->nr_rows; i++)
		if (c->row[i].kind == LADDER_SEGMENT &&
		    c->row[i].segment.flags & LADDER_RST)
			return true;
	return !stateless;
}

void ladder_row_loss(struct ladder_connection *c, uint64_t ns)
{
	new_row(c, ns, LADDER_LOSS, 0);
}

void ladder_row_add(struct ladder_connection *c, unsigned int local,
		    const struct tcps_event *e)
{
	struct ladder_end *end = &c->end[local];

	end->seen = true;
	end->netns = e->netns;
	end->netns_gen = e->netns_gen;
	if (e->ifindex)
		end->ifindex = e->ifindex;
	if (e->mono_ns > c->last_ns)
		c->last_ns = e->mono_ns;

	if (e->kind == TCPS_EVENT_STATE)
		add_state(c, local, e);
	else if (e->kind == TCPS_EVENT_SEGMENT)
		add_segment(c, local, e);
	else
		add_note(c, local, e);
	c->ended = has_ended(c);
}
