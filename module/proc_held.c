// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/tcpstate/memory: what connections hold, by state.
 *
 * Knows what the kernel's objects take; must not know how connections are
 * followed. All is looked up in the kernel's own tables when the file is read:
 * nothing is kept for it in any hook.
 */
#include "proc.h"

#include <linux/sched/signal.h>
#include <linux/seq_file_net.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/inet_timewait_sock.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/timewait_sock.h>

#include "books.h"
#include "counters.h"
#include "established.h"
#include "listening.h"

/**
 * struct held - what those in one state hold
 * @count: how many they are
 * @receive: data received and not read, bytes as they are accounted
 * @send: data to be sent or not acknowledged, likewise
 * @objects: the objects of the connections themselves, bytes
 */
struct held {
	u64 count;
	u64 receive;
	u64 send;
	u64 objects;
};

/**
 * struct view - what is looked for, and what was found
 * @net: the namespace
 * @state: by enum tcpstate_state
 * @before: the same before the chain that is being walked along
 */
struct view {
	const struct net *net;
	struct held state[TCPSTATE_STATE_COUNT];
	struct held before[TCPSTATE_STATE_COUNT];
};

static void add(struct view *view, u8 state, u64 object)
{
	struct held *held = &view->state[state];

	held->count++;
	held->objects += object;
}

static void add_request(struct view *view, const struct request_sock *req)
{
	if (net_eq(read_pnet(&inet_rsk(req)->ireq_net), view->net))
		add(view, TCPSTATE_SYN_RECV, req->rsk_ops->obj_size);
}

static void add_timewait(struct view *view, const struct inet_timewait_sock *tw)
{
	if (net_eq(twsk_net(tw), view->net))
		add(view, READ_ONCE(tw->tw_substate),
		    tw->tw_prot->twsk_prot->twsk_obj_size);
}

static void add_sock(struct view *view, const struct sock *sk)
{
	u8 state = inet_sk_state_load(sk);

	if (!net_eq(sock_net(sk), view->net) ||
	    sk->sk_protocol != IPPROTO_TCP || state >= TCPSTATE_STATE_COUNT)
		return;
	add(view, state, sk->sk_prot->obj_size);
	view->state[state].receive += atomic_read(&sk->sk_rmem_alloc);
	view->state[state].send += READ_ONCE(sk->sk_wmem_queued);
}

static void found(struct sock *sk, void *data)
{
	struct view *view = data;

	switch (inet_sk_state_load(sk)) {
	case TCP_TIME_WAIT:
		add_timewait(view, inet_twsk(sk));
		break;
	case TCP_NEW_SYN_RECV:
		add_request(view, inet_reqsk(sk));
		break;
	default:
		add_sock(view, sk);
	}
}

static void begin(bool anew, void *data)
{
	struct view *view = data;

	if (anew)
		memcpy(view->state, view->before, sizeof(view->state));
	else
		memcpy(view->before, view->state, sizeof(view->state));
}

/* Of a listener the data counts that is kept for it, none as a rule. */
static void look(struct view *view)
{
	const struct tcps_chain_visitor visitor = {
		.begin = begin,
		.each = found,
		.data = view,
	};
	unsigned int i;

	for (i = 0; i < tcps_listening_chains(); i++) {
		cond_resched();
		if (!tcps_listening_empty(i))
			tcps_listening_visit(i, &visitor);
	}
	tcps_established_visit(view->net, NULL, &visitor);
}

int tcps_proc_held(struct seq_file *m, void *v)
{
	struct view *view = kzalloc(sizeof(*view), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!view)
		return -ENOMEM;
	view->net = seq_file_single_net(m);
	look(view);
	if (fatal_signal_pending(current)) {
		kfree(view);
		return -EINTR;
	}
	seq_puts(m, "state count receive_bytes send_bytes object_bytes\n");
	for (i = 0; i < TCPS_STATES_SHOWN; i++) {
		u8 state = tcps_states_shown[i];
		const struct held *held = &view->state[state];

		seq_printf(m, "%s %llu %llu %llu %llu\n",
			   tcps_state_names[state], held->count, held->receive,
			   held->send, held->objects);
	}
	kfree(view);
	return 0;
}
