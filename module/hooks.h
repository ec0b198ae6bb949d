/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of hooks: found by name, attached, counted, detached.
 *
 * Knows mechanisms; must not know what a hook does with what it sees.
 */
#ifndef _TCPS_HOOKS_H
#define _TCPS_HOOKS_H

#include <linux/types.h>

#include "hook.h"

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

void tcps_hooks_add(struct tcps_hook *hooks, unsigned int count);
int tcps_hooks_attach(bool ftrace);
void tcps_hooks_look(void);
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
const char *tcps_hook_why(const struct tcps_hook *hook);
bool tcps_hook_is_missing(const struct tcps_hook *hook);
bool tcps_hooks_exact(void);
bool tcps_hooks_complete(void);

#endif /* _TCPS_HOOKS_H */
