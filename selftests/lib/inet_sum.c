// SPDX-License-Identifier: GPL-2.0
/*
 * The checksum of the internet protocols.
 */
#include "inet_sum.h"

#include <netinet/in.h>

unsigned int inet_sum(const void *data, size_t len)
{
	const unsigned char *byte = data;
	unsigned int total = 0;

	for (size_t i = 0; i < len; i++)
		total += i & 1 ? byte[i] : byte[i] << 8;
	return total;
}

unsigned short inet_checksum(unsigned int total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons(~total);
}
