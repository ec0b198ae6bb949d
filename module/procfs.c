// SPDX-License-Identifier: GPL-2.0
/*
 * The files of /proc/net/tcpstate, and the symlink /proc/tcpstate.
 *
 * Knows how to print; must not know how things are counted or recorded. Each
 * file shows the network namespace of whoever reads it. What tells of the
 * whole host is shown in the initial namespace only.
 */
#include "procfs.h"

#include <linux/capability.h>
#include <linux/math64.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/ktime.h>
#include <net/net_namespace.h>

#include "counters.h"
#include "gate.h"
#include "hooks.h"
#include "life.h"
#include "merge.h"
#include "netns.h"
#include "pool.h"
#include "reader.h"
#include "recorder.h"

static struct proc_dir_entry *symlink;

/*
 * As a connection passes through them. CLOSE is no state to count, and
 * TIME_WAIT never happens to a full socket: another object takes over.
 */
static const u8 state_order[] = {
	TCPSTATE_LISTEN,      TCPSTATE_SYN_SENT,   TCPSTATE_SYN_RECV,
	TCPSTATE_ESTABLISHED, TCPSTATE_FIN_WAIT1,  TCPSTATE_FIN_WAIT2,
	TCPSTATE_CLOSING,     TCPSTATE_CLOSE_WAIT, TCPSTATE_LAST_ACK,
};

/* What is shown of one namespace. */
struct books {
	struct tcps_net *tn;
	struct tcps_cells sum;
	bool host; /* the initial namespace */
};

/* Returns NULL if there is nothing to show; free with kfree(). */
static struct books *open_books(struct seq_file *m)
{
	struct net *net = seq_file_single_net(m);
	struct tcps_net *tn = tcps_net_of(net); /* stays: net is held */
	struct books *books;

	if (!tn)
		return NULL;
	books = kzalloc(sizeof(*books), GFP_KERNEL);
	if (!books)
		return NULL;
	books->tn = tn;
	books->host = net_eq(net, &init_net);
	tcps_counters_fold(&books->sum, tn->cells);
	return books;
}

/* Do the counters tell the whole truth? If not, say why. */
static const char *inexact(const struct books *books)
{
	struct tcps_life_stats life;

	tcps_life_stats(&life);
	if (tcps_gate_off_ns())
		return "recording was switched off for a while";
	if (!tcps_hooks_exact())
		return "hooks use kprobes, which can miss calls";
	if (books->sum.unlisted)
		return "a transition was seen that is in no list";
	if (tcps_netns_unobserved())
		return "there was no memory to observe a network namespace";
	if (life.full)
		return "the table of connections was full (table_max)";
	return NULL;
}

static void show_states(struct seq_file *m, const struct books *books, u64 ns)
{
	struct tcps_gauge gauge;
	unsigned int i;
	u64 rate; /* tenths per second */

	seq_printf(m, "%-12s %10s %12s %12s %12s %11s\n", "state", "now",
		   "entered", "left", "preexisting", "entered/s");
	for (i = 0; i < ARRAY_SIZE(state_order); i++) {
		tcps_counters_gauge(&gauge, &books->sum, state_order[i]);
		rate = mul_u64_u64_div_u64(gauge.entered, 10 * NSEC_PER_SEC,
					   max(ns, 1ULL));
		seq_printf(m, "%-12s %10lld %12llu %12llu %12llu %9llu.%llu\n",
			   tcps_state_names[state_order[i]], gauge.now,
			   gauge.entered, gauge.left, gauge.preexisting,
			   rate / 10, rate % 10);
	}
	seq_puts(
		m,
		"(full sockets: half-open requests and TIME_WAIT are other objects, not counted here)\n");
}

static void show_ends(struct seq_file *m, const struct books *books)
{
	unsigned int i;

	seq_puts(m, "\nhow connections ended\n");
	for (i = 0; i < tcps_row_count; i++) {
		if (tcps_rows[i].new != TCPSTATE_CLOSE || !books->sum.row[i])
			continue;
		seq_printf(m, "%12llu  from %s: %s\n", books->sum.row[i],
			   tcps_state_names[tcps_rows[i].old],
			   tcps_cause_names[tcps_rows[i].cause]);
	}
}

static void show_recorder(struct seq_file *m)
{
	u64 now = ktime_get_ns(), oldest = tcps_recorder_oldest(TCPS_LANE_MAIN),
	    bytes = 0;
	struct tcps_life_stats life;
	unsigned int lane;

	for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++)
		bytes += tcps_recorder_lane_bytes(lane);
	seq_printf(
		m,
		"\nrecorder: %llu records in %llu KiB; reaches back %llu s\n",
		tcps_recorder_records(), bytes >> 10,
		div_u64(now - oldest, NSEC_PER_SEC));
	tcps_life_stats(&life);
	seq_printf(m, "connections remembered: %llu of at most %lu\n",
		   life.entries, tcps_pool_max());
	seq_printf(m, "readers: %u open, at most %u\n", tcps_readers_open(),
		   tcps_readers_max());
}

static int summary_show(struct seq_file *m, void *v)
{
	struct books *books = open_books(m);
	const char *why;
	u64 ns;

	if (!books)
		return -ENOMEM;
	ns = ktime_get_ns() - books->tn->born_ns;
	seq_printf(
		m,
		"TCP in network namespace %u (generation %u), observed for %llu s\n\n",
		books->tn->inum, books->tn->gen, div_u64(ns, NSEC_PER_SEC));
	show_states(m, books, ns);
	show_ends(m, books);
	if (books->host)
		show_recorder(m);
	why = inexact(books);
	if (why)
		seq_printf(m, "books: NOT exact: %s\n", why);
	else
		seq_puts(m, "books: exact\n");
	if (!tcps_gate_open())
		seq_puts(
			m,
			"SWITCHED OFF: nothing is counted or recorded (parameter enable)\n");
	kfree(books);
	return 0;
}

static int counters_show(struct seq_file *m, void *v)
{
	struct books *books = open_books(m);
	struct tcps_life_stats life;
	struct tcps_net_gone *gone;
	struct tcps_gauge gauge;
	unsigned int i;
	u64 bytes = 0;

	if (!books)
		return -ENOMEM;
	seq_printf(m, "netns_inum %u\n", books->tn->inum);
	seq_printf(m, "netns_generation %u\n", books->tn->gen);
	seq_printf(m, "enabled %d\n", tcps_gate_open());
	seq_printf(m, "books_exact %d\n", !inexact(books));
	for (i = 0; i < ARRAY_SIZE(state_order); i++) {
		const char *name = tcps_state_names[state_order[i]];

		tcps_counters_gauge(&gauge, &books->sum, state_order[i]);
		seq_printf(m, "state_%s_now %lld\n", name, gauge.now);
		seq_printf(m, "state_%s_entered %llu\n", name, gauge.entered);
		seq_printf(m, "state_%s_left %llu\n", name, gauge.left);
		seq_printf(m, "state_%s_preexisting %llu\n", name,
			   gauge.preexisting);
	}
	seq_printf(m, "records_state %llu\n", books->sum.records);
	seq_printf(m, "transitions_unlisted %llu\n", books->sum.unlisted);
	seq_printf(m, "untracked %llu\n", books->sum.untracked);
	if (!books->host)
		goto out;

	for (i = 0; i < TCPSTATE_LANE_COUNT; i++)
		bytes += tcps_recorder_lane_bytes(i);
	seq_printf(m, "recorder_bytes %llu\n", bytes);
	seq_printf(m, "recorder_records %llu\n", tcps_recorder_records());
	seq_printf(m, "recorder_unrecorded %llu\n", tcps_recorder_unrecorded());
	seq_printf(m, "readers_open %u\n", tcps_readers_open());
	seq_printf(m, "readers_max %u\n", tcps_readers_max());
	tcps_life_stats(&life);
	seq_printf(m, "table_entries %llu\n", life.entries);
	seq_printf(m, "table_size %lu\n", tcps_pool_size());
	seq_printf(m, "table_max %lu\n", tcps_pool_max());
	seq_printf(m, "table_full %llu\n", life.full);
	seq_printf(m, "table_resyncs %llu\n", life.resyncs);
	seq_printf(m, "off_ns %llu\n", tcps_gate_off_ns());
	gone = kzalloc(sizeof(*gone), GFP_KERNEL);
	if (gone) {
		u64 sum = 0;

		tcps_netns_gone(gone);
		for (i = 0; i < tcps_row_count; i++)
			sum += gone->cells.row[i];
		seq_printf(m, "gone_netns %llu\n", gone->namespaces);
		seq_printf(m, "gone_transitions %llu\n", sum);
		seq_printf(m, "gone_records %llu\n", gone->cells.records);
		seq_printf(m, "netns_unobserved %llu\n", gone->unobserved);
		kfree(gone);
	}
out:
	kfree(books);
	return 0;
}

static int transitions_show(struct seq_file *m, void *v)
{
	struct books *books = open_books(m);
	unsigned int i;

	if (!books)
		return -ENOMEM;
	seq_puts(m, "old new cause count\n");
	for (i = 0; i < tcps_row_count; i++) {
		const struct tcps_row *row = &tcps_rows[i];

		if (books->sum.row[i])
			seq_printf(m, "%s %s %s %llu\n",
				   tcps_state_names[row->old],
				   tcps_state_names[row->new],
				   tcps_cause_names[row->cause],
				   books->sum.row[i]);
	}
	kfree(books);
	return 0;
}

static const char *mechanism_name(const struct tcps_hook *hook)
{
	switch (hook->mechanism) {
	case TCPS_BY_TRACEPOINT:
		return "tracepoint";
	case TCPS_BY_FTRACE:
		return "ftrace";
	case TCPS_BY_KPROBE:
		return "kprobe";
	default:
		return "-";
	}
}

static int hooks_show(struct seq_file *m, void *v)
{
	bool host = net_eq(seq_file_single_net(m), &init_net);
	struct tcps_hook_report report;
	unsigned int i;

	seq_puts(m, "hook mechanism status hits missed note\n");
	for (i = 0; tcps_hooks_report(i, &report); i++) {
		const struct tcps_hook *hook = report.hook;

		seq_printf(m, "%s %s %s ", hook->name, mechanism_name(hook),
			   hook->error ? "missing" : "attached");
		/* Hits are the whole host's. */
		if (host)
			seq_printf(m, "%llu %llu ", report.hits, report.missed);
		else
			seq_puts(m, "- - ");
		if (hook->error)
			seq_printf(m, "error %d; not seen: %s\n", hook->error,
				   hook->unseen);
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

/* A process id as whoever reads the file knows it; 0 if it does not. */
static pid_t pid_here(u32 nr)
{
	pid_t pid;

	rcu_read_lock();
	pid = pid_vnr(find_pid_ns(nr, &init_pid_ns));
	rcu_read_unlock();
	return pid;
}

static void show_reader(struct tcps_reader *reader, void *data)
{
	struct readers_view *view = data;
	struct tcpstate_stats stats;

	if (view->gen && view->gen != reader->gen)
		return;
	tcps_merge_stats(reader, &stats);
	seq_printf(view->m, "%u ", ++view->number);
	if (view->names) {
		seq_printf(view->m, "%d ", pid_here(reader->pid));
		seq_escape(view->m, reader->comm, " \t\n\\");
	} else {
		seq_puts(view->m, "- -");
	}
	seq_printf(view->m, " %u %#x %llu %llu %llu %llu %llu\n", reader->gen,
		   reader->lanes, stats.recorded, stats.delivered,
		   stats.filtered, stats.lost, stats.pending);
}

static int readers_show(struct seq_file *m, void *v)
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

static const struct {
	const char *name;
	int (*show)(struct seq_file *m, void *v);
} files[] = {
	{ "summary", summary_show },	     { "counters", counters_show },
	{ "transitions", transitions_show }, { "hooks", hooks_show },
	{ "readers", readers_show },
};

/**
 * tcps_procfs_net_up() - make the files of a network namespace
 * @net: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_procfs_net_up(struct net *net)
{
	struct proc_dir_entry *dir;
	unsigned int i;

	dir = proc_net_mkdir(net, "tcpstate", net->proc_net);
	if (!dir)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (!proc_create_net_single(files[i].name, 0444, dir,
					    files[i].show, NULL)) {
			tcps_procfs_net_down(net);
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * tcps_procfs_net_down() - remove the files of a network namespace
 * @net: the namespace
 *
 * Waits for whoever reads them. Harmless if there are none.
 */
void tcps_procfs_net_down(struct net *net)
{
	remove_proc_subtree("tcpstate", net->proc_net);
}

int tcps_procfs_init(void)
{
	symlink = proc_symlink("tcpstate", NULL, "self/net/tcpstate");
	return symlink ? 0 : -ENOMEM;
}

void tcps_procfs_exit(void)
{
	proc_remove(symlink);
}
