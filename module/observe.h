/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one funnel: what a hook saw becomes a count and a record.
 *
 * Knows the life table, the counters and the recorder; must not know which
 * hook calls, nor who reads.
 */
#ifndef _TCPS_OBSERVE_H
#define _TCPS_OBSERVE_H

#include <linux/types.h>

struct sock;

void tcps_observe_state(const struct sock *sk, int old, int new);
void tcps_observe_connect(const struct sock *sk);
void tcps_observe_shutdown(const struct sock *sk, int how);
void tcps_observe_graft(const struct sock *sk);
void tcps_observe_destroy(const struct sock *sk);

void tcps_observe_can_tell_shutdown(bool yes);

#endif /* _TCPS_OBSERVE_H */
