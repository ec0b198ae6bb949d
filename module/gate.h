/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gate: whether anything is counted and recorded at present.
 *
 * Knows the recorder, where it marks the time it was shut; must not know what
 * passes.
 */
#ifndef _TCPS_GATE_H
#define _TCPS_GATE_H

#include <linux/compiler.h>
#include <linux/types.h>

/* Written under a lock of gate.c, read by hooks without one. */
extern bool tcps_gate_is_open;

/* It was shut at some time since the module was loaded; likewise. */
extern bool tcps_gate_was_shut;

static inline bool tcps_gate_open(void)
{
	return READ_ONCE(tcps_gate_is_open);
}

void tcps_gate_set(bool open);
void tcps_gate_make_good(void);
bool tcps_gate_is_good(void);
u64 tcps_gate_off_ns(void);
u64 tcps_gate_off_first(void);

#endif /* _TCPS_GATE_H */
