/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - text of an event that an earlier one had as well.
 *
 * This header owns where such text is kept and how it is found again: by all
 * that it is made of, at a place that follows from that, until other text takes
 * the place. It must not know what the text looks like.
 *
 * The events of a connection follow one another closely, and so do those of a
 * process: tuple and owner are most of what a line costs, and as a rule the same
 * as a few lines before.
 */
#ifndef TOOLS_MEMO_H
#define TOOLS_MEMO_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <tcpstate.h>

#include "scope.h"

enum {
	MEMO_KEY = 6,
	MEMO_BYTES = 320, /* two IPv6 addresses with scopes, and to spare */
	MEMO_BITS = 7,
	MEMO_COUNT = 1 << MEMO_BITS,
};

/* @len is 0 if the text is still to be made. */
struct memo {
	uint64_t key[MEMO_KEY];
	size_t len;
	char text[MEMO_BYTES];
};

/* The first word of the key says the place. */
static inline struct memo *memo_find(struct memo memos[MEMO_COUNT],
				     const uint64_t key[MEMO_KEY])
{
	struct memo *memo =
		&memos[key[0] * 0x9e3779b97f4a7c15ULL >> (64 - MEMO_BITS)];
	uint64_t other = 0;
	int i;

	for (i = 0; i < MEMO_KEY; i++)
		other |= memo->key[i] ^ key[i];
	if (other) {
		memcpy(memo->key, key, sizeof(memo->key));
		memo->len = 0;
	}
	return memo;
}

/* @more is what the text depends on besides. */
static inline struct memo *memo_tuple(struct memo memos[MEMO_COUNT],
				      const struct tcps_event *e, uint32_t more)
{
	uint64_t key[MEMO_KEY];

	key[0] = e->lport | (uint64_t)e->rport << 16 | (uint64_t)more << 32;
	memcpy(&key[1], e->laddr, 16);
	memcpy(&key[3], e->raddr, 16);
	key[5] = e->family;
	if (scope_is_needed(e->family, e->laddr) ||
	    scope_is_needed(e->family, e->raddr))
		key[5] |= (uint64_t)e->ifindex << 32;
	return memo_find(memos, key);
}

static inline struct memo *memo_owner(struct memo memos[MEMO_COUNT],
				      const struct tcps_event *e, uint32_t more)
{
	uint64_t key[MEMO_KEY] = { e->pid | (uint64_t)more << 32 };

	memcpy(&key[1], e->comm, sizeof(e->comm));
	key[3] = e->flags & TCPS_F_OWNER;
	return memo_find(memos, key);
}

/* Writes up to 15 bytes more than count. */
static inline char *memo_put(char *p, const struct memo *memo)
{
	size_t i;

	for (i = 0; i < memo->len; i += 16)
		memcpy(p + i, memo->text + i, 16);
	return p + memo->len;
}

#endif /* TOOLS_MEMO_H */
