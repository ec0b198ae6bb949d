/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A BPF program that asks for the cookie of every socket and request of TCP that
 * it is shown, as programs that count by socket do. The kernel makes the cookie
 * then, long before anybody else would ask for it.
 */
#ifndef TCPSTATE_TEST_SOCK_OPS_H
#define TCPSTATE_TEST_SOCK_OPS_H

/* Until what it returns is closed; -1 with a diagnostic. */
int sock_ops_ask_cookies(void);

#endif
