/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - numbers and times on the command line.
 *
 * This unit owns how they are written. It must not know which option they
 * belong to.
 */
#ifndef TOOLS_VALUE_H
#define TOOLS_VALUE_H

#include <stdint.h>

/* All return 0, or -1 if @text is something else. A time of 0 is none. */
int value_u64(const char *text, uint64_t min, uint64_t max, uint64_t *n);
int value_seconds(const char *text, uint64_t *ns);
int value_duration(const char *text, uint64_t *ns);

#endif /* TOOLS_VALUE_H */
