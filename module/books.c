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
#include "untracked.h"

const u8 tcps_states_shown[TCPS_STATES_SHOWN] = {
	TCPSTATE_LISTEN,      TCPSTATE_SYN_SENT,  TCPSTATE_SYN_RECV,
	TCPSTATE_ESTABLISHED, TCPSTATE_FIN_WAIT1, TCPSTATE_FIN_WAIT2,
	TCPSTATE_CLOSING,     TCPSTATE_TIME_WAIT, TCPSTATE_CLOSE_WAIT,
	TCPSTATE_LAST_ACK,
};

/* Take out what is known not to be there. */
static void correct(struct tcps_books *books)
{
	unsigned int i;

	for (i = 0; i < TCPSTATE_STATE_COUNT; i++)
		books->sum.preexisting[i] -=
			(s64)atomic_read(&books->tn->untracked.settled[i]);
}

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
	tcps_counters_fold(&books->sum, tn->cells);
	correct(books);
	return books;
}

static const char *why_always(const struct tcps_books *books)
{
	if (!tcps_hooks_exact())
		return "hooks use kprobes, which can miss calls";
	if (!tcps_hooks_complete())
		return "hooks are missing (see hooks)";
	if (!COMPAT_ONE_PACKET_AT_A_TIME)
		return "listeners' refusals need PREEMPT_RT_NEEDS_BH_LOCK";
	if (books->sum.unlisted)
		return "a transition was seen that is in no list";
	if (books->host && tcps_netns_unobserved())
		return "there was no memory to observe a network namespace";
	return NULL;
}

/*
 * What a namespace has too much of is told of itself alone; it passes when what
 * found no room has ended, or was taken in by a walk.
 */
static struct tcps_reason why_room(const struct tcps_untracked *untracked)
{
	struct tcps_reason why = {
		.since = tcps_untracked_since(untracked),
	};

	if (why.since) {
		why.text =
			"connections found no room in the table (table_max, shared among owners)";
		return why;
	}
	why.since = tcps_untracked_rows_since(untracked);
	if (why.since)
		why.text =
			"listeners found no room in the list (listeners_max, shared among owners)";
	return why;
}

/**
 * tcps_books_inexact() - do the counters tell the whole truth?
 * @books: which
 * @why: result: why they do not, if they do not
 *
 * Return: true if they do not.
 */
bool tcps_books_inexact(const struct tcps_books *books, struct tcps_reason *why)
{
	why->since = tcps_gate_off_first() ?: books->tn->born_ns;
	why->text = "recording is switched off";
	if (!tcps_gate_is_good())
		return true;
	why->since = books->tn->born_ns;
	why->text = why_always(books);
	if (why->text)
		return true;
	*why = why_room(&books->tn->untracked);
	return why->text;
}
