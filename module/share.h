/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shares: each account keeps a guaranteed part of what is limited.
 *
 * Knows numbers of accounts; must not know whose they are, nor what is shared.
 *
 * One half of what there is belongs to nobody: it is free for who comes first.
 * A quarter is the host's, and of the last quarter each other account has an
 * equal part. Whoever has used up his own takes of the common half.
 */
#ifndef _TCPS_SHARE_H
#define _TCPS_SHARE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/types.h>

/*
 * Accounts, of which each owner has one as long as there are enough; the last
 * ones are shared by all who found none.
 */
#define TCPS_ACCOUNTS 256
#define TCPS_ACCOUNTS_OWN 240
#define TCPS_ACCOUNT_COMMON 0
#define TCPS_ACCOUNT_HOST 1

/**
 * struct tcps_account - what one has of something
 * @left: so many more; atomic, and for a moment one less by each that finds no
 *	room. Below 0 if the limit has become lower than what is used
 * @limit: at most so many; under the lock of share.c
 */
struct tcps_account {
	atomic_t left;
	int limit;
} ____cacheline_aligned_in_smp;

/**
 * struct tcps_shares - something that is shared
 * @list: of all such things; under the lock of share.c
 * @total: how many there are; constant
 * @account: by number
 */
struct tcps_shares {
	struct list_head list;
	unsigned int total;
	struct tcps_account account[TCPS_ACCOUNTS];
};

int tcps_share_take_common(struct tcps_shares *shares);

/**
 * tcps_share_take() - take one
 * @shares: of these
 * @account: for whom
 *
 * Return: the account that pays, for tcps_share_give(); -1 if there is no room.
 */
static __always_inline int tcps_share_take(struct tcps_shares *shares,
					   u8 account)
{
	struct tcps_account *own = &shares->account[account];

	if (likely(!atomic_add_negative(-1, &own->left)))
		return account;
	atomic_inc(&own->left);
	return tcps_share_take_common(shares);
}

/**
 * tcps_share_give() - give one back
 * @shares: of these
 * @account: that paid
 */
static __always_inline void tcps_share_give(struct tcps_shares *shares,
					    u8 account)
{
	atomic_inc(&shares->account[account].left);
}

bool tcps_share_room(struct tcps_shares *shares, u8 account);
unsigned int tcps_share_used(const struct tcps_shares *shares);
void tcps_shares_init(struct tcps_shares *shares, unsigned int total);
void tcps_shares_exit(struct tcps_shares *shares);
void tcps_shares_divide(unsigned int others);

#endif /* _TCPS_SHARE_H */
