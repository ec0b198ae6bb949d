// SPDX-License-Identifier: GPL-2.0
/*
 * On which CPU a test runs.
 */
#include "cpu.h"

#include <sched.h>

bool run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}
