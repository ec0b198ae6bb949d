/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The checksum of IP, TCP and ICMP (RFC 1071).
 */
#ifndef TCPSTATE_TEST_INET_SUM_H
#define TCPSTATE_TEST_INET_SUM_H

#include <stddef.h>

/* Parts are added up; all but the last have an even length. */
unsigned int inet_sum(const void *data, size_t len);

/* What goes into the packet, in network byte order. */
unsigned short inet_checksum(unsigned int total);

#endif
