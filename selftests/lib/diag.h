/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ss asks the kernel (sock_diag(7)): the sockets of the calling thread's
 * namespace, and to end one of them.
 */
#ifndef TCPSTATE_TEST_DIAG_H
#define TCPSTATE_TEST_DIAG_H

#include <linux/tcpstate.h>
#include <stdbool.h>

#include "ends.h"

/* TCP sockets by state; a timewait sock is in the state it stands for. */
struct diag_count {
	unsigned int n[TCPSTATE_STATE_COUNT];
};

/* False with a diagnostic. */
bool diag_count(struct diag_count *count);

/*
 * Ends the socket with these addresses, as ss -K does; @remote is NULL for a
 * listener. Returns 0 or an errno: EOPNOTSUPP where the kernel cannot.
 */
int diag_destroy(const union addr *local, const union addr *remote);

#endif
