/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings of the network, of the calling thread's namespace where they have
 * one.
 */
#ifndef TCPSTATE_TEST_SYSCTL_H
#define TCPSTATE_TEST_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

/* Writes /proc/sys/net/ipv4/@name. False with a diagnostic. */
bool sysctl_set(const char *name, const char *value);

/* Reads it, a line. */
bool sysctl_get(const char *name, char *value, size_t room);

#endif
