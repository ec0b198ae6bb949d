/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The books of one network namespace, added up to be shown.
 *
 * Knows counters and whatever can make them inexact; must not know how they
 * are shown.
 */
#ifndef _TCPS_BOOKS_H
#define _TCPS_BOOKS_H

#include <linux/types.h>

#include "counters.h"

struct net;
struct tcps_net;

/**
 * struct tcps_books - what is shown of one namespace
 * @tn: our state of it
 * @sum: its counters
 * @host: it is the initial one, in which the whole host is shown too
 */
struct tcps_books {
	struct tcps_net *tn;
	struct tcps_cells sum;
	bool host;
};

/* As a connection passes through them; CLOSE is no state to count. */
#define TCPS_STATES_SHOWN 10
extern const u8 tcps_states_shown[TCPS_STATES_SHOWN];

struct tcps_books *tcps_books_open(const struct net *net);

/**
 * struct tcps_reason - why counters do not tell the whole truth
 * @text: for people
 * @since: CLOCK_MONOTONIC
 */
struct tcps_reason {
	const char *text;
	u64 since;
};

bool tcps_books_inexact(const struct tcps_books *books,
			struct tcps_reason *why);

#endif /* _TCPS_BOOKS_H */
