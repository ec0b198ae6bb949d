/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one end of a connection does, step by step, written down as letters and
 * played on a socket that never blocks. A step that fails is passed over: what
 * comes after it happens all the same.
 *
 *	c	wait until it is connected, or cannot be
 *	s	send a little
 *	r	read what comes next, and wait for it
 *	w	wait for data, but do not read them
 *	e	read until the peer has closed
 *	k	answer whatever comes until the peer has closed
 *	h	shut down for writing
 *	b	shut down for both
 *	d	disconnect, and connect again: another life of the socket
 *	p	pause for up to 20 ms
 *	P	pause for up to a second
 *	q	close
 *	a	close with an RST
 *
 * Must not know whose end it is, nor what the other one does.
 */
#ifndef TCPSTATE_TEST_SCRIPT_H
#define TCPSTATE_TEST_SCRIPT_H

#include <linux/types.h>
#include <stdbool.h>

/**
 * struct player - one end of a connection that plays its script
 * @fd: its socket, -1 before and after
 * @at: the step that comes next
 * @until: end of a pause, 0 if there is none
 * @give_up: when it is ended with an RST, whatever it waits for
 * @failed: it could not be connected
 * @late: it was given up
 */
struct player {
	int fd;
	const char *at;
	__u64 until;
	__u64 give_up;
	bool failed;
	bool late;
};

/* @fd is O_NONBLOCK; the script must end in q or a. */
void script_begin(struct player *p, int fd, const char *script, __u64 give_up);

/*
 * Goes on as far as that is possible now: after anything happened to the
 * socket, and now and then. False when it is over and the socket closed.
 */
bool script_play(struct player *p, __u64 now);

/* From 0 to @below - 1, the same in every run with the same @seed. */
unsigned int script_random(__u64 *seed, unsigned int below);

#endif
