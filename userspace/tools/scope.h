/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - the interface that is part of a link-local address (RFC 4007),
 * written behind it as ss(8) does.
 *
 * This unit owns which addresses need one, and its name. It must not know about
 * events or columns.
 */
#ifndef TOOLS_SCOPE_H
#define TOOLS_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

/* "%" and a name whose bytes are all escaped. */
#define SCOPE_MAX (1 + 4 * 15)

/* @family 4 or 6. */
static inline bool scope_is_needed(unsigned int family, const uint8_t *addr)
{
	return family == 6 && addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

/*
 * "%eth0", "%2" for an interface whose name is not known here, or nothing if
 * there is no interface or @addr needs none. @netns is the inode number of the
 * namespace that it is in.
 */
char *scope_emit(char *p, unsigned int family, const uint8_t *addr,
		 uint32_t ifindex, uint32_t netns);

#endif /* TOOLS_SCOPE_H */
