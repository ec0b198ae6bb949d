// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - an ended connection for people: who it was, every transition
 * with its time, and what went through it. A block of lines for each.
 *
 * This file owns the block. It must not know about the columns of single events
 * or about JSON.
 */
#include "format.h"

#include "emit.h"
#include "lifeline.h"
#include "text.h"
#include "when.h"

/* Numbers of any usual size, and the longest name a transition may have. */
enum {
	W_AT = 10,
	W_STATE = 11,
	W_CAUSE = 16,
	W_CARRIER = 8,
};

#define INDENT "  "

char *format_lifeline_header(const struct format *f, char *p)
{
	p = EMIT_LIT(p, INDENT);
	p = when_header(f, p);
	p = text_column(p, "AT(ms)", W_AT);
	p = text_column(p, "STATE", W_STATE);
	p = text_column(p, "CAUSE", W_CAUSE);
	p = text_column(p, "CARRIER", W_CARRIER);
	return EMIT_LIT(p, "DWELL(ms)\n");
}

static char *step_time(struct format *f, const struct lifeline *l,
		       unsigned int i, char *p)
{
	p = when_columns(f, l->start_ns + l->at_ns[i], p);
	return emit_pad(emit_ms(p, l->at_ns[i]), p, W_AT);
}

/* No transition, and no time: "found in" stands where times do. */
static char *found_in(const struct format *f, char *p)
{
	return text_column(p, "found in", when_width(f) + W_AT);
}

static char *left_out(const struct lifeline *l, char *p)
{
	p = EMIT_LIT(p, INDENT "not shown, for want of room: ");
	if (l->many)
		p = EMIT_LIT(p, "at least ");
	p = emit_u64(p, l->left_out);
	return EMIT_LIT(p, " transitions; their time counts for the step "
			   "before\n");
}

static char *cause(unsigned int number, bool is_found, char *p)
{
	if (is_found)
		return emit_char(p, '-');
	return word_cause(p, number);
}

static char *step_line(struct format *f, const struct tcps_event *e,
		       const struct lifeline *l, unsigned int i, char *p)
{
	const struct tcps_step *step = &e->life_end.step[i];
	bool is_last = i + 1 == e->life_end.nr_steps;
	bool is_found = i == 0 && l->found;

	p = EMIT_LIT(p, INDENT);
	p = is_found ? found_in(f, p) : step_time(f, l, i, p);
	p = emit_pad(text_state(p, step->state), p, W_STATE);
	p = emit_pad(cause(step->cause, is_found, p), p, W_CAUSE);
	p = emit_pad(word_carrier(p, step->carrier), p, W_CARRIER);
	if (is_found || is_last)
		p = emit_char(p, '-');
	else
		p = emit_ms(p, step->dwell_ns);
	return emit_char(p, '\n');
}

static bool is_listener(const struct tcps_event *e)
{
	return e->life_end.nr_steps && e->life_end.step[0].state == TCPS_LISTEN;
}

/* Who opened it: the first transition tells, unless it was not seen. */
static const char *direction(const struct tcps_event *e,
			     const struct lifeline *l)
{
	const struct tcps_step *first = &e->life_end.step[0];

	if (!e->life_end.nr_steps || l->found)
		return " -- ";
	if (first->state == TCPS_SYN_SENT)
		return " -> ";
	if (first->state == TCPS_SYN_RECV || first->cause == TCPS_CAUSE_COOKIE)
		return " <- ";
	return " -- ";
}

static char *owned_by(const struct tcps_event *e, char *p)
{
	p = text_owner(e->flags, e->comm, e->pid, p);
	return e->cookie ? text_number(p, ", uid ", e->uid) : p;
}

static char *closer(const struct tcps_event *e, char *p)
{
	static const char *const names[] = { "nobody", "local", "remote" };
	unsigned int n = e->life_end.first_closer;

	p = n < 3 ? emit_str(p, names[n]) : emit_u64(p, n);
	return EMIT_LIT(p, " closed first");
}

/* With -w what helps to find the connection elsewhere. */
static char *extra(const struct tcps_event *e, char *p)
{
	p = text_number(p, ", netns ", e->netns);
	if (e->ifindex)
		p = text_number(p, ", ifindex ", e->ifindex);
	if (e->life_end.cgroup)
		p = text_number(p, ", cgroup ", e->life_end.cgroup);
	return text_flags(e, p);
}

static char *head(const struct format *f, const struct tcps_event *e,
		  const struct lifeline *l, char *p)
{
	p = text_endpoint(e->family, e->laddr, e->lport, e->ifindex, e->netns,
			  p);
	if (is_listener(e)) {
		p = EMIT_LIT(p, " listener");
	} else {
		p = emit_str(p, direction(e, l));
		p = text_endpoint(e->family, e->raddr, e->rport, e->ifindex,
				  e->netns, p);
	}
	p = owned_by(e, EMIT_LIT(p, ", "));
	p = closer(e, EMIT_LIT(p, ", "));
	p = emit_str(p, l->found ? ", more than " : ", ");
	p = emit_ms(p, e->life_end.total_ns);
	p = text_number(p, " ms, cookie ", e->cookie);
	if (e->flags & TCPS_F_TRACKED)
		p = text_number(p, " life ", e->life);
	if (f->wide)
		p = extra(e, p);
	return emit_char(p, '\n');
}

static char *traffic(const struct tcps_event *e, char *p)
{
	p = text_number(p, INDENT "in ", e->life_end.bytes_in);
	p = text_number(p, " B, ", e->life_end.segs_in);
	p = text_number(p, " segments; out ", e->life_end.bytes_out);
	p = text_number(p, " B, ", e->life_end.segs_out);
	p = text_number(p, " segments, ", e->life_end.retrans);
	p = EMIT_LIT(p, " retransmitted; ");
	if (!e->life_end.srtt_us)
		return EMIT_LIT(p, "round trip never measured\n");
	p = EMIT_LIT(p, "smoothed round trip ");
	p = emit_ms(p, (uint64_t)e->life_end.srtt_us * 1000);
	return EMIT_LIT(p, " ms\n");
}

/* At its place among the blocks, and as one of them. */
static char *loss(struct format *f, const struct tcps_event *e, char *p)
{
	when_start(f, e->mono_ns);
	p = when_columns(f, e->mono_ns, EMIT_LIT(p, INDENT));
	p = format_loss(e, p);
	return EMIT_LIT(p, "\n\n");
}

char *format_lifeline(struct format *f, const struct tcps_event *e, char *p)
{
	struct lifeline l;
	unsigned int i;

	if (e->kind != TCPS_EVENT_LIFE)
		return loss(f, e, p);

	lifeline_of(e, &l);
	when_start(f, l.start_ns);
	p = head(f, e, &l, p);
	for (i = 0; i < e->life_end.nr_steps; i++)
		p = step_line(f, e, &l, i, p);
	if (l.left_out)
		p = left_out(&l, p);
	if (!is_listener(e))
		p = traffic(e, p);
	return emit_char(p, '\n');
}
