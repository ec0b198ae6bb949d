// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks on requests: into the SYN queue, out of it, and SYN-ACKs sent again.
 *
 * Must not know what becomes of what it passes on.
 */
#include <linux/kernel.h>
#include <linux/tcp.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <trace/events/tcp.h>

#include "caller.h"
#include "compat.h"
#include "hooks.h"
#include "observe.h"

/* Where some of them stand in the table. */
enum {
	ON_SYNACK,
	ON_UNLINK,
};

static const struct request_sock *request(unsigned long arg)
{
	return (const struct request_sock *)arg;
}

static void add(TCPS_ENTRY)
{
	tcps_observe_request((const struct sock *)arg0, request(arg1));
}

/* Its last argument says whether this child won the request. */
static void on_complete(TCPS_ENTRY)
{
	if ((u8)arg3)
		tcps_observe_complete((const struct sock *)arg0, request(arg2),
				      (const struct sock *)arg1);
}

static void child(TCPS_ENTRY)
{
	tcps_observe_child((const struct sock *)arg0, request(arg1),
			   (const struct sock *)arg2, caller);
}

static void check(TCPS_ENTRY)
{
	/* Fast Open: the request stands in no queue. */
	if (!(u8)arg3)
		tcps_observe_check_req((const struct sock *)arg0, request(arg2),
				       (const struct sk_buff *)arg1);
}

static void drop(TCPS_ENTRY)
{
	tcps_observe_drop(request(arg1), false, caller);
}

static void drop_and_put(TCPS_ENTRY)
{
	tcps_observe_drop(request(arg1), true, caller);
}

/* The older function of the two is not told the listener first. */
static void unlink(TCPS_ENTRY)
{
	bool newer = tcps_request_hooks[ON_UNLINK].other_name;

	tcps_observe_unlink(request(newer ? arg1 : arg0), caller);
}

static void migrate(TCPS_ENTRY)
{
	tcps_observe_migrate(request(arg0), (const struct sock *)arg1);
}

static void end(TCPS_ENTRY)
{
	tcps_observe_request_end(request(arg0));
}

static void synack_by(TCPS_ENTRY)
{
	tcps_observe_synack_by((const struct sock *)arg0, request(arg1),
			       tcps_caller_of(caller) == TCPS_BY_REQ_TIMER);
}

static void synack(void *data, const struct sock *sk,
		   const struct request_sock *req)
{
	tcps_hooks_hit(&tcps_request_hooks[ON_SYNACK]);
	tcps_observe_synack(sk, req);
}

/* Where the compiler compares our type with the kernel's. */
static inline void __maybe_unused check_types(void)
{
	check_trace_callback_type_tcp_retransmit_synack(synack);
}

#define HALF_OPEN "half-open connections: none are shown"
#define WHY_HALF_OPEN "why half-open connections ended: unknown"

struct tcps_hook tcps_request_hooks[] = {
	[ON_SYNACK] = {
		.name = "tcp_retransmit_synack",
		.kind = TCPS_HOOK_TRACEPOINT,
		.probe = synack,
		.unseen = "SYN-ACKs sent again",
	},
	[ON_UNLINK] = {
		.name = "__inet_csk_reqsk_queue_drop",
		.other_name = "reqsk_queue_unlink",
		.takes = "sock request_sock",
		.other_takes = "request_sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = unlink,
		.unseen = WHY_HALF_OPEN,
	},
	{
		.name = "inet_csk_reqsk_queue_hash_add",
		.takes = "sock request_sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = add,
		.unseen = HALF_OPEN,
		.counts = true,
	},
	{
		.name = "inet_csk_complete_hashdance",
		.takes = "sock sock request_sock int",
		.kind = TCPS_HOOK_ENTRY,
		.entry = on_complete,
		.unseen = "which request a connection came from",
		.counts = true,
	},
	{
		.name = "inet_csk_reqsk_queue_add",
		.takes = "sock request_sock sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = child,
		.unseen = "the birth of Fast Open and SYN cookie connections",
		.counts = true,
	},
	{
		.name = "tcp_check_req",
		.takes = "sock sk_buff request_sock int",
		.kind = TCPS_HOOK_ENTRY,
		.entry = check,
		.unseen = WHY_HALF_OPEN,
	},
	{
		.name = "inet_csk_reqsk_queue_drop",
		.takes = "sock request_sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = drop,
		.unseen = WHY_HALF_OPEN,
	},
	{
		.name = "inet_csk_reqsk_queue_drop_and_put",
		.takes = "sock request_sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = drop_and_put,
		.unseen = WHY_HALF_OPEN,
	},
	{
		.name = "inet_reqsk_clone",
		.absent = "this kernel does not move requests to other listeners",
		.takes = "request_sock sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = migrate,
		.unseen = "that a request moved to another listener",
	},
	{
		.name = "tcp_v4_reqsk_destructor",
		.takes = "request_sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = end,
		.unseen = "the end of half-open connections, IPv4",
		.counts = true,
	},
	{
		.name = "tcp_v6_reqsk_destructor",
		.absent = "this kernel has no IPv6",
		.takes = "request_sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = end,
		.unseen = "the end of half-open connections, IPv6",
		.counts = true,
	},
	{
		.name = "tcp_rtx_synack",
		.takes = "sock request_sock",
		.kind = TCPS_HOOK_ENTRY,
		.entry = synack_by,
		.unseen = "why a SYN-ACK was sent again",
	},
};

const unsigned int tcps_request_hook_count = ARRAY_SIZE(tcps_request_hooks);
