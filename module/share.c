// SPDX-License-Identifier: GPL-2.0
/*
 * Shares: each account keeps a guaranteed part of what is limited.
 *
 * Knows numbers of accounts; must not know whose they are, nor what is shared.
 */
#include "share.h"

#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>

/* A quarter is divided among so many at least: few come, and nothing changes. */
#define OTHERS_MIN 8U

/* Covers what follows. Innermost; not taken in hooks. */
static DEFINE_SPINLOCK(shares_lock);
static LIST_HEAD(all_shares);
static unsigned int parts = OTHERS_MIN; /* a power of two */

static void set_limit(struct tcps_account *account, int limit)
{
	atomic_add(limit - account->limit, &account->left);
	WRITE_ONCE(account->limit, limit);
}

static void divide(struct tcps_shares *shares)
{
	unsigned int quarter = shares->total / 4, i;

	for (i = 0; i < TCPS_ACCOUNTS; i++)
		if (i != TCPS_ACCOUNT_HOST && i != TCPS_ACCOUNT_COMMON)
			set_limit(&shares->account[i], quarter / parts);
	set_limit(&shares->account[TCPS_ACCOUNT_HOST], quarter);
	set_limit(&shares->account[TCPS_ACCOUNT_COMMON],
		  shares->total - 2 * quarter);
}

/**
 * tcps_shares_divide() - there are more or fewer accounts
 * @others: accounts besides the host's
 */
void tcps_shares_divide(unsigned int others)
{
	struct tcps_shares *shares;
	unsigned int now = roundup_pow_of_two(max(others, OTHERS_MIN));

	spin_lock_bh(&shares_lock);
	if (now != parts) {
		parts = now;
		list_for_each_entry(shares, &all_shares, list)
			divide(shares);
	}
	spin_unlock_bh(&shares_lock);
}

/**
 * tcps_share_take_common() - the own part is used up
 * @shares: take one of these
 *
 * Return: as tcps_share_take().
 */
noinline int tcps_share_take_common(struct tcps_shares *shares)
{
	struct tcps_account *common = &shares->account[TCPS_ACCOUNT_COMMON];

	if (!atomic_add_negative(-1, &common->left))
		return TCPS_ACCOUNT_COMMON;
	atomic_inc(&common->left);
	return -1;
}

static bool has_room(const struct tcps_account *account)
{
	return atomic_read(&account->left) > 0;
}

/**
 * tcps_share_room() - would there be one?
 * @shares: of these
 * @account: for whom
 *
 * Return: true if there was just now.
 */
bool tcps_share_room(struct tcps_shares *shares, u8 account)
{
	return has_room(&shares->account[account]) ||
	       has_room(&shares->account[TCPS_ACCOUNT_COMMON]);
}

/**
 * tcps_share_used() - how many are taken
 * @shares: of these
 *
 * Return: the number; by all accounts.
 */
unsigned int tcps_share_used(const struct tcps_shares *shares)
{
	unsigned int used = 0, i;

	for (i = 0; i < TCPS_ACCOUNTS; i++)
		used += READ_ONCE(shares->account[i].limit) -
			atomic_read(&shares->account[i].left);
	return used;
}

/**
 * tcps_shares_init() - something is to be shared
 * @shares: all 0
 * @total: how many there are
 */
void tcps_shares_init(struct tcps_shares *shares, unsigned int total)
{
	shares->total = total;
	spin_lock_bh(&shares_lock);
	divide(shares);
	list_add(&shares->list, &all_shares);
	spin_unlock_bh(&shares_lock);
}

/**
 * tcps_shares_exit() - nothing is shared any more
 * @shares: from tcps_shares_init()
 */
void tcps_shares_exit(struct tcps_shares *shares)
{
	spin_lock_bh(&shares_lock);
	list_del(&shares->list);
	spin_unlock_bh(&shares_lock);
}
