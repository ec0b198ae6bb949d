// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks on memory pressure.
 *
 * Must not know what becomes of what it passes on.
 *
 * There is none on the end: tcp_leave_memory_pressure() is called with nearly
 * every segment as long as there is no pressure.
 */
#include <linux/kernel.h>

#include "hooks.h"
#include "observe.h"

static void enter(TCPS_ENTRY)
{
	tcps_observe_pressure((const struct sock *)arg0);
}

struct tcps_hook tcps_memory_hooks[] = {
	{
		.name = "tcp_enter_memory_pressure",
		.takes = "sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = enter,
		.unseen = "memory pressure",
	},
};

const unsigned int tcps_memory_hook_count = ARRAY_SIZE(tcps_memory_hooks);
