// SPDX-License-Identifier: GPL-2.0
/*
 * How much of everything there may be on this host: defaults and limits of all
 * parameters, and what follows from them.
 *
 * Pure: no state, no allocation; compiled for the host's tests as well. Knows
 * numbers; must not know who uses them.
 *
 * Any number of CPUs gets on with any memory, with rings that are too small to
 * be of much use if need be: a recorder that reaches back for a second is
 * better than a module that cannot be loaded.
 */
#include "sizes.h"

#include <linux/kernel.h>
#include <linux/minmax.h>

/* The recorder, KiB: at least so much whatever the host is. */
#define RECORDER_MIN_KB 256UL
/* Of one CPU, bytes: less leaves no room for the smallest rings. */
#define CPU_MIN 8192UL
/* KiB: more than that and the number of a slot has no room in its 32 bits. */
#define CPU_MAX_KB (16UL << 20)
/* What the default gives a CPU at least, and may give it at most, KiB. */
#define CPU_GOOD_KB 128UL
#define CPU_DEFAULT_MAX_KB 256UL
/* But so much it may be on any host. */
#define DEFAULT_MAX_KB (64UL * 1024)

#define RARE_MIN_KB 64UL
/* Slots of the smallest rings. */
#define RARE_MIN_SLOTS 2
#define LIVES_MIN_SLOTS 4

#define MAX_READERS 1024UL
/* Each CPU keeps some spare entries, in use or not. */
#define TABLE_CPU_MIN 256UL
#define TABLE_MIN 1024UL
#define TABLE_MAX 4194304UL
#define TABLE_DEFAULT_MAX 1048576UL
/* The default: one entry for each so many bytes of memory. */
#define TABLE_SHARE 16384UL
/* More than an entry takes, bytes. */
#define TABLE_ENTRY 256UL
/* There always: so many, and so many for each CPU. */
#define TABLE_KEEP 8192UL
#define TABLE_CPU_KEEP 1024UL
#define LISTENERS_MIN 64UL
#define LISTENERS_MAX 65536UL
#define STORM_RATE_MAX 100000UL
#define STORM_BURST_MAX 1000000UL

static bool is_within(unsigned long value, unsigned long least,
		      unsigned long most, const char *name, const char *note,
		      struct tcps_sizes_refused *refused)
{
	refused->name = name;
	refused->value = value;
	refused->least = least;
	refused->most = most;
	refused->note = note;
	return value >= least && value <= most;
}

static bool set_recorder(struct tcps_sizes *sizes,
			 const struct tcps_sizes_host *host,
			 unsigned long asked,
			 struct tcps_sizes_refused *refused)
{
	unsigned long cpus = host->present, ram_kb = host->memory / 1024;
	unsigned long least =
		max(RECORDER_MIN_KB, cpus * max(CPU_MIN, host->page) / 1024);
	unsigned long most = max(least, min(ram_kb / 4, cpus * CPU_MAX_KB));
	unsigned long top = max(DEFAULT_MAX_KB, cpus * CPU_DEFAULT_MAX_KB);

	if (!asked)
		asked = clamp(clamp(ram_kb / 100, cpus * CPU_GOOD_KB, top),
			      least, most);
	sizes->recorder_kb = asked;
	sizes->cpu_bytes = asked * 1024 / cpus / host->page * host->page;
	return is_within(asked, least, most, "recorder_kb",
			 " (a quarter of memory), or 0 for the default",
			 refused);
}

static bool set_rare(struct tcps_sizes *sizes,
		     const struct tcps_sizes_host *host, unsigned long asked,
		     struct tcps_sizes_refused *refused)
{
	unsigned long ring =
		tcps_sizes_ring_bytes(RARE_MIN_SLOTS, TCPSTATE_RECORD_SIZE);
	unsigned long least = max(
		RARE_MIN_KB,
		DIV_ROUND_UP(host->present * TCPS_RARE_RINGS * ring, 1024UL));

	/* Of whole pages, so that this alone does not make main smaller. */
	if (!asked)
		asked = max(sizes->cpu_bytes * host->present / 1024 / 8, least);
	sizes->rare_kb = asked;
	return is_within(asked, least, sizes->recorder_kb / 2, "rare_kb",
			 " (half of recorder_kb), or 0 for the default",
			 refused);
}

static u32 slots_in(unsigned long bytes, unsigned int record)
{
	return (bytes & ~(TCPS_SIZES_ALIGN - 1)) / (record + sizeof(u64));
}

/* What the CPU has is divided; main gets what is left. */
static void set_slots(struct tcps_sizes *sizes, unsigned int cpus)
{
	unsigned long rare =
		min(sizes->rare_kb * 1024 / cpus, sizes->cpu_bytes / 2);
	unsigned long lives =
		max(sizes->cpu_bytes / 8,
		    tcps_sizes_ring_bytes(LIVES_MIN_SLOTS, TCPSTATE_LIFE_SIZE));

	sizes->slots[0] =
		slots_in(sizes->cpu_bytes - rare - lives - TCPS_SIZES_HEAD,
			 TCPSTATE_RECORD_SIZE);
	sizes->slots[1] =
		slots_in(rare / TCPS_RARE_RINGS, TCPSTATE_RECORD_SIZE);
	sizes->slots[2] = slots_in(lives, TCPSTATE_LIFE_SIZE);
}

static bool set_table(struct tcps_sizes *sizes,
		      const struct tcps_sizes_host *host, unsigned long asked,
		      struct tcps_sizes_refused *refused)
{
	unsigned long fit =
		max(TABLE_MIN, (unsigned long)host->memory / 4 / TABLE_ENTRY);
	unsigned long least = clamp(host->possible * TABLE_CPU_MIN, TABLE_MIN,
				    min(fit, TABLE_MAX));

	if (!asked)
		asked = clamp((unsigned long)host->memory / TABLE_SHARE, least,
			      max(least, TABLE_DEFAULT_MAX));
	sizes->table_max = asked;
	sizes->table_keep = min3(
		max(TABLE_KEEP, host->possible * TABLE_CPU_KEEP), asked, fit);
	return is_within(asked, least, TABLE_MAX, "table_max",
			 ", or 0 for the default", refused);
}

/**
 * tcps_sizes_set() - take the parameters in
 * @sizes: result
 * @host: what there is
 * @asked: parameters
 * @refused: result: the first parameter that is out of range
 *
 * Return: false if one is, and then @sizes means nothing.
 */
bool tcps_sizes_set(struct tcps_sizes *sizes,
		    const struct tcps_sizes_host *host,
		    const struct tcps_sizes_asked *asked,
		    struct tcps_sizes_refused *refused)
{
	if (!set_recorder(sizes, host, asked->recorder_kb, refused) ||
	    !set_rare(sizes, host, asked->rare_kb, refused) ||
	    !set_table(sizes, host, asked->table_max, refused) ||
	    !is_within(asked->max_readers, 1, MAX_READERS, "max_readers", "",
		       refused) ||
	    !is_within(asked->listeners_max, LISTENERS_MIN, LISTENERS_MAX,
		       "listeners_max", "", refused) ||
	    !is_within(asked->storm_rate, 1, STORM_RATE_MAX, "storm_rate", "",
		       refused) ||
	    !is_within(asked->storm_burst, 1, STORM_BURST_MAX, "storm_burst",
		       "", refused))
		return false;
	set_slots(sizes, host->present);
	return true;
}
