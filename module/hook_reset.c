// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks on RSTs: one that came for a full socket, and those that are sent.
 *
 * Must not know what becomes of what it passes on. RSTs that end requests and
 * timewait socks show themselves at the hooks of those.
 */
#include <linux/kernel.h>

#include "compat.h"
#include "hooks.h"
#include "observe.h"

static const struct sock *sock(unsigned long arg)
{
	return (const struct sock *)arg;
}

/* 0 if this kernel gives no reason. */
/* Reset reason + 1 from the argument with that number, which is -1, 1 or 2. */
static u32 reason(int number, unsigned long arg1, unsigned long arg2)
{
	if (number < 0)
		return 0;
	return (u32)(number == 1 ? arg1 : arg2) + 1;
}

static void received(TCPS_ENTRY)
{
	const struct sk_buff *skb = NULL;

	if (COMPAT_RESET_HAS_SKB)
		skb = (const struct sk_buff *)arg1;
	tcps_observe_reset(sock(arg0), skb, caller);
}

static void active(TCPS_ENTRY)
{
	tcps_observe_active_reset(sock(arg0));
	tcps_observe_reset_sent(
		sock(arg0), reason(compat_active_reset_reason(), arg1, arg2),
		caller);
}

static void reply(TCPS_ENTRY)
{
	tcps_observe_reset_reply(sock(arg0), (const struct sk_buff *)arg1,
				 reason(COMPAT_REPLY_REASON, arg1, arg2),
				 caller);
}

#define RESET_TAKES (COMPAT_RESET_HAS_SKB ? "sock sk_buff" : "sock")
#define REPLY_TAKES \
	(COMPAT_REPLY_REASON < 0 ? "sock sk_buff" : "sock sk_buff int")

struct tcps_hook tcps_reset_hooks[] = {
	{
		.name = "tcp_reset",
		.takes = RESET_TAKES,
		.kind = TCPS_HOOK_ENTRY,
		.entry = received,
		.unseen =
			"RSTs received, and that one ended a connection: unknown",
	},
	{
		.name = "tcp_send_active_reset",
		.takes = "sock int",
		.kind = TCPS_HOOK_ENTRY,
		.entry = active,
		.unseen =
			"RSTs sent by close() and the like, and that an orphan in FIN_WAIT2 timed out: unknown",
	},
	{
		.name = "tcp_v4_send_reset",
		.takes = REPLY_TAKES,
		.kind = TCPS_HOOK_ENTRY,
		.entry = reply,
		.unseen = "RSTs sent to answer a packet, IPv4",
	},
	{
		.name = "tcp_v6_send_reset",
		.absent = "this kernel has no IPv6",
		.takes = REPLY_TAKES,
		.kind = TCPS_HOOK_ENTRY,
		.entry = reply,
		.unseen = "RSTs sent to answer a packet, IPv6",
	},
};

const unsigned int tcps_reset_hook_count = ARRAY_SIZE(tcps_reset_hooks);
