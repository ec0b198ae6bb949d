/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The connections that are alive, told once to somebody who then follows the
 * stream.
 *
 * Knows the table and records; must not know readers or rings.
 */
#ifndef _TCPS_LIVE_H
#define _TCPS_LIVE_H

#include <linux/types.h>
#include <linux/tcpstate.h>

struct tcps_live;

struct tcps_live *tcps_live_make(void);
void tcps_live_free(struct tcps_live *live);

bool tcps_live_next(struct tcps_live *live, struct tcpstate_record *rec);
bool tcps_live_over(const struct tcps_live *live);
bool tcps_live_told(const struct tcps_live *live,
		    const struct tcpstate_record *rec);
bool tcps_live_done(const struct tcps_live *live, u64 mono_ns);

#endif /* _TCPS_LIVE_H */
