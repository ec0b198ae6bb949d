/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a full socket changes its state, from what the kernel left in it.
 *
 * Must not know tables, records or counters.
 */
#ifndef _TCPS_CAUSE_H
#define _TCPS_CAUSE_H

#include <linux/types.h>

struct sock;

u8 tcps_cause_of(const struct sock *sk, u8 old, u8 new, bool shutdown,
		 bool can_tell_shutdown);
bool tcps_cause_is_syscall(u8 cause);

#endif /* _TCPS_CAUSE_H */
