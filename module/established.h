/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's table of connections.
 *
 * Knows where they stand; must not know what becomes of them.
 */
#ifndef _TCPS_ESTABLISHED_H
#define _TCPS_ESTABLISHED_H

struct net;
struct sock;

void tcps_established_visit(const struct net *net, void (*before)(void),
			    void (*each)(struct sock *sk, void *data),
			    void *data);

#endif /* _TCPS_ESTABLISHED_H */
