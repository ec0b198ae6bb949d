/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's table of connections.
 *
 * Knows where they stand; must not know what becomes of them.
 */
#ifndef _TCPS_ESTABLISHED_H
#define _TCPS_ESTABLISHED_H

#include "chain.h"

struct net;

void tcps_established_visit(const struct net *net, void (*before)(void),
			    const struct tcps_chain_visitor *visitor);

#endif /* _TCPS_ESTABLISHED_H */
