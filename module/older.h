/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the connections that were there before anybody looked.
 *
 * Knows the kernel's hash tables; must not know what becomes of what it finds.
 */
#ifndef _TCPS_OLDER_H
#define _TCPS_OLDER_H

void tcps_older_shut(void);
int tcps_older_begin(void);
void tcps_older_walk(void);
void tcps_older_again(void);
void tcps_older_quiet(void);

#endif /* _TCPS_OLDER_H */
