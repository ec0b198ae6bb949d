// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - a connection as a sequence chart, as people know it from
 * RFC 9293 and from Wireshark: two lines, arrows between them, states at the
 * side of the end that has them.
 *
 * This file owns the rows, but arrows (format_arrow.c) and what stands before the
 * first one (format_ladder_head.c). It must not know how connections are kept.
 */
#include "format.h"

#include "chart.h"
#include "emit.h"
#include "text.h"

/* From line to line text at one side; the other line goes on. */
static char *beside(const struct strip *s, unsigned int i, enum chart_side side,
		    char mark, char *p)
{
	size_t rest = CHART_LANE - s->len[i] - 1;

	p = emit_char(p, side == CHART_RIGHT ? '|' : mark);
	p = chart_repeat(p, ' ', side == CHART_RIGHT ? rest : 1);
	memcpy(p, s->text[i], s->len[i]);
	p = chart_repeat(p + s->len[i], ' ', side == CHART_RIGHT ? 1 : rest);
	p = emit_char(p, side == CHART_LEFT ? '|' : mark);
	return p;
}

static char *state_name(unsigned int state, char *name)
{
	*text_state(name, state) = '\0';
	return name;
}

/*
 * Lines of text at the side of an end. The first has the time, ', 'mark on the line
 * of the end, and ', 'state, if any, beyond it.
 */
static char *text_lines(struct format *f, const struct ladder_connection *c,
			const struct ladder_row *row, const struct strip *s,
			enum chart_side side, char mark, const char *state,
			char *p)
{
	unsigned int i;

	for (i = 0; i < s->lines; i++) {
		p = chart_margin(f, c, i ? NULL : row,
				 i || side != CHART_LEFT ? "" : state, p);
		p = beside(s, i, side, i && side != CHART_BOTH ? '|' : mark, p);
		if (!i && side == CHART_RIGHT && *state)
			p = emit_str(emit_char(p, ' '), state);
		p = emit_char(p, '\n');
	}
	return p;
}

static char *in_brackets(unsigned int cause, char *p)
{
	p = word_cause(emit_char(p, '('), cause);
	return emit_char(p, ')');
}

/* How long in the old state; or which, if what was before did not tell. */
static void state_text(const struct ladder_row *row, struct strip *s)
{
	unsigned int before = row->state.before ? row->state.before :
						  TCPS_CLOSE;
	char piece[STRIP_PIECE];
	char *p;

	strip_add(s, " ", piece, in_brackets(row->state.cause, piece));
	if (row->state.has_dwell)
		p = EMIT_LIT(emit_ms(piece, row->state.dwell_ns), " ms in ");
	else if (row->state.old_state != before)
		p = EMIT_LIT(piece, "from ");
	else
		return;
	strip_add(s, " ", piece, text_state(p, row->state.old_state));
}

static char *state_row(struct format *f, const struct ladder_connection *c,
		       const struct ladder_row *row, char *p)
{
	struct strip s = { 0 };
	char name[32];

	state_text(row, &s);
	return text_lines(f, c, row, &s, chart_side(c, row->end), '*',
			  state_name(row->state.new_state, name), p);
}

/* What arrows tell needs no words. */
static bool is_told(const struct ladder_connection *c,
		    const struct ladder_row *row)
{
	switch (row->note.event) {
	case TCPS_EVENT_SYN_RETRANSMIT:
	case TCPS_EVENT_SYNACK_RETRANSMIT:
		return chart_has_segments(c);
	case TCPS_EVENT_RESET:
		return chart_has_segments(c) && row->note.incoming;
	default:
		return false;
	}
}

static void note_text(const struct ladder_row *row, struct strip *s)
{
	char piece[STRIP_PIECE];
	char *p = piece;

	p = word_kind(p, row->note.event);
	strip_add(s, " ", piece, p);
	strip_add(s, " ", piece, in_brackets(row->note.cause, piece));
	switch (row->note.event) {
	case TCPS_EVENT_SYN_RETRANSMIT:
	case TCPS_EVENT_SYNACK_RETRANSMIT:
		p = text_number(piece, "attempt ", row->note.n);
		break;
	case TCPS_EVENT_RESET:
		p = emit_str(piece, row->note.incoming ? "received" : "sent");
		break;
	case TCPS_EVENT_COOKIE:
		return;
	default:
		p = text_number(piece, "", row->note.n);
		p = text_number(p, " of ", row->note.max);
	}
	strip_add(s, " ", piece, p);
}

static char *note_row(struct format *f, const struct ladder_connection *c,
		      const struct ladder_row *row, char *p)
{
	struct strip s = { 0 };

	if (is_told(c, row))
		return p;
	note_text(row, &s);
	return text_lines(f, c, row, &s, chart_side(c, row->end), '!', "", p);
}

/* A break in both lines: something is not there. */
static char *gap_row(struct format *f, const struct ladder_connection *c,
		     const struct ladder_row *row, const char *text,
		     const char *end, char *p)
{
	struct strip s = { 0 };

	strip_add(&s, " ", text, end);
	return text_lines(f, c, row, &s, CHART_BOTH, ':', "", p);
}

static char *cut_row(struct format *f, const struct ladder_connection *c,
		     char *p)
{
	char text[STRIP_PIECE];

	return gap_row(f, c, NULL, text,
		       EMIT_LIT(text_number(text, "", c->cut),
				" rows left out for want of room"),
		       p);
}

static char *loss_row(struct format *f, const struct ladder_connection *c,
		      const struct ladder_row *row, char *p)
{
	static const char text[] =
		"records were lost: something may be missing";

	return gap_row(f, c, row, text, text + sizeof(text) - 1, p);
}

char *format_ladder_row(struct format *f, const struct ladder_connection *c,
			unsigned int i, char *p)
{
	const struct ladder_row *row = &c->row[i];

	if (i == LADDER_FIRST && c->cut)
		p = cut_row(f, c, p);
	switch (row->kind) {
	case LADDER_STATE:
		p = state_row(f, c, row, p);
		break;
	case LADDER_SEGMENT:
		p = format_arrow(f, c, row, p);
		break;
	case LADDER_NOTE:
		p = note_row(f, c, row, p);
		break;
	case LADDER_LOSS:
		p = loss_row(f, c, row, p);
		break;
	}
	return i + 1 == c->nr_rows ? emit_char(p, '\n') : p;
}
