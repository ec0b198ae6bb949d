/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - when to stop: SIGINT, SIGTERM, or a deadline.
 *
 * This unit owns the signals of the process and the wait for input. It must not
 * know what is waited for.
 */
#ifndef TOOLS_STOP_H
#define TOOLS_STOP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * From now on SIGINT and SIGTERM only stop the tool, and SIGPIPE is an error of
 * write(). @timeout_ns is 0 for no deadline. 0 or a negative errno.
 */
int stop_init(uint64_t timeout_ns);

/* Did a signal or the deadline come? */
bool stop_requested(void);

/*
 * Wait until @in can be read or it is time to stop. 0 or a negative errno:
 * -EPIPE if meanwhile whoever reads @out went away, -EAGAIN if for @idle_ns, if
 * not 0, there was nothing.
 */
int stop_wait(int in, int out, uint64_t idle_ns);

#endif /* TOOLS_STOP_H */
