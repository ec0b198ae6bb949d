/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that was told of a namespace since it was made, against what our
 * counters, ss and the kernel's own counters say of it.
 */
#ifndef TCPSTATE_TEST_LEDGER_H
#define TCPSTATE_TEST_LEDGER_H

#include "device.h"

/**
 * struct ledger_untold - what there was but is in no record
 * @births: timewait socks
 * @stray: children that took no connection over
 * @vain: RSTs and SYNs to requests that ended none of them: the kernel counts
 *	those too
 */
struct ledger_untold {
	unsigned int births;
	unsigned int stray;
	unsigned int vain;
};

/*
 * Looks at the calling thread's namespace, at rest. Prints what is wrong,
 * returns how much is.
 */
int ledger_check(const struct records *told, const struct ledger_untold *untold,
		 const char *who);

/* The value of one of our counters; returns 1 with a diagnostic if it differs. */
int ledger_counter(const char *who, const char *name, long long should);

#endif
