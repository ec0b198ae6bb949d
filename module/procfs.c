// SPDX-License-Identifier: GPL-2.0
/*
 * The files of /proc/net/tcpstate, and the symlink /proc/tcpstate.
 *
 * Knows where they are and when they come and go; must not know what is in
 * them.
 */
#include "procfs.h"

#include <linux/proc_fs.h>
#include <net/net_namespace.h>

#include "broken.h"
#include "proc.h"

static struct proc_dir_entry *symlink;

static const struct {
	const char *name;
	int (*show)(struct seq_file *m, void *v);
} files[] = {
	{ "summary", tcps_proc_summary },
	{ "counters", tcps_proc_counters },
	{ "transitions", tcps_proc_transitions },
	{ "dwell", tcps_proc_dwell },
	{ "hooks", tcps_proc_hooks },
	{ "readers", tcps_proc_readers },
	{ "memory", tcps_proc_held },
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

	dir = proc_net_mkdir(net, "tcpstate", net->proc_net);
	if (!dir)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (!proc_create_net_single(files[i].name, 0444, dir,
					    files[i].show, NULL))
			goto fail;
	}
	/* For everyone to open: who may see it is decided when it is read. */
	if (!proc_create_net("connections", 0444, dir, &tcps_proc_connections,
			     tcps_proc_connections_size))
		goto fail;
	if (!proc_create_net("listeners", 0444, dir, &tcps_proc_listeners,
			     tcps_proc_listeners_size))
		goto fail;
	return 0;
fail:
	tcps_procfs_net_down(net);
	return -ENOMEM;
}

/**
 * tcps_procfs_net_down() - remove the files of a network namespace
 * @net: the namespace
 *
 * Waits for whoever reads them. Harmless if there are none.
 */
void tcps_procfs_net_down(struct net *net)
{
	remove_proc_subtree("tcpstate", net->proc_net);
}

int tcps_procfs_init(void)
{
	symlink = proc_symlink("tcpstate", NULL, "self/net/tcpstate");
	return symlink ? 0 : -ENOMEM;
}

void tcps_procfs_exit(void)
{
	if (TCPS_BROKEN(TCPS_LAW_TRACE))
		return;
	proc_remove(symlink);
}
