/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A life that has ended: what a hook leaves of it, and what readers make of
 * that.
 *
 * Knows entries and records; must not know sockets, rings or hooks.
 */
#ifndef _TCPS_ENDED_H
#define _TCPS_ENDED_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

#include "step.h"

/**
 * struct tcps_life_raw - a life that has ended, as hooks leave it
 *
 * Readers make a &struct tcpstate_life_record of it, by tcps_life_expand():
 * that would be too much for a hook. It is told from one by its size.
 *
 * @head: as there, but for what follows from @path
 * @path: what it went through
 * @dwell_ns: time in the last state
 */
struct tcps_life_raw {
	struct tcpstate_record head;
	struct tcps_path path;
	u64 dwell_ns;
};

/**
 * tcps_life_end() - tell a whole life
 * @life: the connection, in CLOSE
 * @last: its last step
 * @raw: result, perhaps a slot of a ring that is being read
 */
static __always_inline void tcps_life_end(const struct tcps_life *life,
					  const struct tcps_step *last,
					  struct tcps_life_raw *raw)
{
	const u64 *from = (const u64 *)&life->path;
	u64 *to = (u64 *)&raw->path;

	BUILD_BUG_ON(sizeof(life->path) != 8 * sizeof(u64));
	WRITE_ONCE(raw->head.size, sizeof(*raw));
	tcps_life_write_head(life, last, &raw->head);
	WRITE_ONCE(raw->head.life_end.cgroup, life->who.cgroup);
	WRITE_ONCE(raw->head.life_end.steps, life->steps);
	WRITE_ONCE(raw->head.life_end.transitions, life->seq);
	WRITE_ONCE(to[0], from[0]);
	WRITE_ONCE(to[1], from[1]);
	WRITE_ONCE(to[2], from[2]);
	WRITE_ONCE(to[3], from[3]);
	WRITE_ONCE(to[4], from[4]);
	WRITE_ONCE(to[5], from[5]);
	WRITE_ONCE(to[6], from[6]);
	WRITE_ONCE(to[7], from[7]);
	WRITE_ONCE(raw->dwell_ns, last->dwell_ns);
}

void tcps_life_expand(struct tcpstate_life_record *rec);

#endif /* _TCPS_ENDED_H */
