/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file in a directory of /proc/net, whose readers keep nobody waiting.
 *
 * Must not know what is in it.
 */
#ifndef _TCPS_PROC_FILE_H
#define _TCPS_PROC_FILE_H

#include <linux/seq_file.h>

struct proc_dir_entry;

/**
 * struct tcps_proc_file - a file of each network namespace
 * @name: of the file
 * @show: prints all of it; seq_file_single_net() is the namespace
 * @ops: prints it piece by piece instead; seq_file_net() is the namespace
 * @size: of the state for @ops, which begins with a struct seq_net_private
 */
struct tcps_proc_file {
	const char *name;
	int (*show)(struct seq_file *m, void *v);
	const struct seq_operations *ops;
	const unsigned int *size;
};

int tcps_proc_file_make(const struct tcps_proc_file *file,
			struct proc_dir_entry *dir);

#endif /* _TCPS_PROC_FILE_H */
