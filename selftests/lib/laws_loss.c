// SPDX-License-Identifier: GPL-2.0
/*
 * laws - the law of loss: what a reader was given, and what it was not.
 *
 * Must not know connections. A loss is no violation in itself, if it is told,
 * counted, and at a place where the numbers go on.
 */
#include "laws_loss.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "laws.h"

void laws_loss_add(struct laws_loss *loss, const struct laws_event *event)
{
	/* The number has 32 bits in the record. */
	uint64_t next = (uint32_t)(loss->seq + 1);

	loss->lines++;
	if (event->seq != next)
		laws_broken(LAW_LOSS,
			    "%s:%" PRIu64 ": seq %" PRIu64 " after %" PRIu64,
			    loss->path, loss->lines, event->seq, loss->seq);
	loss->seq = event->seq;
	if (event->kind == TCPSTATE_EVENT_STATE &&
	    event->flags & TCPSTATE_F_SNAPSHOT)
		loss->snapshots++;
	if (event->kind != TCPSTATE_EVENT_LOST)
		return;
	loss->lost_events++;
	loss->lost += event->count;
	if (event->flags & (TCPSTATE_F_SCOPED | TCPSTATE_F_DISABLED))
		loss->withheld = true;
	else if (!event->count)
		laws_broken(LAW_LOSS, "%s:%" PRIu64 ": a loss of nothing",
			    loss->path, loss->lines);
	if (laws_options.no_loss)
		laws_broken(LAW_LOSS,
			    "%s:%" PRIu64 ": %" PRIu64 " records lost",
			    loss->path, loss->lines, event->count);
}

/* What tcpstate-tail says in the end: "N events delivered" and so on. */
struct closing {
	bool delivered_said;
	bool filtered_said;
	bool lost_said;
	bool some_lost;
	uint64_t delivered;
	uint64_t filtered;
	uint64_t lost;
};

static void read_closing(const char *path, struct closing *closing)
{
	FILE *file = fopen(path, "r");
	char line[256], what[32];
	uint64_t n;

	memset(closing, 0, sizeof(*closing));
	if (!file)
		laws_bad_input("cannot open %s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		if (strcmp(line, "some events lost\n") == 0)
			closing->some_lost = true;
		if (sscanf(line, "%" SCNu64 " events %31s", &n, what) != 2)
			continue;
		if (strcmp(what, "delivered") == 0) {
			closing->delivered_said = true;
			closing->delivered = n;
		} else if (strcmp(what, "filtered") == 0) {
			closing->filtered_said = true;
			closing->filtered = n;
		} else if (strcmp(what, "lost") == 0) {
			closing->lost_said = true;
			closing->lost = n;
		}
	}
	fclose(file);
	if (!closing->delivered_said || !closing->filtered_said ||
	    !(closing->lost_said || closing->some_lost))
		laws_bad_input("%s: no closing lines of tcpstate-tail", path);
}

static void check_closing(struct laws_loss *loss, const char *path)
{
	uint64_t given = loss->lines - loss->lost_events - loss->snapshots;
	struct closing closing;

	read_closing(path, &closing);
	loss->filtered = closing.filtered;
	if (closing.delivered != given)
		laws_broken(LAW_LOSS,
			    "%s: %" PRIu64 " events delivered, says the reader,"
			    " but the stream has %" PRIu64,
			    loss->path, closing.delivered, given);
	if (closing.some_lost ? !loss->lost_events :
				!loss->withheld && closing.lost != loss->lost)
		laws_broken(LAW_LOSS,
			    "%s: %" PRIu64 "%s events lost, says the reader,"
			    " but the stream tells of %" PRIu64,
			    loss->path, closing.lost,
			    closing.some_lost ? " or more" : "", loss->lost);
}

void laws_loss_end(struct laws_loss *loss, const char *closing)
{
	if (!loss->lines && !laws_options.empty_ok)
		laws_broken(LAW_LOSS, "%s: no records", loss->path);
	if (loss->seq != (uint32_t)loss->lines)
		laws_broken(LAW_LOSS,
			    "%s: %" PRIu64
			    " records, but the last has number %" PRIu64,
			    loss->path, loss->lines, loss->seq);
	if (closing)
		check_closing(loss, closing);
}
