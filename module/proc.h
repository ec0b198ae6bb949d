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

/**
 * struct tcps_proc_end - an end of a connection, for tcps_proc_end()
 * @family: AF_INET or AF_INET6
 * @port: host byte order
 * @ifindex: interface, 0 if it is not known
 * @address: network byte order
 */
struct tcps_proc_end {
	u8 family;
	u16 port;
	u32 ifindex;
	const u8 *address;
};

void tcps_proc_text(struct seq_file *m, const char *text);
void tcps_proc_process(struct seq_file *m, bool known, u32 tgid,
		       const char *comm);
void tcps_proc_end(struct seq_file *m, struct net *net,
		   const struct tcps_proc_end *end);
void tcps_proc_name(struct seq_file *m, const char *name);
void tcps_proc_memory(struct seq_file *m, const struct tcps_books *books);
void tcps_proc_memory_counters(struct seq_file *m);
void tcps_proc_ports(struct seq_file *m, struct net *net, u32 gen);

#endif /* _TCPS_PROC_H */
