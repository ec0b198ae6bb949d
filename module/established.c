// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's table of connections.
 *
 * Knows where they stand; must not know what becomes of them. It holds full
 * sockets, requests and timewait socks, of all namespaces; since 6.1 one can
 * have a table of its own. Each chain is walked under its lock, as inet_diag
 * does.
 */
#include "established.h"

#include <linux/sched.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>

#include "compat.h"

/**
 * tcps_established_visit() - visit all connections of a table
 * @net: a namespace that uses it
 * @before: called before each chain that is not empty; may sleep; or NULL
 * @each: called for each, of whatever namespace, with the chain locked
 * @data: for it
 */
void tcps_established_visit(const struct net *net, void (*before)(void),
			    void (*each)(struct sock *sk, void *data),
			    void *data)
{
	struct inet_hashinfo *table = compat_hashinfo(net);
	unsigned int i;

	for (i = 0; i <= table->ehash_mask; i++) {
		struct inet_ehash_bucket *head = &table->ehash[i];
		struct hlist_nulls_node *node;
		spinlock_t *lock; /* of the chain; the kernel's */
		struct sock *sk;

		cond_resched();
		if (hlist_nulls_empty(&head->chain))
			continue;
		if (before)
			before();
		lock = inet_ehash_lockp(table, i);
		spin_lock_bh(lock);
		sk_nulls_for_each(sk, node, &head->chain)
			each(sk, data);
		spin_unlock_bh(lock);
	}
}
