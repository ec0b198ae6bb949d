/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lanes of the recorder, and which rings of a CPU each of them has.
 *
 * Knows numbers and bits; must not know what a ring is.
 */
#ifndef _TCPS_LANE_H
#define _TCPS_LANE_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/tcpstate.h>

#include "sizes.h"

/* Numbers of the lanes: the bits of TCPSTATE_LANE_*. */
enum tcps_lane {
	TCPS_LANE_MAIN,
	TCPS_LANE_RARE,
	TCPS_LANE_LIVES,
};

/* Numbers of the rings of a CPU, in order of the lanes. */
enum tcps_ring_number {
	TCPS_RING_MAIN,
	TCPS_RING_RARE, /* the first of them */
	TCPS_RING_LIVES = TCPS_RING_RARE + TCPS_RARE_RINGS,
	TCPS_RINGS,
};

/* The first ring of a lane; those of the next follow. */
static __always_inline unsigned int tcps_ring_of_lane(unsigned int lane)
{
	return lane == TCPS_LANE_LIVES ? TCPS_RING_LIVES : lane;
}

/* Rings of lanes, both as bits. */
static inline u32 tcps_rings_of_lanes(u32 lanes)
{
	const u32 rare = (1U << TCPS_RARE_RINGS) - 1;

	return (lanes & TCPSTATE_LANE_MAIN) << TCPS_RING_MAIN |
	       (lanes & TCPSTATE_LANE_RARE ? rare << TCPS_RING_RARE : 0) |
	       !!(lanes & TCPSTATE_LANE_LIVES) << TCPS_RING_LIVES;
}

static inline bool tcps_ring_is_rare(unsigned int ring)
{
	return ring - TCPS_RING_RARE < TCPS_RARE_RINGS;
}

static inline unsigned int tcps_lane_of_ring(unsigned int ring)
{
	if (tcps_ring_is_rare(ring))
		return TCPS_LANE_RARE;
	return ring == TCPS_RING_LIVES ? TCPS_LANE_LIVES : TCPS_LANE_MAIN;
}

#endif /* _TCPS_LANE_H */
