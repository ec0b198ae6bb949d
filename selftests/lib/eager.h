/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program that reads the error of its socket all the time, on a CPU of its
 * own: what the kernel leaves there is gone at once.
 */
#ifndef TCPSTATE_TEST_EAGER_H
#define TCPSTATE_TEST_EAGER_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct eager - the program
 * @pid: of it, 0 for none
 */
struct eager {
	pid_t pid;
};

/* Reads SO_ERROR of @fd on CPU 1; the caller is on CPU 0 from now on. */
bool eager_start(struct eager *e, int fd);
void eager_stop(struct eager *e);

#endif
