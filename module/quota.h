/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much of a ring each of those who share it may have.
 *
 * Knows slots and numbers; must not know what is in the slots.
 */
#ifndef _TCPS_QUOTA_H
#define _TCPS_QUOTA_H

#include <linux/types.h>

/* Owners are told apart by this many marks; those with the same one share. */
#define TCPS_QUOTA_MARKS 256

/**
 * struct tcps_quota - shares of a ring
 *
 * Like the ring it has one writer: the owning CPU with interrupts off.
 *
 * @limit: slots that one owner may have where others want them too
 * @used: slots by mark; mark 0 is nobody
 * @mark: of each slot
 */
struct tcps_quota {
	u32 limit;
	u32 used[TCPS_QUOTA_MARKS];
	u8 *mark;
};

int tcps_quota_init(struct tcps_quota *quota, u32 slots, int node);
void tcps_quota_exit(struct tcps_quota *quota);
bool tcps_quota_take(struct tcps_quota *quota, u32 slot, u32 owner);

#endif /* _TCPS_QUOTA_H */
