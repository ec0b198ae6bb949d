/* SPDX-License-Identifier: GPL-2.0 */
/*
 * laws - states, causes, carriers and legal transitions, by name and number.
 *
 * Numbers are those of the contract, linux/tcpstate.h. Must not know streams
 * or books.
 */
#ifndef LIB_LAWS_NAMES_H
#define LIB_LAWS_NAMES_H

#include <stdbool.h>

/* -1 for what has no number. */
int laws_state(const char *name);
int laws_ss_state(const char *name); /* as ss prints it */
int laws_cause(const char *name);
int laws_carrier(const char *name);

const char *laws_state_name(unsigned int state);
const char *laws_cause_name(unsigned int cause);
const char *laws_carrier_name(unsigned int carrier);

/* Is there a row for this transition in the module's table? */
bool laws_legal(unsigned int old, unsigned int new, unsigned int cause);

#endif /* LIB_LAWS_NAMES_H */
