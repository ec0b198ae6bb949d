// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/tcpstate/connections: what is alive, for whoever may know.
 *
 * Knows how to print a connection; must not know how it came into the table.
 * One group of the table is shown at a time; each group as of one moment.
 */
#include "proc.h"

#include <linux/capability.h>
#include <linux/seq_file_net.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "counters.h"
#include "life.h"
#include "look.h"
#include "netns.h"
#include "table.h"

/**
 * struct view - the connections of one group
 * @net: of the file
 * @gen: namespace to show
 * @look: at the group
 */
struct view {
	struct seq_net_private net;
	u32 gen;
	struct tcps_look look;
};

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
	return *pos <= tcps_table_groups() ? pos : NULL;
}

static void *connections_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return *pos <= tcps_table_groups() ? pos : NULL;
}

static void connections_stop(struct seq_file *m, void *v)
{
	struct view *view = m->private;

	tcps_look_free(&view->look);
}

static bool is_shown(const struct tcps_life *life, u32 gen)
{
	return life->who.id.netns_gen == gen;
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
	struct view *view = m->private;
	unsigned int i;
	loff_t pos = *(loff_t *)v;

	if (!pos) {
		seq_puts(
			m,
			"cookie life life_seq state carrier age_ns local remote pid comm uid flags\n");
		return 0;
	}
	if (!tcps_look_at(&view->look, pos - 1, false, is_shown, view->gen))
		return -ENOMEM;
	for (i = 0; i < view->look.count; i++)
		show_one(m, &view->look.records[i]);
	return 0;
}

const struct seq_operations tcps_proc_connections = {
	.start = connections_start,
	.next = connections_next,
	.stop = connections_stop,
	.show = connections_show,
};

const unsigned int tcps_proc_connections_size = sizeof(struct view);
