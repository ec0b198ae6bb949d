/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - from an open reader to printed lines.
 *
 * This unit owns the loop: wait, read, print, write out, until it is time to
 * stop. It must not know how the reader was opened or what is said afterwards.
 */
#ifndef TOOLS_TAIL_H
#define TOOLS_TAIL_H

#include <stdint.h>

#include <tcpstate.h>

#include "buffer.h"
#include "format.h"
#include "ladder.h"
#include "options.h"

/* Events asked for at once. */
#define TAIL_BATCH 128

/*
 * The caller sets @config, @ts, @format and @out. @line writes a line, @count is
 * the number of events printed, or read for @ladder, without losses, @alive how
 * many of them were connections that are alive, @drawn the connections drawn;
 * @doing says what failed: "read" or "write".
 */
struct tail {
	const struct config *config;
	struct tcpstate *ts;
	struct format format;
	char *(*line)(struct format *f, const struct tcps_event *e, char *p);
	struct buffer out;
	struct ladder ladder;
	uint64_t count;
	uint64_t alive;
	uint64_t drawn;
	uint64_t last_ns;
	const char *doing;
	struct tcps_event events[TAIL_BATCH];
};

/*
 * Print until a signal, the deadline, the wanted number of events, or the end
 * of a stream. 0 or a negative errno: -EPIPE if whoever read the output went
 * away, -EINTR if the tool was told to stop while nobody took its output.
 */
int tail_run(struct tail *t);

#endif /* TOOLS_TAIL_H */
