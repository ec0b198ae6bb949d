/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - what the parts of a sequence chart share: its measures, and
 * which end is drawn at which side.
 *
 * This header owns these. It must not know what a row says.
 */
#ifndef TOOLS_CHART_H
#define TOOLS_CHART_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "format.h"
#include "ladder.h"
#include "strip.h"

/*
 * A chart of IPv4 without further columns is 100 wide: time, state, line, what
 * is between the lines, line, state. A tip is an end of an arrow, the label is
 * between two of them, and what it has no room for stands below it.
 */
enum {
	CHART_AT = 10,
	CHART_STATE = 11,
	CHART_LANE = 63,
	CHART_TIP = 5,
	CHART_LABEL = CHART_LANE - 2 * CHART_TIP - 1,
	CHART_INDENT = 3,
};

static_assert(STRIP_WIDTH + CHART_INDENT < CHART_LANE, "a blank is left");

enum chart_side {
	CHART_LEFT,
	CHART_RIGHT,
	CHART_BOTH,
};

static inline enum chart_side chart_side(const struct ladder_connection *c,
					 unsigned int end)
{
	return end == ladder_left(c) ? CHART_LEFT : CHART_RIGHT;
}

static inline const struct ladder_end *
chart_end(const struct ladder_connection *c, enum chart_side side)
{
	return &c->end[side == CHART_LEFT ? ladder_left(c) : !ladder_left(c)];
}

static inline bool chart_has_segments(const struct ladder_connection *c)
{
	return c->end[0].segments || c->end[1].segments;
}

static inline char *chart_repeat(char *p, char what, size_t n)
{
	memset(p, what, n);
	return p + n;
}

/*
 * format_ladder_head.c: the columns before the left line, with the time of @row,
 * or NULL for a line that goes on, and the state at the left or "".
 */
char *chart_margin(struct format *f, const struct ladder_connection *c,
		   const struct ladder_row *row, const char *state, char *p);

/* format_arrow.c: a segment. */
char *format_arrow(struct format *f, const struct ladder_connection *c,
		   const struct ladder_row *row, char *p);

#endif /* TOOLS_CHART_H */
