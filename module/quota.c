// SPDX-License-Identifier: GPL-2.0
/*
 * How much of a ring each of those who share it may have.
 *
 * Knows slots and numbers; must not know what is in the slots. Slots that
 * nobody used yet are free for all; after that nobody who has half of them
 * gets one that is another's.
 */
#include "quota.h"

#include <linux/vmalloc.h>

/**
 * tcps_quota_init() - nobody has anything
 * @quota: to be filled in; tcps_quota_exit() is due even after a failure
 * @slots: of the ring
 * @node: NUMA node of the memory
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_quota_init(struct tcps_quota *quota, u32 slots, int node)
{
	quota->limit = slots / 2;
	quota->used[0] = slots;
	quota->mark = vzalloc_node(slots, node);
	return quota->mark ? 0 : -ENOMEM;
}

void tcps_quota_exit(struct tcps_quota *quota)
{
	vfree(quota->mark);
}

/**
 * tcps_quota_take() - may an owner have the slot that is next?
 * @quota: of the ring
 * @slot: that is written next
 * @owner: any number but 0
 *
 * Return: true, and it is the owner's; or false, and it must not be written.
 */
bool tcps_quota_take(struct tcps_quota *quota, u32 slot, u32 owner)
{
	u8 mine = owner % (TCPS_QUOTA_MARKS - 1) + 1, had = quota->mark[slot];

	if (had == mine)
		return true;
	if (had && quota->used[mine] >= quota->limit)
		return false;
	quota->used[had]--;
	quota->used[mine]++;
	quota->mark[slot] = mine;
	return true;
}
