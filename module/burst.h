/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Self-describing records on demand, for tests of the recorder.
 *
 * Linked with TCPSTATE_TEST=1 only. Knows the recorder alone.
 */
#ifndef _TCPS_BURST_H
#define _TCPS_BURST_H

#ifdef TCPSTATE_TEST
void tcps_burst_end(void);
#else
static inline void tcps_burst_end(void)
{
}
#endif

#endif /* _TCPS_BURST_H */
