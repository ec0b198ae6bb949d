/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traffic of every kind at once: a house with several doors, and a crowd that
 * comes to it. How a connection goes is for the client to say: the first byte
 * it sends is the letter of what the house has to do.
 */
#ifndef TCPSTATE_TEST_CROWD_H
#define TCPSTATE_TEST_CROWD_H

#include <linux/types.h>

/* The doors of a house, counted from its port. */
enum crowd_door {
	DOOR_WIDE,	/* of both families */
	DOOR_V4,	/* IPv4 only */
	DOOR_NARROW,	/* with hardly any queue, and seldom looked at */
	DOOR_CLOSING,	/* closed and opened again all the time */
	DOOR_NONE,	/* nobody listens */
	DOOR_COUNT,
};

/**
 * struct crowd - who comes, and how many
 * @v4: IPv4 address of the house
 * @v6: IPv6 address of the house
 * @port: of its first door
 * @count: connections, 0 for no end
 * @at_once: of them at a time
 * @seed: what is left to chance is the same in every run with the same seed
 */
struct crowd {
	const char *v4;
	const char *v6;
	unsigned int port;
	unsigned int count;
	unsigned int at_once;
	__u64 seed;
};

/* Prints what became of the connections; returns 0, or 1 if it cannot begin. */
int crowd_run(const struct crowd *crowd);

/* Calls @ready once all doors are open; returns only if that is not possible. */
int crowd_serve(unsigned int port, void (*ready)(void));

#endif
