// SPDX-License-Identifier: GPL-2.0
/*
 * libtcpstate - from the kernel's record to a struct tcps_event.
 *
 * This file owns the translation and every check of what comes in: bytes are
 * not trusted, they may come from a file. It must not know where they come
 * from.
 */
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "layout.h"

static_assert(TCPS_COMM_LEN == TCPSTATE_COMM_LEN, "comm");
static_assert(TCPS_STEPS == TCPSTATE_LIFE_STEPS, "steps");
static_assert(TCPS_PORTS == TCPSTATE_FILTER_PORTS, "ports");
static_assert(TCPSTATE_LIFE_SIZE <= RECORD_MAX, "largest record");
static_assert(RECORD_MAX <= BUFFER_SIZE, "a record fits the buffer");

static unsigned int family_of(unsigned int af)
{
	switch (af) {
	case AF_INET:
		return 4;
	case AF_INET6:
		return 6;
	default:
		return 0;
	}
}

static void decode_head(const struct tcpstate_record *r, struct tcps_event *e)
{
	e->mono_ns = r->mono_ns;
	e->cookie = r->cookie;
	e->seq = r->seq;
	e->ifindex = r->ifindex;
	e->netns = r->netns_inum;
	e->netns_gen = r->netns_gen;
	e->pid = r->tgid;
	e->uid = r->uid;
	e->lport = r->lport;
	e->rport = r->rport;
	e->flags = r->flags;
	e->life = r->life;
	e->family = family_of(r->family);
	e->old_state = r->old_state;
	e->new_state = r->new_state;
	e->cause = r->cause;
	e->carrier = r->carrier;
	memcpy(e->laddr, r->laddr, sizeof(e->laddr));
	memcpy(e->raddr, r->raddr, sizeof(e->raddr));
	memcpy(e->comm, r->comm, sizeof(e->comm));
	e->comm[TCPS_COMM_LEN - 1] = '\0';
}

static void decode_segment(const struct tcpstate_record *r,
			   struct tcps_event *e)
{
	const struct tcpstate_segment_data *s = &r->segment;

	/* Here the kernel's cause byte carries the TCP flags. */
	e->cause = TCPS_CAUSE_NONE;
	e->segment.tcp_flags = r->cause |
			       (s->opts & TCPSTATE_SEG_AE ? TCPS_TCP_AE : 0);
	e->segment.seq = s->seq;
	e->segment.ack = s->ack;
	e->segment.tsval = s->tsval;
	e->segment.tsecr = s->tsecr;
	e->segment.window = s->window;
	e->segment.len = s->len;
	e->segment.mss = s->mss;
	e->segment.wscale = s->wscale;
	e->segment.has_mss = s->opts & TCPSTATE_SEG_MSS;
	e->segment.has_wscale = s->opts & TCPSTATE_SEG_WSCALE;
	e->segment.has_sack_perm = s->opts & TCPSTATE_SEG_SACK_PERM;
	e->segment.has_timestamp = s->opts & TCPSTATE_SEG_TIMESTAMP;
}

static int decode_life(const struct tcpstate_record *r, struct tcps_event *e)
{
	const struct tcpstate_life_record *l =
		(const struct tcpstate_life_record *)r;
	unsigned int i;

	if (r->life_end.steps > TCPSTATE_LIFE_STEPS)
		return -EBADMSG;

	e->life_end.total_ns = r->life_end.total_ns;
	e->life_end.cgroup = r->life_end.cgroup;
	e->life_end.srtt_us = r->life_end.srtt_us;
	e->life_end.first_closer = r->life_end.first_closer;
	e->life_end.nr_steps = r->life_end.steps;
	e->life_end.transitions = r->life_end.transitions;
	e->life_end.bytes_in = l->bytes_in;
	e->life_end.bytes_out = l->bytes_out;
	e->life_end.segs_in = l->segs_in;
	e->life_end.segs_out = l->segs_out;
	e->life_end.retrans = l->retrans;
	for (i = 0; i < r->life_end.steps; i++) {
		e->life_end.step[i].dwell_ns = l->dwell_ns[i];
		e->life_end.step[i].state = l->step[i].state;
		e->life_end.step[i].cause = l->step[i].cause;
		e->life_end.step[i].carrier = l->step[i].carrier;
	}
	return 0;
}

static int decode_body(const struct tcpstate_record *r, struct tcps_event *e)
{
	switch (r->type) {
	case TCPSTATE_EVENT_STATE:
		e->state.dwell_ns = r->state.dwell_ns;
		e->state.cgroup = r->state.cgroup;
		e->state.actor = r->state.actor;
		e->state.life_seq = r->state.life_seq;
		break;
	case TCPSTATE_EVENT_LIFE:
		return decode_life(r, e);
	case TCPSTATE_EVENT_SYN_DROP:
	case TCPSTATE_EVENT_ACCEPT_DROP:
	case TCPSTATE_EVENT_COOKIE:
		e->refusal.synq = r->refusal.synq;
		e->refusal.synq_max = r->refusal.synq_max;
		e->refusal.acceptq = r->refusal.acceptq;
		e->refusal.acceptq_max = r->refusal.acceptq_max;
		e->refusal.stands_for = r->refusal.stands_for;
		e->refusal.backlog = r->refusal.backlog;
		break;
	case TCPSTATE_EVENT_SYN_RETRANSMIT:
	case TCPSTATE_EVENT_SYNACK_RETRANSMIT:
		e->retransmit.attempt = r->retransmit.attempt;
		e->retransmit.stands_for = r->retransmit.stands_for;
		break;
	case TCPSTATE_EVENT_TW_OVERFLOW:
		e->tw.count = r->tw.count;
		e->tw.max = r->tw.max;
		e->tw.stands_for = r->tw.stands_for;
		break;
	case TCPSTATE_EVENT_PORTS_EXHAUSTED:
		e->ports.low = r->ports.low;
		e->ports.high = r->ports.high;
		e->ports.error = r->ports.error;
		e->ports.stands_for = r->ports.stands_for;
		break;
	case TCPSTATE_EVENT_RESET:
		e->reset.reason = r->reset.reason;
		e->reset.stands_for = r->reset.stands_for;
		e->reset.seq = r->reset.seq;
		e->reset.ack = r->reset.ack;
		break;
	case TCPSTATE_EVENT_MEMORY_PRESSURE:
		e->memory.pages = r->memory.pages;
		e->memory.mark = r->memory.mark;
		e->memory.stands_for = r->memory.stands_for;
		break;
	case TCPSTATE_EVENT_SEGMENT:
		decode_segment(r, e);
		break;
	case TCPSTATE_EVENT_LOST:
		e->lost.count = r->lost.count;
		e->lost.off_ns = r->lost.off_ns;
		e->lost.cpu = r->lost.cpu;
		e->lost.lane = r->lost.lane;
		break;
	}
	return 0;
}

int tcpstate_decode(const void *buf, size_t len, struct tcps_event *event)
{
	const struct tcpstate_record *r = buf;
	size_t least = TCPSTATE_RECORD_SIZE;
	int err;

	if (len < RECORD_MIN)
		return 0;
	if (r->type == TCPSTATE_EVENT_LIFE)
		least = TCPSTATE_LIFE_SIZE;
	else if (!tcps_kind_known(r->type))
		least = RECORD_MIN;

	/* A multiple of 8 keeps the next record aligned. */
	if (r->size < least || r->size > RECORD_MAX || r->size % 8)
		return -EBADMSG;
	if (len < r->size)
		return 0;

	event->kind = r->type;
	if (!tcps_kind_known(r->type))
		return r->size;

	decode_head(r, event);
	err = decode_body(r, event);
	return err ? err : r->size;
}
