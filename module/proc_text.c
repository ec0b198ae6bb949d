// SPDX-License-Identifier: GPL-2.0
/*
 * What more than one file of /proc/net/tcpstate shows, so that it looks the
 * same in all of them: processes, their names, addresses.
 *
 * Knows how to print; must not know which file it is for. A field never holds a
 * blank or anything that a terminal would obey, and "-" is what is not known.
 */
#include "proc.h"

#include <linux/if.h>
#include <linux/netdevice.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/ipv6.h>

/*
 * A process id as whoever reads the file knows it, 0 if it has none there. That
 * of a process that has ended is still known where it was taken down.
 */
static u32 pid_here(u32 nr)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	u32 pid;

	if (ns == &init_pid_ns)
		return nr;
	rcu_read_lock();
	pid = pid_nr_ns(find_pid_ns(nr, &init_pid_ns), ns);
	rcu_read_unlock();
	return pid;
}

/**
 * tcps_proc_text() - show a name that others chose
 * @m: the file
 * @text: any bytes, 0 at the end
 *
 * What is no printable ASCII, blanks and backslashes are three octal digits
 * behind a backslash, as the kernel writes blanks in /proc/mounts.
 */
void tcps_proc_text(struct seq_file *m, const char *text)
{
	/* This is what stands for no name at all. */
	bool odd = !strcmp(text, "-");

	if (!*text)
		seq_putc(m, '-');
	for (; *text; text++) {
		if (*text > ' ' && *text <= '~' && *text != '\\' && !odd)
			seq_putc(m, *text);
		else
			seq_printf(m, "\\%03o", (u8)*text);
	}
}

/**
 * tcps_proc_process() - show a process: its id and its name, if they are known
 * @m: the file
 * @known: they are
 * @tgid: its id in the initial pid namespace
 * @comm: its name
 */
void tcps_proc_process(struct seq_file *m, bool known, u32 tgid,
		       const char *comm)
{
	u32 pid = known ? pid_here(tgid) : 0;

	if (pid)
		seq_printf(m, " %u ", pid);
	else
		seq_puts(m, " - ");
	tcps_proc_text(m, known ? comm : "");
}

/* Its interface is part of a link-local address: without, it says nothing. */
static void show_scope(struct seq_file *m, struct net *net, u32 ifindex)
{
	char name[IFNAMSIZ] = "";
	const struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, ifindex);
	/* Somebody may be changing it: then it is some of both. */
	if (dev)
		memcpy(name, dev->name, sizeof(name) - 1);
	rcu_read_unlock();
	seq_putc(m, '%');
	if (*name)
		tcps_proc_text(m, name);
	else
		seq_printf(m, "%u", ifindex);
}

/**
 * tcps_proc_end() - show address and port as ss(8) does
 * @m: the file
 * @net: its namespace
 * @end: family, address, port and interface
 */
void tcps_proc_end(struct seq_file *m, struct net *net,
		   const struct tcps_proc_end *end)
{
	if (end->family == AF_INET6)
		seq_printf(m, " [%pI6c]", end->address);
	else
		seq_printf(m, " %pI4", end->address);
	if (end->family == AF_INET6 && end->ifindex &&
	    ipv6_addr_type((const struct in6_addr *)end->address) &
		    IPV6_ADDR_LINKLOCAL)
		show_scope(m, net, end->ifindex);
	seq_printf(m, ":%u", end->port);
}
