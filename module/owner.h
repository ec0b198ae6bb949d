/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Owners: who can be told apart from others by rights.
 *
 * Knows namespaces and accounts; must not know what is shared among owners.
 *
 * One user can make thousands of network namespaces, so what is limited is
 * shared among owners, not namespaces. A network namespace of the initial user
 * namespace is an owner of its own, as only root of the host can make such
 * ones. One of another user namespace belongs to whoever made the user
 * namespace of level 1 above it, however deep it is nested and whatever
 * subordinate uids are used in it; where that was root of the host, the user
 * namespace of level 1 is the owner.
 */
#ifndef _TCPS_OWNER_H
#define _TCPS_OWNER_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct net;
struct user_namespace;

/**
 * struct tcps_owner - an owner of network namespaces
 * @list: of all owners
 * @refs: namespaces that are his; under the lock of owner.c, as @list
 * @id: never used again; 0 stands for all for whom there was no memory.
 *	Constant, as all that follows
 * @account: number of his account
 * @is_host: he is the initial network namespace
 * @uid: who made @above; invalid where that does not tell
 * @above: the user namespace of level 1 where @uid does not tell, or NULL.
 *	Compared only
 */
struct tcps_owner {
	struct list_head list;
	unsigned int refs;
	u32 id;
	u8 account;
	bool is_host;
	kuid_t uid;
	const struct user_namespace *above;
};

struct tcps_owner *tcps_owner_of(const struct net *net);
void tcps_owner_put(struct tcps_owner *owner);
unsigned int tcps_owners(void);

#endif /* _TCPS_OWNER_H */
