// SPDX-License-Identifier: GPL-2.0
/*
 * Hashes with a secret: nobody can choose cookies, addresses or ports that meet
 * in one place.
 *
 * Knows numbers and bytes; must not know what they mean, nor what is found by
 * them.
 */
#include "keyed.h"

#include <linux/cache.h>
#include <linux/random.h>
#include <linux/siphash.h>

struct tcps_keyed tcps_keyed __ro_after_init;

/* Of its own: what is learnt of the other tells nothing about it. */
static siphash_key_t bytes_key __ro_after_init;

/**
 * tcps_keyed_bytes() - hash of bytes
 * @bytes: any, aligned to 8
 * @size: how many
 *
 * Slow: for what no hook does.
 *
 * Return: the hash.
 */
u64 tcps_keyed_bytes(const void *bytes, size_t size)
{
	return siphash(bytes, size, &bytes_key);
}

/* Before anything is hashed. */
void tcps_keyed_init(void)
{
	get_random_bytes(&tcps_keyed, sizeof(tcps_keyed));
	tcps_keyed.times |= 1;
	get_random_bytes(&bytes_key, sizeof(bytes_key));
}
