// SPDX-License-Identifier: GPL-2.0
/*
 * A life that has ended: what a hook leaves of it, and what readers make of
 * that.
 *
 * Knows entries and records; must not know sockets, rings or hooks.
 */
#include "ended.h"

#include <linux/string.h>

/**
 * tcps_life_expand() - make what was left by a hook what readers get
 * @rec: a copy of what stood in the lane of lives
 */
void tcps_life_expand(struct tcpstate_life_record *rec)
{
	struct tcps_life_raw raw;

	BUILD_BUG_ON(sizeof(raw) >= sizeof(*rec));
	if (rec->head.size != sizeof(raw))
		return;
	memcpy(&raw, rec, sizeof(raw));
	rec->head.size = sizeof(*rec);
	tcps_path_write(&raw.path, raw.head.life_end.steps, raw.dwell_ns, rec);
}
