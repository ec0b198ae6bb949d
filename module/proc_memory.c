// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of /proc/tcpstate/summary and counters about memory.
 *
 * Knows how to print; must not know how memory is accounted.
 */
#include "proc.h"

#include <linux/math64.h>
#include <linux/time64.h>

#include "books.h"
#include "counters.h"
#include "memory.h"

/* Connections that ended of this, from whatever state. */
static u64 ended_of(const struct tcps_books *books, u8 cause)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < tcps_row_count; i++) {
		if (tcps_rows[i].new == TCPSTATE_CLOSE &&
		    tcps_rows[i].cause == cause)
			sum += books->sum.row[i];
	}
	return sum;
}

static void show_host(struct seq_file *m)
{
	struct tcps_memory memory;
	u64 ms;

	tcps_memory_look(&memory);
	ms = div_u64(memory.pressure_ns, NSEC_PER_MSEC);
	seq_printf(
		m,
		"\nmemory: %llu pages; marks of tcp_mem: %llu, %llu (pressure), %llu (limit)\n",
		memory.pages, memory.mark[TCPS_MEMORY_LOW],
		memory.mark[TCPS_MEMORY_PRESSURE],
		memory.mark[TCPS_MEMORY_HIGH]);
	seq_printf(m, "memory pressure: %s, %llu.%03llu s in all\n",
		   memory.pressure ? "yes" : "no", ms / 1000, ms % 1000);
	if (memory.orphans >= 0)
		seq_printf(m, "orphans: %lld (limit: sysctl tcp_max_orphans)\n",
			   memory.orphans);
}

/**
 * tcps_proc_memory() - for people
 * @m: the file
 * @books: of the namespace that it shows
 */
void tcps_proc_memory(struct seq_file *m, const struct tcps_books *books)
{
	if (books->host)
		show_host(m);
	else
		seq_putc(m, '\n');
	seq_printf(
		m,
		"connections ended because there were too many orphans: %llu; for lack of memory: %llu\n",
		ended_of(books, TCPSTATE_CAUSE_ORPHAN_LIMIT),
		ended_of(books, TCPSTATE_CAUSE_NO_MEMORY));
}

/**
 * tcps_proc_memory_counters() - for programs
 * @m: the file, of the initial namespace
 */
void tcps_proc_memory_counters(struct seq_file *m)
{
	struct tcps_memory memory;

	tcps_memory_look(&memory);
	seq_printf(m, "memory_pages %llu\n", memory.pages);
	seq_printf(m, "memory_mark_low %llu\n", memory.mark[TCPS_MEMORY_LOW]);
	seq_printf(m, "memory_mark_pressure %llu\n",
		   memory.mark[TCPS_MEMORY_PRESSURE]);
	seq_printf(m, "memory_mark_high %llu\n", memory.mark[TCPS_MEMORY_HIGH]);
	seq_printf(m, "memory_pressure %d\n", memory.pressure);
	seq_printf(m, "memory_pressure_ns %llu\n", memory.pressure_ns);
	if (memory.orphans >= 0)
		seq_printf(m, "orphans %lld\n", memory.orphans);
}
