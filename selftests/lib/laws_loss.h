/* SPDX-License-Identifier: GPL-2.0 */
/*
 * laws - the law of loss: what a reader was given, and what it was not.
 *
 * Must not know connections.
 */
#ifndef LIB_LAWS_LOSS_H
#define LIB_LAWS_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#include "laws_stream.h"

/**
 * struct laws_loss - what a stream consists of
 * @path: its file, for messages
 * @lines: lines in it
 * @seq: of the last line
 * @lost_events: losses told
 * @lost: records lost, as told
 * @withheld: how many were lost was not told in one of them
 * @snapshots: lines that tell of connections that were alive
 * @filtered: what the reader said in the end; 0 if it said nothing
 */
struct laws_loss {
	const char *path;
	uint64_t lines;
	uint64_t seq;
	uint64_t lost_events;
	uint64_t lost;
	bool withheld;
	uint64_t snapshots;
	uint64_t filtered;
};

void laws_loss_add(struct laws_loss *loss, const struct laws_event *event);

/* @closing: file with what the reader said in the end; NULL for none */
void laws_loss_end(struct laws_loss *loss, const char *closing);

#endif /* LIB_LAWS_LOSS_H */
