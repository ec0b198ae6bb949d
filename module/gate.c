// SPDX-License-Identifier: GPL-2.0
/*
 * The gate: whether anything is counted and recorded at present.
 *
 * Knows the recorder, where it marks the time it was shut; must not know what
 * passes.
 */
#include "gate.h"

#include <linux/mutex.h>
#include <linux/ktime.h>
#include <linux/tcpstate.h>

#include "recorder.h"

bool tcps_gate_is_open;

/* Covers the next two, and changes of tcps_gate_is_open. */
static DEFINE_MUTEX(gate_lock);
static u64 off_since; /* CLOCK_MONOTONIC when it was switched off */
static u64 off_total; /* ns spent off since load */

/* Tell every reader that there was a time without records. */
static void record_gap(u64 off_ns)
{
	struct tcpstate_record rec = {
		.size = sizeof(rec),
		.type = TCPSTATE_EVENT_LOST,
		.flags = TCPSTATE_F_DISABLED,
		.lost.off_ns = off_ns,
		.lost.lane = TCPSTATE_LANE_MAIN,
	};
	struct tcps_section section;

	tcps_recorder_enter(&section);
	rec.mono_ns = section.now;
	tcps_recorder_write(&section, TCPS_LANE_MAIN, &rec);
	tcps_recorder_leave(&section);
}

/**
 * tcps_gate_set() - switch counting and recording on or off
 * @on: what it shall be
 */
void tcps_gate_set(bool on)
{
	mutex_lock(&gate_lock);
	if (on && !tcps_gate_is_open && off_since) {
		u64 off_ns = ktime_get_ns() - off_since;

		WRITE_ONCE(off_total, off_total + off_ns);
		record_gap(off_ns);
	}
	if (!on && tcps_gate_is_open)
		off_since = ktime_get_ns();
	WRITE_ONCE(tcps_gate_is_open, on);
	mutex_unlock(&gate_lock);
}

/**
 * tcps_gate_off_ns() - how long it was switched off
 *
 * Return: nanoseconds since the module was loaded; 0 means never.
 */
u64 tcps_gate_off_ns(void)
{
	u64 off;

	mutex_lock(&gate_lock);
	off = off_total;
	if (!tcps_gate_is_open && off_since)
		off += ktime_get_ns() - off_since;
	mutex_unlock(&gate_lock);
	return off;
}
