// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - lines for people, in the manner of bcc's tcpstates.
 *
 * This file owns the columns and the sentences of events that are no
 * transition. It must not know about JSON.
 */
#include "format.h"

#include <time.h>

#include "emit.h"
#include "memo.h"
#include "text.h"

/* Widths as bcc has them; -w has room for any IPv6 address and command. */
enum {
	W_TIME = 8,
	W_SECONDS = 9,
	W_PID = 7,
	W_COMM = 10,
	W_COMM_WIDE = TCPS_COMM_LEN - 1,
	W_UID = 5,
	W_NETNS = 10,
	W_COOKIE = 10,
	W_IP = 2,
	W_ADDR = 15,
	W_ADDR_WIDE = 39,
	W_PORT = 5,
	W_STATE = 11,
	W_MS = 9,
};

char *format_text_header(const struct format *f, char *p)
{
	size_t addr = f->wide ? W_ADDR_WIDE : W_ADDR;

	if (f->wall_clock)
		p = text_column(p, "TIME", W_TIME);
	if (f->seconds)
		p = text_column(p, "TIME(s)", W_SECONDS);
	p = text_column(p, "PID", W_PID);
	p = text_column(p, "COMM", f->wide ? W_COMM_WIDE : W_COMM);
	if (f->wide) {
		p = text_column(p, "UID", W_UID);
		p = text_column(p, "NETNS", W_NETNS);
		p = text_column(p, "COOKIE", W_COOKIE);
		p = text_column(p, "IP", W_IP);
	}
	p = text_column(p, "LADDR", addr);
	p = text_column(p, "LPORT", W_PORT);
	p = text_column(p, "RADDR", addr);
	p = text_column(p, "RPORT", W_PORT);
	p = text_column(p, "OLDSTATE", W_STATE);
	p = EMIT_LIT(p, "-> ");
	p = text_column(p, "NEWSTATE", W_STATE);
	p = text_column(p, "MS", W_MS);
	return EMIT_LIT(p, "CAUSE\n");
}

/* Local time of day, as bcc's -T. */
static char *wall_clock(struct format *f, uint64_t mono_ns, char *p)
{
	int64_t ns = mono_ns + (uint64_t)f->real_offset;
	time_t second = ns / 1000000000;
	struct tm tm;

	if (second != f->cached_second || !f->cached_text[0]) {
		if (!localtime_r(&second, &tm) ||
		    !strftime(f->cached_text, sizeof(f->cached_text),
			      "%H:%M:%S", &tm))
			return text_column(p, "-", W_TIME);
		f->cached_second = second;
	}
	return text_column(p, f->cached_text, W_TIME);
}

/* Seconds since the first line; an earlier record of another CPU is 0. */
static char *seconds(struct format *f, uint64_t mono_ns, char *p)
{
	char *from = p;
	uint64_t ns;

	if (!f->started) {
		f->started = true;
		f->first_ns = mono_ns;
	}
	ns = mono_ns > f->first_ns ? mono_ns - f->first_ns : 0;
	/* A thousandth of a second is to it what it is to a millisecond. */
	return emit_pad(emit_ms(p, ns / 1000), from, W_SECONDS);
}

static char *times(struct format *f, const struct tcps_event *e, char *p)
{
	if (f->wall_clock)
		p = wall_clock(f, e->mono_ns, p);
	if (f->seconds)
		p = seconds(f, e->mono_ns, p);
	return p;
}

static char *make_owner(const struct format *f, const struct tcps_event *e,
			char *p)
{
	size_t width = f->wide ? W_COMM_WIDE : W_COMM;
	bool there = e->flags & TCPS_F_OWNER;
	char *from;

	/* pid 0: it has no number in the namespace of whoever reads. */
	p = text_column_u64(p, there && e->pid, e->pid, W_PID);
	from = p;
	p = there ? emit_comm(p, e->comm, width) : emit_char(p, '-');
	return emit_pad(p, from, width);
}

static char *owner(const struct format *f, const struct tcps_event *e, char *p)
{
	static struct memo memos[MEMO_COUNT];
	struct memo *memo = memo_owner(memos, e, f->wide);

	if (!memo->len)
		memo->len = make_owner(f, e, memo->text) - memo->text;
	return memo_put(p, memo);
}

static char *address(const struct format *f, const struct tcps_event *e,
		     const uint8_t *addr, char *p)
{
	char *from = p;

	p = emit_addr(p, e->family, addr);
	p = scope_emit(p, e->family, addr, e->ifindex, e->netns);
	return emit_pad(p, from, f->wide ? W_ADDR_WIDE : W_ADDR);
}

static char *make_tuple(const struct format *f, const struct tcps_event *e,
			char *p)
{
	p = address(f, e, e->laddr, p);
	p = text_column_u64(p, e->family, e->lport, W_PORT);
	p = address(f, e, e->raddr, p);
	return text_column_u64(p, e->family, e->rport, W_PORT);
}

static char *tuple(const struct format *f, const struct tcps_event *e, char *p)
{
	static struct memo memos[MEMO_COUNT];
	/* Where names of interfaces are to be had follows from the namespace. */
	struct memo *memo = memo_tuple(memos, e, e->netns << 1 | f->wide);

	if (!memo->len)
		memo->len = make_tuple(f, e, memo->text) - memo->text;
	return memo_put(p, memo);
}

static char *transition(const struct tcps_event *e, char *p)
{
	char *from;

	/* No transition, hence no arrow: whoever looks for those finds none. */
	if (e->flags & TCPS_F_SNAPSHOT) {
		p = text_column(p, "(alive)", W_STATE);
		p = EMIT_LIT(p, "in ");
	} else {
		p = emit_pad(text_state(p, e->old_state), p, W_STATE);
		p = EMIT_LIT(p, "-> ");
	}
	p = emit_pad(text_state(p, e->new_state), p, W_STATE);
	from = p;
	if (e->flags & TCPS_F_DWELL)
		p = emit_ms(p, e->state.dwell_ns);
	else
		p = emit_char(p, '-');
	p = emit_pad(p, from, W_MS);
	return word_cause(p, e->cause);
}

static char *stands_for(char *p, uint32_t n)
{
	return n > 1 ? text_number(p, ", stands for ", n) : p;
}

static char *segment(const struct tcps_event *e, char *p)
{
	static const char *const names[] = { "FIN", "SYN", "RST", "PSH",
					     "ACK", "URG", "ECE", "CWR" };
	const char *before = " ";
	unsigned int i;

	p = emit_str(p, e->flags & TCPS_F_INCOMING ? " in" : " out");
	for (i = 0; i < 8; i++) {
		if (!(e->segment.tcp_flags >> i & 1))
			continue;
		p = emit_str(emit_str(p, before), names[i]);
		before = "+";
	}
	p = text_number(p, " seq ", e->segment.seq);
	p = text_number(p, " ack ", e->segment.ack);
	p = text_number(p, " win ", e->segment.window);
	p = text_number(p, " len ", e->segment.len);
	if (e->segment.has_mss)
		p = text_number(p, " mss ", e->segment.mss);
	if (e->segment.has_wscale)
		p = text_number(p, " wscale ", e->segment.wscale);
	if (e->segment.has_sack_perm)
		p = emit_str(p, " sack");
	if (e->segment.has_timestamp) {
		p = text_number(p, " ts ", e->segment.tsval);
		p = text_number(p, "/", e->segment.tsecr);
	}
	return p;
}

static char *life(const struct tcps_event *e, char *p)
{
	unsigned int i;

	for (i = 0; i < e->life_end.nr_steps; i++)
		p = text_state(emit_char(p, ' '), e->life_end.step[i].state);
	p = emit_ms(emit_str(p, ", "), e->life_end.total_ns);
	p = text_number(p, " ms, ", e->life_end.bytes_in);
	p = text_number(p, " B in, ", e->life_end.bytes_out);
	p = text_number(p, " B out, ", e->life_end.retrans);
	return emit_str(p, " retransmitted");
}

/* An event that is no transition: its name, its cause, and what it found. */
static char *sentence(const struct tcps_event *e, char *p)
{
	p = word_kind(p, e->kind);
	if (e->cause != TCPS_CAUSE_NONE) {
		p = emit_str(p, " (");
		p = word_cause(p, e->cause);
		p = emit_char(p, ')');
	}

	switch (e->kind) {
	case TCPS_EVENT_LIFE:
		return life(e, p);
	case TCPS_EVENT_SYN_DROP:
	case TCPS_EVENT_ACCEPT_DROP:
	case TCPS_EVENT_COOKIE:
		p = text_number(p, " SYN queue ", e->refusal.synq);
		p = text_number(p, " of ", e->refusal.synq_max);
		p = text_number(p, ", accept queue ", e->refusal.acceptq);
		p = text_number(p, " of ", e->refusal.acceptq_max);
		return stands_for(p, e->refusal.stands_for);
	case TCPS_EVENT_SYN_RETRANSMIT:
	case TCPS_EVENT_SYNACK_RETRANSMIT:
		p = text_number(p, " attempt ", e->retransmit.attempt);
		return stands_for(p, e->retransmit.stands_for);
	case TCPS_EVENT_TW_OVERFLOW:
		p = text_number(p, " ", e->tw.count);
		p = text_number(p, " of ", e->tw.max);
		return stands_for(p, e->tw.stands_for);
	case TCPS_EVENT_PORTS_EXHAUSTED:
		p = text_number(p, " ports ", e->ports.low);
		p = text_number(p, " to ", e->ports.high);
		p = text_number(p, ", errno ", e->ports.error);
		return stands_for(p, e->ports.stands_for);
	case TCPS_EVENT_RESET:
		p = emit_str(p, e->flags & TCPS_F_INCOMING ? " received" :
							     " sent");
		if (e->new_state)
			p = text_state(emit_str(p, " in "), e->new_state);
		return stands_for(p, e->reset.stands_for);
	case TCPS_EVENT_MEMORY_PRESSURE:
		p = text_number(p, " ", e->memory.pages);
		p = text_number(p, " pages, mark ", e->memory.mark);
		return stands_for(p, e->memory.stands_for);
	case TCPS_EVENT_SEGMENT:
		return segment(e, p);
	default:
		return p;
	}
}

char *format_loss(const struct tcps_event *e, char *p)
{
	if (e->flags & TCPS_F_DISABLED) {
		p = EMIT_LIT(p, "*** recording was switched off for ");
		return emit_str(emit_ms(p, e->lost.off_ns), " ms ***");
	}
	if (e->flags & TCPS_F_SCOPED)
		return EMIT_LIT(p, "*** some records lost: "
				   "reader too slow ***");
	p = text_number(p, "*** ", e->lost.count);
	p = text_number(p, " records lost (cpu ", e->lost.cpu);
	return EMIT_LIT(p, "): reader too slow ***");
}

char *format_text(struct format *f, const struct tcps_event *e, char *p)
{
	p = times(f, e, p);
	if (e->kind == TCPS_EVENT_LOST)
		return emit_char(format_loss(e, p), '\n');

	p = owner(f, e, p);
	if (f->wide) {
		p = text_column_u64(p, e->cookie, e->uid, W_UID);
		p = text_column_u64(p, e->netns, e->netns, W_NETNS);
		p = text_column_u64(p, e->cookie, e->cookie, W_COOKIE);
		p = text_column_u64(p, e->family, e->family, W_IP);
	}
	p = tuple(f, e, p);
	p = e->kind == TCPS_EVENT_STATE ? transition(e, p) : sentence(e, p);
	if (f->wide)
		p = text_flags(e, p);
	return emit_char(p, '\n');
}
