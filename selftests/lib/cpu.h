/* SPDX-License-Identifier: GPL-2.0 */
/*
 * On which CPU a test runs.
 */
#ifndef TCPSTATE_TEST_CPU_H
#define TCPSTATE_TEST_CPU_H

#include <stdbool.h>

/* The calling thread runs there and nowhere else from now on. */
bool run_on(int cpu);

#endif
