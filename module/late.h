/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has happened but is not written yet: brought in before somebody looks.
 *
 * Must not know what it is, nor who looks.
 */
#ifndef _TCPS_LATE_H
#define _TCPS_LATE_H

void tcps_late_set(void (*bring)(void));
void tcps_late_bring(void);

#endif /* _TCPS_LATE_H */
