// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks on listeners: who comes, and whether it is turned away.
 *
 * Must not know what becomes of what it passes on.
 */
#include <linux/kernel.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <trace/events/tcp.h>

#include "compat.h"
#include "hooks.h"
#include "observe.h"

static void syn(TCPS_ENTRY)
{
	tcps_observe_syn((const struct sock *)arg0,
			 (const struct sk_buff *)arg1);
}

/* Segments that are dropped because of their signature, or for want of one. */
static void unsigned_segment(void *data, const struct sock *sk,
			     const struct sk_buff *skb)
{
	tcps_hooks_hit(data);
	tcps_observe_unsigned(sk, skb);
}

static void wrong_key(void *data, const struct sock *sk,
		      const struct sk_buff *skb, const __u8 key,
		      const __u8 next, const __u8 length)
{
	tcps_hooks_hit(data);
	tcps_observe_unsigned(sk, skb);
}

#if COMPAT_TELLS_SIGNATURES
static inline void __maybe_unused check_types(void)
{
	check_trace_callback_type_tcp_hash_md5_required(unsigned_segment);
	check_trace_callback_type_tcp_ao_handshake_failure(wrong_key);
}
#endif

static void unproven(TCPS_ENTRY)
{
	tcps_observe_unproven((const struct request_sock *)arg0);
}

static void cookie(TCPS_ENTRY)
{
	tcps_observe_cookie_ack((const struct sock *)arg0,
				(const struct sk_buff *)arg1);
}

#define SIGNATURE(tracepoint, function)                          \
	{                                                        \
		.name = tracepoint,                              \
		.absent = "this kernel does not tell of it",     \
		.kind = TCPS_HOOK_TRACEPOINT, .probe = function, \
		.unseen = "SYNs refused for their signature",    \
	}

struct tcps_hook tcps_listen_hooks[] = {
	/* Of these the second calls the first for IPv4: the last call counts. */
	{
		.name = "tcp_v4_conn_request",
		.takes = "sock sk_buff",
		.kind = TCPS_HOOK_ENTRY,
		.entry = syn,
		.unseen = "SYNs that are refused, SYN cookies sent, IPv4",
		.counts = true,
	},
	{
		.name = "tcp_v6_conn_request",
		.absent = "this kernel has no IPv6",
		.takes = "sock sk_buff",
		.kind = TCPS_HOOK_ENTRY,
		.entry = syn,
		.unseen = "SYNs that are refused, SYN cookies sent, IPv6",
		.counts = true,
	},
	{
		.name = "subflow_v4_conn_request",
		.absent = "this kernel has no MPTCP",
		.takes = "sock sk_buff",
		.kind = TCPS_HOOK_ENTRY,
		.entry = syn,
		.unseen = "SYNs that MPTCP refuses, IPv4",
	},
	{
		.name = "subflow_v6_conn_request",
		.absent = "this kernel has no MPTCP",
		.takes = "sock sk_buff",
		.kind = TCPS_HOOK_ENTRY,
		.entry = syn,
		.unseen = "SYNs that MPTCP refuses, IPv6",
	},
	{
		.name = "tcp_peer_is_proven",
		.takes = "request_sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = unproven,
		.unseen =
			"that a SYN is refused by the rule of the last quarter",
	},
	{
		.name = "cookie_v4_check",
		.takes = "sock sk_buff",
		.kind = TCPS_HOOK_ENTRY,
		.entry = cookie,
		.unseen = "SYN cookies that came back, IPv4",
		.counts = true,
	},
	{
		.name = "cookie_v6_check",
		.absent = "this kernel has no IPv6",
		.takes = "sock sk_buff",
		.kind = TCPS_HOOK_ENTRY,
		.entry = cookie,
		.unseen = "SYN cookies that came back, IPv6",
		.counts = true,
	},
	SIGNATURE("tcp_hash_bad_header", unsigned_segment),
	SIGNATURE("tcp_hash_md5_required", unsigned_segment),
	SIGNATURE("tcp_hash_md5_unexpected", unsigned_segment),
	SIGNATURE("tcp_hash_md5_mismatch", unsigned_segment),
	SIGNATURE("tcp_hash_ao_required", unsigned_segment),
	SIGNATURE("tcp_ao_handshake_failure", wrong_key),
	SIGNATURE("tcp_ao_wrong_maclen", wrong_key),
	SIGNATURE("tcp_ao_mismatch", wrong_key),
	SIGNATURE("tcp_ao_key_not_found", wrong_key),
};

const unsigned int tcps_listen_hook_count = ARRAY_SIZE(tcps_listen_hooks);
