// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - a segment in a sequence chart: an arrow from line to line, and
 * what its header said, in the words of tcpdump.
 *
 * This file owns the arrow. Numbers on it count from the SYN of their end; those
 * below it are as they were sent. It must not know other rows.
 */
#include "chart.h"
#include "emit.h"
#include "text.h"

static char *flag_names(unsigned int flags, char *p)
{
	static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK",
					     "URG", "ECE", "CWR", "AE" };
	const char *before = "";
	unsigned int i;

	for (i = 0; i < TCPS_TCP_FLAGS; i++) {
		if (!(flags >> i & 1))
			continue;
		p = emit_str(emit_str(p, before), names[i]);
		before = ",";
	}
	return flags ? p : EMIT_LIT(p, "no flags");
}

static void add_number(struct strip *s, const char *glue, const char *name,
		       uint32_t n)
{
	char piece[STRIP_PIECE];

	strip_add(s, glue, piece, text_number(piece, name, n));
}

static void add_text(struct strip *s, const char *text)
{
	strip_add(s, ", ", text, text + strlen(text));
}

/* Modulo 2^32, as sequence numbers are. */
static void relative(const struct ladder_connection *c,
		     const struct ladder_row *row, struct strip *s)
{
	const struct ladder_end *sender = &c->end[row->end];
	const struct ladder_end *peer = &c->end[!row->end];
	char piece[STRIP_PIECE];

	strip_add(s, " ", piece, flag_names(row->segment.flags, piece));
	if (sender->has_isn)
		add_number(s, " ", "seq ", row->segment.seq - sender->isn);
	if (row->segment.flags & LADDER_ACK && peer->has_isn)
		add_number(s, " ", "ack ", row->segment.ack - peer->isn);
	add_number(s, " ", "win ", row->segment.window);
	if (row->segment.len)
		add_number(s, " ", "len ", row->segment.len);
	/* The network may double one, too. */
	if (row->segment.again && (row->segment.left || !sender->segments))
		add_number(s, ", ", "retransmission ", row->segment.again);
}

static void absolute(const struct ladder_row *row, struct strip *s)
{
	add_number(s, " ", "= seq ", row->segment.seq);
	if (row->segment.flags & LADDER_ACK)
		add_number(s, " ", "ack ", row->segment.ack);
}

/* Nobody can have seen it at an end where no segment was recorded. */
static bool was_lost(const struct ladder_connection *c,
		     const struct ladder_row *row)
{
	return !row->segment.arrived && c->end[!row->end].segments;
}

static void journey(const struct ladder_connection *c,
		    const struct ladder_row *row, struct strip *s)
{
	char piece[STRIP_PIECE];
	char *p = piece;

	if (was_lost(c, row))
		add_text(s, "not seen to arrive");
	if (!row->segment.left && c->end[row->end].segments)
		add_text(s, "not seen to leave");
	if (!row->segment.left || row->segment.arrived_ns <= row->ns)
		return;
	p = emit_ms(EMIT_LIT(p, "arrived "), row->segment.arrived_ns - row->ns);
	strip_add(s, ", ", piece, EMIT_LIT(p, " ms later"));
}

static void options(const struct ladder_row *row, struct strip *s)
{
	char piece[STRIP_PIECE];
	char *p = piece;

	if (row->segment.has_mss)
		add_number(s, ",", "mss ", row->segment.mss);
	if (row->segment.has_sack_perm)
		strip_add(s, ",", piece, EMIT_LIT(piece, "sackOK"));
	if (row->segment.has_timestamp) {
		p = text_number(piece, "TS val ", row->segment.tsval);
		p = text_number(p, " ecr ", row->segment.tsecr);
		strip_add(s, ",", piece, p);
	}
	if (row->segment.has_wscale)
		add_number(s, ",", "wscale ", row->segment.wscale);
}

/* From line to line. An arrow that was lost ends in an x before it is there. */
static char *arrow(const struct strip *s, enum chart_side from, bool lost,
		   char *p)
{
	static const char *const begin[][2] = { { "---- ", "---- " },
						{ "<--- ", "  x- " } };
	static const char *const end[][2] = { { "---->", "--x  " },
					      { "-----", "-----" } };

	p = emit_str(p, begin[from == CHART_RIGHT][lost]);
	memcpy(p, s->text[0], s->len[0]);
	p = emit_char(p + s->len[0], ' ');
	p = chart_repeat(p, '-', CHART_LABEL - s->len[0]);
	return emit_str(p, end[from == CHART_RIGHT][lost]);
}

static char *below(const struct strip *s, unsigned int i, char *p)
{
	p = chart_repeat(p, ' ', CHART_INDENT);
	memcpy(p, s->text[i], s->len[i]);
	return chart_repeat(p + s->len[i], ' ',
			    CHART_LANE - CHART_INDENT - s->len[i]);
}

char *format_arrow(struct format *f, const struct ladder_connection *c,
		   const struct ladder_row *row, char *p)
{
	struct strip s = { .first = CHART_LABEL };
	unsigned int i;

	relative(c, row, &s);
	strip_break(&s);
	absolute(row, &s);
	journey(c, row, &s);
	strip_break(&s);
	options(row, &s);

	for (i = 0; i < s.lines && (!i || s.len[i]); i++) {
		p = chart_margin(f, c, i ? NULL : row, "", p);
		p = emit_char(p, '|');
		if (i)
			p = below(&s, i, p);
		else
			p = arrow(&s, chart_side(c, row->end), was_lost(c, row),
				  p);
		p = EMIT_LIT(p, "|\n");
	}
	return p;
}
