/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A gate at a function of the kernel (hostile/stall/gate.c): one CPU stands there
 * until it may go on, so that a race has the outcome that a test wants.
 */
#ifndef TCPSTATE_TEST_GATE_H
#define TCPSTATE_TEST_GATE_H

#include <stdbool.h>

/* Puts it up, closed; false with a diagnostic if that cannot be. */
bool gate_up(const char *function);
void gate_down(void);

/* Waits until a CPU stands there. */
bool gate_holds(void);

/* Whoever stands there goes on, and who comes passes. */
bool gate_open(void);

#endif
