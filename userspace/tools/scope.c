// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - the interface that is part of a link-local address. See
 * scope.h.
 */
#include "scope.h"

#include <net/if.h>
#include <string.h>
#include <sys/stat.h>

#include "emit.h"

/* Only of the namespace that we are in names can be had. */
static bool is_here(uint32_t netns)
{
	static uint32_t here;
	struct stat st;

	if (!here && !stat("/proc/self/ns/net", &st))
		here = st.st_ino;
	return here && netns == here;
}

char *scope_emit(char *p, unsigned int family, const uint8_t *addr,
		 uint32_t ifindex, uint32_t netns)
{
	char name[EMIT_COMM_BYTES] = "";

	_Static_assert(IF_NAMESIZE == EMIT_COMM_BYTES, "an interface name");
	if (!ifindex || !scope_is_needed(family, addr))
		return p;
	p = emit_char(p, '%');
	if (is_here(netns) && if_indextoname(ifindex, name))
		return emit_comm(p, name, SCOPE_MAX - 1);
	return emit_u64(p, ifindex);
}
