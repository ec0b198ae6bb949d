// SPDX-License-Identifier: GPL-2.0
/*
 * laws - how many of which events a stream has, between two moments of rest.
 *
 * Must not know what the numbers are compared with.
 */
#include "laws_sums.h"

static bool is_within(const struct laws_sums *sums,
		      const struct laws_event *event)
{
	if (sums->netns && event->netns != sums->netns)
		return false;
	if (sums->before && event->mono_ns < sums->before->mono_ns)
		return false;
	return !sums->after || !sums->after->mono_ns ||
	       event->mono_ns <= sums->after->mono_ns;
}

void laws_sums_add(struct laws_sums *sums, const struct laws_event *event)
{
	if (event->kind == TCPSTATE_EVENT_LOST) {
		sums->whole = false;
		return;
	}
	if (event->flags & TCPSTATE_F_SNAPSHOT || !is_within(sums, event))
		return;
	if (event->kind != TCPSTATE_EVENT_STATE) {
		sums->event[event->kind][event->cause] += event->count;
		return;
	}
	sums->state[event->old][event->new][event->cause][event->carrier]++;
	if (event->flags & TCPSTATE_F_FASTOPEN)
		sums->state[event->old][event->new][event->cause]
			   [LAWS_FASTOPEN]++;
	sums->transitions++;
}
