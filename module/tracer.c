// SPDX-License-Identifier: GPL-2.0
/*
 * Function entries by the function tracer: one ftrace_ops with a filter.
 *
 * Knows ftrace; must not know what a hook does, nor what is done if this fails.
 *
 * It never misses a call: a kprobe does whenever another kprobe handler runs on
 * the same CPU. The callback calls none of the hooked functions, so it cannot
 * recurse and needs no recursion protection; it disables preemption itself
 * because ftrace does not.
 */
#include "tracer.h"

#include <linux/build_bug.h>
#include <linux/ftrace.h>
#include <linux/preempt.h>

#include "broken.h"
#include "compat.h"

#if COMPAT_HAS_FTRACE
/* Entry hooks by address: a power of two, at least twice the hooks. */
#define SLOTS 256

static struct by_address {
	unsigned long address;
	tcps_entry_fn *entry;
	unsigned long number;
} by_address[SLOTS]; /* written before any hook runs */

static unsigned int slot_of(unsigned long address)
{
	return (address >> 4) % SLOTS;
}

static void enter_address(struct tcps_hook *hook)
{
	unsigned long address = (unsigned long)hook->kprobe.addr;
	unsigned int slot = slot_of(address);

	while (by_address[slot].address)
		slot = (slot + 1) % SLOTS;
	by_address[slot].address = address;
	by_address[slot].entry = hook->entry;
	by_address[slot].number = hook->number;
}

static void notrace on_entry(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_ops *ops,
			     struct compat_ftrace_regs *fregs)
{
	const struct by_address *at = &by_address[slot_of(ip)];

	while (unlikely(at->address != ip)) {
		if (WARN_ON_ONCE(!at->address))
			return;
		if (++at == by_address + SLOTS)
			at = by_address;
	}
	preempt_disable_notrace();
	this_cpu_inc(tcps_hook_hits[at->number]);
	at->entry(compat_ftrace_arg(fregs, 0), compat_ftrace_arg(fregs, 1),
		  compat_ftrace_arg(fregs, 2), compat_ftrace_arg(fregs, 3),
		  parent_ip);
	preempt_enable_notrace();
}

static struct ftrace_ops ops = {
	.func = on_entry,
	.flags = COMPAT_FTRACE_FLAGS | FTRACE_OPS_FL_PERMANENT,
};

/* An empty filter needs no memory. (ftrace_free_filter() is not exported.) */
static void clear_filter(void)
{
	ftrace_set_filter(&ops, NULL, 0, 1);
}

static int add_to_filter(const struct tcps_hook *hook)
{
	if (TCPS_BROKEN_HOOK(attach, hook->name))
		return -EINVAL;
	return ftrace_set_filter_ip(&ops, (unsigned long)hook->kprobe.addr, 0,
				    0);
}

/**
 * tcps_tracer_attach() - attach function entries
 * @table: hooks, of which it takes the entries whose address was found
 * @count: how many
 *
 * Those that the function tracer does not have are left out.
 *
 * Return: 0; or none is attached, -EBUSY if the tracer is switched off, another
 * errno if it is no good.
 */
int tcps_tracer_attach(struct tcps_hook **table, unsigned int count)
{
	unsigned int i, found = 0;
	int err;

	BUILD_BUG_ON(SLOTS < 2 * TCPS_HOOKS_MAX);
	for (i = 0; i < count; i++) {
		if (!tcps_hook_is_entry(table[i]))
			continue;
		enter_address(table[i]);
		if (!add_to_filter(table[i])) {
			table[i]->mechanism = TCPS_BY_FTRACE;
			found++;
		}
	}
	/* An empty filter would be all functions. */
	if (!found)
		return -ENOENT;
	err = register_ftrace_function(&ops);
	if (err)
		clear_filter();
	return err;
}

/**
 * tcps_tracer_detach() - after this no entry is called any more
 *
 * Return: 0, or a negative errno: all are called still.
 */
int tcps_tracer_detach(void)
{
	/* Waits until no CPU is in the callback. */
	int err = unregister_ftrace_function(&ops);

	if (!err)
		clear_filter();
	return err;
}

/**
 * tcps_tracer_is_dead() - has the kernel given up on its function tracer?
 *
 * After a bug in its own work it does so for ever (ftrace_kill()), and leaves
 * the text as it is: our callback can be called still, and there is no way to
 * have it not called. May sleep.
 *
 * Return: true if it has.
 */
bool tcps_tracer_is_dead(void)
{
	static struct ftrace_ops asked;

	return ftrace_set_filter(&asked, NULL, 0, 1) == -ENODEV;
}
#else
int tcps_tracer_attach(struct tcps_hook **table, unsigned int count)
{
	return -EOPNOTSUPP;
}

int tcps_tracer_detach(void)
{
	return 0;
}

bool tcps_tracer_is_dead(void)
{
	return false;
}
#endif
