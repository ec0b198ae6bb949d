// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - the life line of an ended connection. See lifeline.h.
 */
#include "lifeline.h"

void lifeline_of(const struct tcps_event *e, struct lifeline *l)
{
	unsigned int n = e->life_end.nr_steps;
	uint64_t total = e->life_end.total_ns;
	unsigned int all = e->life_end.transitions;
	uint64_t at = 0;
	unsigned int i;

	l->found = n && e->flags & TCPS_F_PREEXISTING &&
		   e->life_end.step[0].cause == TCPS_CAUSE_NONE;
	l->many = all == UINT16_MAX;
	all += l->found;
	l->left_out = all > n ? all - n : 0;

	/* A damaged record must not make a time before that of the boot. */
	l->start_ns = e->mono_ns > total ? e->mono_ns - total : 0;
	for (i = 0; i < n; i++) {
		l->at_ns[i] = at;
		at += e->life_end.step[i].dwell_ns;
	}
}
