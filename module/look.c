// SPDX-License-Identifier: GPL-2.0
/*
 * A look at one group of the table: its connections as of one moment.
 *
 * Knows the table and records; must not know what they are wanted for.
 */
#include "look.h"

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "step.h"
#include "table.h"

#define ROOM_MIN 64U

struct visit {
	struct tcps_look *look;
	bool (*wanted)(const struct tcps_life *life, u32 gen);
	u32 gen;
};

static void collect(struct tcps_life *life, u64 now, void *data)
{
	struct visit *visit = data;
	struct tcps_look *look = visit->look;

	if (life->state == TCPSTATE_CLOSE || !visit->wanted(life, visit->gen))
		return;
	if (look->count < look->room) {
		struct tcps_step step;

		tcps_life_tell(life, now, &step);
		tcps_life_write(life, &step, &look->records[look->count]);
	}
	look->count++;
}

/* Room for what was found just now, and some more. */
static bool grow(struct tcps_look *look)
{
	unsigned int room = max(look->count + look->count / 4, ROOM_MIN);

	kvfree(look->records);
	look->room = 0;
	look->records = kvmalloc_array(room, sizeof(*look->records),
				       GFP_KERNEL_ACCOUNT);
	if (!look->records)
		return false;
	look->room = room;
	return true;
}

/**
 * tcps_look_at() - look at a group
 * @look: result
 * @group: its number
 * @floor: what happens from now on shall bear a later time
 * @wanted: which of the connections that have not ended; called with the group
 *	locked
 * @gen: for @wanted: a network namespace
 *
 * May sleep.
 *
 * Return: false if there was no memory for what was found.
 */
bool tcps_look_at(struct tcps_look *look, unsigned int group, bool floor,
		  bool (*wanted)(const struct tcps_life *life, u32 gen),
		  u32 gen)
{
	struct visit visit = { look, wanted, gen };

	do {
		look->count = 0;
		look->time = tcps_table_visit(group, floor, collect, &visit);
		if (look->count <= look->room)
			return true;
	} while (grow(look));
	return false;
}

/**
 * tcps_look_free() - free its memory
 * @look: which; can be used anew
 */
void tcps_look_free(struct tcps_look *look)
{
	kvfree(look->records);
	look->records = NULL;
	look->room = 0;
}
