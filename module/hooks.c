// SPDX-License-Identifier: GPL-2.0
/*
 * The table of hooks: found by name, attached, counted, detached.
 *
 * Knows mechanisms; must not know what a hook does with what it sees.
 *
 * Function entries are hooked by one ftrace_ops with a filter, because it
 * never misses a call: a kprobe does whenever another kprobe handler runs on
 * the same CPU. kprobes are the fallback for kernels without a function
 * tracer; what they miss is shown. The callback calls none of the hooked
 * functions, so it cannot recurse and needs no recursion protection; it
 * disables preemption itself because ftrace does not.
 */
#include "hooks.h"

#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "compat.h"

/* Entry hooks by address: a power of two, at least twice the hooks. */
#define SLOTS 256

DEFINE_PER_CPU(u64[TCPS_HOOKS_MAX], tcps_hook_hits);

/* All written by add and attach, before any hook runs. */
static struct tcps_hook *table[TCPS_HOOKS_MAX];
static unsigned int table_count;
static struct by_address {
	unsigned long address;
	tcps_entry_fn *entry;
	unsigned long number;
} by_address[SLOTS];

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

#if COMPAT_HAS_FTRACE
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

/* All entry hooks with an address, or none of them. */
static int attach_ftrace(void)
{
	bool first = true;
	unsigned int i;
	int err;

	for (i = 0; i < table_count; i++) {
		struct tcps_hook *hook = table[i];

		if (hook->kind != TCPS_HOOK_ENTRY || hook->error)
			continue;
		err = ftrace_set_filter_ip(
			&ops, (unsigned long)hook->kprobe.addr, 0, first);
		if (err)
			goto undo;
		first = false;
	}
	if (first)
		return 0;
	err = register_ftrace_function(&ops);
	if (err)
		goto undo;
	for (i = 0; i < table_count; i++) {
		if (table[i]->kind == TCPS_HOOK_ENTRY && !table[i]->error)
			table[i]->mechanism = TCPS_BY_FTRACE;
	}
	return 0;
undo:
	clear_filter();
	return err;
}

static void detach_ftrace(void)
{
	/* Waits until no CPU is in the callback. */
	unregister_ftrace_function(&ops);
	clear_filter();
}
#else
static int attach_ftrace(void)
{
	return -EOPNOTSUPP;
}

static void detach_ftrace(void)
{
}
#endif

static int on_kprobe(struct kprobe *kprobe, struct pt_regs *regs)
{
	const struct tcps_hook *hook =
		container_of(kprobe, struct tcps_hook, kprobe);

	tcps_hooks_hit(hook);
	hook->entry(regs_get_kernel_argument(regs, 0),
		    regs_get_kernel_argument(regs, 1),
		    regs_get_kernel_argument(regs, 2),
		    regs_get_kernel_argument(regs, 3),
		    regs_get_kernel_stack_nth(regs, 0));
	return 0;
}

NOKPROBE_SYMBOL(on_kprobe);

static void attach_kprobe(struct tcps_hook *hook)
{
	memset(&hook->kprobe, 0, sizeof(hook->kprobe));
	hook->kprobe.symbol_name = hook->name;
	hook->kprobe.pre_handler = on_kprobe;
	hook->error = register_kprobe(&hook->kprobe);
	if (!hook->error)
		hook->mechanism = TCPS_BY_KPROBE;
}

/*
 * Find the address by a kprobe that is never armed: it knows symbols that are
 * not exported, and where the function tracer's place in them is.
 */
static void find_address(struct tcps_hook *hook)
{
	struct kprobe *kprobe = &hook->kprobe;

	memset(kprobe, 0, sizeof(*kprobe));
	kprobe->symbol_name = hook->name;
	kprobe->flags = KPROBE_FLAG_DISABLED;
	hook->error = register_kprobe(kprobe);
	if (hook->error == -ENOENT && hook->other_name) {
		hook->name = hook->other_name;
		hook->other_name = NULL;
		find_address(hook);
		return;
	}
}

/*
 * The kprobes go all at once: each time they do, the kernel waits until nobody
 * can be in one.
 */
static void find_addresses(void)
{
	struct kprobe *found[TCPS_HOOKS_MAX];
	unsigned int i, count = 0;

	for (i = 0; i < table_count; i++) {
		if (table[i]->kind != TCPS_HOOK_ENTRY)
			continue;
		find_address(table[i]);
		if (!table[i]->error)
			found[count++] = &table[i]->kprobe;
	}
	unregister_kprobes(found, count);
	for (i = 0; i < table_count; i++) {
		if (table[i]->kind == TCPS_HOOK_ENTRY && !table[i]->error)
			enter_address(table[i]);
	}
}

/* Beside the number of maxactive all of it is set by whoever owns the hook. */
static void attach_return(struct tcps_hook *hook)
{
	struct kretprobe *probe = hook->return_probe;

	memset(&probe->kp, 0, sizeof(probe->kp));
	probe->kp.symbol_name = hook->name;
	hook->error = register_kretprobe(probe);
	if (!hook->error)
		hook->mechanism = TCPS_BY_KRETPROBE;
}

static void match_tracepoint(struct tracepoint *tp, void *data)
{
	struct tcps_hook *hook = data;

	if (!strcmp(tp->name, hook->name))
		hook->tp = tp;
}

static void attach_tracepoint(struct tcps_hook *hook)
{
	for_each_kernel_tracepoint(match_tracepoint, hook);
	hook->error = hook->tp ? tracepoint_probe_register(hook->tp,
							   hook->probe, hook) :
				 -ENOENT;
	if (!hook->error)
		hook->mechanism = TCPS_BY_TRACEPOINT;
}

/**
 * tcps_hooks_add() - put hooks into the table
 * @hooks: array of them
 * @count: elements
 */
void tcps_hooks_add(struct tcps_hook *hooks, unsigned int count)
{
	unsigned int i;

	BUILD_BUG_ON(SLOTS < 2 * TCPS_HOOKS_MAX);
	for (i = 0; i < count; i++) {
		if (WARN_ON(table_count == TCPS_HOOKS_MAX))
			return;
		hooks[i].number = table_count;
		table[table_count++] = &hooks[i];
	}
}

/* Returns -EBUSY if the function tracer is switched off. */
static int attach_entries(bool ftrace)
{
	int err = attach_ftrace();
	unsigned int i;

	if (!err && ftrace)
		return 0;
	if (!err)
		detach_ftrace();
	/*
	 * kprobes on function entries ride on ftrace too: with the sysctl
	 * kernel.ftrace_enabled=0 they can be registered but are never called.
	 */
	for (i = 0; i < table_count; i++) {
		struct tcps_hook *hook = table[i];

		if (hook->kind != TCPS_HOOK_ENTRY || hook->error)
			continue;
		hook->mechanism = TCPS_NOT_ATTACHED;
		if (err == -EBUSY)
			hook->error = err;
		else
			attach_kprobe(hook);
	}
	if (err == -EBUSY)
		pr_warn("no function can be hooked while sysctl kernel.ftrace_enabled is 0: set it to 1 and load again\n");
	return err == -EBUSY ? err : 0;
}

/**
 * tcps_hooks_attach() - attach all hooks of the table
 * @ftrace: use the function tracer if the kernel has it
 *
 * A hook that cannot be had is named in the log and left out.
 *
 * Return: 0, or -ENOENT if it was one that is required.
 */
int tcps_hooks_attach(bool ftrace)
{
	unsigned int i;
	int err = 0, busy;

	find_addresses();
	busy = attach_entries(ftrace);
	for (i = 0; i < table_count; i++) {
		if (table[i]->kind != TCPS_HOOK_RETURN)
			continue;
		if (busy)
			table[i]->error = busy;
		else
			attach_return(table[i]);
	}
	/* Last, because they need the others to be understood. */
	for (i = 0; i < table_count; i++) {
		if (table[i]->kind == TCPS_HOOK_TRACEPOINT)
			attach_tracepoint(table[i]);
	}
	for (i = 0; i < table_count; i++) {
		if (!tcps_hook_is_missing(table[i]))
			continue;
		pr_warn("this kernel has no usable %s %s (error %d); not seen: %s\n",
			table[i]->kind == TCPS_HOOK_TRACEPOINT ? "tracepoint" :
								 "function",
			table[i]->name, table[i]->error, table[i]->unseen);
		if (table[i]->required)
			err = -ENOENT;
	}
	if (err)
		tcps_hooks_detach();
	return err;
}

/* After this no hook runs and none will. */
void tcps_hooks_detach(void)
{
	bool by_ftrace = false;
	unsigned int i;

	for (i = table_count; i--;) {
		struct tcps_hook *hook = table[i];

		switch (hook->mechanism) {
		case TCPS_BY_TRACEPOINT:
			tracepoint_probe_unregister(hook->tp, hook->probe,
						    hook);
			break;
		case TCPS_BY_KPROBE:
			unregister_kprobe(&hook->kprobe);
			break;
		case TCPS_BY_KRETPROBE:
			unregister_kretprobe(hook->return_probe);
			break;
		case TCPS_BY_FTRACE:
			by_ftrace = true;
			break;
		case TCPS_NOT_ATTACHED:
			break;
		}
		hook->mechanism = TCPS_NOT_ATTACHED;
	}
	if (by_ftrace)
		detach_ftrace();
	tracepoint_synchronize_unregister();
}

static u64 missed(const struct tcps_hook *hook)
{
	switch (hook->mechanism) {
	case TCPS_BY_KPROBE:
		return READ_ONCE(hook->kprobe.nmissed);
	case TCPS_BY_KRETPROBE:
		return (u64)READ_ONCE(hook->return_probe->nmissed) +
		       READ_ONCE(hook->return_probe->kp.nmissed);
	default:
		return 0;
	}
}

/**
 * tcps_hooks_report() - state of a hook
 * @number: from 0
 * @report: result
 *
 * Return: false if there is no such hook.
 */
bool tcps_hooks_report(unsigned int number, struct tcps_hook_report *report)
{
	const struct tcps_hook *hook;
	int cpu;

	if (number >= table_count)
		return false;
	hook = table[number];
	report->hook = hook;
	report->hits = 0;
	for_each_possible_cpu(cpu)
		report->hits += READ_ONCE(per_cpu(tcps_hook_hits, cpu)[number]);
	report->missed = missed(hook);
	return true;
}

/**
 * tcps_hooks_attached() - is this one attached?
 * @name: of the hook
 *
 * Return: true if it is.
 */
bool tcps_hooks_attached(const char *name)
{
	unsigned int i;

	for (i = 0; i < table_count; i++) {
		if (!strcmp(table[i]->name, name))
			return table[i]->mechanism != TCPS_NOT_ATTACHED;
	}
	return false;
}

/**
 * tcps_hook_is_missing() - should it be attached, and is not?
 * @hook: any
 *
 * Return: false also if this kernel has nothing to be hooked there.
 */
bool tcps_hook_is_missing(const struct tcps_hook *hook)
{
	return hook->error && !(hook->error == -ENOENT && hook->absent);
}

/**
 * tcps_hooks_exact() - does no hook use a mechanism that can miss calls?
 *
 * Return: false if a kprobe is in use.
 */
bool tcps_hooks_exact(void)
{
	unsigned int i;

	for (i = 0; i < table_count; i++) {
		if (table[i]->mechanism == TCPS_BY_KPROBE)
			return false;
	}
	return true;
}

/**
 * tcps_hooks_complete() - are all hooks there that counters need?
 *
 * Return: false if one is missing.
 */
bool tcps_hooks_complete(void)
{
	unsigned int i;

	for (i = 0; i < table_count; i++) {
		if (table[i]->counts && tcps_hook_is_missing(table[i]))
			return false;
	}
	return true;
}
