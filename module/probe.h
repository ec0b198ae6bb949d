/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions by kprobes: where they are, entries that nothing better has, and
 * returns.
 *
 * Knows kprobes; must not know what a hook does, nor why it is not attached in
 * another way.
 */
#ifndef _TCPS_PROBE_H
#define _TCPS_PROBE_H

#include "hook.h"

void tcps_probe_find(struct tcps_hook **table, unsigned int count);
void tcps_probe_attach(struct tcps_hook *hook);
void tcps_probe_attach_return(struct tcps_hook *hook);
bool tcps_probe_detach(struct tcps_hook *hook);
u64 tcps_probe_missed(const struct tcps_hook *hook);

static inline bool tcps_probe_is(const struct tcps_hook *hook)
{
	return hook->mechanism == TCPS_BY_KPROBE ||
	       hook->mechanism == TCPS_BY_KRETPROBE;
}

#endif /* _TCPS_PROBE_H */
