// SPDX-License-Identifier: GPL-2.0
/*
 * Which records a filter lets through. Pure: no state, no locks.
 *
 * Must not know readers or rings.
 */
#include "filter.h"

#include <linux/bits.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/tcpstate.h>

#define EVENTS_ALL (GENMASK_ULL(TCPSTATE_EVENT_COUNT - 1, 1))
#define FLAGS_ALL (TCPSTATE_FILTER_ALL_NETNS | TCPSTATE_FILTER_SEGMENTS)
#define STATES_ALL (GENMASK(TCPSTATE_STATE_COUNT - 1, 1))

static bool listed(const u16 *ports, unsigned int count, u16 port)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (ports[i] == port)
			return true;
	}
	return !count;
}

static bool ports_bad(const u16 *ports, unsigned int count)
{
	return count > TCPSTATE_FILTER_PORTS ||
	       memchr_inv(ports + count, 0,
			  (TCPSTATE_FILTER_PORTS - count) * sizeof(*ports));
}

/**
 * tcps_filter_valid() - is this a filter?
 * @filter: from the user
 *
 * Return: false if a member is out of range; see TCPSTATE_IOC_SET_FILTER.
 */
bool tcps_filter_valid(const struct tcpstate_filter *filter)
{
	return !(filter->events & ~EVENTS_ALL || filter->flags & ~FLAGS_ALL ||
		 filter->old_states & ~STATES_ALL ||
		 filter->new_states & ~STATES_ALL ||
		 (filter->family && filter->family != AF_INET &&
		  filter->family != AF_INET6) ||
		 ports_bad(filter->lports, filter->nr_lports) ||
		 ports_bad(filter->rports, filter->nr_rports) ||
		 memchr_inv(filter->reserved, 0, sizeof(filter->reserved)));
}

/**
 * tcps_filter_sure() - which records need no look at what they say?
 * @f: valid
 *
 * Return: bit n: tcps_filter_match() lets every record of type n through.
 */
u64 tcps_filter_sure(const struct tcpstate_filter *f)
{
	u64 events = f->events ?: EVENTS_ALL;

	if (f->family || f->nr_lports || f->nr_rports)
		return 0;
	if (f->old_states || f->new_states)
		events &= ~BIT_ULL(TCPSTATE_EVENT_STATE);
	return events;
}

/**
 * tcps_filter_match() - does a filter let a record through?
 * @f: valid
 * @rec: any record
 *
 * Return: true if it does. Namespaces are not looked at.
 */
bool tcps_filter_match(const struct tcpstate_filter *f,
		       const struct tcpstate_record *rec)
{
	if (rec->type == TCPSTATE_EVENT_LOST)
		return true;
	if (f->events && !(f->events & BIT_ULL(rec->type)))
		return false;
	if (f->family && f->family != rec->family)
		return false;
	if (rec->type == TCPSTATE_EVENT_STATE) {
		if (f->old_states && !(f->old_states & BIT(rec->old_state)))
			return false;
		if (f->new_states && !(f->new_states & BIT(rec->new_state)))
			return false;
	}
	return listed(f->lports, f->nr_lports, rec->lport) &&
	       listed(f->rports, f->nr_rports, rec->rport);
}
