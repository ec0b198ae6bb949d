/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A stock of equal objects for code that must not allocate.
 *
 * Knows bytes and numbers; must not know what the objects are.
 */
#ifndef _TCPS_POOL_H
#define _TCPS_POOL_H

#include <linux/types.h>

int tcps_pool_init(const char *name, size_t size, unsigned long min,
		   unsigned long max);
void tcps_pool_quiet(void);
void tcps_pool_exit(void);

void tcps_pool_refill(void);
void *tcps_pool_get(bool reserved);
bool tcps_pool_room(void);
void tcps_pool_put(void *object);

unsigned long tcps_pool_size(void);
unsigned long tcps_pool_max(void);
unsigned long tcps_pool_aside(void);

#endif /* _TCPS_POOL_H */
