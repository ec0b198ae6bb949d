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
#include <linux/sched/signal.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>

#include "compat.h"

/**
 * tcps_established_visit() - visit all connections of a table
 * @net: a namespace that uses it
 * @before: called before each chain that is not empty; may sleep; or NULL
 * @visitor: for whom
 *
 * May sleep. Ends early for somebody who is being killed.
 */
void tcps_established_visit(const struct net *net, void (*before)(void),
			    const struct tcps_chain_visitor *visitor)
{
	struct inet_hashinfo *table = compat_hashinfo(net);
	unsigned int i;

	for (i = 0; i <= table->ehash_mask; i++) {
		const struct tcps_chain chain = {
			.head = &table->ehash[i].chain,
			.lock = inet_ehash_lockp(table, i),
			.nulls = i,
		};

		cond_resched();
		if (fatal_signal_pending(current))
			return;
		if (hlist_nulls_empty(chain.head))
			continue;
		if (before)
			before();
		tcps_chain_visit(&chain, visitor);
	}
}
