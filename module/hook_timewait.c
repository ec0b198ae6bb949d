// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks on timewait socks: birth, change of state, and all their ends.
 *
 * Must not know what becomes of what it passes on.
 */
#include <linux/kernel.h>
#include <net/inet_timewait_sock.h>

#include "hooks.h"
#include "observe.h"

static const struct inet_timewait_sock *timewait(unsigned long arg)
{
	return (const struct inet_timewait_sock *)arg;
}

static void birth(TCPS_ENTRY)
{
	tcps_observe_timewait(timewait(arg0), (const struct sock *)arg1);
}

/* It is called at birth too, then not to set anything anew. */
static void again(TCPS_ENTRY)
{
	if ((u8)arg2)
		tcps_observe_timewait_again(timewait(arg0));
}

static void packet(TCPS_ENTRY)
{
	tcps_observe_timewait_packet(timewait(arg0),
				     (const struct sk_buff *)arg1);
}

static void drop(TCPS_ENTRY)
{
	tcps_observe_timewait_drop(timewait(arg0), caller);
}

static void end(TCPS_ENTRY)
{
	tcps_observe_timewait_end(timewait(arg0), caller);
}

struct tcps_hook tcps_timewait_hooks[] = {
	{
		.name = "inet_twsk_hashdance",
		.other_name = "inet_twsk_hashdance_schedule",
		.takes = "inet_timewait_sock sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = birth,
		.unseen = "TIME_WAIT",
		.counts = true,
	},
	{
		.name = "__inet_twsk_schedule",
		.takes = "inet_timewait_sock int int",
		.kind = TCPS_HOOK_ENTRY,
		.entry = again,
		.unseen = "FIN_WAIT2 to TIME_WAIT without a full socket",
		.counts = true,
	},
	{
		.name = "tcp_timewait_state_process",
		.takes = "inet_timewait_sock sk_buff",
		.kind = TCPS_HOOK_ENTRY,
		.entry = packet,
		.unseen = "that a SYN ended FIN_WAIT2: data-after-close",
	},
	{
		.name = "inet_twsk_deschedule_put",
		.takes = "inet_timewait_sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = drop,
		.unseen = "why TIME_WAIT ended before its time: unknown",
	},
	{
		.name = "inet_twsk_kill",
		.takes = "inet_timewait_sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = end,
		.unseen = "the end of TIME_WAIT",
		.counts = true,
	},
};

const unsigned int tcps_timewait_hook_count = ARRAY_SIZE(tcps_timewait_hooks);
