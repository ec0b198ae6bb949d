/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Function entries by the function tracer: one ftrace_ops with a filter.
 *
 * Knows ftrace; must not know what a hook does, nor what is done if this fails.
 */
#ifndef _TCPS_TRACER_H
#define _TCPS_TRACER_H

#include "hook.h"

int tcps_tracer_attach(struct tcps_hook **table, unsigned int count);
int tcps_tracer_detach(void);
bool tcps_tracer_is_dead(void);

#endif /* _TCPS_TRACER_H */
