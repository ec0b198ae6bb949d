// SPDX-License-Identifier: GPL-2.0
/*
 * Functions by kprobes: where they are, entries that nothing better has, and
 * returns.
 *
 * Knows kprobes; must not know what a hook does, nor why it is not attached in
 * another way.
 */
#include "probe.h"

#include <linux/string.h>

#include "broken.h"
#include "compat.h"

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

/**
 * tcps_probe_attach() - attach a function entry
 * @hook: an entry; its error is set if that fails
 */
void tcps_probe_attach(struct tcps_hook *hook)
{
	memset(&hook->kprobe, 0, sizeof(hook->kprobe));
	hook->kprobe.symbol_name = hook->name;
	hook->kprobe.pre_handler = on_kprobe;
	hook->error = TCPS_BROKEN_HOOK(probe, hook->name) ?
			      -EINVAL :
			      register_kprobe(&hook->kprobe);
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
		hook->takes = hook->other_takes ?: hook->takes;
		find_address(hook);
		return;
	}
}

/**
 * tcps_probe_find() - find where functions begin
 * @table: hooks; of the entries the address is set, or the error
 * @count: how many
 *
 * The kprobes go all at once: each time they do, the kernel waits until nobody
 * can be in one.
 */
void tcps_probe_find(struct tcps_hook **table, unsigned int count)
{
	struct kprobe *found[TCPS_HOOKS_MAX];
	unsigned int i, n = 0;

	for (i = 0; i < count; i++) {
		if (table[i]->kind != TCPS_HOOK_ENTRY)
			continue;
		find_address(table[i]);
		if (!table[i]->error)
			found[n++] = &table[i]->kprobe;
	}
	unregister_kprobes(found, n);
}

/**
 * tcps_probe_attach_return() - attach the return of a function
 * @hook: a return probe, which was set up by whoever owns it; its error is set if
 *	that fails
 */
void tcps_probe_attach_return(struct tcps_hook *hook)
{
	struct kretprobe *probe = hook->return_probe;

	memset(&probe->kp, 0, sizeof(probe->kp));
	probe->kp.symbol_name = hook->name;
	hook->error = register_kretprobe(probe);
	if (!hook->error)
		hook->mechanism = TCPS_BY_KRETPROBE;
}

/**
 * tcps_probe_detach() - take one away
 * @hook: attached by a kprobe or kretprobe
 *
 * Return: false if that failed: it is called still.
 */
bool tcps_probe_detach(struct tcps_hook *hook)
{
	struct kprobe *kprobe = &hook->kprobe;

	if (hook->mechanism == TCPS_BY_KPROBE) {
		unregister_kprobe(kprobe);
	} else {
		kprobe = &hook->return_probe->kp;
		unregister_kretprobe(hook->return_probe);
	}
	/* That is how the kernel says so. */
	return kprobe->addr;
}

/**
 * tcps_probe_missed() - calls that a probe did not get
 * @hook: any
 *
 * Return: how many; 0 if it is attached in another way.
 */
u64 tcps_probe_missed(const struct tcps_hook *hook)
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
