/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contents of the files in /proc/net/tcpstate.
 *
 * Each shows the network namespace of whoever reads it. Must not know where
 * the files are.
 */
#ifndef _TCPS_PROC_H
#define _TCPS_PROC_H

#include <linux/seq_file.h>
#include <linux/types.h>

struct net;
struct tcps_books;

int tcps_proc_summary(struct seq_file *m, void *v);
int tcps_proc_counters(struct seq_file *m, void *v);
int tcps_proc_transitions(struct seq_file *m, void *v);
int tcps_proc_dwell(struct seq_file *m, void *v);
int tcps_proc_hooks(struct seq_file *m, void *v);
int tcps_proc_readers(struct seq_file *m, void *v);
int tcps_proc_held(struct seq_file *m, void *v);

extern const struct seq_operations tcps_proc_connections;
extern const unsigned int tcps_proc_connections_size;

extern const struct seq_operations tcps_proc_listeners;
extern const unsigned int tcps_proc_listeners_size;

pid_t tcps_proc_pid(u32 nr);
void tcps_proc_name(struct seq_file *m, const char *name);
void tcps_proc_memory(struct seq_file *m, const struct tcps_books *books);
void tcps_proc_memory_counters(struct seq_file *m);
void tcps_proc_ports(struct seq_file *m, struct net *net, u32 gen);

#endif /* _TCPS_PROC_H */
