/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - from an event to a line.
 *
 * This unit owns what a line looks like: format_text.c for people,
 * format_json.c for programs. It must not know where lines go.
 */
#ifndef TOOLS_FORMAT_H
#define TOOLS_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include <tcpstate.h>

/* No line is longer, newline included; the unit test has the worst case. */
#define FORMAT_LINE_MAX 4096

/*
 * What the look of a line depends on. The caller sets the options and
 * @real_offset (CLOCK_REALTIME minus CLOCK_MONOTONIC, nanoseconds) and zeroes
 * the rest, which belongs to the formatters: the time of the first event, and
 * the text of the second that was printed last.
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
};

/* All return the end of the line that they wrote at @p. */
char *format_text_header(const struct format *f, char *p);
char *format_text(struct format *f, const struct tcps_event *e, char *p);
char *format_json(struct format *f, const struct tcps_event *e, char *p);

#endif /* TOOLS_FORMAT_H */
