// SPDX-License-Identifier: GPL-2.0
/*
 * The listeners of a namespace as they stand in the kernel's table, some at a
 * time.
 *
 * Knows the kernel's table; must not know what was counted, nor how it is shown.
 *
 * Ten thousand can stand in one chain, and any of them can go while nobody
 * looks. So the place in a chain is no socket but a cookie: each time those that
 * come next in order are picked out of the whole chain.
 */
#include "queues.h"

#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sock_diag.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "listening.h"

#define BATCH TCPS_QUEUES_BATCH

static int upwards(const void *a, const void *b)
{
	const struct tcps_queues_key *left = a, *right = b;

	if (left->cookie == right->cookie)
		return 0;
	return left->cookie < right->cookie ? -1 : 1;
}

static int downwards(const void *a, const void *b)
{
	return upwards(b, a);
}

/* The first key was made less: bring the greatest to its place. */
static void sift(struct tcps_queues_key *key)
{
	unsigned int at = 0, next;

	while ((next = 2 * at + 1) < BATCH) {
		if (next + 1 < BATCH && key[next + 1].cookie > key[next].cookie)
			next++;
		if (key[at].cookie >= key[next].cookie)
			break;
		swap(key[at], key[next]);
		at = next;
	}
}

/* A slot for a cookie that may be among the next ones; negative if it is not. */
static int slot_for(struct tcps_queues_walk *walk, u64 cookie)
{
	struct tcps_queues_key *key = walk->key;
	int slot;

	if (cookie <= walk->after)
		return -1;
	if (walk->count < BATCH) {
		slot = walk->count++;
		key[slot].cookie = cookie;
		key[slot].slot = slot;
		/* The greatest first is a heap too. */
		if (walk->count == BATCH)
			sort(key, BATCH, sizeof(*key), downwards, NULL);
		return slot;
	}
	if (cookie >= key->cookie)
		return -1;
	slot = key->slot;
	key->cookie = cookie;
	sift(key);
	return slot;
}

/* Made now if nobody asked before, as ss -e does. */
static u64 cookie_of(struct sock *sk)
{
	u32 cookie[2];

	sock_diag_save_cookie(sk, cookie);
	return (u64)cookie[1] << 32 | cookie[0];
}

static void look_at(struct sock *sk, void *data)
{
	const struct request_sock_queue *queue =
		&inet_csk(sk)->icsk_accept_queue;
	struct tcps_queues_walk *walk = data;
	struct tcps_queues *to;
	int slot;

	if (!net_eq(sock_net(sk), walk->net) || sk->sk_protocol != IPPROTO_TCP)
		return;
	slot = slot_for(walk, cookie_of(sk));
	if (slot < 0)
		return;
	to = &walk->found[slot];
	memset(to, 0, sizeof(*to));
	to->cookie = cookie_of(sk);
	tcps_who_set_sock(&to->who, sk);
	to->synq = reqsk_queue_len(queue);
	to->young = reqsk_queue_len_young(queue);
	to->acceptq = READ_ONCE(sk->sk_ack_backlog);
	to->max = READ_ONCE(sk->sk_max_ack_backlog);
}

static void begin(bool anew, void *data)
{
	struct tcps_queues_walk *walk = data;

	walk->count = 0;
}

static void look(struct tcps_queues_walk *walk)
{
	const struct tcps_chain_visitor visitor = {
		.begin = begin,
		.each = look_at,
		.data = walk,
	};

	walk->count = 0;
	if (tcps_listening_empty(walk->chain))
		return;
	tcps_listening_visit(walk->chain, &visitor);
	sort(walk->key, walk->count, sizeof(*walk->key), upwards, NULL);
}

/**
 * tcps_queues_next() - find some more
 * @walk: the walk
 *
 * May sleep.
 *
 * Return: false if there are no more, or for somebody who is being killed.
 */
bool tcps_queues_next(struct tcps_queues_walk *walk)
{
	/* Those found last filled the room, or were the last of their chain. */
	if (walk->count == BATCH) {
		walk->after = walk->key[BATCH - 1].cookie;
	} else if (walk->count) {
		walk->after = 0;
		walk->chain++;
	}
	for (; walk->chain < tcps_listening_chains(); walk->chain++) {
		cond_resched();
		if (fatal_signal_pending(current))
			return false;
		look(walk);
		if (walk->count)
			return true;
		walk->after = 0;
	}
	return false;
}
