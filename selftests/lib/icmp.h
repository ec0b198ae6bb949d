/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP errors in answer to a packet on the wire.
 */
#ifndef TCPSTATE_TEST_ICMP_H
#define TCPSTATE_TEST_ICMP_H

#include "wire.h"

enum icmp_error {
	ICMP_PORT_UNREACHABLE,
	ICMP_HOST_UNREACHABLE,
};

/*
 * Takes the next TCP packet that @side sent off the wire, where it is held,
 * and answers it. Whatever came before it that is not TCP is dropped. False
 * if there is none.
 */
bool icmp_answer(struct wire *w, enum wire_side side, enum icmp_error error);

#endif
