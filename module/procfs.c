// SPDX-License-Identifier: GPL-2.0
/*
 * The files of /proc/net/tcpstate, and the symlink /proc/tcpstate.
 *
 * Knows where they are and when they come and go; must not know what is in
 * them.
 */
#include "procfs.h"

#include <linux/compiler.h>
#include <linux/proc_fs.h>
#include <net/net_namespace.h>

#include "broken.h"
#include "netns.h"
#include "proc.h"
#include "proc_file.h"

static struct proc_dir_entry *symlink;

/* Set once, by exit: no more directories are to be made. */
static bool closed;

static const struct tcps_proc_file files[] = {
	{ .name = "summary", .show = tcps_proc_summary },
	{ .name = "counters", .show = tcps_proc_counters },
	{ .name = "transitions", .show = tcps_proc_transitions },
	{ .name = "dwell", .show = tcps_proc_dwell },
	{ .name = "hooks", .show = tcps_proc_hooks },
	{ .name = "readers", .show = tcps_proc_readers },
	{ .name = "memory", .show = tcps_proc_held },
	{ .name = "connections",
	  .ops = &tcps_proc_connections,
	  .size = &tcps_proc_connections_size },
	{ .name = "listeners",
	  .ops = &tcps_proc_listeners,
	  .size = &tcps_proc_listeners_size },
};

/**
 * tcps_procfs_net_up() - make the files of a network namespace
 * @net: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_procfs_net_up(struct net *net)
{
	struct proc_dir_entry *dir;
	unsigned int i;

	if (READ_ONCE(closed))
		return 0;
	dir = proc_net_mkdir(net, "tcpstate", net->proc_net);
	if (!dir)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (tcps_proc_file_make(&files[i], dir)) {
			tcps_procfs_net_down(net);
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * tcps_procfs_net_down() - remove the files of a network namespace
 * @net: the namespace
 *
 * Harmless if there are none. Nobody reads them: who has one open holds the
 * namespace, and when we are unloaded, nobody stands still in one.
 */
void tcps_procfs_net_down(struct net *net)
{
	remove_proc_subtree("tcpstate", net->proc_net);
}

static void remove_files(struct net *net, struct tcps_net *tn, void *unused)
{
	tcps_procfs_net_down(net);
}

int tcps_procfs_init(void)
{
	symlink = proc_symlink("tcpstate", NULL, "self/net/tcpstate");
	return symlink ? 0 : -ENOMEM;
}

/*
 * Readers in the middle of a page are waited for here, and not later, when others
 * wait for us.
 */
void tcps_procfs_exit(void)
{
	WRITE_ONCE(closed, true);
	tcps_netns_walk(remove_files, NULL);
	if (TCPS_BROKEN(TCPS_LAW_TRACE))
		return;
	proc_remove(symlink);
}
