// SPDX-License-Identifier: GPL-2.0
/*
 * The hook on the search for a port of bind() and listen().
 *
 * Must not know what becomes of what it passes on.
 *
 * Nothing that comes later tells whether a port was found: this is the one
 * return probe there is. It is not called for connect(), and only a search for
 * any port is looked at. Of too many at a time some are missed, and counted.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <net/sock.h>

#include "hooks.h"
#include "observe.h"

/* Searches at a time: each can be preempted. */
#define SEARCHES_MAX 64

static int search(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct sock **sk = (const struct sock **)ri->data;

	*sk = (const struct sock *)regs_get_kernel_argument(regs, 0);
	/* Not 0: the return does not matter. */
	return (u16)regs_get_kernel_argument(regs, 1) != 0;
}

static int searched(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct sock **sk = (const struct sock **)ri->data;

	tcps_hooks_hit(&tcps_ports_hooks[0]);
	/* Up to 5.10 it is 1. */
	if (regs_return_value(regs))
		tcps_observe_bind_failed(*sk);
	return 0;
}

NOKPROBE_SYMBOL(search);
NOKPROBE_SYMBOL(searched);

static struct kretprobe probe = {
	.entry_handler = search,
	.handler = searched,
	.data_size = sizeof(struct sock *),
	.maxactive = SEARCHES_MAX,
};

struct tcps_hook tcps_ports_hooks[] = {
	{
		.name = "inet_csk_get_port",
		.takes = "sock int",
		.kind = TCPS_HOOK_RETURN,
		.return_probe = &probe,
		.unseen = "that bind() or listen() found no port",
	},
};

const unsigned int tcps_ports_hook_count = ARRAY_SIZE(tcps_ports_hooks);
