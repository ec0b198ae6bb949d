// SPDX-License-Identifier: GPL-2.0
/*
 * The table of hooks: found by name, attached, counted, detached.
 *
 * Knows mechanisms; must not know what a hook does with what it sees.
 *
 * Function entries are hooked by the function tracer. kprobes are the fallback
 * for kernels without one, and for a single function that it does not have; what
 * they miss is shown. What a hook reads of a call are the arguments that the
 * function has in the source: a compiler that changes them without renaming the
 * function makes nonsense of that, so the kernel's own description of each is
 * asked first.
 */
#include "hooks.h"

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>

#include "broken.h"
#include "btf.h"
#include "compat.h"
#include "probe.h"
#include "tracer.h"

DEFINE_PER_CPU(u64[TCPS_HOOKS_MAX], tcps_hook_hits);

/* All written by add and attach, before any hook runs. */
static struct tcps_hook *table[TCPS_HOOKS_MAX];
static unsigned int table_count;

/* Where it is not known what a function takes, the compiler decides. */
static void check_takes(struct tcps_hook *hook, const struct tcps_btf *btf)
{
	const char *takes = TCPS_BROKEN_HOOK(arguments, hook->name) ?
				    "no_such_thing" :
				    hook->takes;

	switch (takes ? tcps_btf_takes(btf, hook->name, takes) :
			TCPS_BTF_SILENT) {
	case TCPS_BTF_SAME:
		hook->proven = true;
		break;
	case TCPS_BTF_OTHER:
		hook->error = -EPROTOTYPE;
		break;
	case TCPS_BTF_SILENT:
		if (COMPAT_ARGUMENTS_CAN_CHANGE || TCPS_BROKEN_DOUBT)
			hook->error = -ENODATA;
		break;
	}
}

static void check_arguments(void)
{
	struct tcps_btf btf;
	int err = tcps_btf_open(&btf);
	unsigned int i;

	if (err)
		pr_notice(
			"what the kernel's functions take cannot be looked up in its BTF (error %d)\n",
			err);
	for (i = 0; i < table_count; i++) {
		if (table[i]->kind != TCPS_HOOK_TRACEPOINT && !table[i]->error)
			check_takes(table[i], &btf);
	}
	tcps_btf_close(&btf);
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

	for (i = 0; i < count; i++) {
		if (WARN_ON(table_count == TCPS_HOOKS_MAX))
			return;
		hooks[i].number = table_count;
		table[table_count++] = &hooks[i];
	}
}

/* By kprobes, all that the function tracer has not got. */
static void attach_others(void)
{
	unsigned int i;

	for (i = 0; i < table_count; i++) {
		if (tcps_hook_is_entry(table[i]) &&
		    table[i]->mechanism == TCPS_NOT_ATTACHED)
			tcps_probe_attach(table[i]);
	}
}

static void give_up_ftrace(int err)
{
	unsigned int i;

	for (i = 0; i < table_count; i++) {
		if (!tcps_hook_is_entry(table[i]))
			continue;
		table[i]->mechanism = TCPS_NOT_ATTACHED;
		table[i]->error = err;
	}
}

/*
 * Returns -EBUSY if the function tracer is switched off: kprobes on function
 * entries ride on it too. With the sysctl kernel.ftrace_enabled=0 they can be
 * registered but are never called.
 */
static int attach_entries(bool ftrace)
{
	int err = tcps_tracer_attach(table, table_count);

	if (!err && !ftrace && tcps_tracer_detach())
		return 0;
	if (err == -EBUSY) {
		give_up_ftrace(err);
		pr_warn("no function can be hooked while sysctl kernel.ftrace_enabled is 0: set it to 1 and load again\n");
		return err;
	}
	if (err || !ftrace)
		give_up_ftrace(0);
	attach_others();
	return 0;
}

/* Is there a hook that only the function tracer can take away? */
static bool needs_tracer(void)
{
	unsigned int i;

	for (i = 0; i < table_count; i++) {
		if (table[i]->mechanism == TCPS_BY_FTRACE ||
		    (IS_ENABLED(CONFIG_KPROBES_ON_FTRACE) &&
		     tcps_probe_is(table[i])))
			return true;
	}
	return false;
}

/* Set once, in tcps_hooks_look(); the reference that goes with it stays, too. */
static bool stuck;

/**
 * tcps_hooks_look() - can what is attached be taken away still?
 *
 * May sleep. If it cannot, the module stays for ever: it is kept loaded, and
 * counts that need its hooks are not exact any more.
 */
void tcps_hooks_look(void)
{
	static DEFINE_MUTEX(lock);

	mutex_lock(&lock);
	if (!stuck && needs_tracer() && tcps_tracer_is_dead() &&
	    try_module_get(THIS_MODULE)) {
		WRITE_ONCE(stuck, true);
		pr_err("the kernel has given up on its function tracer: hooks cannot be taken away, this module stays until the next boot and misses events\n");
	}
	mutex_unlock(&lock);
}

/* Now and then, and not so that a CPU that sleeps would wake. */
#define LOOK_EVERY (60 * HZ)

static void look_again(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(look_work, look_again);

static void watch_tracer(void)
{
	queue_delayed_work(system_power_efficient_wq, &look_work, LOOK_EVERY);
}

static void look_again(struct work_struct *work)
{
	tcps_hooks_look();
	watch_tracer();
}

/*
 * To return means that the module is freed. It is not an error that anybody
 * could mend, and nobody else waits for us: no lock is held.
 */
static void stay_for_ever(void)
{
	pr_err("hooks cannot be taken away, because the kernel has given up on its function tracer: this process waits until the next boot\n");
	for (;;)
		schedule_timeout_idle(MAX_SCHEDULE_TIMEOUT);
}

static void detach_tracepoints(void)
{
	unsigned int i;

	for (i = table_count; i--;) {
		struct tcps_hook *hook = table[i];

		if (hook->mechanism != TCPS_BY_TRACEPOINT)
			continue;
		tracepoint_probe_unregister(hook->tp, hook->probe, hook);
		hook->mechanism = TCPS_NOT_ATTACHED;
	}
}

/* Returns false if one of them is still there. */
static bool detach_functions(void)
{
	bool by_ftrace = false;
	unsigned int i;

	if (needs_tracer() && tcps_tracer_is_dead())
		return false;
	for (i = table_count; i--;) {
		struct tcps_hook *hook = table[i];

		by_ftrace |= hook->mechanism == TCPS_BY_FTRACE;
		if (tcps_probe_is(hook) && !tcps_probe_detach(hook))
			return false;
		hook->mechanism = TCPS_NOT_ATTACHED;
	}
	return !by_ftrace || !tcps_tracer_detach();
}

/* After this no hook runs and none will. */
void tcps_hooks_detach(void)
{
	cancel_delayed_work_sync(&look_work);
	detach_tracepoints();
	if (!detach_functions())
		stay_for_ever();
	tracepoint_synchronize_unregister();
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

	tcps_probe_find(table, table_count);
	check_arguments();
	busy = attach_entries(ftrace);
	for (i = 0; i < table_count; i++) {
		if (table[i]->kind != TCPS_HOOK_RETURN || table[i]->error)
			continue;
		if (busy)
			table[i]->error = busy;
		else
			tcps_probe_attach_return(table[i]);
	}
	/* Last, because they need the others to be understood. */
	for (i = 0; i < table_count; i++) {
		if (table[i]->kind == TCPS_HOOK_TRACEPOINT)
			attach_tracepoint(table[i]);
	}
	for (i = 0; i < table_count; i++) {
		if (!tcps_hook_is_missing(table[i]))
			continue;
		pr_warn("this kernel has no usable %s %s (error %d%s); not seen: %s\n",
			table[i]->kind == TCPS_HOOK_TRACEPOINT ? "tracepoint" :
								 "function",
			table[i]->name, table[i]->error,
			tcps_hook_why(table[i]), table[i]->unseen);
		if (table[i]->required)
			err = -ENOENT;
	}
	if (err)
		tcps_hooks_detach();
	else
		watch_tracer();
	return err;
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
	report->missed = tcps_probe_missed(hook);
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
 * tcps_hook_why() - what the error of a hook means
 * @hook: any
 *
 * Return: words to follow the number, or none.
 */
const char *tcps_hook_why(const struct tcps_hook *hook)
{
	switch (hook->error) {
	case -EPROTOTYPE:
		return ": it does not take what it should";
	case -ENODATA:
		return ": what it takes is not known, and this compiler may have changed it";
	default:
		return "";
	}
}

/**
 * tcps_hooks_exact() - does no hook use a mechanism that can miss calls?
 *
 * Return: false if a kprobe is in use, or the function tracer is no more.
 */
bool tcps_hooks_exact(void)
{
	unsigned int i;

	if (READ_ONCE(stuck))
		return false;
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
