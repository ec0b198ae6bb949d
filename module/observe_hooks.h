/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which hooks the funnel can count on.
 *
 * Must not know how they are attached.
 */
#ifndef _TCPS_OBSERVE_HOOKS_H
#define _TCPS_OBSERVE_HOOKS_H

#include <linux/types.h>

/**
 * struct tcps_observe_hooks - which functions of observe.h are called at all
 * @shutdown: tcps_observe_shutdown()
 * @disconnect: tcps_observe_disconnect()
 * @reset: tcps_observe_reset()
 * @active_reset: tcps_observe_active_reset()
 * @abort: tcps_observe_abort()
 * @failed: tcps_observe_failed()
 * @connect: tcps_observe_connect()
 * @drops: tcps_observe_drop() and _unlink(), in all cases
 * @timewait: tcps_observe_timewait()
 * @exact: they never miss a call
 */
struct tcps_observe_hooks {
	bool shutdown;
	bool disconnect;
	bool reset;
	bool active_reset;
	bool abort;
	bool failed;
	bool connect;
	bool drops;
	bool timewait;
	bool exact;
};

void tcps_observe_init(const struct tcps_observe_hooks *hooks);

#endif /* _TCPS_OBSERVE_HOOKS_H */
