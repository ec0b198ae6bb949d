// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - an ended connection for people: who it was, every transition
 * with its time, and what went through it. A block of lines for each.
 *
 * This file owns the block. It must not know about the columns of single events
 * or about JSON.
 */
#include "format.h"

#include <time.h>

#include "emit.h"
#include "lifeline.h"
#include "text.h"

/* Numbers of any usual size, and the longest name a transition may have. */
enum {
	W_CLOCK = 15,
	W_CLOCK_WIDE = 26,
	W_SECONDS = 12,
	W_AT = 10,
	W_STATE = 11,
	W_CAUSE = 16,
	W_CARRIER = 8,
};

#define INDENT "  "
#define QUARTER_HOUR 900

/* Without an option it is the time of day: a step needs one. */
static bool has_clock(const struct format *f)
{
	return f->wall_clock || !f->seconds;
}

static size_t clock_width(const struct format *f)
{
	return f->wide ? W_CLOCK_WIDE : W_CLOCK;
}

char *format_lifeline_header(const struct format *f, char *p)
{
	p = EMIT_LIT(p, INDENT);
	if (has_clock(f))
		p = text_column(p, "TIME", clock_width(f));
	if (f->seconds)
		p = text_column(p, "TIME(s)", W_SECONDS);
	p = text_column(p, "AT(ms)", W_AT);
	p = text_column(p, "STATE", W_STATE);
	p = text_column(p, "CAUSE", W_CAUSE);
	p = text_column(p, "CARRIER", W_CARRIER);
	return EMIT_LIT(p, "DWELL(ms)\n");
}

/*
 * Local time minus UTC, seconds. Clocks are changed at full quarters of an
 * hour, so that one look-up of the time zone serves most steps of most
 * connections.
 */
static int64_t zone(struct format *f, int64_t second)
{
	int64_t quarter = second / QUARTER_HOUR + 1;
	time_t when = second;
	struct tm tm;

	if (quarter != f->cached_quarter) {
		f->cached_zone = localtime_r(&when, &tm) ? tm.tm_gmtoff : 0;
		f->cached_quarter = quarter;
	}
	return f->cached_zone;
}

static char *clock_column(struct format *f, uint64_t mono_ns, char *p)
{
	int64_t ns = mono_ns + (uint64_t)f->real_offset;
	int64_t second = ns / 1000000000;
	char *from = p;

	if (ns < 0)
		return text_column(p, "-", clock_width(f));

	second += zone(f, second);
	if (f->wide)
		p = emit_char(emit_date(p, second), ' ');
	p = emit_char(emit_clock(p, second), '.');
	p = emit_places(p, ns % 1000000000 / 1000, 6);
	return emit_pad(p, from, clock_width(f));
}

/* Since the first that was shown; what is shown later may be older. */
static char *seconds_column(const struct format *f, uint64_t mono_ns, char *p)
{
	uint64_t ns = mono_ns - f->first_ns;
	char *from = p;

	if (mono_ns < f->first_ns) {
		ns = f->first_ns - mono_ns;
		p = emit_char(p, '-');
	}
	p = emit_char(emit_u64(p, ns / 1000000000), '.');
	p = emit_places(p, ns % 1000000000 / 1000, 6);
	return emit_pad(p, from, W_SECONDS);
}

static char *times(struct format *f, uint64_t mono_ns, char *p)
{
	if (has_clock(f))
		p = clock_column(f, mono_ns, p);
	if (f->seconds)
		p = seconds_column(f, mono_ns, p);
	return p;
}

static char *when(struct format *f, const struct lifeline *l, unsigned int i,
		  char *p)
{
	p = times(f, l->start_ns + l->at_ns[i], p);
	return emit_pad(emit_ms(p, l->at_ns[i]), p, W_AT);
}

/* No transition, and no time: "found in" stands where times do. */
static char *found_in(const struct format *f, char *p)
{
	size_t width = W_AT;

	if (has_clock(f))
		width += clock_width(f) + 1;
	if (f->seconds)
		width += W_SECONDS + 1;
	return text_column(p, "found in", width);
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
	return text_name(p, tcpstate_cause_name(number), number);
}

static char *carrier(unsigned int number, char *p)
{
	return text_name(p, tcpstate_carrier_name(number), number);
}

static char *step_line(struct format *f, const struct tcps_event *e,
		       const struct lifeline *l, unsigned int i, char *p)
{
	const struct tcps_step *step = &e->life_end.step[i];
	bool is_last = i + 1 == e->life_end.nr_steps;
	bool is_found = i == 0 && l->found;

	p = EMIT_LIT(p, INDENT);
	p = is_found ? found_in(f, p) : when(f, l, i, p);
	p = emit_pad(text_state(p, step->state), p, W_STATE);
	p = emit_pad(cause(step->cause, is_found, p), p, W_CAUSE);
	p = emit_pad(carrier(step->carrier, p), p, W_CARRIER);
	if (is_found || is_last)
		p = emit_char(p, '-');
	else
		p = emit_ms(p, step->dwell_ns);
	return emit_char(p, '\n');
}

/* As ss writes it. */
static char *endpoint(unsigned int family, const uint8_t *addr,
		      unsigned int port, char *p)
{
	if (family == 6)
		p = emit_char(p, '[');
	p = emit_addr(p, family, addr);
	if (family == 6)
		p = emit_char(p, ']');
	return family ? text_number(p, ":", port) : p;
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
	if (e->flags & TCPS_F_OWNER) {
		p = emit_comm(p, e->comm, TCPS_COMM_LEN - 1);
		p = emit_char(p, '[');
		/* 0: it has no number in the namespace of whoever reads. */
		p = e->pid ? emit_u64(p, e->pid) : emit_char(p, '-');
		p = emit_char(p, ']');
	} else {
		p = EMIT_LIT(p, "owner unknown");
	}
	if (e->flags & TCPS_F_OWNER_LISTENER)
		p = EMIT_LIT(p, " (the listener's: not accepted)");
	return e->cookie ? text_number(p, ", uid ", e->uid) : p;
}

static char *closer(const struct tcps_event *e, char *p)
{
	static const char *const names[] = { "nobody", "local", "remote" };
	unsigned int n = e->life_end.first_closer;

	p = text_name(p, n < 3 ? names[n] : NULL, n);
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
	p = endpoint(e->family, e->laddr, e->lport, p);
	if (is_listener(e)) {
		p = EMIT_LIT(p, " listener");
	} else {
		p = emit_str(p, direction(e, l));
		p = endpoint(e->family, e->raddr, e->rport, p);
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

static void start(struct format *f, uint64_t mono_ns)
{
	if (f->started)
		return;
	f->started = true;
	f->first_ns = mono_ns;
}

/* At its place among the blocks, and as one of them. */
static char *loss(struct format *f, const struct tcps_event *e, char *p)
{
	start(f, e->mono_ns);
	p = times(f, e->mono_ns, EMIT_LIT(p, INDENT));
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
	start(f, l.start_ns);
	p = head(f, e, &l, p);
	for (i = 0; i < e->life_end.nr_steps; i++)
		p = step_line(f, e, &l, i, p);
	if (l.left_out)
		p = left_out(&l, p);
	if (!is_listener(e))
		p = traffic(e, p);
	return emit_char(p, '\n');
}
