// SPDX-License-Identifier: GPL-2.0
/*
 * A walk along one chain of a hash table of the kernel's.
 *
 * Knows chains and their locks; must not know what stands in them, nor what
 * becomes of it.
 *
 * A chain can be as long as somebody likes: ten thousand may listen on one port,
 * and a namespace can have a table of one chain. So its lock is held for a few
 * dozen of them at a time. Meanwhile a reference keeps the place; when whoever
 * stands there goes, or goes to another chain, the walk begins anew. So one
 * that stays is seen once, and one that comes or goes once at most.
 */
#include "chain.h"

#include <linux/list_nulls.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>

#include "compat.h"

/* So many are seen under the lock. */
#define BATCH 32U

/* So many walks at most; what the last one saw must do. */
#define AGAIN 16U

enum result {
	MORE,
	END,
	ASTRAY,
};

/**
 * struct place - how far a walk has come
 * @sk: the last one that was seen, referenced; NULL at the beginning
 * @left: how many more may be seen under the lock
 */
struct place {
	struct sock *sk;
	unsigned int left;
};

/* It is in the chain; if it is at its end already there is no place to keep. */
static bool keep(struct place *place, struct sock *sk)
{
	if (!refcount_inc_not_zero(&sk->sk_refcnt))
		return false;
	place->sk = sk;
	return true;
}

/* See some more. The chain is locked. */
static enum result see(const struct tcps_chain *chain,
		       struct hlist_nulls_node *node, struct place *place,
		       const struct tcps_chain_visitor *visitor)
{
	for (; !is_a_nulls(node); node = node->next) {
		struct sock *sk =
			hlist_nulls_entry(node, struct sock, sk_nulls_node);

		visitor->each(sk, visitor->data);
		if (place->left)
			place->left--;
		if (!place->left && keep(place, sk))
			return MORE;
	}
	/* Who went on to another chain has led us to its end. */
	return get_nulls_value(node) == chain->nulls ? END : ASTRAY;
}

/* Where to go on; NULL if the place is lost. The chain is locked. */
static struct hlist_nulls_node *next_of(const struct tcps_chain *chain,
					const struct sock *last)
{
	if (!last)
		return chain->head->first;
	return sk_hashed(last) ? last->sk_nulls_node.next : NULL;
}

static enum result go_on(const struct tcps_chain *chain, struct place *place,
			 const struct tcps_chain_visitor *visitor)
{
	struct sock *last = place->sk;
	struct hlist_nulls_node *node;
	enum result result = ASTRAY;

	place->sk = NULL;
	place->left = BATCH;
	spin_lock_bh(chain->lock);
	node = next_of(chain, last);
	if (node)
		result = see(chain, node, place, visitor);
	spin_unlock_bh(chain->lock);
	if (last)
		sock_gen_put(last);
	return result;
}

static enum result walk(const struct tcps_chain *chain,
			const struct tcps_chain_visitor *visitor)
{
	struct place place = {};
	enum result result;

	while ((result = go_on(chain, &place, visitor)) == MORE) {
		cond_resched();
		if (fatal_signal_pending(current))
			break;
	}
	if (place.sk)
		sock_gen_put(place.sk);
	return result;
}

/**
 * tcps_chain_visit() - visit all in a chain
 * @chain: the chain
 * @visitor: for whom
 *
 * May sleep. Ends early for somebody who is being killed.
 */
void tcps_chain_visit(const struct tcps_chain *chain,
		      const struct tcps_chain_visitor *visitor)
{
	unsigned int times = 0;

	do {
		cond_resched();
		if (visitor->begin)
			visitor->begin(times, visitor->data);
	} while (walk(chain, visitor) == ASTRAY && ++times < AGAIN);
}
