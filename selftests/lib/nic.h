/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network devices of the calling thread's namespace. No program is run for it:
 * under a virtual clock that would take an unknown time.
 */
#ifndef TCPSTATE_TEST_NIC_H
#define TCPSTATE_TEST_NIC_H

#include <stdbool.h>

/* All return false and errno. */
bool nic_up(const char *name);

/* With a prefix of 24 and 64 bits. */
bool nic_add_v4(const char *name, const char *address);
bool nic_add_v6(const char *name, const char *address);

#endif
