// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/tcpstate/counters, transitions and dwell: for programs.
 *
 * Knows how to print; must not know how things are counted or recorded. Names
 * are stable and only ever appended. What tells of the whole host is shown in
 * the initial namespace only.
 */
#include "proc.h"

#include <linux/seq_file_net.h>
#include <linux/slab.h>

#include "arming.h"
#include "books.h"
#include "gate.h"
#include "histogram.h"
#include "listener.h"
#include "netns.h"
#include "pool.h"
#include "reader.h"
#include "recorder.h"
#include "table.h"
#include "tell.h"

static void show_gauges(struct seq_file *m, const struct tcps_books *books)
{
	struct tcps_gauge gauge;
	unsigned int i;

	for (i = 0; i < TCPS_STATES_SHOWN; i++) {
		const char *name = tcps_state_names[tcps_states_shown[i]];

		tcps_counters_gauge(&gauge, &books->sum, tcps_states_shown[i]);
		seq_printf(m, "state_%s_now %lld\n", name, gauge.now);
		seq_printf(m, "state_%s_entered %llu\n", name, gauge.entered);
		seq_printf(m, "state_%s_left %llu\n", name, gauge.left);
		seq_printf(m, "state_%s_preexisting %lld\n", name,
			   gauge.preexisting);
	}
}

/**
 * tcps_proc_name() - print a name as OpenMetrics can bear it
 * @m: where
 * @name: with '-'
 */
void tcps_proc_name(struct seq_file *m, const char *name)
{
	for (; *name; name++)
		seq_putc(m, *name == '-' ? '_' : *name);
}

static void show_told(struct seq_file *m, const struct tcps_cells *sum)
{
	unsigned int i;

	for (i = 0; i < tcps_tell_count; i++) {
		seq_puts(m, "event_");
		tcps_proc_name(m, tcps_event_names[tcps_tells[i].event]);
		seq_putc(m, '_');
		tcps_proc_name(m, tcps_cause_names[tcps_tells[i].cause]);
		seq_printf(m, " %llu\n", sum->told[i]);
	}
}

static void show_segments(struct seq_file *m, struct tcps_net *tn)
{
	static const char *const names[TCPS_SEGMENT_KINDS] = {
		[TCPS_SEGMENT_SYN] = "syn",
		[TCPS_SEGMENT_SYNACK] = "synack",
		[TCPS_SEGMENT_FIN] = "fin",
		[TCPS_SEGMENT_RST] = "rst",
	};
	struct tcps_arming_report report;
	unsigned int i;

	tcps_arming_report(tn, &report);
	seq_printf(m, "segments_armed %d\n", !!report.since);
	seq_printf(m, "segments_armed_since_ns %llu\n", report.since);
	for (i = 0; i < TCPS_SEGMENT_KINDS; i++)
		seq_printf(m, "segments_in_%s %llu\n", names[i],
			   report.cells.in[i]);
	for (i = 0; i < TCPS_SEGMENT_KINDS; i++)
		seq_printf(m, "segments_out_%s %llu\n", names[i],
			   report.cells.out[i]);
	seq_printf(m, "segments_malformed %llu\n", report.cells.malformed);
	seq_printf(m, "segments_bad_options %llu\n", report.cells.bad_options);
	seq_printf(m, "segments_failed %d\n", report.failed);
}

static void show_gone(struct seq_file *m)
{
	struct tcps_net_gone *gone = kzalloc(sizeof(*gone), GFP_KERNEL);
	unsigned int i;
	u64 sum = 0;

	if (!gone)
		return;
	tcps_netns_gone(gone);
	for (i = 0; i < tcps_row_count; i++)
		sum += gone->cells.row[i];
	seq_printf(m, "gone_netns %llu\n", gone->namespaces);
	seq_printf(m, "gone_transitions %llu\n", sum);
	seq_printf(m, "gone_records %llu\n", gone->cells.records);
	seq_printf(m, "netns_unobserved %llu\n", gone->unobserved);
	seq_printf(m, "netns_dying %llu\n", gone->kept);
	seq_printf(m, "netns_unarmed %u\n", tcps_arming_failed());
	kfree(gone);
}

static void show_host(struct seq_file *m)
{
	struct tcps_listener_stats listeners;
	struct tcps_table_stats table;
	unsigned int i;
	u64 bytes = 0;

	for (i = 0; i < TCPSTATE_LANE_COUNT; i++)
		bytes += tcps_recorder_lane_bytes(i);
	seq_printf(m, "recorder_bytes %llu\n", bytes);
	seq_printf(m, "recorder_records %llu\n", tcps_recorder_records());
	seq_printf(m, "recorder_unrecorded %llu\n", tcps_recorder_unrecorded());
	seq_printf(m, "readers_open %u\n", tcps_readers_open());
	seq_printf(m, "readers_max %u\n", tcps_readers_max());
	tcps_table_stats(&table);
	seq_printf(m, "table_entries %llu\n", table.entries);
	seq_printf(m, "table_size %lu\n", tcps_pool_size());
	seq_printf(m, "table_max %lu\n", tcps_pool_max());
	seq_printf(m, "table_full %llu\n", table.full);
	tcps_listener_stats(&listeners);
	seq_printf(m, "listeners %llu\n", listeners.listeners);
	seq_printf(m, "listeners_max %llu\n", listeners.max);
	seq_printf(m, "listeners_full %llu\n", listeners.full);
	seq_printf(m, "off_ns %llu\n", tcps_gate_off_ns());
	show_gone(m);
	tcps_proc_memory_counters(m);
}

int tcps_proc_counters(struct seq_file *m, void *v)
{
	struct tcps_books *books = tcps_books_open(seq_file_single_net(m));
	const struct tcps_cells *sum;
	struct tcps_reason why;
	bool inexact;

	if (!books)
		return -ENOMEM;
	sum = &books->sum;
	inexact = tcps_books_inexact(books, &why);
	seq_printf(m, "netns_inum %u\n", books->tn->inum);
	seq_printf(m, "netns_generation %u\n", books->tn->gen);
	seq_printf(m, "enabled %d\n", tcps_gate_open());
	seq_printf(m, "books_exact %d\n", !inexact);
	show_gauges(m, books);
	seq_printf(m, "records_state %llu\n", sum->records);
	seq_printf(m, "transitions_unlisted %llu\n", sum->unlisted);
	seq_printf(m, "untracked %llu\n", sum->untracked);
	if (books->host)
		show_host(m);
	seq_printf(m, "table_resyncs %llu\n", sum->resyncs);
	seq_printf(m, "children %llu\n", sum->children);
	seq_printf(m, "stray %llu\n", sum->stray);
	seq_printf(m, "tw_births %llu\n", sum->tw_births);
	seq_printf(m, "tw_handovers_fin_wait2 %llu\n",
		   sum->tw_handovers_fin_wait2);
	seq_printf(m, "synack_retransmits %llu\n",
		   tcps_counters_told(sum, TCPSTATE_EVENT_SYNACK_RETRANSMIT,
				      TCPSTATE_CAUSE_NONE));
	seq_printf(m, "accepted %llu\n", sum->accepted);
	seq_printf(m, "half_open_expired %llu\n", sum->expired);
	show_told(m, sum);
	show_segments(m, books->tn);
	seq_printf(m, "untracked_crowded %llu\n", sum->crowded);
	seq_printf(m, "books_inexact_since_ns %llu\n", inexact ? why.since : 0);
	seq_printf(m, "untracked_now %d\n",
		   atomic_read(&books->tn->untracked.entries.now));
	seq_printf(m, "listeners_unlisted %d\n",
		   atomic_read(&books->tn->untracked.rows.now));
	kfree(books);
	return 0;
}

int tcps_proc_transitions(struct seq_file *m, void *v)
{
	struct tcps_books *books = tcps_books_open(seq_file_single_net(m));
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

/* "state from to count": how many stayed from (included) to (excluded) ns. */
int tcps_proc_dwell(struct seq_file *m, void *v)
{
	const struct tcps_net *tn = tcps_net_of(seq_file_single_net(m));
	unsigned int i, bucket;

	if (!tn)
		return -ENOMEM;
	seq_puts(m, "state from_ns to_ns count\n");
	for (i = 0; i < TCPS_STATES_SHOWN; i++) {
		u8 state = tcps_states_shown[i];

		for (bucket = 0; bucket < TCPS_HISTOGRAM_BUCKETS; bucket++) {
			u64 count =
				atomic64_read(&tn->dwell[state].count[bucket]);

			if (!count)
				continue;
			seq_printf(m, "%s %llu ", tcps_state_names[state],
				   tcps_histogram_from(bucket));
			if (bucket == TCPS_HISTOGRAM_BUCKETS - 1)
				seq_puts(m, "+Inf");
			else
				seq_printf(m, "%llu",
					   tcps_histogram_from(bucket + 1));
			seq_printf(m, " %llu\n", count);
		}
	}
	return 0;
}
