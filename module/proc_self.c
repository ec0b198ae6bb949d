// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/tcpstate/hooks and readers: what tcpstate itself is doing.
 *
 * Knows how to print; must not know how hooks and readers work.
 */
#include "proc.h"

#include <linux/capability.h>
#include <linux/seq_file_net.h>

#include "hooks.h"
#include "merge.h"
#include "netns.h"
#include "reader.h"

static const char *mechanism_name(const struct tcps_hook *hook)
{
	switch (hook->mechanism) {
	case TCPS_BY_TRACEPOINT:
		return "tracepoint";
	case TCPS_BY_FTRACE:
		return "ftrace";
	case TCPS_BY_KPROBE:
		return "kprobe";
	case TCPS_BY_KRETPROBE:
		return "kretprobe";
	default:
		return "-";
	}
}

int tcps_proc_hooks(struct seq_file *m, void *v)
{
	bool host = net_eq(seq_file_single_net(m), &init_net);
	struct tcps_hook_report report;
	unsigned int i;

	seq_puts(m, "hook mechanism status hits missed note\n");
	for (i = 0; tcps_hooks_report(i, &report); i++) {
		const struct tcps_hook *hook = report.hook;

		seq_printf(m, "%s %s %s ", hook->name, mechanism_name(hook),
			   tcps_hook_is_missing(hook) ? "missing" :
			   hook->error		      ? "absent" :
							"attached");
		/* Hits are the whole host's. */
		if (host)
			seq_printf(m, "%llu %llu ", report.hits, report.missed);
		else
			seq_puts(m, "- - ");
		if (tcps_hook_is_missing(hook))
			seq_printf(m, "error %d; not seen: %s\n", hook->error,
				   hook->unseen);
		else if (hook->error)
			seq_printf(m, "%s\n", hook->absent);
		else
			seq_puts(m, "-\n");
	}
	return 0;
}

struct readers_view {
	struct seq_file *m;
	u32 gen; /* 0: all */
	bool names; /* may know the processes */
	unsigned int number;
};

static void show_reader(struct tcps_reader *reader, void *data)
{
	struct readers_view *view = data;
	struct tcpstate_stats stats;

	if (view->gen && view->gen != reader->gen)
		return;
	tcps_merge_stats(reader, &stats);
	seq_printf(view->m, "%u", ++view->number);
	tcps_proc_process(view->m, view->names, reader->pid, reader->comm);
	seq_printf(view->m, " %u %#x %llu %llu %llu %llu %llu\n", reader->gen,
		   reader->lanes, stats.recorded, stats.delivered,
		   stats.filtered, stats.lost, stats.pending);
}

int tcps_proc_readers(struct seq_file *m, void *v)
{
	struct net *net = seq_file_single_net(m);
	struct tcps_net *tn = tcps_net_of(net);
	struct readers_view view = {
		.m = m,
		.names = file_ns_capable(m->file, net->user_ns, CAP_NET_ADMIN),
	};

	if (!tn)
		return -ENOMEM;
	if (!net_eq(net, &init_net))
		view.gen = tn->gen;
	seq_puts(
		m,
		"reader pid comm netns lanes recorded delivered filtered lost pending\n");
	tcps_readers_walk(show_reader, &view);
	return 0;
}
