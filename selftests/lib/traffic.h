/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections in the calling process, of which it is known exactly how many
 * records they make.
 */
#ifndef TCPSTATE_TEST_TRAFFIC_H
#define TCPSTATE_TEST_TRAFFIC_H

#include "ends.h"

/* Brings the loopback device of this namespace up. */
bool loopback_up(void);

/* Of a connection made by traffic(), in the main lane: three on each end. */
#define TRAFFIC_RECORDS	6

/* Its own listener on the loopback address of @kind; its port in @port. */
int traffic_listen(enum kind kind, unsigned int *port);

/*
 * @count connections to the listener @l, one after the other, each accepted,
 * reset by the client and gone on both ends when this returns.
 */
bool traffic(enum kind kind, int l, unsigned int count);

#endif
