// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks on memory pressure.
 *
 * Must not know what becomes of what it passes on.
 *
 * The kernel calls both whenever memory is accounted, be there a change or not.
 */
#include <linux/kernel.h>

#include "hooks.h"
#include "observe.h"

static void enter(const struct tcps_entry *entry)
{
	tcps_observe_pressure((const struct sock *)entry->arg[0], true);
}

static void leave(const struct tcps_entry *entry)
{
	tcps_observe_pressure((const struct sock *)entry->arg[0], false);
}

struct tcps_hook tcps_memory_hooks[] = {
	{
		.name = "tcp_enter_memory_pressure",
		.kind = TCPS_HOOK_ENTRY,
		.entry = enter,
		.unseen = "memory pressure",
	},
	{
		.name = "tcp_leave_memory_pressure",
		.kind = TCPS_HOOK_ENTRY,
		.entry = leave,
		.unseen = "the end of memory pressure",
	},
};

const unsigned int tcps_memory_hook_count = ARRAY_SIZE(tcps_memory_hooks);
