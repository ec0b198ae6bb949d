/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - the times of what is drawn as a block of lines: time of day,
 * and seconds since the first that was shown.
 *
 * This unit owns these columns and the time zone. It must not know what happened
 * at that time.
 */
#ifndef TOOLS_WHEN_H
#define TOOLS_WHEN_H

#include <stddef.h>
#include <stdint.h>

#include "format.h"

/* Seconds are since @mono_ns, unless something was shown before. */
void when_start(struct format *f, uint64_t mono_ns);

/* The time of day, with -w the date before it; "-" if it is before 1970. */
char *when_clock(struct format *f, uint64_t mono_ns, char *p);

/*
 * Columns: the time of day unless there is an option and it is another one, the
 * seconds if they are asked for. when_width() with the blanks after them.
 */
size_t when_width(const struct format *f);
char *when_header(const struct format *f, char *p);
char *when_columns(struct format *f, uint64_t mono_ns, char *p);

#endif /* TOOLS_WHEN_H */
