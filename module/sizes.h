/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much of everything there may be on this host: defaults and limits of all
 * parameters, and what follows from them.
 *
 * Pure: no state, no allocation; compiled for the host's tests as well. Knows
 * numbers; must not know who uses them.
 */
#ifndef _TCPS_SIZES_H
#define _TCPS_SIZES_H

#include <linux/types.h>
#include <linux/tcpstate.h>

/* The rare lane of a CPU is cut into so many rings; see holders.h. */
#define TCPS_RARE_RINGS 12

/* Of a CPU's memory in the recorder, for what is not a record. */
#define TCPS_SIZES_HEAD 2048

/* Bytes at a multiple of which each ring begins. */
#define TCPS_SIZES_ALIGN 64UL

/**
 * struct tcps_sizes_host - what the host has
 * @present: CPUs present
 * @possible: CPUs that there may ever be
 * @memory: bytes of memory
 * @page: bytes of a page
 */
struct tcps_sizes_host {
	unsigned int present;
	unsigned int possible;
	u64 memory;
	unsigned long page;
};

/**
 * struct tcps_sizes_asked - parameters, as they were given
 * @recorder_kb: memory of all lanes on all CPUs, KiB; 0 for the default
 * @rare_kb: thereof the rare lane; 0 for the default
 * @table_max: connections remembered at most; 0 for the default
 * @max_readers: readers at once
 * @listeners_max: listeners that are counted one by one
 * @storm_rate: records a second of like rare events
 * @storm_burst: the same at once after a calm
 */
struct tcps_sizes_asked {
	unsigned long recorder_kb;
	unsigned long rare_kb;
	unsigned long table_max;
	unsigned int max_readers;
	unsigned int listeners_max;
	unsigned int storm_rate;
	unsigned int storm_burst;
};

/**
 * struct tcps_sizes - what follows from them
 * @recorder_kb: as used
 * @rare_kb: as used
 * @cpu_bytes: memory of one CPU in the recorder; times the CPUs present it is
 *	not more than @recorder_kb
 * @slots: records that one ring of each lane has room for, in order of the
 *	TCPSTATE_LANE_* bits. The rare lane has TCPS_RARE_RINGS rings on each CPU
 * @table_max: as used
 * @table_keep: entries of the table that there are always
 */
struct tcps_sizes {
	unsigned long recorder_kb;
	unsigned long rare_kb;
	unsigned long cpu_bytes;
	u32 slots[TCPSTATE_LANE_COUNT];
	unsigned long table_max;
	unsigned long table_keep;
};

/**
 * struct tcps_sizes_refused - a parameter that is out of range
 * @name: of the parameter
 * @value: what was given
 * @least: the least that is allowed
 * @most: the greatest
 * @note: what else there is to say to that, or ""
 */
struct tcps_sizes_refused {
	const char *name;
	unsigned long value;
	unsigned long least;
	unsigned long most;
	const char *note;
};

/* Bytes of a ring's memory. */
static inline unsigned long tcps_sizes_ring_bytes(u32 slots,
						  unsigned int record)
{
	unsigned long bytes = slots * (record + sizeof(u64));

	return (bytes + TCPS_SIZES_ALIGN - 1) & ~(TCPS_SIZES_ALIGN - 1);
}

bool tcps_sizes_set(struct tcps_sizes *sizes,
		    const struct tcps_sizes_host *host,
		    const struct tcps_sizes_asked *asked,
		    struct tcps_sizes_refused *refused);

#endif /* _TCPS_SIZES_H */
