/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A walk along one chain of a hash table of the kernel's.
 *
 * Knows chains and their locks; must not know what stands in them, nor what
 * becomes of it.
 */
#ifndef _TCPS_CHAIN_H
#define _TCPS_CHAIN_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct hlist_nulls_head;
struct sock;

/**
 * struct tcps_chain - a chain
 * @head: its head
 * @lock: under which it changes
 * @nulls: what its end says, by which it is told from other chains
 */
struct tcps_chain {
	const struct hlist_nulls_head *head;
	spinlock_t *lock; /* the kernel's */
	unsigned long nulls;
};

/**
 * struct tcps_chain_visitor - what is done with those in a chain
 * @begin: a walk along a chain begins; or begins anew, and what was seen of this
 *	chain does not count; or NULL
 * @each: called for each, with the chain locked, of whatever namespace
 * @data: for both
 */
struct tcps_chain_visitor {
	void (*begin)(bool anew, void *data);
	void (*each)(struct sock *sk, void *data);
	void *data;
};

void tcps_chain_visit(const struct tcps_chain *chain,
		      const struct tcps_chain_visitor *visitor);

#endif /* _TCPS_CHAIN_H */
