/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The character device /dev/tcpstate.
 *
 * Knows files, ioctls and user memory; must not know TCP.
 */
#ifndef _TCPS_CHARDEV_H
#define _TCPS_CHARDEV_H

int tcps_chardev_init(void);
void tcps_chardev_exit(void);

#endif /* _TCPS_CHARDEV_H */
