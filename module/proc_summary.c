// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/tcpstate/summary: for people.
 *
 * Knows how to print; must not know how things are counted or recorded. What
 * tells of the whole host is shown in the initial namespace only.
 */
#include "proc.h"

#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/seq_file_net.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "arming.h"
#include "books.h"
#include "gate.h"
#include "histogram.h"
#include "netns.h"
#include "pool.h"
#include "reader.h"
#include "recorder.h"
#include "table.h"
#include "tell.h"

/* A time in at most six characters, as people read it. */
static void show_time(struct seq_file *m, u64 ns)
{
	static const struct {
		u64 ns;
		const char *name;
	} units[] = {
		{ 86400 * NSEC_PER_SEC, "d" }, { 3600 * NSEC_PER_SEC, "h" },
		{ 60 * NSEC_PER_SEC, "min" },  { NSEC_PER_SEC, "s" },
		{ NSEC_PER_MSEC, "ms" },       { NSEC_PER_USEC, "us" },
	};
	char text[32];
	unsigned int i;
	u64 tenths;

	for (i = 0; i < ARRAY_SIZE(units) - 1; i++) {
		if (ns >= units[i].ns)
			break;
	}
	tenths = div64_u64(ns * 10 + units[i].ns / 2, units[i].ns);
	if (tenths >= 100)
		snprintf(text, sizeof(text), "%llu %s", tenths / 10,
			 units[i].name);
	else
		snprintf(text, sizeof(text), "%llu.%llu %s", tenths / 10,
			 tenths % 10, units[i].name);
	seq_printf(m, " %8s", text);
}

static void show_dwell(struct seq_file *m, const struct tcps_histogram *dwell)
{
	struct tcps_histogram_summary summary;

	tcps_histogram_summary(dwell, &summary);
	if (!summary.count) {
		seq_printf(m, " %8s %8s %8s\n", "-", "-", "-");
		return;
	}
	show_time(m, summary.p50_ns);
	show_time(m, summary.p99_ns);
	show_time(m, summary.max_ns);
	seq_putc(m, '\n');
}

static void show_states(struct seq_file *m, const struct tcps_books *books,
			u64 ns)
{
	struct tcps_gauge gauge;
	unsigned int i;
	u64 rate; /* tenths per second */

	seq_printf(m, "%-12s %8s %11s %11s %11s %9s %8s %8s %8s\n", "state",
		   "now", "preexisting", "entered", "left", "entered/s", "p50",
		   "p99", "max");
	for (i = 0; i < TCPS_STATES_SHOWN; i++) {
		u8 state = tcps_states_shown[i];

		tcps_counters_gauge(&gauge, &books->sum, state);
		rate = mul_u64_u64_div_u64(gauge.entered, 10 * NSEC_PER_SEC,
					   max(ns, 1ULL));
		seq_printf(m, "%-12s %8lld %11llu %11llu %11llu %7llu.%llu",
			   tcps_state_names[state], gauge.now,
			   gauge.preexisting, gauge.entered, gauge.left,
			   rate / 10, rate % 10);
		show_dwell(m, &books->tn->dwell[state]);
	}
	seq_puts(
		m,
		"(half-open requests are SYN_RECV; p50, p99, max: time spent in the state by those that left it)\n");
}

static void show_ends(struct seq_file *m, const struct tcps_books *books)
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

/* All of a kind, and of which cause, if there are any. */
static void show_told(struct seq_file *m, const struct tcps_cells *sum,
		      u8 event, const char *name)
{
	const char *before = " (";
	unsigned int i;

	if (!tcps_counters_told(sum, event, TCPSTATE_CAUSE_NONE))
		return;
	seq_printf(m, "%12llu  %s",
		   tcps_counters_told(sum, event, TCPSTATE_CAUSE_NONE), name);
	for (i = 0; i < tcps_tell_count; i++) {
		if (tcps_tells[i].event != event || !sum->told[i])
			continue;
		seq_printf(m, "%s%s %llu", before,
			   tcps_cause_names[tcps_tells[i].cause], sum->told[i]);
		before = ", ";
	}
	seq_puts(m, ")\n");
}

static void show_listening(struct seq_file *m, const struct tcps_books *books)
{
	const struct tcps_cells *sum = &books->sum;

	seq_puts(m, "\nlisteners (one by one in listeners)\n");
	seq_printf(m, "%12llu  connections accepted\n", sum->accepted);
	show_told(m, sum, TCPSTATE_EVENT_SYN_DROP, "SYNs refused");
	show_told(m, sum, TCPSTATE_EVENT_ACCEPT_DROP,
		  "third packets of a handshake refused");
	show_told(m, sum, TCPSTATE_EVENT_COOKIE, "SYN cookies");
	show_told(m, sum, TCPSTATE_EVENT_SYNACK_RETRANSMIT,
		  "SYN-ACKs sent again");
	if (sum->expired)
		seq_printf(m, "%12llu  half-open connections expired\n",
			   sum->expired);
	show_told(m, sum, TCPSTATE_EVENT_SYN_RETRANSMIT,
		  "SYNs of our own sent again");
}

static u64 resets(const struct tcps_books *books, u8 cause)
{
	return tcps_counters_told(&books->sum, TCPSTATE_EVENT_RESET, cause);
}

static void show_resets(struct seq_file *m, const struct tcps_books *books)
{
	u64 in = resets(books, TCPSTATE_CAUSE_RST);

	seq_printf(
		m,
		"\nRSTs: %llu received, %llu sent, %llu of them for packets without a socket\n",
		in, resets(books, TCPSTATE_CAUSE_NONE) - in,
		resets(books, TCPSTATE_CAUSE_NO_SOCKET));
}

static void show_ports(struct seq_file *m, const struct tcps_books *books)
{
	u64 failed = tcps_counters_told(&books->sum,
					TCPSTATE_EVENT_PORTS_EXHAUSTED,
					TCPSTATE_CAUSE_NONE);

	tcps_proc_ports(m, seq_file_single_net(m), books->tn->gen);
	if (failed)
		seq_printf(m, "        (%llu times none was to be had)\n",
			   failed);
}

static void show_segment_row(struct seq_file *m, const char *name,
			     const u64 *counts)
{
	seq_printf(m, "%-12s %8llu %11llu %11llu %11llu\n", name,
		   counts[TCPS_SEGMENT_SYN], counts[TCPS_SEGMENT_SYNACK],
		   counts[TCPS_SEGMENT_FIN], counts[TCPS_SEGMENT_RST]);
}

static void show_segments(struct seq_file *m, struct tcps_net *tn)
{
	struct tcps_arming_report report;

	tcps_arming_report(tn, &report);
	if (report.failed) {
		seq_printf(m, "\nsegments: not seen, error %d of netfilter\n",
			   report.failed);
		return;
	}
	if (!report.since) {
		seq_puts(m, "\nsegments: not seen, because nobody asks\n");
		return;
	}
	seq_printf(m, "\n%-12s %8s %11s %11s %11s  (seen for %llu s)\n",
		   "segments", "SYN", "SYN-ACK", "FIN", "RST",
		   div_u64(ktime_get_ns() - report.since, NSEC_PER_SEC));
	show_segment_row(m, "in", report.cells.in);
	show_segment_row(m, "out", report.cells.out);
	if (report.cells.malformed || report.cells.bad_options)
		seq_printf(
			m,
			"malformed: %llu packets without a whole header, options of %llu segments\n",
			report.cells.malformed, report.cells.bad_options);
}

static void show_recorder(struct seq_file *m)
{
	u64 now = ktime_get_ns(), oldest = tcps_recorder_oldest(TCPS_LANE_MAIN),
	    bytes = 0;
	struct tcps_table_stats table;
	unsigned int lane;

	for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++)
		bytes += tcps_recorder_lane_bytes(lane);
	seq_printf(
		m,
		"\nrecorder: %llu records in %llu KiB; reaches back %llu s\n",
		tcps_recorder_records(), bytes >> 10,
		div_u64(now - oldest, NSEC_PER_SEC));
	tcps_table_stats(&table);
	seq_printf(m, "connections remembered: %llu of at most %lu\n",
		   table.entries, tcps_pool_max());
	seq_printf(m, "readers: %u open, at most %u\n", tcps_readers_open(),
		   tcps_readers_max());
}

int tcps_proc_summary(struct seq_file *m, void *v)
{
	struct tcps_books *books = tcps_books_open(seq_file_single_net(m));
	struct tcps_reason why;
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
	show_listening(m, books);
	show_resets(m, books);
	show_ports(m, books);
	tcps_proc_memory(m, books);
	show_segments(m, books->tn);
	if (books->host)
		show_recorder(m);
	if (tcps_books_inexact(books, &why))
		seq_printf(m, "books: NOT exact: %s, for %llu s\n", why.text,
			   div_u64(ktime_get_ns() - why.since, NSEC_PER_SEC));
	else
		seq_puts(m, "books: exact\n");
	if (!tcps_gate_open())
		seq_puts(
			m,
			"SWITCHED OFF: nothing is counted or recorded (parameter enable)\n");
	kfree(books);
	return 0;
}
