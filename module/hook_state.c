// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks on full sockets: state changes, connect(), shutdown(), accept(), end.
 *
 * Must not know what becomes of what it passes on.
 */
#include <linux/kernel.h>
#include <net/sock.h>
#include <trace/events/sock.h>
#include <trace/events/tcp.h>

#include "compat.h"
#include "hooks.h"
#include "observe.h"

enum {
	STATE,
	DESTROY,
	CONNECT,
	SHUTDOWN,
	DISCONNECT,
	RESET,
	GRAFT,
};

static void set_state(void *data, const struct sock *sk, const int old,
		      const int new)
{
	tcps_hooks_hit(&tcps_state_hooks[STATE]);
	tcps_observe_state(sk, old, new);
}

static void destroy_sock(void *data, struct sock *sk)
{
	tcps_hooks_hit(&tcps_state_hooks[DESTROY]);
	tcps_observe_destroy(sk);
}

static void connect(const struct tcps_entry *entry)
{
	tcps_observe_connect((const struct sock *)entry->arg[0]);
}

static void shutdown(const struct tcps_entry *entry)
{
	tcps_observe_shutdown((const struct sock *)entry->arg[0],
			      (int)entry->arg[1]);
}

static void disconnect(const struct tcps_entry *entry)
{
	tcps_observe_disconnect((const struct sock *)entry->arg[0]);
}

static void reset(const struct tcps_entry *entry)
{
	const struct sk_buff *skb = NULL;

	if (COMPAT_RESET_HAS_SKB)
		skb = (const struct sk_buff *)entry->arg[1];
	tcps_observe_reset((const struct sock *)entry->arg[0], skb);
}

static void graft(const struct tcps_entry *entry)
{
	tcps_observe_graft((const struct sock *)entry->arg[0]);
}

/*
 * Tracepoints are found by name and registered as void *: this is where the
 * compiler compares our types with the kernel's.
 */
static inline void __maybe_unused check_types(void)
{
	check_trace_callback_type_inet_sock_set_state(set_state);
	check_trace_callback_type_tcp_destroy_sock(destroy_sock);
}

struct tcps_hook tcps_state_hooks[] = {
	[STATE] = {
		.name = "inet_sock_set_state",
		.kind = TCPS_HOOK_TRACEPOINT,
		.probe = set_state,
		.unseen = "everything",
		.required = true,
	},
	[DESTROY] = {
		.name = "tcp_destroy_sock",
		.kind = TCPS_HOOK_TRACEPOINT,
		.probe = destroy_sock,
		.unseen = "the end of sockets: the life table fills up",
	},
	[CONNECT] = {
		.name = "tcp_connect",
		.kind = TCPS_HOOK_ENTRY,
		.entry = connect,
		.unseen = "SYN_SENT before it ends: it is recorded late",
	},
	[SHUTDOWN] = {
		.name = "tcp_shutdown",
		.kind = TCPS_HOOK_ENTRY,
		.entry = shutdown,
		.unseen = "shutdown() told from close(): both are unknown",
	},
	[DISCONNECT] = {
		.name = "tcp_disconnect",
		.kind = TCPS_HOOK_ENTRY,
		.entry = disconnect,
		.unseen = "close() of listeners, linger0, unread-data: unknown",
	},
	[RESET] = {
		.name = "tcp_reset",
		.kind = TCPS_HOOK_ENTRY,
		.entry = reset,
		.unseen = "that an RST ended a connection: unknown",
	},
	[GRAFT] = {
		.name = "security_sock_graft",
		.kind = TCPS_HOOK_ENTRY,
		.entry = graft,
		.unseen = "the owner of accepted connections",
	},
};

const unsigned int tcps_state_hook_count = ARRAY_SIZE(tcps_state_hooks);
