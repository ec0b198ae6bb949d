/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One hook: what it is to be attached to, and how it is.
 *
 * Must not know the others, nor what it does with what it sees.
 */
#ifndef _TCPS_HOOK_H
#define _TCPS_HOOK_H

#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/types.h>

struct tracepoint;

/*
 * What is told of a call: its first four arguments and the return address. One
 * by one, because so they stay in registers.
 */
#define TCPS_ENTRY                                                           \
	unsigned long arg0, unsigned long arg1, unsigned long arg2,          \
		unsigned long arg3, unsigned long caller

typedef void tcps_entry_fn(TCPS_ENTRY);

enum tcps_hook_kind {
	TCPS_HOOK_TRACEPOINT,
	TCPS_HOOK_ENTRY,
	TCPS_HOOK_RETURN,
};

enum tcps_mechanism {
	TCPS_NOT_ATTACHED,
	TCPS_BY_TRACEPOINT,
	TCPS_BY_FTRACE,
	TCPS_BY_KPROBE,
	TCPS_BY_KRETPROBE,
};

#define TCPS_HOOKS_MAX 64

/**
 * struct tcps_hook - one place in the kernel that we look at
 * @name: of the tracepoint or function
 * @other_name: what it is called on other kernels, or NULL
 * @absent: why a kernel without it needs none, or NULL
 * @takes: of a function: how its arguments begin, as for tcps_btf_takes(), at
 *	least as far as the hook looks at them
 * @other_takes: those of @other_name, if they are others
 * @kind: which of the two
 * @probe: for a tracepoint: function with the tracepoint's own type, which is
 *	checked where the table is made; its data is this hook
 * @entry: for a function: called at its entry, in the context of the caller,
 *	perhaps preemptible
 * @return_probe: for the return of a function: handlers and sizes; no number
 *	that has to be exact may come from it
 * @unseen: what is not seen without it
 * @required: the module does not load without it
 * @counts: counters are wrong without it
 * @number: place in the table; set at attachment, as all below
 * @proven: its arguments are what @takes says
 * @mechanism: how it is attached
 * @error: why it is not: 0 or negative errno
 * @tp: the tracepoint
 * @kprobe: for the address and for the fallback
 */
struct tcps_hook {
	const char *name;
	const char *other_name;
	const char *absent;
	const char *takes;
	const char *other_takes;
	enum tcps_hook_kind kind;
	void *probe;
	tcps_entry_fn *entry;
	struct kretprobe *return_probe;
	const char *unseen;
	bool required;
	bool counts;

	unsigned int number;
	bool proven;
	enum tcps_mechanism mechanism;
	int error;
	struct tracepoint *tp;
	struct kprobe kprobe;
};

/* Calls of each hook; written by the owning CPU. */
DECLARE_PER_CPU(u64[TCPS_HOOKS_MAX], tcps_hook_hits);

static inline void tcps_hooks_hit(const struct tcps_hook *hook)
{
	this_cpu_inc(tcps_hook_hits[hook->number]);
}

/* A function that is to be attached, or is. */
static inline bool tcps_hook_is_entry(const struct tcps_hook *hook)
{
	return hook->kind == TCPS_HOOK_ENTRY && !hook->error;
}

#endif /* _TCPS_HOOK_H */
