// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of TCP: how much is in use, and whether there is pressure. It is
 * the whole host's.
 *
 * Knows the kernel's own numbers; must not know events, nor who reads.
 *
 * The kernel asks at each allocation to enter or to leave, and the word by which
 * it decides whether that changes anything is exchanged after we have seen the
 * call. So there is a word of our own beside it, exchanged in the same way: of
 * those that come at the same time one wins in both. Only if the winners differ
 * and pressure ends meanwhile, one more is entered there than here.
 */
#include "memory.h"

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <net/tcp.h>

#include "compat.h"

/* Since when there is pressure, CLOCK_MONOTONIC; 0 if there is none. */
static atomic64_t since = ATOMIC64_INIT(0);
/* How long there was before that, nanoseconds. */
static atomic64_t earlier = ATOMIC64_INIT(0);

/**
 * tcps_memory_pages() - what is in use
 *
 * Return: pages. Each CPU has some more or less that it has not settled yet.
 */
u64 tcps_memory_pages(void)
{
	return max(atomic_long_read(tcp_prot.memory_allocated), 0L);
}

/**
 * tcps_memory_mark() - a mark of tcp_mem
 * @mark: which
 *
 * Return: pages.
 */
u64 tcps_memory_mark(enum tcps_memory_mark mark)
{
	return READ_ONCE(tcp_prot.sysctl_mem[mark]);
}

/**
 * tcps_memory_enter() - tcp_enter_memory_pressure() begins
 *
 * Return: true if pressure begins.
 */
bool tcps_memory_enter(void)
{
	return !READ_ONCE(tcp_memory_pressure) &&
	       !atomic64_cmpxchg(&since, 0, ktime_get_ns());
}

/**
 * tcps_memory_leave() - tcp_leave_memory_pressure() begins
 *
 * Return: true if pressure ends.
 */
bool tcps_memory_leave(void)
{
	s64 from;

	if (likely(!READ_ONCE(tcp_memory_pressure)))
		return false;
	from = atomic64_xchg(&since, 0);
	if (from)
		atomic64_add(ktime_get_ns() - from, &earlier);
	return from;
}

/**
 * tcps_memory_look() - all there is to know
 * @memory: result
 */
void tcps_memory_look(struct tcps_memory *memory)
{
	s64 from = atomic64_read(&since);
	unsigned int i;

	memory->pages = tcps_memory_pages();
	for (i = 0; i < TCPS_MEMORY_MARKS; i++)
		memory->mark[i] = tcps_memory_mark(i);
	memory->pressure = READ_ONCE(tcp_memory_pressure);
	memory->pressure_ns =
		atomic64_read(&earlier) + (from ? ktime_get_ns() - from : 0);
	memory->orphans = compat_orphans();
}

/* Before the hooks: there can be pressure already. */
void tcps_memory_init(void)
{
	if (READ_ONCE(tcp_memory_pressure))
		atomic64_set(&since, ktime_get_ns());
}
