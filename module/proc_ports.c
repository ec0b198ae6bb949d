// SPDX-License-Identifier: GPL-2.0
/*
 * The part of /proc/tcpstate/summary about local ports.
 *
 * Knows how to print; must not know how ports are counted. Addresses are for
 * those who may see connections.
 */
#include "proc.h"

#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/seq_file_net.h>
#include <linux/socket.h>

#include "books.h"
#include "counters.h"
#include "netns.h"
#include "ports.h"

static void show_address(struct seq_file *m, u8 family, const u8 *address)
{
	if (family == AF_INET6)
		seq_printf(m, "[%pI6c]", address);
	else
		seq_printf(m, "%pI4", address);
}

static void show_group(struct seq_file *m, const struct tcps_ports *ports,
		       const struct tcps_ports_group *group)
{
	u32 size = max(ports->size, 1U);
	u32 tenths = ((u64)group->used * 1000 + size / 2) / size;
	s64 left = tcps_ports_left(ports, group);
	unsigned int i;

	seq_printf(m, "%12u %5u.%u%%", group->used, tenths / 10, tenths % 10);
	if (left < 0)
		seq_printf(m, " %13s  ", "-");
	else
		seq_printf(m, " %11lld s  ", left);
	show_address(m, group->family, group->laddr);
	seq_puts(m, " to ");
	show_address(m, group->family, group->raddr);
	seq_printf(m, ":%u", group->rport);
	for (i = 0; i < TCPS_STATES_SHOWN; i++) {
		u8 state = tcps_states_shown[i];

		if (group->state[state])
			seq_printf(m, " %s %u", tcps_state_names[state],
				   group->state[state]);
	}
	seq_putc(m, '\n');
}

static void show_range(struct seq_file *m, const struct tcps_ports *ports)
{
	seq_printf(
		m,
		"\nports in use by connect(), of %u in ip_local_port_range (%u to %u)\n",
		ports->size, ports->low, ports->high);
}

static void show_groups(struct seq_file *m, const struct tcps_ports *ports)
{
	u32 shown = min_t(u32, ports->groups, TCPS_PORTS_SORTED), i;

	if (!ports->groups)
		seq_puts(m, "        none\n");
	else
		seq_printf(m, "%12s %8s %13s  %s\n", "in use", "share",
			   "empty in", "where");
	for (i = 0; i < shown; i++)
		show_group(m, ports, &ports->group[i]);
	if (ports->groups > shown)
		seq_printf(m, "        (and %u others)\n",
			   ports->groups - shown);
	if (ports->left_out)
		seq_printf(
			m,
			"        (%u connections to more places are not counted)\n",
			ports->left_out);
}

/**
 * tcps_proc_ports() - show the busiest groups of ports
 * @m: the file
 * @net: namespace that it shows
 * @gen: its number
 *
 * The table is looked through for those only who may see what comes of it.
 */
void tcps_proc_ports(struct seq_file *m, struct net *net, u32 gen)
{
	struct tcps_ports *ports;

	if (!file_ns_capable(m->file, net->user_ns, CAP_NET_ADMIN)) {
		struct tcps_ports range = {};

		tcps_ports_range(&range, net);
		show_range(m, &range);
		seq_puts(m, "        (shown with CAP_NET_ADMIN)\n");
		return;
	}
	ports = tcps_ports_look(net, gen);
	if (!ports)
		return;
	show_range(m, ports);
	show_groups(m, ports);
	tcps_ports_free(ports);
}
