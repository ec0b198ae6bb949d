// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/tcpstate/listeners: both queues of each listener, and who was refused.
 *
 * Knows how to print a listener; must not know how it is counted. The queues
 * are those of this moment, read from the kernel's own table, a chain at a
 * time; the rest is what was counted since the listener was first seen. The
 * last line has what listeners counted that are gone.
 */
#include "proc.h"

#include <linux/capability.h>
#include <linux/inet.h>
#include <linux/seq_file_net.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "books.h"
#include "compat.h"
#include "counters.h"
#include "late.h"
#include "listener.h"
#include "listening.h"
#include "netns.h"
#include "tell.h"

/* Listeners shown of a chain; of the rest it is said how many they are. */
#define CHAIN_MAX 4096

/**
 * struct queues - a listener as it stands in the kernel's table
 * @cookie: its socket cookie
 * @who: its address
 * @synq: requests in the SYN queue
 * @young: thereof not yet sent a SYN-ACK again
 * @acceptq: connections in the accept queue
 * @max: limit of both
 */
struct queues {
	u64 cookie;
	struct tcps_who who;
	u32 synq;
	u32 young;
	u32 acceptq;
	u32 max;
};

/**
 * struct view - the listeners of one chain
 * @net: of the file
 * @detail: who reads may see addresses and owners
 * @count: listeners
 * @room: for so many
 * @missed: that found no room
 * @queue: them
 */
struct view {
	struct seq_net_private net;
	bool detail;
	unsigned int count;
	unsigned int room;
	unsigned int missed;
	struct queues *queue;
};

/* Where a listener's counts come from: its own, or a whole namespace's. */
static const u8 columns[][2] = {
	{ TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_SYN_QUEUE_FULL },
	{ TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_ACCEPT_QUEUE_FULL },
	{ TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_LAST_QUARTER },
	{ TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_NO_MEMORY },
	{ TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_NO_ROUTE },
	{ TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_FILTERED },
	{ TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_OTHER },
	{ TCPSTATE_EVENT_ACCEPT_DROP, TCPSTATE_CAUSE_ACCEPT_QUEUE_FULL },
	{ TCPSTATE_EVENT_ACCEPT_DROP, TCPSTATE_CAUSE_NO_MEMORY },
	{ TCPSTATE_EVENT_ACCEPT_DROP, TCPSTATE_CAUSE_OTHER },
	{ TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_SENT },
	{ TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_VALID },
	{ TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_FAILED },
	{ TCPSTATE_EVENT_SYNACK_RETRANSMIT, TCPSTATE_CAUSE_TIMER },
	{ TCPSTATE_EVENT_SYNACK_RETRANSMIT, TCPSTATE_CAUSE_DUPLICATE_SYN },
	{ TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_AUTH },
};

static void *listeners_start(struct seq_file *m, loff_t *pos)
{
	struct view *view = m->private;
	struct net *net = seq_file_net(m);

	if (!tcps_net_of(net))
		return ERR_PTR(-ENOMEM);
	view->detail = file_ns_capable(m->file, net->user_ns, CAP_NET_ADMIN);
	/* Position 0 is the head, the last one the listeners that are gone. */
	return *pos <= tcps_listening_chains() + 1 ? pos : NULL;
}

static void *listeners_next(struct seq_file *m, void *v, loff_t *pos)
{
	do {
		++*pos;
	} while (*pos <= tcps_listening_chains() &&
		 tcps_listening_empty(*pos - 1));
	return *pos <= tcps_listening_chains() + 1 ? pos : NULL;
}

static void listeners_stop(struct seq_file *m, void *v)
{
	struct view *view = m->private;

	kvfree(view->queue);
	view->queue = NULL;
	view->room = 0;
}

static void look_at(const struct sock *sk, void *data)
{
	const struct request_sock_queue *queue =
		&inet_csk(sk)->icsk_accept_queue;
	struct view *view = data;
	struct queues *to;

	if (!net_eq(sock_net(sk), view->net.net) ||
	    sk->sk_protocol != IPPROTO_TCP)
		return;
	if (view->count == view->room) {
		view->missed++;
		return;
	}
	to = &view->queue[view->count++];
	memset(to, 0, sizeof(*to));
	/* Zero if it is younger than the look of the module: it is unknown. */
	to->cookie = atomic64_read(&sk->sk_cookie);
	tcps_who_set_sock(&to->who, sk);
	to->synq = reqsk_queue_len(queue);
	to->young = reqsk_queue_len_young(queue);
	to->acceptq = READ_ONCE(sk->sk_ack_backlog);
	to->max = READ_ONCE(sk->sk_max_ack_backlog);
}

/* Look again with more room until all of the chain found some. */
static bool look(struct view *view, unsigned int chain)
{
	unsigned int room = max(view->room, 16U);

	for (;;) {
		if (room > view->room) {
			kvfree(view->queue);
			view->room = 0;
			view->queue = kvcalloc(room, sizeof(*view->queue),
					       GFP_KERNEL);
			if (!view->queue)
				return false;
			view->room = room;
		}
		view->count = 0;
		view->missed = 0;
		tcps_listening_visit(chain, look_at, view);
		if (!view->missed || view->room >= CHAIN_MAX)
			return true;
		room = min_t(unsigned long,
			     roundup_pow_of_two(view->count + view->missed),
			     CHAIN_MAX);
	}
}

static void show_head(struct seq_file *m)
{
	unsigned int i;

	seq_puts(
		m,
		"cookie local synq young synq_max synq_high acceptq acceptq_max acceptq_high accepted accept_p50_ns accept_p99_ns expired");
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		seq_putc(m, ' ');
		tcps_proc_name(m, tcps_event_names[columns[i][0]]);
		seq_putc(m, '_');
		tcps_proc_name(m, tcps_cause_names[columns[i][1]]);
	}
	seq_puts(m, " pid comm uid\n");
}

static void show_address(struct seq_file *m, const struct view *view,
			 const struct queues *queues)
{
	const struct tcps_proc_end end = {
		.family = queues->who.family,
		.port = queues->who.id.lport,
		.ifindex = queues->who.ifindex,
		.address = queues->who.id.laddr,
	};

	if (!view->detail) {
		seq_puts(m, "- -");
		return;
	}
	seq_printf(m, "%llu", queues->cookie);
	tcps_proc_end(m, seq_file_net(m), &end);
}

static void show_told(struct seq_file *m, const struct tcps_listener *listener)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		int tell = tcps_counters_tell_of(columns[i][0], columns[i][1]);

		seq_printf(m, " %lld", atomic64_read(&listener->told[tell]));
	}
}

static void show_owner(struct seq_file *m, const struct view *view,
		       const struct tcps_who *who)
{
	tcps_proc_process(m, view->detail && who->id.flags & TCPSTATE_F_OWNER,
			  who->id.tgid, who->id.comm);
	if (view->detail)
		seq_printf(m, " %u\n",
			   from_kuid_munged(seq_user_ns(m),
					    KUIDT_INIT(who->id.uid)));
	else
		seq_puts(m, " -\n");
}

/* There was no room for it in the list: its counts are with the gone. */
static void show_no_counts(struct seq_file *m, const struct queues *queues)
{
	unsigned int i;

	seq_printf(m, " %u %u %u - %u %u - - - - -", queues->synq,
		   queues->young, queues->max, queues->acceptq, queues->max);
	for (i = 0; i < ARRAY_SIZE(columns) + 3; i++)
		seq_puts(m, " -");
	seq_putc(m, '\n');
}

static void show_counts(struct seq_file *m, const struct view *view,
			const struct queues *queues)
{
	struct tcps_histogram_summary wait;
	struct tcps_listener *listener;

	show_address(m, view, queues);
	/* Printing takes a while, but it does not sleep. */
	rcu_read_lock();
	listener = tcps_listener_find(queues->cookie);
	if (!listener) {
		rcu_read_unlock();
		show_no_counts(m, queues);
		return;
	}
	tcps_histogram_summary(&listener->wait, &wait);
	seq_printf(m, " %u %u %u %d %u %u %d %lld", queues->synq, queues->young,
		   queues->max,
		   max(atomic_read(&listener->synq_high), (int)queues->synq),
		   queues->acceptq, queues->max,
		   max(atomic_read(&listener->acceptq_high),
		       (int)queues->acceptq),
		   atomic64_read(&listener->accepted));
	if (wait.count)
		seq_printf(m, " %llu %llu", wait.p50_ns, wait.p99_ns);
	else
		seq_puts(m, " - -");
	seq_printf(m, " %lld", atomic64_read(&listener->expired));
	show_told(m, listener);
	show_owner(m, view, &listener->who);
	rcu_read_unlock();
}

/**
 * struct rest - what is left of a namespace without its listeners
 * @gen: which namespace
 * @accepted: connections
 * @expired: half-open connections
 * @told: in order of columns
 */
struct rest {
	u32 gen;
	u64 accepted;
	u64 expired;
	u64 told[ARRAY_SIZE(columns)];
};

static void take_away(struct tcps_listener *listener, void *data)
{
	struct rest *rest = data;
	unsigned int i;

	if (listener->who.id.netns_gen != rest->gen)
		return;
	rest->accepted -= atomic64_read(&listener->accepted);
	rest->expired -= atomic64_read(&listener->expired);
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		rest->told[i] -= atomic64_read(
			&listener->told[tcps_counters_tell_of(columns[i][0],
							      columns[i][1])]);
}

/* Closed ones, and those that there was no room for in the list. */
static int show_gone(struct seq_file *m)
{
	const struct tcps_net *tn = tcps_net_of(seq_file_net(m));
	struct rest rest = { .gen = tn->gen };
	struct tcps_books *books;
	unsigned int i;

	/* What is counted meanwhile is counted in the namespace first. */
	tcps_listener_each(take_away, &rest);
	books = tcps_books_open(seq_file_net(m));
	if (!books)
		return -ENOMEM;
	rest.accepted += books->sum.accepted;
	rest.expired += books->sum.expired;
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		rest.told[i] += tcps_counters_told(&books->sum, columns[i][0],
						   columns[i][1]);
	kfree(books);
	seq_printf(m, "gone - - - - - - - - %llu - - %llu", rest.accepted,
		   rest.expired);
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		seq_printf(m, " %llu", rest.told[i]);
	seq_puts(m, " - - -\n");
	return 0;
}

static int listeners_show(struct seq_file *m, void *v)
{
	struct view *view = m->private;
	loff_t pos = *(loff_t *)v;
	unsigned int i;

	if (!pos) {
		tcps_late_bring();
		show_head(m);
		return 0;
	}
	if (pos > tcps_listening_chains())
		return show_gone(m);
	if (!look(view, pos - 1))
		return -ENOMEM;
	for (i = 0; i < view->count; i++)
		show_counts(m, view, &view->queue[i]);
	if (view->missed)
		seq_printf(m, "# %u more listeners on this port\n",
			   view->missed);
	return 0;
}

const struct seq_operations tcps_proc_listeners = {
	.start = listeners_start,
	.next = listeners_next,
	.stop = listeners_stop,
	.show = listeners_show,
};

const unsigned int tcps_proc_listeners_size = sizeof(struct view);
