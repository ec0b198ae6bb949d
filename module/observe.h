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

struct sk_buff;
struct sock;

void tcps_observe_state(const struct sock *sk, int old, int new);
void tcps_observe_connect(const struct sock *sk);
void tcps_observe_shutdown(const struct sock *sk, int how);
void tcps_observe_disconnect(const struct sock *sk);
void tcps_observe_reset(const struct sock *sk, const struct sk_buff *skb);
void tcps_observe_graft(const struct sock *sk);
void tcps_observe_destroy(const struct sock *sk);

/**
 * struct tcps_observe_hooks - which of the functions above are called at all
 * @shutdown: tcps_observe_shutdown()
 * @disconnect: tcps_observe_disconnect()
 * @reset: tcps_observe_reset()
 */
struct tcps_observe_hooks {
	bool shutdown;
	bool disconnect;
	bool reset;
};

void tcps_observe_init(const struct tcps_observe_hooks *hooks);

#endif /* _TCPS_OBSERVE_H */
