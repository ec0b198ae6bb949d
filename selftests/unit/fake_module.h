/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Host unit tests - what stands in for the module: the answers to ioctl() on any
 * character device. Link with -Wl,--wrap=ioctl.
 */
#ifndef UNIT_FAKE_MODULE_H
#define UNIT_FAKE_MODULE_H

#include <linux/tcpstate.h>

/*
 * @query is what TCPSTATE_IOC_QUERY answers. @error is the errno of all others,
 * or 0. @filter, @start: as given last; @from is what a start point is moved to.
 */
struct fake_module {
	struct tcpstate_query query;
	int error;
	struct tcpstate_filter filter;
	struct tcpstate_start start;
	__u64 from;
};

extern struct fake_module fake_module;

#endif /* UNIT_FAKE_MODULE_H */
