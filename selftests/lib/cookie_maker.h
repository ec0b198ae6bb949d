/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A BPF program that answers SYNs in the place of a listener, with a SYN cookie
 * that it asks the kernel for.
 */
#ifndef TCPSTATE_TEST_COOKIE_MAKER_H
#define TCPSTATE_TEST_COOKIE_MAKER_H

#include "raw_peer.h"

/*
 * The peer has its answer then: no packet was sent. False with a diagnostic if
 * the kernel gave no cookie.
 */
bool cookie_make(struct raw_peer *p);

#endif
