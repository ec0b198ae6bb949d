/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deliberate faults, one for each law, for tests that prove that the tests
 * would notice, and such of the kernel that are hard to come by. Only a test
 * build (TCPSTATE_TEST=1) has them, and only if it is loaded with test_break=LAW
 * or another parameter for tests.
 *
 * Must not know where the faults are.
 */
#ifndef _TCPS_BROKEN_H
#define _TCPS_BROKEN_H

#define TCPS_LAW_CHAIN 1 /* a transition is recorded with a wrong old state */
#define TCPS_LAW_BOOKS 2 /* a transition is not counted */
#define TCPS_LAW_AGREES 3 /* a child is counted twice */
#define TCPS_LAW_LOSS 4 /* a record is left out in silence */
#define TCPS_LAW_BOUNDS 5 /* the limit of the table is not kept */
#define TCPS_LAW_TRACE 6 /* the link in /proc stays */

#ifdef TCPSTATE_TEST
#include <linux/types.h>

extern unsigned int tcps_broken_law;
/* Names of hooks: which the function tracer, kprobes, types refuse. */
extern char *tcps_broken_attach;
extern char *tcps_broken_probe;
extern char *tcps_broken_arguments;
/* As if the compiler could have changed arguments. */
extern bool tcps_broken_doubt;

bool tcps_broken_now(void);
bool tcps_broken_is(const char *broken, const char *name);

#define TCPS_BROKEN(law) (tcps_broken_law == (law))
#define TCPS_BROKEN_NOW(law) (TCPS_BROKEN(law) && tcps_broken_now())
#define TCPS_BROKEN_HOOK(how, name) tcps_broken_is(tcps_broken_##how, name)
#define TCPS_BROKEN_DOUBT tcps_broken_doubt
#else
#define TCPS_BROKEN(law) false
#define TCPS_BROKEN_NOW(law) false
#define TCPS_BROKEN_HOOK(how, name) false
#define TCPS_BROKEN_DOUBT false
#endif

#endif /* _TCPS_BROKEN_H */
