// SPDX-License-Identifier: GPL-2.0
/*
 * Deliberate faults: which one, and when. Only in a test build.
 *
 * Must not know where the faults are.
 */
#include "broken.h"

#include <linux/atomic.h>
#include <linux/moduleparam.h>

/* Constant after load. */
unsigned int tcps_broken_law;
module_param_named(test_break, tcps_broken_law, uint, 0444);

/* Now and then: what happens always is found by any test. */
bool tcps_broken_now(void)
{
	static atomic_t calls = ATOMIC_INIT(0);

	return atomic_inc_return(&calls) % 61 == 0;
}
