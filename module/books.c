// SPDX-License-Identifier: GPL-2.0
/*
 * The books of one network namespace, added up to be shown.
 *
 * Knows counters and whatever can make them inexact; must not know how they
 * are shown.
 */
#include "books.h"

#include <linux/slab.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "gate.h"
#include "hooks.h"
#include "late.h"
#include "netns.h"
#include "table.h"

const u8 tcps_states_shown[TCPS_STATES_SHOWN] = {
	TCPSTATE_LISTEN,      TCPSTATE_SYN_SENT,  TCPSTATE_SYN_RECV,
	TCPSTATE_ESTABLISHED, TCPSTATE_FIN_WAIT1, TCPSTATE_FIN_WAIT2,
	TCPSTATE_CLOSING,     TCPSTATE_TIME_WAIT, TCPSTATE_CLOSE_WAIT,
	TCPSTATE_LAST_ACK,
};

/**
 * tcps_books_open() - add up the counters of a namespace
 * @net: the namespace, held by the caller
 *
 * Return: books to be freed with kfree(), or NULL without memory.
 */
struct tcps_books *tcps_books_open(const struct net *net)
{
	struct tcps_net *tn = tcps_net_of(net);
	struct tcps_books *books;

	if (!tn)
		return NULL;
	books = kzalloc(sizeof(*books), GFP_KERNEL);
	if (!books)
		return NULL;
	books->tn = tn;
	books->host = net_eq(net, &init_net);
	tcps_late_bring();
	tcps_ledger_fold(&books->sum, &tn->ledger);
	return books;
}

/**
 * tcps_books_inexact() - do the counters tell the whole truth?
 * @books: which
 *
 * Return: NULL, or why they do not.
 */
const char *tcps_books_inexact(const struct tcps_books *books)
{
	struct tcps_table_stats table;

	tcps_table_stats(&table);
	if (tcps_gate_off_ns())
		return "recording was switched off for a while";
	if (!tcps_hooks_exact())
		return "hooks use kprobes, which can miss calls";
	if (!tcps_hooks_complete())
		return "hooks are missing (see hooks)";
	if (!COMPAT_ONE_PACKET_AT_A_TIME)
		return "listeners' refusals need PREEMPT_RT_NEEDS_BH_LOCK";
	if (books->sum.unlisted)
		return "a transition was seen that is in no list";
	if (tcps_netns_unobserved())
		return "there was no memory to observe a network namespace";
	if (table.full)
		return "the table of connections was full (table_max)";
	return NULL;
}
