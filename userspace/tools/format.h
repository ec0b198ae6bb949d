/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - from an event to a line.
 *
 * This unit owns what a line looks like: format_text.c for people,
 * format_json.c for programs, format_lifeline.c the block of lines for people
 * that is an ended connection, format_ladder.c its sequence chart. It must not
 * know where lines go.
 */
#ifndef TOOLS_FORMAT_H
#define TOOLS_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include <tcpstate.h>

struct ladder_connection;

/* No line or block is longer, newlines included; unit tests have the worst. */
#define FORMAT_LINE_MAX 4096

/*
 * What the look of a line depends on. The caller sets the options and
 * @real_offset (CLOCK_REALTIME minus CLOCK_MONOTONIC, nanoseconds) and zeroes
 * the rest, which belongs to the formatters: the time of the first event, the
 * text of the second that was printed last, and the time zone in a quarter of
 * an hour, counted from 1.
 */
struct format {
	bool wide;
	bool wall_clock;
	bool seconds;
	int64_t real_offset;

	bool started;
	uint64_t first_ns;
	int64_t cached_second;
	char cached_text[32];
	int64_t cached_quarter;
	int64_t cached_zone;
};

/*
 * All return the end of the line that they wrote at @p; format_loss() writes a
 * TCPS_EVENT_LOST without time and newline.
 */
char *format_text_header(const struct format *f, char *p);
char *format_text(struct format *f, const struct tcps_event *e, char *p);
char *format_loss(const struct tcps_event *e, char *p);
char *format_json(struct format *f, const struct tcps_event *e, char *p);
char *format_lifeline_header(const struct format *f, char *p);
char *format_lifeline(struct format *f, const struct tcps_event *e, char *p);

/*
 * A chart is written in parts, each no longer than a line: titles once, then for
 * each connection its head and all its rows.
 */
char *format_ladder_header(const struct format *f, char *p);
char *format_ladder_head(struct format *f, const struct ladder_connection *c,
			 char *p);
char *format_ladder_row(struct format *f, const struct ladder_connection *c,
			unsigned int i, char *p);

#endif /* TOOLS_FORMAT_H */
