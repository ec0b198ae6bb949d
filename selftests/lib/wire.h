/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two network namespaces joined by a wire that the test itself carries the
 * packets over, so that a packet can be held or dropped: crossing SYNs and
 * FINs then happen every time, not by luck.
 */
#ifndef TCPSTATE_TEST_WIRE_H
#define TCPSTATE_TEST_WIRE_H

#include <stdbool.h>

#include "segment.h"

/* Ends of the wire; the addresses of each end. */
enum wire_side {
	SIDE_A,
	SIDE_B,
};

#define WIRE_A4 "10.9.0.1"
#define WIRE_B4 "10.9.0.2"
#define WIRE_A6 "fd09::1"
#define WIRE_B6 "fd09::2"

/* What happens to the packets that a side sends. */
enum wire_mode {
	WIRE_CARRY,
	WIRE_HOLD,
	WIRE_DROP,
};

/**
 * struct wire - the wire
 * @ns: the namespaces
 * @tun: their ends of the wire
 * @mode: what happens to the packets of each
 * @last: the last TCP segment that came off each end, without its data
 */
struct wire {
	int ns[2];
	int tun[2];
	enum wire_mode mode[2];
	struct segment last[2];
};

/*
 * Makes namespaces and wire; the caller is on SIDE_A afterwards. False with a
 * diagnostic if that is not possible. All goes away with the descriptors.
 */
bool wire_up(struct wire *w);
void wire_down(struct wire *w);

/* Moves the calling thread to a side; sockets stay where they were made. */
void wire_go(struct wire *w, enum wire_side side);

/* What happens to what each side sends. */
void wire_mode(struct wire *w, enum wire_mode a, enum wire_mode b);

/* Carries what there is now; true if there was something. */
bool wire_carry(struct wire *w);

/* Carries until @fd is in @state. */
bool wire_until(struct wire *w, int fd, unsigned int state);

/* Carries until @fd has data. */
bool wire_readable(struct wire *w, int fd);

/*
 * Sends what @from could have sent next after its last segment, @ahead bytes
 * further on: the same ends, options and acknowledgment.
 */
bool wire_forge(struct wire *w, enum wire_side from, unsigned int flags,
		unsigned int ahead, const char *text);

/* Carries single packets that @from sent until @fd is in @state. */
bool wire_step(struct wire *w, enum wire_side from, int fd, unsigned int state);

#endif
