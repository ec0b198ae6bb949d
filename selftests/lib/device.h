/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading /dev/tcpstate and /proc/tcpstate without the library, so that the
 * tests see what the kernel gives and nothing else.
 */
#ifndef TCPSTATE_TEST_DEVICE_H
#define TCPSTATE_TEST_DEVICE_H

#include <linux/tcpstate.h>
#include <stdbool.h>
#include <stddef.h>

#define DEVICE_PATH "/dev/tcpstate"

/* open() with O_RDONLY | O_CLOEXEC | @flags; -1 and errno. */
int device_open(int flags);

/*
 * The same, to read the main lane only: how many RSTs and the like are recorded
 * depends on how many came before.
 */
int device_open_main(int flags);

/* TCPSTATE_IOC_SET_START; @since only for TCPSTATE_START_SINCE. */
int device_start(int fd, unsigned int mode, unsigned int lanes, __u64 since);

/* The records that were read so far, in order. */
struct records {
	struct tcpstate_record *rec;
	size_t count;
	size_t room;
};

/*
 * Appends all that can be read now without blocking (@fd is O_NONBLOCK).
 * Returns the number of new records, or -1 and errno. Life records are
 * skipped.
 */
int records_read(struct records *r, int fd);
void records_free(struct records *r);

/*
 * Law 4 with the figures of the reader; prints them if it does not hold.
 * Statistics are taken as one snapshot.
 */
bool stats_add_up(int fd, struct tcpstate_stats *s);

/* A line of /proc/tcpstate/counters; -1 if there is none of that name. */
long long counter(const char *name);

/* The lines of /proc/tcpstate/transitions; -1 if they cannot be read. */
int transitions_each(void (*each)(unsigned int old, unsigned int new, unsigned int cause,
				  unsigned long long count, void *data),
		     void *data);

/* The same, summed over the causes. */
struct matrix {
	unsigned long long n[TCPSTATE_STATE_COUNT][TCPSTATE_STATE_COUNT];
};

int matrix_read(struct matrix *m);

/* @m -= @before */
void matrix_subtract(struct matrix *m, const struct matrix *before);

/* Prints the rows that differ, as diagnostics; returns how many do. */
int matrix_compare(const struct matrix *expected, const struct matrix *seen,
		   const char *who);

/*
 * Unloads the module, loads it again from TCPSTATE_KO with @params. Returns
 * 0, or the exit code of rmmod or insmod.
 */
int module_reload(const char *params);

/* Writes the parameter enable. */
bool module_enable(bool on);

#endif
