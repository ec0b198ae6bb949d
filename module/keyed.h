/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hashes with a secret: nobody can choose cookies, addresses or ports that meet
 * in one place.
 *
 * Knows numbers and bytes; must not know what they mean, nor what is found by
 * them.
 */
#ifndef _TCPS_KEYED_H
#define _TCPS_KEYED_H

#include <linux/types.h>

/**
 * struct tcps_keyed - the secret; constant after init
 * @add: for tcps_keyed_cookie()
 * @times: likewise; odd
 */
struct tcps_keyed {
	u64 add;
	u64 times;
};

/* Only for the function of this header. */
extern struct tcps_keyed tcps_keyed;

/**
 * tcps_keyed_cookie() - hash of a socket cookie
 * @cookie: any
 *
 * Each hook comes here, several times: a product of 128 bits, folded, takes
 * fewer instructions than the call of a better hash. What can be learnt of it
 * nevertheless (readers are shown neighbours one after the other) is why a
 * bucket of the table has a limit too.
 *
 * Return: the hash, good in its low bits.
 */
static __always_inline u64 tcps_keyed_cookie(u64 cookie)
{
	unsigned __int128 product = cookie ^ tcps_keyed.add;

	product *= tcps_keyed.times;
	return (u64)product ^ (u64)(product >> 64);
}

u64 tcps_keyed_bytes(const void *bytes, size_t size);

void tcps_keyed_init(void);

#endif /* _TCPS_KEYED_H */
