// SPDX-License-Identifier: GPL-2.0
/*
 * libtcpstate - the filter, for streams that no kernel filters.
 *
 * This file owns what a struct tcps_filter means, in the words of the kernel's
 * header. It must not know where events come from.
 */
#include "internal.h"

#include <errno.h>

#define STATES ((1U << TCPS_STATE_COUNT) - 1 - 1)
#define KINDS ((UINT64_C(1) << TCPS_EVENT_COUNT) - 1 - 1)

int tcps_filter_check(const struct tcps_filter *f)
{
	if (f->kinds & ~KINDS)
		return -EINVAL;
	if ((f->old_states | f->new_states) & ~STATES)
		return -EINVAL;
	if (f->family != 0 && f->family != 4 && f->family != 6)
		return -EINVAL;
	if (f->nr_lports > TCPS_PORTS || f->nr_rports > TCPS_PORTS)
		return -EINVAL;
	return 0;
}

static bool port_match(const uint16_t *ports, unsigned int n, uint16_t port)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (ports[i] == port)
			return true;
	return n == 0;
}

static bool state_match(uint16_t mask, unsigned int state)
{
	return !mask || (state < TCPS_STATE_COUNT && (mask >> state & 1));
}

bool tcps_filter_match(const struct tcps_filter *f, const struct tcps_event *e)
{
	if (e->kind == TCPS_EVENT_LOST)
		return true;
	if (f->kinds && !(f->kinds >> e->kind & 1))
		return false;
	if (f->family && f->family != e->family)
		return false;
	if (e->kind == TCPS_EVENT_STATE &&
	    (!state_match(f->old_states, e->old_state) ||
	     !state_match(f->new_states, e->new_state)))
		return false;
	return port_match(f->lports, f->nr_lports, e->lport) &&
	       port_match(f->rports, f->nr_rports, e->rport);
}
