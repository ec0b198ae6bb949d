// SPDX-License-Identifier: GPL-2.0
/*
 * The gate: whether anything is counted and recorded at present.
 *
 * Knows the recorder, where it marks the time it was shut; must not know what
 * passes.
 */
#include "gate.h"

#include <linux/bits.h>
#include <linux/mutex.h>
#include <linux/ktime.h>
#include <linux/spinlock.h>
#include <linux/tcpstate.h>

#include "recorder.h"

bool tcps_gate_is_open;
bool tcps_gate_was_shut;

/* Covers changes of tcps_gate_is_open and of the next three. */
static DEFINE_MUTEX(gate_lock);
/*
 * Covers the next three. Who looks takes only this, with which nobody can be kept
 * from running; under gate_lock.
 */
static DEFINE_RAW_SPINLOCK(off_lock);
static u64 off_since; /* CLOCK_MONOTONIC when it was shut, 0 while open */
static u64 off_total; /* ns it was shut, up to the last opening */
static u64 off_first; /* CLOCK_MONOTONIC since when it is not good, or 0 */

/* What happened while it was shut is made good; written under gate_lock. */
static bool good;

/* Tell every reader that there was a time without records. */
static void record_gap(u64 off_ns)
{
	struct tcpstate_life_record room = {
		.head.size = sizeof(room.head),
		.head.type = TCPSTATE_EVENT_LOST,
		.head.flags = TCPSTATE_F_DISABLED,
		.head.lost.off_ns = off_ns,
	};
	struct tcps_section section;
	unsigned int lane;

	/* Into each lane, because a reader may read any of them. */
	tcps_recorder_enter(&section);
	room.head.mono_ns = section.now;
	for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++) {
		room.head.lost.lane = BIT(lane);
		tcps_recorder_write(&section, lane, &room);
	}
	tcps_recorder_leave(&section);
}

/**
 * tcps_gate_set() - switch counting and recording on or off
 * @on: what it shall be
 */
void tcps_gate_set(bool on)
{
	mutex_lock(&gate_lock);
	if (on && off_since) {
		u64 off_ns = ktime_get_ns() - off_since;

		raw_spin_lock(&off_lock);
		off_since = 0;
		off_total += off_ns;
		raw_spin_unlock(&off_lock);
		record_gap(off_ns);
	} else if (!on && !off_since) {
		raw_spin_lock(&off_lock);
		off_since = ktime_get_ns();
		if (!off_first)
			off_first = off_since;
		raw_spin_unlock(&off_lock);
		WRITE_ONCE(tcps_gate_was_shut, true);
	}
	if (!on)
		WRITE_ONCE(good, false);
	WRITE_ONCE(tcps_gate_is_open, on);
	mutex_unlock(&gate_lock);
}

/* It is open, and all that was missed has been found. */
void tcps_gate_make_good(void)
{
	mutex_lock(&gate_lock);
	WRITE_ONCE(good, tcps_gate_is_open);
	raw_spin_lock(&off_lock);
	if (good)
		off_first = 0;
	raw_spin_unlock(&off_lock);
	mutex_unlock(&gate_lock);
}

/**
 * tcps_gate_is_good() - do the gauges tell the truth, as far as the gate goes?
 *
 * Return: false while it is shut, and until what was missed has been found.
 */
bool tcps_gate_is_good(void)
{
	return READ_ONCE(good);
}

/**
 * tcps_gate_off_ns() - how long it was switched off
 *
 * Return: nanoseconds since the module was loaded; 0 means never.
 */
u64 tcps_gate_off_ns(void)
{
	u64 off;

	raw_spin_lock(&off_lock);
	off = off_total;
	if (off_since)
		off += ktime_get_ns() - off_since;
	raw_spin_unlock(&off_lock);
	return off;
}

/**
 * tcps_gate_off_first() - since when the gauges do not tell the truth
 *
 * Return: CLOCK_MONOTONIC; 0 if they do, or never did yet.
 */
u64 tcps_gate_off_first(void)
{
	u64 first;

	raw_spin_lock(&off_lock);
	first = off_first;
	raw_spin_unlock(&off_lock);
	return first;
}
