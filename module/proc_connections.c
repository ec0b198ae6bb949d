// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/tcpstate/connections: what is alive, for whoever may know.
 *
 * Knows how to print a connection; must not know how it came into the table.
 * It looks at one group of the table after the other; a call of show prints one
 * connection of it, so that none is printed twice when seq_file finds that there
 * is no room.
 */
#include "proc.h"

#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file_net.h>
#include <linux/sort.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "counters.h"
#include "life.h"
#include "look.h"
#include "netns.h"
#include "table.h"

/**
 * struct view - where a reader is
 *
 * Between two calls of read() nothing is held but what was shown last, and the
 * group is looked at again: in a group connections are in order of cookies and
 * lives, so that who stays is shown once.
 *
 * @net: of the file
 * @gen: namespace to show
 * @pos: number of the line; the first one is the head
 * @group: that is looked at
 * @cookie: shown last of it; 0 if nothing was
 * @life: its life
 * @nr: of the connection in @look
 * @look: at the group; without records if it is to be taken
 */
struct view {
	struct seq_net_private net;
	u32 gen;
	loff_t pos;
	unsigned int group;
	u64 cookie;
	u16 life;
	unsigned int nr;
	struct tcps_look look;
};

static bool is_shown(const struct tcps_life *life, u32 gen)
{
	return life->who.id.netns_gen == gen;
}

static int compare(const void *a, const void *b)
{
	const struct tcpstate_record *left = a, *right = b;

	if (left->cookie != right->cookie)
		return left->cookie < right->cookie ? -1 : 1;
	return (int)left->life - (int)right->life;
}

static bool is_past(const struct view *view, const struct tcpstate_record *rec)
{
	if (rec->cookie != view->cookie)
		return rec->cookie < view->cookie;
	return rec->life <= view->life;
}

/* Look at the group; 0, or an error. */
static int look(struct view *view)
{
	struct tcps_look *look = &view->look;

	if (!tcps_look_at(look, view->group, false, is_shown, view->gen))
		return -ENOMEM;
	sort(look->records, look->count, sizeof(*look->records), compare, NULL);
	view->nr = 0;
	while (view->nr < look->count &&
	       is_past(view, &look->records[view->nr]))
		view->nr++;
	return 0;
}

/* Find the one to show, from where we are on; NULL at the end, or an error. */
static void *find(struct view *view)
{
	while (view->group < tcps_table_groups()) {
		int err = view->look.records ? 0 : look(view);

		if (err)
			return ERR_PTR(err);
		if (view->nr < view->look.count)
			return view;
		tcps_look_free(&view->look);
		view->group++;
		view->cookie = 0;
		view->life = 0;
		cond_resched();
		if (fatal_signal_pending(current))
			return ERR_PTR(-EINTR);
	}
	return NULL;
}

/* seq_file begins at 0, or where it stopped. */
static void *connections_start(struct seq_file *m, loff_t *pos)
{
	struct view *view = m->private;
	struct net *net = seq_file_net(m);
	const struct tcps_net *tn = tcps_net_of(net);

	if (!tn)
		return ERR_PTR(-ENOMEM);
	if (!file_ns_capable(m->file, net->user_ns, CAP_NET_ADMIN))
		return ERR_PTR(-EPERM);
	view->gen = tn->gen;
	if (*pos)
		return *pos == view->pos ? find(view) : NULL;
	view->pos = 0;
	view->group = 0;
	view->cookie = 0;
	view->life = 0;
	return SEQ_START_TOKEN;
}

static void *connections_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct view *view = m->private;

	view->pos = ++*pos;
	if (v != SEQ_START_TOKEN) {
		const struct tcpstate_record *rec =
			&view->look.records[view->nr++];

		view->cookie = rec->cookie;
		view->life = rec->life;
	}
	return find(view);
}

static void connections_stop(struct seq_file *m, void *v)
{
	struct view *view = m->private;

	tcps_look_free(&view->look);
}

static const char *const carriers[TCPSTATE_CARRIER_COUNT] = {
	"-",
	"request",
	"sock",
	"timewait",
};

static void show_end(struct seq_file *m, const struct tcpstate_record *rec,
		     const u8 *address, u16 port)
{
	const struct tcps_proc_end end = {
		.family = rec->family,
		.port = port,
		.ifindex = rec->ifindex,
		.address = address,
	};

	tcps_proc_end(m, seq_file_net(m), &end);
}

static void show_one(struct seq_file *m, const struct tcpstate_record *rec)
{
	seq_printf(m, "%llu %u %u %s %s", rec->cookie, rec->life,
		   rec->state.life_seq, tcps_state_names[rec->old_state],
		   carriers[rec->carrier]);
	if (rec->flags & TCPSTATE_F_DWELL)
		seq_printf(m, " %llu", rec->state.dwell_ns);
	else
		seq_puts(m, " -");
	show_end(m, rec, rec->laddr, rec->lport);
	show_end(m, rec, rec->raddr, rec->rport);
	tcps_proc_process(m, rec->flags & TCPSTATE_F_OWNER, rec->tgid,
			  rec->comm);
	seq_printf(m, " %u %#x\n",
		   from_kuid_munged(seq_user_ns(m), KUIDT_INIT(rec->uid)),
		   rec->flags);
}

static int connections_show(struct seq_file *m, void *v)
{
	const struct view *view = m->private;

	if (v == SEQ_START_TOKEN)
		seq_puts(
			m,
			"cookie life life_seq state carrier age_ns local remote pid comm uid flags\n");
	else
		show_one(m, &view->look.records[view->nr]);
	return 0;
}

const struct seq_operations tcps_proc_connections = {
	.start = connections_start,
	.next = connections_next,
	.stop = connections_stop,
	.show = connections_show,
};

const unsigned int tcps_proc_connections_size = sizeof(struct view);
