/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A filter that refuses all packets that the calling process sends: each
 * sending fails with EPERM, as with a firewall's rule that drops.
 */
#ifndef TCPSTATE_TEST_EGRESS_H
#define TCPSTATE_TEST_EGRESS_H

/* For sockets made from now on. A descriptor to close in the end, -1 and errno. */
int egress_refuse(void);

#endif
