// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of TCP: how much is in use, and whether there is pressure. It is
 * the whole host's.
 *
 * Knows the kernel's own numbers; must not know events, nor who reads.
 *
 * The kernel's word for it is exchanged after we have seen the call. So there is
 * one of our own beside it, exchanged in the same way: of those that come at the
 * same time one wins in both.
 */
#include "memory.h"

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/time64.h>
#include <net/tcp.h>

#include "compat.h"

/* Whoever begins within such a time begins together, nanoseconds. */
#define TOGETHER NSEC_PER_MSEC

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
 * Return: what it will do.
 */
enum tcps_memory_begin tcps_memory_enter(void)
{
	s64 now, from = 0;

	if (READ_ONCE(tcp_memory_pressure))
		return TCPS_MEMORY_SAME;
	now = ktime_get_ns();
	if (atomic64_try_cmpxchg(&since, &from, now))
		return TCPS_MEMORY_NEW;
	/* Another CPU is just about to; or it ended since we looked last. */
	if (now - from < TOGETHER || !atomic64_try_cmpxchg(&since, &from, now))
		return TCPS_MEMORY_SAME;
	atomic64_add(now - from, &earlier);
	return TCPS_MEMORY_AGAIN;
}

/**
 * tcps_memory_leave() - look whether pressure has ended
 *
 * Return: true if it has since the last look.
 */
bool tcps_memory_leave(void)
{
	s64 now = ktime_get_ns(), from = atomic64_read(&since);

	/* One that has begun just now does not show in the kernel's word yet. */
	if (!from || now - from < TOGETHER || READ_ONCE(tcp_memory_pressure) ||
	    !atomic64_try_cmpxchg(&since, &from, 0))
		return false;
	atomic64_add(now - from, &earlier);
	return true;
}

/**
 * tcps_memory_lasts() - is there something to look for?
 *
 * Return: true if pressure has begun and its end was not seen.
 */
bool tcps_memory_lasts(void)
{
	return atomic64_read(&since);
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
