/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's table of listeners.
 *
 * Knows where they stand; must not know what becomes of them.
 */
#ifndef _TCPS_LISTENING_H
#define _TCPS_LISTENING_H

#include <linux/types.h>

#include "chain.h"

unsigned int tcps_listening_chains(void);
bool tcps_listening_empty(unsigned int chain);
void tcps_listening_visit(unsigned int chain,
			  const struct tcps_chain_visitor *visitor);

#endif /* _TCPS_LISTENING_H */
