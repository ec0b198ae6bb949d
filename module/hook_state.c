// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks on full sockets: state changes, and what will have made them.
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
	ON_STATE,
	ON_DESTROY,
	ON_RETRANSMIT,
};

static void set_state(void *data, const struct sock *sk, const int old,
		      const int new)
{
	tcps_hooks_hit(&tcps_state_hooks[ON_STATE]);
	tcps_observe_state(sk, old, new);
}

static void destroy_sock(void *data, struct sock *sk)
{
	tcps_hooks_hit(&tcps_state_hooks[ON_DESTROY]);
	tcps_observe_destroy(sk);
}

#if COMPAT_RETRANSMIT_HAS_ERR
static void retransmit(void *data, const struct sock *sk,
		       const struct sk_buff *skb, int err)
{
	tcps_hooks_hit(&tcps_state_hooks[ON_RETRANSMIT]);
	if (!err)
		tcps_observe_syn_again(sk, skb);
}
#else
static void retransmit(void *data, const struct sock *sk,
		       const struct sk_buff *skb)
{
	tcps_hooks_hit(&tcps_state_hooks[ON_RETRANSMIT]);
	tcps_observe_syn_again(sk, skb);
}
#endif

static void connect(TCPS_ENTRY)
{
	tcps_observe_connect((const struct sock *)arg0);
}

static void shutdown(TCPS_ENTRY)
{
	tcps_observe_shutdown((const struct sock *)arg0, (int)arg1);
}

static void disconnect(TCPS_ENTRY)
{
	tcps_observe_disconnect((const struct sock *)arg0);
}

/* It is called for requests and timewait socks too: those have hooks. */
static void on_abort(TCPS_ENTRY)
{
	const struct sock *sk = (const struct sock *)arg0;

	if (sk_fullsock(sk))
		tcps_observe_abort(sk);
}

static void failed(TCPS_ENTRY)
{
	tcps_observe_failed((const struct sock *)arg0, caller);
}

static void time_wait(TCPS_ENTRY)
{
	tcps_observe_time_wait((const struct sock *)arg0);
}

static void graft(TCPS_ENTRY)
{
	tcps_observe_graft((const struct sock *)arg0);
}

/*
 * Tracepoints are found by name and registered as void *: this is where the
 * compiler compares our types with the kernel's.
 */
static inline void __maybe_unused check_types(void)
{
	check_trace_callback_type_inet_sock_set_state(set_state);
	check_trace_callback_type_tcp_destroy_sock(destroy_sock);
	check_trace_callback_type_tcp_retransmit_skb(retransmit);
}

struct tcps_hook tcps_state_hooks[] = {
	[ON_STATE] = {
		.name = "inet_sock_set_state",
		.kind = TCPS_HOOK_TRACEPOINT,
		.probe = set_state,
		.unseen = "everything",
		.required = true,
	},
	[ON_DESTROY] = {
		.name = "tcp_destroy_sock",
		.kind = TCPS_HOOK_TRACEPOINT,
		.probe = destroy_sock,
		.unseen = "the end of sockets: the life table fills up",
	},
	[ON_RETRANSMIT] = {
		.name = "tcp_retransmit_skb",
		.kind = TCPS_HOOK_TRACEPOINT,
		.probe = retransmit,
		.unseen = "SYNs sent again",
	},
	{
		.name = "tcp_connect",
		.takes = "sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = connect,
		.unseen = "SYN_SENT before it ends: it is recorded late",
	},
	{
		.name = "tcp_shutdown",
		.takes = "sock int",
		.kind = TCPS_HOOK_ENTRY,
		.entry = shutdown,
		.unseen = "shutdown() told from close(): both are unknown",
	},
	{
		.name = "tcp_disconnect",
		.takes = "sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = disconnect,
		.unseen = "close() of listeners, linger0, unread-data: unknown",
	},
	{
		.name = "tcp_abort",
		.takes = "sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = on_abort,
		.unseen = "ss -K of listeners: unknown",
	},
	/* The second is called right before the end, but for other errors too. */
	{
		.name = "tcp_done_with_error",
		.other_name = "sock_def_error_report",
		.takes = "sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = failed,
		.unseen =
			"who ended a connection whose program reads the error at once: unknown",
	},
	{
		.name = "tcp_time_wait",
		.takes = "sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = time_wait,
		.unseen = "tw-overflow: another cause is given for it",
	},
	{
		.name = "security_sock_graft",
		.takes = "sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = graft,
		.unseen = "the owner of accepted connections",
	},
};

const unsigned int tcps_state_hook_count = ARRAY_SIZE(tcps_state_hooks);
