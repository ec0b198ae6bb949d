/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting with a deadline, and the names of the states. Tests wait for a
 * condition, never for a time.
 */
#ifndef TCPSTATE_TEST_UTIL_H
#define TCPSTATE_TEST_UTIL_H

#include <linux/types.h>
#include <stdbool.h>

/* Nanoseconds of CLOCK_MONOTONIC, the clock of the records. */
__u64 now_ns(void);

/* How many times slower than an ordinary kernel this one is, from 1. */
unsigned int slow(void);

/* The time at which to give up after @seconds on an ordinary kernel. */
__u64 deadline(unsigned int seconds);

/* Sleeps a little between two looks; false once @until has passed. */
bool again(__u64 until);

/* Is this kernel older than @major.@minor? */
bool kernel_before(int major, int minor);

/* "ESTABLISHED" ...; "?" for what is no state. */
const char *state_name(unsigned int state);

/* The number of a state by its name, 0 if there is none. */
unsigned int state_number(const char *name);

/* Name of a cause as programs print it, "?" if unknown here. */
const char *cause_name(unsigned int cause);

/* The number of a cause by its name; of "unknown" for what is none. */
unsigned int cause_number(const char *name);

#endif
