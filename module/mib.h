/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel itself counted on one CPU: it tells what became of a packet.
 *
 * Knows the kernel's MIBs; must not know what follows from them.
 */
#ifndef _TCPS_MIB_H
#define _TCPS_MIB_H

#include <linux/percpu.h>
#include <linux/snmp.h>
#include <net/ip.h>
#include <net/net_namespace.h>

/**
 * struct tcps_mib - what TCP counts when somebody comes to a listener
 *
 * Written by the kernel with softirqs off on the CPU that works on the packet,
 * and on no other.
 *
 * @drops: tcp_listendrop(): it was turned away
 * @overflows: for the accept queue
 * @full: for the SYN queue, without cookies
 * @sent: it got a SYN cookie
 * @valid: it brought a good one
 * @failed: it brought a bad one
 */
struct tcps_mib {
	unsigned long drops;
	unsigned long overflows;
	unsigned long full;
	unsigned long sent;
	unsigned long valid;
	unsigned long failed;
};

/* Where TCP counts on a CPU, for tcps_mib_take(). */
#define tcps_mib_of(net, cpu) \
	(per_cpu_ptr((net)->mib.net_statistics, cpu)->mibs)
/* On this one; preemption is off. */
#define tcps_mib_here(net) (this_cpu_ptr((net)->mib.net_statistics)->mibs)

/**
 * tcps_mib_take() - what was counted so far
 * @mib: result
 * @cookies: its part on cookies that came back too
 * @mibs: tcps_mib_of() or tcps_mib_here()
 */
static __always_inline void tcps_mib_take(struct tcps_mib *mib, bool cookies,
					  const unsigned long *mibs)
{
	mib->drops = mibs[LINUX_MIB_LISTENDROPS];
	mib->overflows = mibs[LINUX_MIB_LISTENOVERFLOWS];
	mib->full = mibs[LINUX_MIB_TCPREQQFULLDROP];
	mib->sent = mibs[LINUX_MIB_SYNCOOKIESSENT];
	if (!cookies)
		return;
	mib->valid = mibs[LINUX_MIB_SYNCOOKIESRECV];
	mib->failed = mibs[LINUX_MIB_SYNCOOKIESFAILED];
}

/**
 * tcps_mib_no_routes() - look-ups of a route on this CPU that found none
 * @net: namespace, alive
 * @family: AF_INET or AF_INET6
 *
 * Return: how many so far.
 */
static __always_inline u64 tcps_mib_no_routes(const struct net *net, u8 family)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (family == AF_INET6)
		return this_cpu_ptr(net->mib.ipv6_statistics)
			->mibs[IPSTATS_MIB_OUTNOROUTES];
#endif
	return this_cpu_ptr(net->mib.ip_statistics)
		->mibs[IPSTATS_MIB_OUTNOROUTES];
}

#endif /* _TCPS_MIB_H */
