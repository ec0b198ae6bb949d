/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Readers that come late and start with the connections that are alive, in a
 * namespace of the test's own or looking at all of them.
 */
#ifndef TCPSTATE_TEST_LATE_H
#define TCPSTATE_TEST_LATE_H

#include "device.h"

/**
 * struct late - where they look
 * @home: the namespace of the beginning: readers opened here see all
 * @here: the namespace of the test
 * @inum: inode of @here
 */
struct late {
	int home;
	int here;
	__u32 inum;
};

/* The caller is in a new namespace afterwards, with loopback; and home again. */
bool late_up(struct late *l);
void late_down(struct late *l);

/* A reader with @filter opened in @ns, which has not started yet; or -1. */
int late_open(const struct late *l, int ns, struct tcpstate_filter filter);

/* Starts with the living and reads them; the last record may be another one. */
bool late_start(struct records *r, int fd);

/* Reads until all was told that was recorded by @until. */
bool late_read_until(struct records *r, int fd, __u64 until);

/* Figures of the reader: snapshots are in none, and nothing was lost. */
bool late_figures(const struct records *r, int fd);

/* All that a new reader with @filter is told at rest: the living, no more. */
bool late_living(const struct late *l, int ns, struct tcpstate_filter filter,
		 struct records *r);

#endif
