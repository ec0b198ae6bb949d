// SPDX-License-Identifier: GPL-2.0
/*
 * Owners: who can be told apart from others by rights.
 *
 * Knows namespaces and accounts; must not know what is shared among owners.
 */
#include "owner.h"

#include <linux/bitmap.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "share.h"

/*
 * Covers all of this file. Taken when a namespace comes and when it has gone,
 * which may be in softirq; only the one of shares is taken under it.
 */
static DEFINE_SPINLOCK(owners_lock);
static LIST_HEAD(owners);
static unsigned int count;
static u32 last_id;
static DECLARE_BITMAP(taken, TCPS_ACCOUNTS_OWN);

/* Those for whom there was no memory. */
static struct tcps_owner others = {
	.account = TCPS_ACCOUNTS - 1,
};

/* Who is the owner of a namespace? Neither uid nor above: it is one itself. */
static void identify(const struct net *net, struct tcps_owner *owner)
{
	const struct user_namespace *above = net->user_ns;

	owner->is_host = net_eq(net, &init_net);
	owner->uid = INVALID_UID;
	owner->above = NULL;
	if (above == &init_user_ns)
		return;
	while (above->parent != &init_user_ns)
		above = above->parent;
	if (uid_eq(above->owner, GLOBAL_ROOT_UID))
		owner->above = above;
	else
		owner->uid = above->owner;
}

static bool is_same(const struct tcps_owner *a, const struct tcps_owner *b)
{
	if (a->above || b->above)
		return a->above == b->above;
	return uid_valid(a->uid) && uid_valid(b->uid) && uid_eq(a->uid, b->uid);
}

static struct tcps_owner *find(const struct tcps_owner *like)
{
	struct tcps_owner *owner;

	list_for_each_entry(owner, &owners, list) {
		if (is_same(owner, like))
			return owner;
	}
	return NULL;
}

static u8 take_account(u32 id)
{
	unsigned long nr = find_next_zero_bit(taken, TCPS_ACCOUNTS_OWN,
					      TCPS_ACCOUNT_HOST + 1);

	if (nr >= TCPS_ACCOUNTS_OWN)
		return TCPS_ACCOUNTS_OWN +
		       id % (TCPS_ACCOUNTS - TCPS_ACCOUNTS_OWN);
	__set_bit(nr, taken);
	return nr;
}

static void enlist(struct tcps_owner *owner)
{
	owner->id = ++last_id;
	owner->account = owner->is_host ? TCPS_ACCOUNT_HOST :
					  take_account(owner->id);
	list_add(&owner->list, &owners);
	WRITE_ONCE(count, count + 1);
	tcps_shares_divide(count - 1);
}

/**
 * tcps_owner_of() - the owner of a network namespace that comes up
 * @net: the namespace
 *
 * May sleep.
 *
 * Return: the owner, to be given back by tcps_owner_put(); never NULL.
 */
struct tcps_owner *tcps_owner_of(const struct net *net)
{
	struct tcps_owner *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	struct tcps_owner *owner;

	if (!fresh)
		return &others;
	identify(net, fresh);
	spin_lock_bh(&owners_lock);
	owner = find(fresh);
	if (!owner) {
		owner = fresh;
		fresh = NULL;
		enlist(owner);
	}
	owner->refs++;
	spin_unlock_bh(&owners_lock);
	kfree(fresh);
	return owner;
}

static void delist(struct tcps_owner *owner)
{
	list_del(&owner->list);
	WRITE_ONCE(count, count - 1);
	if (owner->account < TCPS_ACCOUNTS_OWN)
		__clear_bit(owner->account, taken);
	tcps_shares_divide(count);
}

/**
 * tcps_owner_put() - a namespace is gone
 * @owner: from tcps_owner_of()
 *
 * In any context but that of an interrupt.
 */
void tcps_owner_put(struct tcps_owner *owner)
{
	bool last;

	if (owner == &others)
		return;
	spin_lock_bh(&owners_lock);
	last = !--owner->refs;
	if (last)
		delist(owner);
	spin_unlock_bh(&owners_lock);
	if (last)
		kfree(owner);
}

/**
 * tcps_owners() - how many owners there are
 *
 * Return: the number.
 */
unsigned int tcps_owners(void)
{
	return READ_ONCE(count);
}
