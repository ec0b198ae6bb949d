// SPDX-License-Identifier: GPL-2.0
/*
 * Reading the device and the proc files.
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

#define PROC "/proc/thread-self/net/tcpstate/"

int device_open(int flags)
{
	return open(DEVICE_PATH, O_RDONLY | O_CLOEXEC | flags);
}

int device_start(int fd, unsigned int mode, unsigned int lanes, __u64 since)
{
	struct tcpstate_start start = {
		.mode = mode,
		.lanes = lanes,
		.mono_ns = since,
	};

	return ioctl(fd, TCPSTATE_IOC_SET_START, &start);
}

int device_open_main(int flags)
{
	int fd = device_open(flags);

	if (fd >= 0 && device_start(fd, TCPSTATE_START_NOW, TCPSTATE_LANE_MAIN, 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int append(struct records *r, const struct tcpstate_record *rec)
{
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 256;
		void *p = realloc(r->rec, room * sizeof(*r->rec));

		if (!p)
			return -1;
		r->rec = p;
		r->room = room;
	}
	r->rec[r->count++] = *rec;
	return 0;
}

int records_read(struct records *r, int fd)
{
	_Alignas(8) char buf[64 * TCPSTATE_LIFE_SIZE];
	int added = 0;

	for (;;) {
		ssize_t got = read(fd, buf, sizeof(buf));
		ssize_t at = 0;

		if (got < 0)
			return errno == EAGAIN ? added : -1;
		while (at < got) {
			struct tcpstate_record *rec = (void *)(buf + at);

			if (rec->size < TCPSTATE_RECORD_SIZE || at + rec->size > got) {
				errno = EBADMSG;
				return -1;
			}
			if (rec->type != TCPSTATE_EVENT_LIFE) {
				if (append(r, rec))
					return -1;
				added++;
			}
			at += rec->size;
		}
	}
}

void records_free(struct records *r)
{
	free(r->rec);
	memset(r, 0, sizeof(*r));
}

bool stats_add_up(int fd, struct tcpstate_stats *s)
{
	struct tcpstate_stats own;

	if (!s)
		s = &own;
	if (ioctl(fd, TCPSTATE_IOC_GET_STATS, s)) {
		printf("# TCPSTATE_IOC_GET_STATS: %s\n", strerror(errno));
		return false;
	}
	if (s->recorded == s->delivered + s->filtered + s->lost + s->pending)
		return true;
	printf("# recorded %llu; delivered, filtered, lost, pending %llu %llu %llu %llu: %llu\n",
	       (unsigned long long)s->recorded,
	       (unsigned long long)s->delivered,
	       (unsigned long long)s->filtered,
	       (unsigned long long)s->lost,
	       (unsigned long long)s->pending,
	       (unsigned long long)(s->delivered + s->filtered + s->lost +
				    s->pending));
	return false;
}

long long counter(const char *name)
{
	char key[64];
	long long value, found = -1;
	FILE *f = fopen(PROC "counters", "re");

	if (!f)
		return -1;
	while (fscanf(f, "%63s %lld", key, &value) == 2)
		if (!strcmp(key, name))
			found = value;
	fclose(f);
	return found;
}

int transitions_each(void (*each)(unsigned int old, unsigned int new, unsigned int cause,
				  unsigned long long count, void *data),
		     void *data)
{
	char line[256], old[32], new[32], cause[64];
	unsigned long long count;
	FILE *f = fopen(PROC "transitions", "re");

	if (!f)
		return -1;
	/* The first line has the names of the columns. */
	if (!fgets(line, sizeof(line), f) ||
	    sscanf(line, "%31s", old) != 1 || strcmp(old, "old")) {
		fclose(f);
		return -1;
	}
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%31s %31s %63s %llu", old, new, cause, &count) != 4) {
			printf("# transitions: cannot read: %s", line);
			fclose(f);
			return -1;
		}
		each(state_number(old), state_number(new), cause_number(cause), count, data);
	}
	fclose(f);
	return 0;
}

static void add_to_matrix(unsigned int old, unsigned int new, unsigned int cause,
			  unsigned long long count, void *data)
{
	struct matrix *m = data;

	m->n[old][new] += count;
}

int matrix_read(struct matrix *m)
{
	memset(m, 0, sizeof(*m));
	return transitions_each(add_to_matrix, m);
}

void matrix_subtract(struct matrix *m, const struct matrix *before)
{
	for (int i = 0; i < TCPSTATE_STATE_COUNT; i++)
		for (int j = 0; j < TCPSTATE_STATE_COUNT; j++)
			m->n[i][j] -= before->n[i][j];
}

int matrix_compare(const struct matrix *expected, const struct matrix *seen,
		   const char *who)
{
	int wrong = 0;

	for (int i = 0; i < TCPSTATE_STATE_COUNT; i++)
		for (int j = 0; j < TCPSTATE_STATE_COUNT; j++) {
			if (expected->n[i][j] == seen->n[i][j])
				continue;
			printf("# %s: %s -> %s: expected %llu, counted %llu\n",
			       who, state_name(i), state_name(j),
			       expected->n[i][j], seen->n[i][j]);
			wrong++;
		}
	return wrong;
}

int module_reload(const char *params)
{
	const char *ko = getenv("TCPSTATE_KO");
	char command[512];
	int status;

	if (!ko)
		return -1;
	snprintf(command, sizeof(command),
		 "{ [ ! -d /sys/module/tcpstate ] || rmmod tcpstate; } && insmod '%s' %s",
		 ko, params);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool module_enable(bool on)
{
	int fd = open("/sys/module/tcpstate/parameters/enable", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, on ? "1" : "0", 1) == 1;

	close(fd);
	return done;
}
