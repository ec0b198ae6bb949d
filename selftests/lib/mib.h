/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's own counters of the calling thread's network namespace.
 */
#ifndef TCPSTATE_TEST_MIB_H
#define TCPSTATE_TEST_MIB_H

/* A counter of /proc/net/netstat or snmp, as nstat names it; -1 without it. */
long long mib(const char *name);

#endif
