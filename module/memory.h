/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory of TCP: how much is in use, and whether there is pressure. It is
 * the whole host's.
 *
 * Knows the kernel's own numbers; must not know events, nor who reads.
 */
#ifndef _TCPS_MEMORY_H
#define _TCPS_MEMORY_H

#include <linux/types.h>

/* Marks of net.ipv4.tcp_mem. */
enum tcps_memory_mark {
	TCPS_MEMORY_LOW,
	TCPS_MEMORY_PRESSURE,
	TCPS_MEMORY_HIGH,
	TCPS_MEMORY_MARKS,
};

/**
 * struct tcps_memory - what there is
 * @pages: in use
 * @mark: net.ipv4.tcp_mem, pages
 * @pressure: is there any?
 * @pressure_ns: how long there was since the module was loaded, so far
 * @orphans: sockets that no process has any more; negative if not known
 */
struct tcps_memory {
	u64 pages;
	u64 mark[TCPS_MEMORY_MARKS];
	bool pressure;
	u64 pressure_ns;
	s64 orphans;
};

void tcps_memory_look(struct tcps_memory *memory);
u64 tcps_memory_pages(void);
u64 tcps_memory_mark(enum tcps_memory_mark mark);

/**
 * enum tcps_memory_begin - what tcp_enter_memory_pressure() will do
 * @TCPS_MEMORY_SAME: nothing
 * @TCPS_MEMORY_NEW: pressure begins
 * @TCPS_MEMORY_AGAIN: it does, and that it had ended nobody saw
 */
enum tcps_memory_begin {
	TCPS_MEMORY_SAME,
	TCPS_MEMORY_NEW,
	TCPS_MEMORY_AGAIN,
};

enum tcps_memory_begin tcps_memory_enter(void);
bool tcps_memory_leave(void);
bool tcps_memory_lasts(void);

void tcps_memory_init(void);

#endif /* _TCPS_MEMORY_H */
