/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which records a filter lets through. Pure: no state, no locks.
 *
 * Must not know readers or rings.
 */
#ifndef _TCPS_FILTER_H
#define _TCPS_FILTER_H

#include <linux/types.h>

struct tcpstate_filter;
struct tcpstate_record;

bool tcps_filter_valid(const struct tcpstate_filter *filter);
u64 tcps_filter_sure(const struct tcpstate_filter *f);
bool tcps_filter_match(const struct tcpstate_filter *f,
		       const struct tcpstate_record *rec);

#endif /* _TCPS_FILTER_H */
