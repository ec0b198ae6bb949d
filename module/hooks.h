/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of hooks: found by name, attached, counted, detached.
 *
 * Knows mechanisms; must not know what a hook does with what it sees.
 */
#ifndef _TCPS_HOOKS_H
#define _TCPS_HOOKS_H

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
 * @mechanism: how it is attached
 * @error: why it is not: 0 or negative errno
 * @tp: the tracepoint
 * @kprobe: for the address and for the fallback
 */
struct tcps_hook {
	const char *name;
	const char *other_name;
	const char *absent;
	enum tcps_hook_kind kind;
	void *probe;
	tcps_entry_fn *entry;
	struct kretprobe *return_probe;
	const char *unseen;
	bool required;
	bool counts;

	unsigned int number;
	enum tcps_mechanism mechanism;
	int error;
	struct tracepoint *tp;
	struct kprobe kprobe;
};

/* The hooks of full sockets, requests, listeners, RSTs ... (hook_*.c). */
extern struct tcps_hook tcps_state_hooks[];
extern const unsigned int tcps_state_hook_count;
extern struct tcps_hook tcps_request_hooks[];
extern const unsigned int tcps_request_hook_count;
extern struct tcps_hook tcps_listen_hooks[];
extern const unsigned int tcps_listen_hook_count;
extern struct tcps_hook tcps_timewait_hooks[];
extern const unsigned int tcps_timewait_hook_count;
extern struct tcps_hook tcps_memory_hooks[];
extern const unsigned int tcps_memory_hook_count;
extern struct tcps_hook tcps_ports_hooks[];
extern const unsigned int tcps_ports_hook_count;
extern struct tcps_hook tcps_reset_hooks[];
extern const unsigned int tcps_reset_hook_count;

/* Calls of each hook; written by the owning CPU. */
DECLARE_PER_CPU(u64[TCPS_HOOKS_MAX], tcps_hook_hits);

static inline void tcps_hooks_hit(const struct tcps_hook *hook)
{
	this_cpu_inc(tcps_hook_hits[hook->number]);
}

void tcps_hooks_add(struct tcps_hook *hooks, unsigned int count);
int tcps_hooks_attach(bool ftrace);
void tcps_hooks_detach(void);

/**
 * struct tcps_hook_report - state of a hook, for people
 * @hook: which
 * @hits: calls
 * @missed: calls that a kprobe or kretprobe did not get
 */
struct tcps_hook_report {
	const struct tcps_hook *hook;
	u64 hits;
	u64 missed;
};

bool tcps_hooks_report(unsigned int number, struct tcps_hook_report *report);
bool tcps_hooks_attached(const char *name);
bool tcps_hook_is_missing(const struct tcps_hook *hook);
bool tcps_hooks_exact(void);
bool tcps_hooks_complete(void);

#endif /* _TCPS_HOOKS_H */
