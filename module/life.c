// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a connection: how an entry of the table begins, goes on, is told
 * and ends.
 *
 * Knows entries and records; must not know sockets, counters or hooks. All
 * functions are called with the entry's group locked.
 */
#include "life.h"

#include <linux/kernel.h>
#include <linux/string.h>

/* Flags that belong to the connection, not to the one life. */
#define STAY (TCPSTATE_F_MAPPED | TCPSTATE_F_MPTCP)

/**
 * tcps_life_begin() - a new life, in CLOSE
 * @life: a new entry or a tombstone
 *
 * Owner and history of the last life are forgotten.
 */
void tcps_life_begin(struct tcps_life *life)
{
	struct tcps_identity *id = &life->who.id;

	if (id->life < U16_MAX)
		id->life++;
	id->flags &= STAY;
	id->tgid = 0;
	memset(id->comm, 0, sizeof(id->comm));
	life->state = TCPSTATE_CLOSE;
	life->mark = TCPS_MARK_NONE;
	life->why = TCPSTATE_CAUSE_NONE;
	life->flags = 0;
	life->seq = 0;
	/* A new entry is all 0. */
	if (life->steps)
		memset(&life->path, 0, sizeof(life->path));
	life->steps = 0;
}

/**
 * tcps_life_adopt() - a life that began before we looked
 * @life: a new entry or a tombstone
 * @state: its present state
 */
void tcps_life_adopt(struct tcps_life *life, u8 state)
{
	tcps_life_begin(life);
	life->who.id.flags |= TCPSTATE_F_PREEXISTING;
	life->state = state;
	life->steps = tcps_path_enter(&life->path, 0, state,
				      TCPSTATE_CAUSE_NONE, life->who.carrier);
}
