/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files of /proc/net/tcpstate, and the symlink /proc/tcpstate.
 *
 * Knows how to print; must not know how things are counted or recorded.
 */
#ifndef _TCPS_PROCFS_H
#define _TCPS_PROCFS_H

struct net;

int tcps_procfs_net_up(struct net *net);
void tcps_procfs_net_down(struct net *net);

int tcps_procfs_init(void);
void tcps_procfs_exit(void);

#endif /* _TCPS_PROCFS_H */
