/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A sender whose peer has shut its window.
 */
#ifndef TCPSTATE_TEST_WINDOW_H
#define TCPSTATE_TEST_WINDOW_H

#include "wire.h"

/*
 * Writes to @fd, which becomes non-blocking, until its peer takes no more, all
 * that was sent is acknowledged and there is more to send. False with a
 * diagnostic.
 */
bool window_shut(struct wire *w, int fd);

#endif
