// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - what stands before a sequence chart: who the two ends are, and
 * what the chart cannot show.
 *
 * This file owns these lines, the titles, and the columns at the left of all
 * rows. It must not know about rows.
 */
#include "format.h"

#include "chart.h"
#include "emit.h"
#include "text.h"
#include "when.h"

#define INDENT "  "

static const char *const sides[] = { "left", "right" };

static bool has_columns(const struct format *f)
{
	return f->wall_clock || f->seconds;
}

char *format_ladder_header(const struct format *f, char *p)
{
	if (has_columns(f))
		p = when_header(f, p);
	p = text_column(p, "AT(ms)", CHART_AT);
	p = text_column(p, "LEFT", CHART_STATE + 1 + CHART_LANE + 1);
	return EMIT_LIT(p, "RIGHT\n");
}

/* Since the first row; records of two CPUs may be out of order. */
static char *since_first(const struct ladder_connection *c, uint64_t ns,
			 char *p)
{
	uint64_t first = c->row[0].ns;

	if (ns >= first)
		return emit_ms(p, ns - first);
	return emit_ms(emit_char(p, '-'), first - ns);
}

static char *one_end(const struct format *f, const struct ladder_connection *c,
		     enum chart_side side, char *p)
{
	const struct ladder_end *end = chart_end(c, side);

	p = EMIT_LIT(p, INDENT);
	p = text_column(p, sides[side], 5);
	if (!end->seen)
		return EMIT_LIT(p, "not seen: what left for it may not have "
				   "arrived\n");
	if (end->has_state) {
		p = text_owner(end->flags, end->comm, end->pid, p);
		p = text_number(p, ", uid ", end->uid);
		p = text_number(p, ", cookie ", end->cookie);
		if (end->life)
			p = text_number(p, " life ", end->life);
	} else {
		p = EMIT_LIT(p, "no socket seen");
	}
	if (f->wide || (c->end[0].seen && c->end[1].seen &&
			c->end[0].netns_gen != c->end[1].netns_gen))
		p = text_number(p, ", netns ", end->netns);
	return emit_char(p, '\n');
}

/* Of an end that is not here the interface through which we know it. */
static char *endpoint(const struct ladder_connection *c, enum chart_side side,
		      char *p)
{
	const struct ladder_end *end = chart_end(c, side), *known = end;

	if (!end->seen)
		known = chart_end(c, side == CHART_LEFT ? CHART_RIGHT :
							  CHART_LEFT);
	return text_endpoint(c->family, end->addr, end->port, known->ifindex,
			     known->netns, p);
}

/* Who refuses has no SYN of its own, and sends an RST of sequence number 0. */
static bool lacks_isn(const struct ladder_connection *c, enum chart_side side)
{
	const struct ladder_end *end = chart_end(c, side);
	const struct ladder_row *row;
	unsigned int i;

	for (i = 0; i < c->nr_rows && !end->has_isn; i++) {
		row = &c->row[i];
		if (row->kind == LADDER_SEGMENT && &c->end[row->end] == end &&
		    (c->opener == LADDER_NOBODY ||
		     !(row->segment.flags & LADDER_RST)))
			return true;
	}
	return false;
}

char *format_ladder_head(struct format *f, const struct ladder_connection *c,
			 char *p)
{
	enum chart_side side;

	when_start(f, c->row[0].ns);
	p = endpoint(c, CHART_LEFT, p);
	p = emit_str(p, c->opener == LADDER_NOBODY ? " -- " : " -> ");
	p = endpoint(c, CHART_RIGHT, p);
	p = when_clock(f, c->row[0].ns, EMIT_LIT(p, ", "));
	p = since_first(c, c->last_ns, EMIT_LIT(p, ", "));
	p = emit_str(p, c->ended ? " ms" : " ms, still open");
	if (c->early)
		p = text_number(p, ": more than ", LADDER_CONNECTIONS - 1);
	p = emit_str(p, c->early ? " at once\n" : "\n");

	p = one_end(f, c, CHART_LEFT, p);
	p = one_end(f, c, CHART_RIGHT, p);
	if (!chart_has_segments(c))
		p = EMIT_LIT(p, INDENT "no segment of it was recorded\n");
	for (side = CHART_LEFT; side <= CHART_RIGHT; side++) {
		if (!lacks_isn(c, side))
			continue;
		p = emit_str(EMIT_LIT(p, INDENT "the SYN of "), sides[side]);
		p = EMIT_LIT(p, " was not seen: its sequence numbers are "
				"absolute\n");
	}
	return p;
}

/* The columns before the left line. @row is NULL for a line that goes on. */
char *chart_margin(struct format *f, const struct ladder_connection *c,
		   const struct ladder_row *row, const char *state, char *p)
{
	char *from;

	if (has_columns(f) && row)
		p = when_columns(f, row->ns, p);
	else if (has_columns(f))
		p = chart_repeat(p, ' ', when_width(f));
	from = p;
	if (row)
		p = since_first(c, row->ns, p);
	p = emit_pad(p, from, CHART_AT);
	return text_column(p, state, CHART_STATE);
}
