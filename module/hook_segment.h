/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hooks on packets, in the namespaces that are armed.
 *
 * Must not know who asks for them.
 */
#ifndef _TCPS_HOOK_SEGMENT_H
#define _TCPS_HOOK_SEGMENT_H

#include "arming.h"

extern const struct tcps_arming_ops tcps_segment_arming;

#endif /* _TCPS_HOOK_SEGMENT_H */
