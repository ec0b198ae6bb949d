// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's table of listeners.
 *
 * Knows where they stand; must not know what becomes of them. One table has
 * those of all namespaces.
 */
#include "listening.h"

#include <net/inet_hashtables.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"

static struct inet_listen_hashbucket *head_of(unsigned int chain)
{
	return compat_listen_bucket(compat_hashinfo(&init_net), chain);
}

/**
 * tcps_listening_chains() - how many chains there are
 *
 * Return: the number; constant.
 */
unsigned int tcps_listening_chains(void)
{
	return compat_listen_buckets(compat_hashinfo(&init_net));
}

/**
 * tcps_listening_empty() - is there nothing to visit?
 * @chain: from 0
 *
 * Return: true if it was so just now.
 */
bool tcps_listening_empty(unsigned int chain)
{
	return hlist_nulls_empty(&head_of(chain)->nulls_head);
}

/**
 * tcps_listening_visit() - visit the listeners of a chain
 * @chain: from 0
 * @visitor: for whom
 *
 * May sleep.
 */
void tcps_listening_visit(unsigned int chain,
			  const struct tcps_chain_visitor *visitor)
{
	struct inet_listen_hashbucket *head = head_of(chain);
	const struct tcps_chain at = {
		.head = &head->nulls_head,
		.lock = &head->lock,
		.nulls = LISTENING_NULLS_BASE + chain,
	};

	tcps_chain_visit(&at, visitor);
}
